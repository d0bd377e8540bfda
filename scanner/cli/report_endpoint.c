#include "scanner/cli/report_endpoint.h"

#include "inventory/server_test/changes.h"
#include "inventory/server_test/kept/kept_judgement.h"
#include "inventory/server_test/kept/kept_tests.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "reports/render.h"
#include "reports/report.h"
#include "reports/server_test/server_test_report.h"
#include "reports/server_test/server_test_sections.h"
#include "reports/subject_page.h"

#include <stdlib.h>
#include <string.h>

struct showing {
    struct kept_stores stores;
    const struct report *report;
    const struct report_options *what;
    struct db *db;
    FILE *out;
    size_t *rows;
    struct error *err;
    struct server_test_document *document;      /* NULL: a page */
    int64_t endpoint, latest_us;                /* of the page: what was tested last */
    bool is_written, ok;
};

/* ---- the test's part of the page ---- */

struct block {
    const struct server_judgement *judgement;
    const struct server_test_past *past;        /* NULL: there is no test before */
};

static size_t block_links(void *context, struct page_link links[SUBJECT_LINKS_MAX])
{
    const struct block *block = context;
    return server_test_links(block->judgement, block->past, links);
}

static void block_sections(void *context, FILE *out)
{
    const struct block *block = context;
    server_test_sections(out, block->judgement, block->past);
}

_Static_assert(SERVER_TEST_LINKS_MAX <= SUBJECT_LINKS_MAX, "a page has room for the test's links");

/* ---- one test ---- */

/* The test, judged today, and the one before, judged on its day. */
static bool show(void *context, const struct kept_test *test)
{
    struct showing *showing = context;
    struct server_judgement *judgement = xcalloc(2, sizeof *judgement), *before = judgement + 1;
    struct server_change *changes = NULL;
    struct server_test_past past = {0};
    struct block block = {.judgement = judgement};
    char time[CLOCK_TEXT_SIZE];
    kept_test_judge(&test->facts, &showing->stores, judgement);
    if (test->has_before) {
        kept_test_judge(&test->before, &showing->stores, before);
        past.count = server_changes(before, judgement, &changes);
        past.changes = changes;
        clock_format_us(test->before.began_us, time);
        past.time = time;
        block.past = &past;
    }
    if (showing->document != NULL) {
        struct server_test_origin origin = {.site = test->site, .owner = test->owner[0] == '\0' ? NULL : test->owner,
                                            .asked_by = test->plan[0] == '\0' ? test->scan : test->plan};
        server_test_json_add(showing->document, judgement, &origin, block.past);
    } else {
        struct subject_extra extra = {.links = block_links, .sections = block_sections, .context = &block};
        showing->ok = subject_page_write(showing->report, showing->what, showing->db, &extra, showing->out, showing->rows, showing->err);
    }
    showing->is_written = true;
    free(changes);
    free(judgement);
    return showing->document != NULL;
}

static bool find_latest(void *context, const struct kept_test *test)
{
    struct showing *showing = context;
    if (test->facts.began_us > showing->latest_us) {
        showing->latest_us = test->facts.began_us;
        showing->endpoint = test->endpoint;
    }
    return true;
}

bool report_endpoint_html(const struct report *report, const struct report_options *what, struct db *db, const char *argument, FILE *out,
                          size_t *rows, struct error *err)
{
    struct showing showing = {.report = report, .what = what, .db = db, .out = out, .rows = rows, .err = err, .ok = true};
    struct kept_filter filter = {.site = what->site, .argument = argument, .narrowed = what->filter};
    bool ok = kept_stores_read(db, &showing.stores, err) && kept_tests_each(db, &filter, find_latest, &showing, err);
    filter.endpoint = showing.endpoint;
    ok = ok && (showing.endpoint == 0 || kept_tests_each(db, &filter, show, &showing, err)) && showing.ok;
    kept_stores_clear(&showing.stores);
    return ok && (showing.is_written || subject_page_write(report, what, db, NULL, out, rows, err));
}

static bool write_rows(const struct report *report, struct db *db, const struct report_options *what, char **text, size_t *rows,
                       struct error *err)
{
    size_t size = 0;
    FILE *memory = open_memstream(text, &size);
    if (memory == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for the report");
    bool ok = report_write(report, what, db, &render_json, memory, rows, err);
    return fclose(memory) == 0 && ok;
}

bool report_endpoint_json(const struct report *report, const struct report_options *what, struct db *db, const char *argument, FILE *out,
                          size_t *rows, struct error *err)
{
    struct showing showing = {.document = server_test_json_begin()};
    struct kept_filter filter = {.site = what->site, .argument = argument, .narrowed = what->filter};
    char *text = NULL;
    bool ok = write_rows(report, db, what, &text, rows, err) && kept_stores_read(db, &showing.stores, err) &&
              kept_tests_each(db, &filter, show, &showing, err);
    char *brace = text == NULL ? NULL : strrchr(text, '}');
    if (ok && brace != NULL) {
        fwrite(text, 1, (size_t)(brace - text), out);
        fputs(", \"server_tests\": ", out);
        server_test_json_end(showing.document, out);
        fputs("}\n", out);
    } else {
        server_test_json_end(showing.document, NULL);
    }
    kept_stores_clear(&showing.stores);
    free(text);
    return ok;
}

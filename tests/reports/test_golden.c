/* Every report in every format over the invented inventory, as files of tests/reports/golden: what changes there is seen by whoever changes it. And their sums against SQL
 * of its own over the tables below, and hostile names through all of them. The workbook is read back by openpyxl, and compared with the JSON.
 *
 * What differs from run to run is written the same: days are DATE, hashes HASH, cursors CURSOR, the style sheet and script of a page nothing.
 * CERTSWEEP_GOLDEN_WRITE=1 writes the files. */
#include "inventory/verdicts/reconcile.h"
#include "probes/base/memory.h"
#include "reports/document/discovery.h"
#include "reports/document/folder.h"
#include "reports/document/split.h"
#include "reports/exchange/cbom.h"
#include "reports/exchange/events.h"
#include "reports/notices/notices.h"
#include "reports/render.h"
#include "reports/report_cursor.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"
#include "tests/reports/document/world.h"

#include <ctype.h>
#include <jansson.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_SHOWN 4            /* of each report: a golden file is to be read */

static struct db *db;

static int setup(void **state)
{
    if (world_setup(state) != 0)
        return -1;
    db = ((struct test_cluster *)*state)->db;
    return 0;
}

/* ---- what differs from run to run ---- */

static size_t digits(const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isdigit((unsigned char)text[i]))
            return 0;
    return count;
}

/* "2026-11-30", with what follows of a time of day. */
static size_t iso_day(const char *text)
{
    if (digits(text, 2) != 0 && text[2] == ':' && digits(text + 3, 2) != 0 && strncmp(text + 5, " UTC", 4) == 0)
        return 5;       /* where a table broke the line before the hour */
    if (digits(text, 4) == 0 || text[0] != '2' || text[4] != '-' || digits(text + 5, 2) == 0 || text[7] != '-' || digits(text + 8, 2) == 0)
        return 0;
    size_t len = 10;
    if ((text[len] == 'T' || text[len] == ' ') && digits(text + len + 1, 2) != 0 && text[len + 3] == ':')
        for (len += 6; text[len] == ':' || text[len] == '.' || text[len] == 'Z' || isdigit((unsigned char)text[len]); len++) {
        }
    return len;
}

/* "30 Nov 2026" or "30 November 2026", followed by ", 12:34". */
static size_t named_day(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    size_t day = digits(text, 2) != 0 && text[2] == ' ' ? 2 : digits(text, 1) != 0 && text[1] == ' ' ? 1 : 0;
    char month[4] = "";
    if (day == 0)
        return 0;
    snprintf(month, sizeof month, "%.3s", text + day + 1);
    size_t end = day + 1;
    while (isalpha((unsigned char)text[end]))
        end++;
    if (strlen(month) < 3 || strstr(months, month) == NULL || text[end] != ' ' || digits(text + end + 1, 4) == 0)
        return 0;
    size_t len = end + 5;
    if (strncmp(text + len, ", ", 2) == 0 && digits(text + len + 2, 2) != 0 && text[len + 4] == ':')
        len += 7;
    return len;
}

/* What the public web allowed on the day of issue, "200 days" behind "limit ": it is less each year, and the day is counted back from today. */
static size_t limit_of_life(const char *text, const char *begin)
{
    size_t number = strspn(text, "0123456789");
    return number == 0 || text - begin < 6 || memcmp(text - 6, "limit ", 6) != 0 || strncmp(text + number, " days", 5) != 0 ? 0 : number;
}

/* Eight and more hexadecimal digits: of the first eight of hashes, one in forty has decimal ones alone. No number here is as long. */
static size_t hash_word(const char *text)
{
    size_t len = strspn(text, "0123456789abcdef");
    return len < 8 ? 0 : len;
}

/* A long word of base64url; a cipher suite's name has no small letters. */
static size_t cursor_word(const char *text)
{
    size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    return len < 30 || strcspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") >= len || strcspn(text, "abcdefghijklmnopqrstuvwxyz") >= len ||
                   strcspn(text, "0123456789") >= len
               ? 0
               : len;
}

static const char *skip_element(const char *text, const char *begin, const char *end)
{
    const char *behind = strncmp(text, begin, strlen(begin)) == 0 ? strstr(text, end) : NULL;
    return behind == NULL ? text : behind + strlen(end);
}

static char *normalised(const char *text)
{
    char *same = NULL;
    const char *begin = text;
    size_t len = 0;
    FILE *out = open_memstream(&same, &len);
    for (char before = '\n'; *text != '\0';) {
        text = skip_element(skip_element(skip_element(text, "<style>", "</style>"), "<script>", "</script>"), "<meta http-equiv", ">");
        bool is_word = isalnum((unsigned char)before);
        size_t day = is_word ? 0 : iso_day(text), named = is_word || day != 0 ? 0 : named_day(text), hash = is_word ? 0 : hash_word(text);
        size_t cursor = is_word || day + named + hash != 0 ? 0 : cursor_word(text), limit = limit_of_life(text, begin);
        before = *text;
        if (day + named + hash + cursor + limit == 0) {
            fputc(*text, out);
            text += *text != '\0';
            continue;
        }
        fputs(day + named != 0 ? "DATE" : cursor != 0 ? "CURSOR" : limit != 0 ? "N" : "HASH", out);
        text += day != 0 ? day : named != 0 ? named : hash != 0 ? hash : cursor != 0 ? cursor : limit;
        before = 'x';
    }
    fclose(out);
    return same;
}

static void a_hash_is_a_hash_whatever_its_digits(void **state)
{
    (void)state;
    char *same = normalised("adopt 01234567, adopt 0123456f; 1234567 at 2026-11-30T12:00:00Z, 30 Nov 2026\n  12:07 UTC; limit 398 days");
    assert_string_equal(same, "adopt HASH, adopt HASH; 1234567 at DATE, DATE\n  DATE UTC; limit N days");
    free(same);
}

/* ---- the files ---- */

static const struct renderer *const formats[] = {&render_table, &render_csv, &render_json, &render_jsonl, &render_html, NULL};

static const char *argument_of(const struct report *report)
{
    return report->argument == NULL ? "{}"
           : strcmp(report->name, "endpoint") == 0 ? "{\"argument\":\"192.0.2.9\"}"
                                                   : "{\"argument\":\"kiosk.revenue.example.gov\"}";
}

static char *written(const struct report *report, const struct renderer *renderer, size_t limit, const char *filter, size_t *rows)
{
    char *text = NULL;
    size_t len = 0;
    struct error err = {0};
    static const struct report_head head = {.organization = "State of Example", .classification = "internal use", .written_by = "certsweep"};
    const struct report_options options = {.limit = limit, .filter = filter, .head = renderer == &render_html ? &head : NULL};
    FILE *out = open_memstream(&text, &len);
    if (!report_write(report, &options, db, renderer, out, rows, &err))
        fail_msg("report %s as %s: %s", report->name, renderer->name, err.text);
    fclose(out);
    return text;
}

static char *golden_path(const struct report *report, const struct renderer *renderer)
{
    return xasprintf("%s/tests/reports/golden/%s.%s", CERTSWEEP_SOURCE_DIR, report->name, renderer == &render_table ? "txt" : renderer->name);
}

static void write_golden(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void compare_golden(const char *path, const char *text)
{
    char *kept = xcalloc(1, 1 << 20);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s is missing: CERTSWEEP_GOLDEN_WRITE=1", path);
    kept[fread(kept, 1, (1 << 20) - 1, file)] = '\0';
    fclose(file);
    for (size_t i = 0, line = 1; kept[i] != '\0' || text[i] != '\0'; i++) {
        if (kept[i] != text[i])
            fail_msg("%s differs in line %zu: \"%.60s\" is now \"%.60s\"", path, line, kept + i, text + i);
        line += kept[i] == '\n';
    }
    free(kept);
}

static void each_report_is_as_its_golden_file_in_each_format(void **state)
{
    (void)state;
    for (size_t i = 0; reports_all[i] != NULL; i++)
        for (size_t f = 0; formats[f] != NULL; f++) {
            char *text = written(reports_all[i], formats[f], ROWS_SHOWN, argument_of(reports_all[i]), NULL);
            char *same = normalised(text), *path = golden_path(reports_all[i], formats[f]);
            if (getenv("CERTSWEEP_GOLDEN_WRITE") != NULL)
                write_golden(path, same);
            else
                compare_golden(path, same);
            free(path);
            free(same);
            free(text);
        }
}

/* ---- times ---- */

static void expect_no_loose_time(const struct report *report, const struct renderer *renderer, const char *filter)
{
    regex_t loose;
    regmatch_t at;
    char *text = written(report, renderer, 0, filter, NULL);
    assert_int_equal(regcomp(&loose, "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}|T[0-9]{2}:[0-9]{2}:[0-9.]+[+-][0-9]{2}", REG_EXTENDED), 0);
    if (regexec(&loose, text, 1, &at, 0) == 0)
        fail_msg("report %s as %s has a time that is not RFC 3339 in Z: %.60s", report->name, renderer->name, text + at.rm_so);
    regfree(&loose);
    free(text);
}

/* In columns and within sentences alike. */
static void each_time_in_json_is_rfc_3339_in_z(void **state)
{
    static const struct renderer *const json[] = {&render_json, &render_jsonl};
    (void)state;
    for (size_t i = 0; reports_all[i] != NULL; i++)
        for (size_t f = 0; f < 2; f++) {
            bool is_endpoint = strcmp(reports_all[i]->name, "endpoint") == 0;
            expect_no_loose_time(reports_all[i], json[f], argument_of(reports_all[i]));
            if (reports_all[i]->argument != NULL)           /* one that has ended */
                expect_no_loose_time(reports_all[i], json[f], is_endpoint ? "{\"argument\":\"192.0.2.5\"}" : "{\"argument\":\"payments.revenue.example.gov\"}");
        }
}

/* ---- numbers, and who took a decision back ---- */

static void a_number_among_facts_is_a_number(void **state)
{
    (void)state;
    char *text = written(report_find("certificate"), &render_json, 0, "{\"argument\":\"kiosk.revenue.example.gov\"}", NULL);
    json_t *document = json_loads(text, 0, NULL), *row;
    size_t i, found = 0;
    json_array_foreach(json_object_get(document, "rows"), i, row) {
        json_t *number = json_object_get(row, "number");
        bool is_days = strcmp(json_string_value(json_object_get(row, "item")), "days left") == 0;
        found += is_days && json_integer_value(number) == atoll(json_string_value(json_object_get(row, "value")));
        assert_true(is_days ? json_is_integer(number) : json_is_null(number));
    }
    assert_int_equal(found, 1);
    json_decref(document);
    free(text);
}

static void an_exception_tells_who_took_it_back(void **state)
{
    (void)state;
    fixture_sql(db, "INSERT INTO decision_filter (text, kind, is_standing, reason, who) VALUES ('name=legacy*', 'accept', false, 'r', 'w'); "
                    "INSERT INTO decision (kind, sha256, reason, who, filter, undone_at, undone_by) SELECT 'accept', sha256, 'r', 'w', (SELECT max(id) FROM decision_filter), "
                    "'2026-03-04', 'Second Auditor' FROM certificate_now WHERE name = 'legacy.courts.example.gov'");
    char *text = written(report_find("exceptions"), &render_jsonl, 0, "{}", NULL);
    assert_non_null(strstr(text, "\"undone_at\":\"2026-03-04T00:00:00Z\",\"undone_by\":\"Second Auditor\",\"decided_for\":\"name=legacy*\""));
    free(text);
    fixture_sql(db, "DELETE FROM decision WHERE undone_by = 'Second Auditor'; DELETE FROM decision_filter");
}

/* The end of 31 December in California is 1 January in UTC; the day is told that was meant. */
static void an_exception_ends_on_a_day_where_the_policy_is(void **state)
{
    (void)state;
    fixture_sql(db, "CREATE TEMP TABLE policy_before AS SELECT id, document FROM policy; "
                    "UPDATE policy SET document = document || '{\"zone\": \"America/Los_Angeles\"}'; "
                    "INSERT INTO decision (kind, sha256, reason, who, until) SELECT 'mute', sha256, 'r', 'Zone', decision_until('2099-12-31') FROM certificate_now "
                    "WHERE name = 'legacy.courts.example.gov'");
    char *text = written(report_find("exceptions"), &render_jsonl, 0, "{}", NULL), *table = written(report_find("exceptions"), &render_table, 0, "{}", NULL);
    assert_non_null(strstr(text, "\"last_day\":\"2099-12-31T00:00:00Z\",\"until\":\"2100-01-01T07:59:59Z\""));
    assert_non_null(strstr(table, "2099-12-31"));
    assert_null(strstr(table, "2100-01-01"));
    free(text);
    free(table);
    fixture_sql(db, "DELETE FROM decision WHERE who = 'Zone'; UPDATE policy p SET document = b.document FROM policy_before b WHERE b.id = p.id; "
                    "DROP TABLE policy_before");
}

/* Several decisions about one certificate do not multiply where it is served. */
static void an_exception_tells_each_place_once(void **state)
{
    (void)state;
    fixture_sql(db, "INSERT INTO decision (kind, sha256, reason, who) SELECT kind, sha256, 'r', 'Third Auditor' FROM certificate_now, "
                    "unnest('{accept,mute,ignore}'::text[]) kind WHERE name = 'legacy.courts.example.gov'");
    char *text = written(report_find("exceptions"), &render_jsonl, 0, "{}", NULL);
    assert_non_null(strstr(text, "\"places\":[\"capitol 192.0.2.65:443\"]"));
    assert_null(strstr(text, "\"capitol 192.0.2.65:443\",\""));
    free(text);
    fixture_sql(db, "DELETE FROM decision WHERE who = 'Third Auditor'");
}

/* ---- words ---- */

/* The page and the document of JSON begin with the sentences with which the table begins; of one owner with one of that. */
static void the_summary_says_it_in_words(void **state)
{
    (void)state;
    static const char words[] = "All sites (capitol, north): 1 certificate has ended and is still served";
    const struct report *summary = report_find("summary");
    char *json = written(summary, &render_json, 0, "{}", NULL), *page = written(summary, &render_html, 0, "{}", NULL);
    assert_non_null(strstr(json, "\"note\": \"All sites (capitol, north): 1 certificate has ended and is still served"));
    assert_non_null(strstr(page, "<p class=\"lead\">All sites"));
    assert_true(strstr(page, words) < strstr(page, summary->question));
    assert_null(strstr(strstr(page, words) + 1, words));
    free(json);
    free(page);
    json = written(summary, &render_json, 0, "{\"owner\":\"Parks Service\"}", NULL);
    assert_non_null(strstr(json, "\"note\": \"Of what --owner 'Parks Service' leaves, "));
    free(json);
}

/* ---- sums ---- */

static const struct sum {
    const char *report, *filter;
    const char *sql;            /* how many rows it must have, by the tables below and not by its own query */
} sums[] = {
    {"certificates", "{}", "SELECT count(DISTINCT c.leaf) FROM answer_span a JOIN chain c ON c.id = a.chain WHERE a.closed_at IS NULL"},
    {"certificates", "{\"owner\":\"Parks Service\"}", "SELECT count(*) FROM certificate_own WHERE common_names[1] LIKE '%.parks.example.gov'"},
    {"certificates", "{\"site\":\"north\"}", "SELECT count(DISTINCT c.leaf) FROM answer_span a JOIN chain c ON c.id = a.chain JOIN endpoint e ON e.id = a.endpoint "
                                             "JOIN site s ON s.id = e.site WHERE s.name = 'north'"},
    {"certificates", "{\"within\":60}", "SELECT count(*) FROM certificate_own o JOIN chain c ON c.leaf = o.certificate, report_as_of r "
                                        "WHERE o.not_after >= r.as_of AND o.not_after < r.as_of + interval '60 days'"},
    {"certificates", "{\"due\":[null,-1]}", "SELECT count(*) FROM certificate_own o JOIN chain c ON c.leaf = o.certificate, report_as_of r "
                                            "WHERE (o.not_after AT TIME ZONE 'UTC')::date - 14 < (r.as_of AT TIME ZONE 'UTC')::date"},
    {"endpoints", "{}", "SELECT count(DISTINCT (endpoint, chain)) FROM answer_span WHERE closed_at IS NULL"},
    {"endpoints", "{\"network\":\"198.51.0.0/16\"}", "SELECT count(*) FROM endpoint WHERE address <<= '198.51.0.0/16'"},
    {"unmanaged", "{}", "SELECT count(*) FROM certificate c JOIN chain h ON h.leaf = c.id WHERE NOT EXISTS (SELECT FROM managed_record r WHERE r.sha256 = c.sha256) "
                        "AND NOT EXISTS (SELECT FROM decision d WHERE d.sha256 = c.sha256)"},
    {"foreign", "{}", "SELECT count(*) FROM certificate_facts f JOIN chain h ON h.leaf = f.certificate WHERE f.issuer ~ 'O=(Meridian|Harbor)'"},
    {"expired", "{}", "SELECT count(*) FROM certificate_own o JOIN chain h ON h.leaf = o.certificate, report_as_of r WHERE o.not_after < r.as_of"},
    {"exceptions", "{}", "SELECT count(*) FROM decision"},
    {"coverage", "{}", "SELECT count(*) FROM scan"},
    {"coverage", "{\"network\":\"192.0.2.128/30\",\"port\":444}", "SELECT count(*) FROM scan WHERE site = (SELECT id FROM site WHERE name = 'capitol')"},
    {"coverage", "{\"network\":\"192.0.3.0/24\"}", "SELECT 0"},
    {"coverage", "{\"network\":\"::/0\"}", "SELECT 0"},
    {"coverage", "{\"port\":80}", "SELECT 0"},
    {"coverage", "{\"name\":\"*.example\"}", "SELECT 0"},
    {"coverage", "{\"older\":1}", "SELECT 0"},                /* the latest of each plan are of today */
    {"certificate", "{\"argument\":\"kiosk.revenue.example.gov\",\"owner\":\"Parks Service\"}", "SELECT 0"},
    {"certificate", "{\"argument\":\"kiosk.revenue.example.gov\",\"network\":\"198.51.0.0/16\"}", "SELECT 0"},
    {"endpoint", "{\"argument\":\"192.0.2.9\",\"site\":\"north\"}", "SELECT 0"},
    {"endpoint", "{\"argument\":\"192.0.2.9\",\"rule\":[\"C05\"]}", "SELECT 0"},
    {"find", "{\"argument\":\"*.parks.example.gov\",\"issuer\":\"harbor\"}", "SELECT 1"},
    {"find", "{\"argument\":\"meridian\",\"owner\":\"Courts Administration\"}", "SELECT 0"},
    {"find", "{\"argument\":\"parks\",\"severity\":[\"low\"],\"site\":\"capitol\",\"port\":80}", "SELECT 0"},
    {"find", "{\"argument\":\"192.0.2.9\",\"rule\":[\"P03\"],\"owner\":\"Department of Revenue\"}", "SELECT 1"},
    {"compliance", "{}", "SELECT 3"},
    {"compliance", "{\"rule\":[\"P03\"]}", "SELECT 1"},
    {"compliance", "{\"severity\":[\"critical\"]}", "SELECT 0"},
    {"coverage", "{\"site\":\"capitol\"}", "SELECT count(*) FROM scan WHERE site = (SELECT id FROM site WHERE name = 'capitol')"},
    {"ownership", "{}", "SELECT count(DISTINCT owner) FROM owner_rule"},
    {"revoked", "{}", "SELECT count(*) FROM revocation"},
    {"findings", "{}", "SELECT count(*) FROM finding"},
    {"findings", "{\"rule\":[\"P03\"]}", "SELECT count(DISTINCT endpoint) FROM posture WHERE item IN ('tls10', 'tls11') AND value = 'accepted'"},
    {"weak", "{}", "SELECT count(*) FROM finding WHERE rule ~ '^(K|P|S|C01|C02)' AND severity_rank < 5"},
    {"changes", "{}", "SELECT count(*) FROM event"},
};

static void the_rows_of_each_list_are_those_that_sql_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
        size_t rows = 0;
        free(written(report_find(sums[i].report), &render_csv, 0, sums[i].filter, &rows));
        int64_t wanted = test_number(db, sums[i].sql);
        if ((int64_t)rows != wanted)
            fail_msg("report %s %s has %zu rows, and SQL counts %lld", sums[i].report, sums[i].filter, rows, (long long)wanted);
    }
}

/* One column of all rows, added up where it is a number. */
static const char *summed_column;
static long long summed;

static void *sum_begin(const struct report *report, FILE *out)
{
    (void)out;
    summed = 0;
    return (void *)(uintptr_t)report;
}

static void sum_row(void *state, const char *const *values)
{
    const struct report *report = state;
    for (size_t i = 0; i < report_column_count(report); i++)
        if (strcmp(report->columns[i].key, summed_column) == 0 && values[i] != NULL)
            summed += atoll(values[i]);
}

static void sum_end(void *state, const struct render_end *end)
{
    (void)state;
    (void)end;
}

static const struct renderer sum_up = {.name = "sum", .begin = sum_begin, .row = sum_row, .end = sum_end};

static long long sum_of(const char *report, const char *filter, const char *column)
{
    summed_column = column;
    free(written(report_find(report), &sum_up, 0, filter, NULL));
    return summed;
}

static void columns_add_up(void **state)
{
    (void)state;
    assert_int_equal(sum_of("ownership", "{}", "certificate_count"), WORLD_CERTIFICATES);
    assert_int_equal(sum_of("ownership", "{}", "place_count"), test_number(db, "SELECT count(*) FROM endpoint"));
    assert_int_equal(sum_of("ownership", "{}", "unmanaged_count"), test_number(db, "SELECT count(*) FROM certificate_now WHERE record = 'unmanaged'"));
    /* a clause counts what the filter leaves */
    assert_int_equal(sum_of("compliance", "{\"rule\":[\"P03\"]}", "failing_count"),
                     test_number(db, "SELECT count(*) FROM finding WHERE rule = 'P03'"));
    assert_int_equal(sum_of("compliance", "{\"rule\":[\"P03\"],\"owner\":\"Parks Service\"}", "failing_count"), 1);
    assert_int_equal(sum_of("compliance", "{\"rule\":[\"P03\"],\"site\":\"north\"}", "failing_count"), 1);
    assert_int_equal(sum_of("compliance", "{\"rule\":[\"P03\"],\"site\":\"north\"}", "subject_count"), 3);
    assert_int_equal(sum_of("compliance", "{\"rule\":[\"K02\"],\"owner\":\"Parks Service\"}", "subject_count"), 5);
    assert_int_equal(sum_of("coverage", "{}", "asked"), test_number(db, "SELECT sum(count) FROM scan_outcome"));
    /* the total's row and the owners' rows are the same again */
    assert_int_equal(sum_of("renewals", "{}", "certificate_count"),
                     2 * test_number(db, "SELECT count(*) FROM certificate_own o JOIN chain h ON h.leaf = o.certificate, report_as_of r WHERE o.not_after >= r.as_of"));
}

/* All owners' lists together are the whole list, since each certificate here has one owner. */
static void owners_lists_are_the_whole_list(void **state)
{
    static const char *const owners[] = {"Department of Revenue", "Department of Health", "Department of Transport", "Parks Service", "Courts Administration",
                                         "Office of Technology", ""};
    static const char *const names[] = {"certificates", "endpoints", "findings", "unmanaged", "foreign", "expiring", "expired", "weak"};
    (void)state;
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        size_t all = 0, sum = 0;
        free(written(report_find(names[n]), &render_csv, 0, "{}", &all));
        for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++) {
            size_t rows = 0;
            char *filter = xasprintf("{\"owner\":\"%s\"}", owners[i]);
            free(written(report_find(names[n]), &render_csv, 0, filter, &rows));
            free(filter);
            sum += rows;
        }
        if (all != sum || all == 0)
            fail_msg("report %s has %zu rows, its owners' %zu", names[n], all, sum);
    }
}

/* ---- pages ---- */

/* The rows as lines of text, and what is told behind them. */
static struct paged {
    FILE *out;
    size_t columns, rows;
    char *next;
    size_t more;
    bool is_more_unknown;
} paged;

static void *page_begin(const struct report *report, FILE *out)
{
    paged.columns = report_column_count(report);
    paged.out = out;
    paged.rows = 0;
    return &paged;
}

static void page_row(void *state, const char *const *values)
{
    (void)state;
    for (size_t i = 0; i < paged.columns; i++)
        fprintf(paged.out, "%s|", values[i] == NULL ? "" : values[i]);
    fputc('\n', paged.out);
    paged.rows++;
}

static void page_end(void *state, const struct render_end *end)
{
    (void)state;
    free(paged.next);
    paged.next = end->next == NULL ? NULL : xstrdup(end->next);
    paged.more = end->more;
    paged.is_more_unknown = end->is_more_unknown;
}

static const struct renderer render_page = {.name = "page", .begin = page_begin, .row = page_row, .end = page_end};

/* All pages of that many rows behind one another. 0: one page of all. */
static char *pages_of(const struct report *report, const char *filter, size_t size)
{
    char *text = NULL;
    size_t len = 0, rows = 0, all = 0;
    struct error err = {0};
    FILE *out = open_memstream(&text, &len);
    char *after = NULL;
    do {
        const struct report_options options = {.limit = size, .filter = filter, .after = after};
        if (!report_write(report, &options, db, &render_page, out, &rows, &err))
            fail_msg("report %s behind %s: %s", report->name, after == NULL ? "nothing" : after, err.text);
        free(after);
        after = paged.next == NULL ? NULL : xstrdup(paged.next);
        if (rows != paged.rows || (after != NULL && rows != size) || (size == 0 && after != NULL))
            fail_msg("report %s: a page of %zu rows, not of %zu", report->name, paged.rows, size);
        if (strcmp(filter, "{}") == 0 && (paged.is_more_unknown || (all != 0 && paged.more + rows != all) || (paged.more != 0) != (after != NULL)))
            fail_msg("report %s: %zu more behind %zu of %zu rows", report->name, paged.more, rows, all);
        all = paged.more;
    } while (after != NULL);
    fclose(out);
    return text;
}

static void pages_behind_one_another_are_the_whole_list(void **state)
{
    static const char *const filters[] = {"{}", "{\"owner\":\"parks service\"}", "{\"site\":\"north\"}"};
    static const size_t sizes[] = {1, 7, 16};
    size_t lists = 0;
    (void)state;
    for (size_t i = 0; reports_all[i] != NULL; i++) {
        lists += reports_all[i]->has_pages;
        for (size_t f = 0; f < sizeof filters / sizeof filters[0] && reports_all[i]->has_pages; f++) {
            char *whole = pages_of(reports_all[i], filters[f], 0);
            for (size_t s = f == 0; s < sizeof sizes / sizeof sizes[0]; s++) {
                char *pages = pages_of(reports_all[i], filters[f], sizes[s]);
                assert_string_equal(pages, whole);
                free(pages);
            }
            free(whole);
        }
    }
    assert_int_equal(lists, 10);
}

static bool goes_on_in(const struct db_result *plan, const char *index)
{
    bool is_of_index = false;
    for (size_t row = 0; row < db_rows(plan); row++) {
        const char *line = db_value(plan, row, 0);
        if (strstr(line, "Index Cond: ") != NULL && strstr(line, "ROW(") != NULL && is_of_index)
            return true;
        is_of_index = strstr(line, index) != NULL || (is_of_index && strstr(line, "->") == NULL);
    }
    return false;
}

/* Nothing of the pages before is read again. */
static void a_page_is_a_range_of_an_index(void **state)
{
    static const char *const lists[][2] = {
        {"certificates", " certificate_now_list "}, {"unmanaged", " certificate_now_unmanaged "}, {"foreign", " certificate_now_foreign "},
        {"expiring", " certificate_now_due "},      {"findings", " finding_list "},               {"weak", " finding_list "},
        {"endpoints", " endpoint_address "},
    };
    (void)state;
    fixture_sql(db, "SET enable_seqscan = off");        /* a table of sixty rows is read faster whole */
    fixture_sql(db, "SET enable_bitmapscan = off");
    fixture_sql(db, "SET enable_sort = off");
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        const struct report *report = report_find(lists[i][0]);
        struct error err = {0};
        size_t before;
        free(written(report, &render_page, 1, "{}", NULL));
        if (paged.next == NULL)
            fail_msg("report %s has one row", report->name);
        json_t *key = report_cursor_read(report, paged.next, &before, &err), *filter = json_pack("{s:o}", "after", key);
        assert_int_equal(before, 1);
        if (report->narrows != NULL)
            json_object_set_new(filter, report->narrows, json_true());
        char *text = json_dumps(filter, 0), *asked = xasprintf("EXPLAIN (COSTS OFF) %s", report->sql);
        const char *params[] = {text, "51", NULL, NULL, NULL, NULL};
        struct db_result *plan = db_query(db, asked, (size_t)report->params, params, &err);
        if (plan == NULL || !goes_on_in(plan, lists[i][1]))
            fail_msg("report %s: its next page is no range of%s%s", report->name, lists[i][1], err.text);
        db_result_destroy(plan);
        free(asked);
        free(text);
        json_decref(filter);
    }
    fixture_sql(db, "RESET ALL");
}

static void refused(const char *report, const struct report_options *options, const char *because)
{
    struct error err = {0};
    assert_false(report_write(report_find(report), options, db, &render_csv, stderr, NULL, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    if (strstr(err.text, because) == NULL)
        fail_msg("report %s: \"%s\" does not say \"%s\"", report, err.text, because);
}

static void a_cursor_is_of_its_list_and_whole(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "x", "MQ", "not base64 at all", "AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAA", "....", NULL};
    free(written(report_find("unmanaged"), &render_page, 2, "{}", NULL));
    char *cursor = xstrdup(paged.next);
    for (size_t i = 0; wrong[i] != NULL; i++)
        refused("unmanaged", &(struct report_options){.after = wrong[i]}, "no page of report unmanaged ends there");
    refused("foreign", &(struct report_options){.after = cursor}, "no page of report foreign ends there");
    refused("summary", &(struct report_options){.after = cursor}, "report summary has no pages");
    refused("unmanaged", &(struct report_options){.after = cursor, .sort = "name"}, "neither --sort nor --group");
    refused("unmanaged", &(struct report_options){.after = cursor, .group = "name"}, "neither --sort nor --group");
    for (size_t i = 0; cursor[i] != '\0'; i++) {
        char *damaged = xstrdup(cursor);
        damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
        struct error err = {0};
        size_t rows = 0;
        FILE *nowhere = fopen("/dev/null", "w");
        /* the last letter may have bits that mean nothing */
        if (report_write(report_find("unmanaged"), &(struct report_options){.after = damaged}, db, &render_csv, nowhere, &rows, &err) && cursor[i + 1] != '\0')
            fail_msg("letter %zu of the cursor is damaged and nobody says so", i);
        fclose(nowhere);
        free(damaged);
    }
    free(cursor);
    /* a list in another order has no place to go on from */
    const struct report_options sorted = {.limit = 2, .sort = "name"};
    struct error err = {0};
    FILE *nowhere = fopen("/dev/null", "w");
    assert_true(report_write(report_find("unmanaged"), &sorted, db, &render_page, nowhere, NULL, &err));
    assert_null(paged.next);
    assert_int_not_equal(paged.more, 0);
    fclose(nowhere);
}

static void a_list_of_foreign_ones_tells_the_licences(void **state)
{
    (void)state;
    char *text = written(report_find("foreign"), &render_json, 0, "{}", NULL);
    assert_null(strstr(text, "\"note\""));             /* the policy sets no number */
    free(text);
    fixture_sql(db, "UPDATE policy SET document = document || '{\"licences\": 2}'");
    fixture_sql(db, "INSERT INTO decision (kind, sha256, reason, who) SELECT 'adopt', sha256, 'ours', 'x' FROM certificate_now WHERE name = 'maps.transport.example.gov'");
    text = written(report_find("foreign"), &render_json, 0, "{}", NULL);
    assert_non_null(strstr(text, "\"note\": \"Licences: 1 of 2 used; 5 foreign certificates served that nobody manages, 4 more than licences are left.\""));
    free(text);
    text = written(report_find("foreign"), &render_html, 0, "{}", NULL);
    assert_non_null(strstr(text, "<p>Licences: 1 of 2 used;"));
    free(text);
}

/* ---- hostile names ---- */

static const char *const wicked = "=cmd|'/c calc'!A1 <script>alert(1)</script> \x1b[2J \xe2\x80\xae\" onload=\"x\" ]]> \\\r\nATTENDEE:mailto:x@example\r\nBcc: x@example";

static void make_wicked(void)
{
    struct error err = {0};
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN==cmd|'/c calc'!A1 <script>alert(1)</script> \x1b[2J \xe2\x80\xae", .key = "RSA:1024", .not_before = "20251201000000Z",
                                                              .not_after = ASN1_DAY(20)});
    fixture_serve(db, &(struct fixture_served){.site = "north", .address = "203.0.113.9", .server_name = "<b>x</b>.example", .from = "2026-01-15", .to = "2026-01-16",
                                               .tls_version = 0x0301, .chain = {made}});
    const char *params[] = {wicked};
    if (!db_exec_params(db, "UPDATE owner_rule SET owner = $1, contacts = ARRAY[$1, 'wicked@example.gov'], name_suffix = NULL, environment = $1 WHERE line = (SELECT max(line) FROM owner_rule)", 1, params, &err) ||
        !db_exec_params(db, "INSERT INTO decision (kind, sha256, reason, who) SELECT 'accept', sha256, $1, $1 FROM certificate ORDER BY id DESC LIMIT 1", 1, params, &err) ||
        !db_exec_params(db, "UPDATE scan SET plan = jsonb_build_object('targets', ARRAY[$1], 'scope', 'authorized-by = ' || $1)::text", 1, params, &err) ||
        !db_exec(db, "INSERT INTO dirty SELECT 1, certificate FROM certificate_now", &err) ||
        !reconcile_run(db, &(struct reconcile_options){.as_of_us = RECONCILE_NOW, .everything = true}, NULL, &err))
        fail_msg("%s", err.text);
    cert_make_free(made);
}

static void holds_nothing_wicked(const char *text, const char *what, bool is_json, bool is_markup)
{
    static const char *const everywhere[] = {"\x1b", "\xe2\x80\xae"};
    for (size_t i = 0; i < 2 && !is_json; i++)
        if (strstr(text, everywhere[i]) != NULL)
            fail_msg("%s holds a control character", what);
    if (is_json && strchr(text, '\x1b') != NULL)
        fail_msg("%s holds a raw control character", what);
    if (is_markup && (strstr(text, "<script>alert") != NULL || strstr(text, "\" onload=\"") != NULL || strstr(text, "<b>x</b>") != NULL))
        fail_msg("%s holds a stranger's markup", what);
}

/* ---- as other programs read it ---- */

static FILE *created(struct folder *folder, const char *name)
{
    struct error err = {0};
    FILE *out = folder_begin(folder, name, &err);
    if (out == NULL)
        fail_msg("%s", err.text);
    return out;
}

static void ended(struct folder *folder, bool ok, struct error *err)
{
    if (!ok || !folder_end(folder, true, err))
        fail_msg("%s", err->text);
}

static struct folder *opened(const char *path, const char *name)
{
    struct error err = {0};
    char *all = xasprintf("%s%s", path, name);
    struct folder *folder = folder_open(all, &err);
    if (folder == NULL)
        fail_msg("%s", err.text);
    free(all);
    return folder;
}

static void write_lists(struct folder *folder)
{
    struct error err = {0};
    const struct report_options all = {.filter = "{}"};
    ended(folder, report_book_write(&all, db, created(folder, "book.xlsx"), &err), &err);
    for (size_t i = 0; reports_all[i] != NULL; i++) {
        char *name = xasprintf("%s.json", reports_all[i]->name);
        if (reports_all[i]->argument == NULL)
            ended(folder, report_write(reports_all[i], &all, db, &render_json, created(folder, name), NULL, &err), &err);
        free(name);
    }
}

static void write_others(const char *path, struct folder *folder)
{
    struct error err = {0};
    struct notices_account account;
    struct folder *letters = opened(path, "/letters"), *eml = opened(path, "/eml");
    const struct document_options options = {.title = {.organization = wicked, .author = wicked, .answer_to = wicked, .reference = wicked}, .written_by = "x"};
    if (!split_write(&options, db, letters, NULL, &err) ||
        !notices_run(&(struct notices_options){.from = "a@b.example", .organization = wicked, .eml = eml}, db, stderr, &account, &err))
        fail_msg("%s", err.text);
    fixture_sql(db, "SELECT pg_advisory_unlock_all()");
    ended(folder, cbom_write(db, NULL, "1.7", "0", created(folder, "cbom.json"), &err), &err);
    ended(folder, events_write(db, NULL, NULL, created(folder, "events.jsonl"), &err), &err);
    folder_close(letters);
    folder_close(eml);
}

/* By read_folder.py, in a folder that is removed. */
static void others_read(bool is_hostile)
{
    char path[] = "/tmp/certsweep-golden.XXXXXX";
    if (system("/usr/bin/python3 -c 'import openpyxl' 2> /dev/null") != 0)
        skip();
    assert_non_null(mkdtemp(path));
    struct folder *folder = opened(path, "");
    write_lists(folder);
    if (is_hostile)
        write_others(path, folder);
    folder_close(folder);
    char *read = xasprintf("/usr/bin/python3 %s/tests/reports/read_folder.py %s%s", CERTSWEEP_SOURCE_DIR, path, is_hostile ? " --hostile" : "");
    char *clear = xasprintf("rm -rf %s", path);
    int code = system(read);
    assert_int_equal(system(clear), 0);
    assert_int_equal(code, 0);
    free(read);
    free(clear);
}

static void a_workbook_holds_what_json_holds(void **state)
{
    (void)state;
    others_read(false);
}

static void hostile_names_do_nothing_in_letters_calendars_mail_and_workbook(void **state)
{
    (void)state;
    others_read(true);          /* after make_wicked() */
}

static void hostile_names_do_nothing_in_any_report_and_format(void **state)
{
    size_t seen = 0;
    (void)state;
    make_wicked();
    for (size_t i = 0; reports_all[i] != NULL; i++)
        for (size_t f = 0; formats[f] != NULL; f++) {
            const char *filter = reports_all[i]->argument == NULL ? "{}" : strcmp(reports_all[i]->name, "endpoint") == 0 ? "{\"argument\":\"203.0.113.9\"}" : "{\"argument\":\"*calc*\"}";
            char *text = written(reports_all[i], formats[f], 0, filter, NULL), *what = xasprintf("report %s as %s", reports_all[i]->name, formats[f]->name);
            holds_nothing_wicked(text, what, formats[f] == &render_json || formats[f] == &render_jsonl, formats[f] == &render_html);
            if (formats[f] == &render_csv && (strstr(text, "\"=cmd") != NULL || strstr(text, "\n=cmd") != NULL))
                fail_msg("%s holds a formula", what);
            seen += strstr(text, "calc") != NULL;
            free(what);
            free(text);
        }
    if (seen <= 30)
        fail_msg("only %zu of them show it", seen);
    char *page = NULL;
    size_t len = 0;
    struct error err = {0};
    FILE *out = open_memstream(&page, &len);
    const struct document_options options = {.title = {.organization = wicked, .author = wicked, .classification = wicked, .reference = wicked}, .written_by = "x"};
    assert_true(discovery_write(&options, db, out, &err));
    fclose(out);
    holds_nothing_wicked(page, "the document", false, true);
    assert_non_null(strstr(page, "calc"));
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hash_is_a_hash_whatever_its_digits),
        cmocka_unit_test(each_report_is_as_its_golden_file_in_each_format),
        cmocka_unit_test(a_number_among_facts_is_a_number),
        cmocka_unit_test(an_exception_tells_who_took_it_back),
        cmocka_unit_test(an_exception_ends_on_a_day_where_the_policy_is),
        cmocka_unit_test(an_exception_tells_each_place_once),
        cmocka_unit_test(the_summary_says_it_in_words),
        cmocka_unit_test(each_time_in_json_is_rfc_3339_in_z),
        cmocka_unit_test(the_rows_of_each_list_are_those_that_sql_counts),
        cmocka_unit_test(columns_add_up),
        cmocka_unit_test(owners_lists_are_the_whole_list),
        cmocka_unit_test(pages_behind_one_another_are_the_whole_list),
        cmocka_unit_test(a_page_is_a_range_of_an_index),
        cmocka_unit_test(a_cursor_is_of_its_list_and_whole),
        cmocka_unit_test(a_list_of_foreign_ones_tells_the_licences),
        cmocka_unit_test(a_workbook_holds_what_json_holds),
        cmocka_unit_test(hostile_names_do_nothing_in_any_report_and_format),
        cmocka_unit_test(hostile_names_do_nothing_in_letters_calendars_mail_and_workbook),
    };
    return cmocka_run_group_tests(tests, setup, test_cluster_teardown);
}

#include "reports/document/lists.h"

#include "probes/base/memory.h"
#include "reports/document/discovery.h"
#include "reports/render.h"
#include "reports/report_filter.h"

#include <stdlib.h>

static bool end_file(struct folder *folder, bool ok, struct error *err)
{
    return folder_end(folder, ok, err) && ok;
}

static bool list_write(const struct report *report, const struct report_options *what, struct db *db, const struct renderer *renderer,
                       struct folder *folder, struct error *err)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s", report->name, renderer->name);
    FILE *out = folder_begin(folder, name, err);
    return out != NULL && end_file(folder, report_write(report, what, db, renderer, out, NULL, err), err);
}

static bool book_write(const struct report_options *what, struct db *db, struct folder *folder, struct error *err)
{
    FILE *out = folder_begin(folder, "lists.xlsx", err);
    return out != NULL && end_file(folder, report_book_write(what, db, out, err), err);
}

bool lists_write(const struct document_options *options, struct db *db, const struct renderer *const *renderers, struct folder *folder,
                 struct error *err)
{
    struct report_filter *filter = report_filter_create();
    char *owner = options->owner == NULL ? NULL : options->owner[0] == '\0' ? xstrdup("none") : xasprintf("=%s", options->owner);
    bool ok = report_filter_set(filter, "owner", owner, err);
    free(owner);
    const struct report_options narrowed = {.site = options->site, .filter = report_filter_text(filter)}, whole = {.site = options->site};
    for (const struct report *const *report = reports_all; ok && *report != NULL; report++)
        for (const struct renderer *const *renderer = renderers; ok && *renderer != NULL && (*report)->argument == NULL; renderer++)
            ok = list_write(*report, (*report)->no_filter ? &whole : &narrowed, db, *renderer, folder, err);
    ok = ok && book_write(&narrowed, db, folder, err);
    report_filter_destroy(filter);
    return ok;
}

bool lists_with_document_write(const struct document_options *options, struct db *db, struct folder *folder, struct error *err)
{
    static const struct renderer *const renderers[] = {&render_csv, NULL};
    struct document_options linked = *options;
    struct document document;
    linked.lists = "beside this document";
    if (!document_open(&document, db, &linked, err))
        return false;
    bool ok = document_fill(&document, err);
    FILE *out = ok ? folder_begin(folder, "discovery.html", err) : NULL;
    ok = out != NULL && end_file(folder, discovery_write_filled(&document, out, err), err) && lists_write(&linked, db, renderers, folder, err);
    document_close(&document);
    return ok;
}

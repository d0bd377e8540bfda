#include "scanner/cli/report_document.h"

#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/user_file.h"
#include "reports/document/discovery.h"
#include "reports/document/folder.h"
#include "reports/document/lists.h"
#include "reports/document/pdf.h"
#include "reports/document/split.h"
#include "reports/report.h"
#include "reports/report_filter.h"
#include "reports/evidence/evidence.h"
#include "scanner/cli/version.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- a page, as HTML or PDF ---- */

struct report_page {
    struct output *output;
    struct pdf *pdf;            /* NULL: no PDF */
};

bool report_page_is_pdf(const struct options *options)
{
    return strcmp(option_get_or(options, "format", ""), "pdf") == 0;
}

struct report_page *report_page_open(const struct options *options, struct error *err)
{
    struct report_page *page = xcalloc(1, sizeof *page);
    if ((report_page_is_pdf(options) && (page->pdf = pdf_begin(err)) == NULL) || (page->output = output_open(options, err)) == NULL) {
        if (page->pdf != NULL)
            pdf_end(page->pdf, false, NULL, err);
        free(page);
        return NULL;
    }
    return page;
}

FILE *report_page_file(struct report_page *page)
{
    return page->pdf == NULL ? output_file(page->output) : pdf_html(page->pdf);
}

bool report_page_close(struct report_page *page, bool whole, struct error *err)
{
    bool ok = page->pdf == NULL ? whole : pdf_end(page->pdf, whole, output_file(page->output), err);
    ok = output_close(page->output, ok, err) && ok;
    free(page);
    return ok;
}

/* ---- the documents ---- */

struct report_head report_head_of(const struct options *options)
{
    return (struct report_head){.organization = option_get(options, "organization"), .author = option_get(options, "author"),
                                .classification = option_get(options, "classification"), .reference = option_get(options, "reference"),
                                .written_by = "certsweep " CERTSWEEP_VERSION};
}

static struct document_options document_options_of(const struct options *options)
{
    const char *author = option_get(options, "author");
    return (struct document_options){
        .site = option_get(options, "site"),
        .owner = report_owner_asked(option_get(options, "owner")),
        .title = {.organization = option_get(options, "organization"), .author = author,
                  .classification = option_get(options, "classification"), .reference = option_get(options, "reference"),
                  .answer_to = author},
        .written_by = "certsweep " CERTSWEEP_VERSION,
        .is_replay = option_given(options, "as-of"),
    };
}

static bool write_page(const struct options *options, struct db *db, struct error *err)
{
    const char *format = option_get_or(options, "format", "html");
    if (strcmp(format, "html") != 0 && strcmp(format, "pdf") != 0)
        return error_set(err, ERROR_USAGE, "report discovery is a page, html or pdf; for --format %s take a single report", format);
    struct document_options what = document_options_of(options);
    struct report_page *page = report_page_open(options, err);
    if (page == NULL)
        return false;
    bool ok = discovery_write(&what, db, report_page_file(page), err);
    ok = report_page_close(page, ok, err) && ok;
    if (ok && option_given(options, "output"))
        log_info("the report is in %s", option_get(options, "output"));
    return ok;
}

/* Is -o a folder: there already, or named with a slash at its end? */
static bool is_folder(const char *path)
{
    size_t len = path == NULL ? 0 : strlen(path);
    DIR *there = len == 0 ? NULL : user_file_opendir(path);
    if (there != NULL)
        closedir(there);
    return there != NULL || (len > 0 && path[len - 1] == '/');
}

static bool write_with_lists(const struct options *options, struct db *db, struct error *err)
{
    struct document_options what = document_options_of(options);
    struct folder *folder = folder_open(option_get(options, "output"), err);
    bool ok = folder != NULL && lists_with_document_write(&what, db, folder, err);
    if (ok)
        log_info("the document and its lists are in %s; begin with discovery.html", folder_path(folder));
    folder_close(folder);
    return ok;
}

static bool write_letters(const struct options *options, struct db *db, struct error *err)
{
    size_t owners = 0;
    if (strcmp(option_get(options, "split"), "owner") != 0)
        return error_set(err, ERROR_USAGE, "--split %s: documents are split by owner: --split owner", option_get(options, "split"));
    if (option_given(options, "owner"))
        return error_set(err, ERROR_USAGE, "--split owner writes to each owner; one alone: certsweep report discovery --owner NAME");
    if (option_get(options, "output") == NULL)
        return error_set(err, ERROR_USAGE, "--split owner writes a folder: name it with -o FOLDER");
    struct document_options what = document_options_of(options);
    struct folder *folder = folder_open(option_get(options, "output"), err);
    bool ok = folder != NULL && split_write(&what, db, folder, &owners, err);
    if (ok)
        log_info("letters of %s are in %s; begin with index.html%s", COUNTED(owners, "owner"), folder_path(folder),
                 what.is_replay ? ". They come without calendars, which are of today alone" : "");
    folder_close(folder);
    return ok;
}

static bool write_evidence(const struct options *options, struct db *db, struct error *err)
{
    struct evidence_options what = {.document = document_options_of(options), .version = CERTSWEEP_VERSION,
                                    .certificate = option_get(options, "sign-cert"), .key = option_get(options, "sign-key")};
    if ((what.certificate == NULL) != (what.key == NULL))
        return error_set(err, ERROR_USAGE, "--sign-cert and --sign-key come together");
    what.document.lists = "beside this document";
    struct folder *folder = folder_open(option_get(options, "evidence"), err);
    bool ok = folder != NULL && evidence_write(&what, db, folder, err);
    if (ok)
        log_info("the evidence is in %s%s; Next: certsweep evidence verify %s", folder_path(folder), what.key == NULL ? ", not signed" : "",
                 folder_path(folder));
    folder_close(folder);
    return ok;
}

bool report_document_write(const struct options *options, struct db *db, struct error *err)
{
    bool is_several = option_given(options, "split") || option_given(options, "evidence");
    if (is_several && option_given(options, "format") && strcmp(option_get(options, "format"), "html") != 0)
        return error_set(err, ERROR_USAGE, "--format %s: --split and --evidence write files of several formats, each its own", option_get(options, "format"));
    if (option_given(options, "split"))
        return write_letters(options, db, err);
    if (option_given(options, "evidence"))
        return write_evidence(options, db, err);
    return is_folder(option_get(options, "output")) && !report_page_is_pdf(options) ? write_with_lists(options, db, err) : write_page(options, db, err);
}

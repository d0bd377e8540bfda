#include "scanner/cli/report_document.h"

#include "probes/base/log.h"
#include "reports/document/discovery.h"
#include "scanner/cli/version.h"

#include <string.h>

static struct document_options document_options_of(const struct options *options)
{
    const char *author = option_get(options, "author");
    return (struct document_options){
        .site = option_get(options, "site"),
        .title = {.organization = option_get(options, "organization"), .author = author,
                  .classification = option_get(options, "classification"), .reference = option_get(options, "reference"),
                  .answer_to = author},
        .written_by = "certsweep " CERTSWEEP_VERSION,
    };
}

bool report_document_write(const struct options *options, struct db *db, struct error *err)
{
    const char *format = option_get_or(options, "format", "html");
    if (strcmp(format, "html") != 0)
        return error_set(err, ERROR_USAGE, "report discovery is an HTML page; for --format %s take a single report", format);
    struct document_options what = document_options_of(options);
    struct output *output = output_open(options, err);
    if (output == NULL)
        return false;
    bool ok = discovery_write(&what, db, output_file(output), err);
    ok = output_close(output, ok, ok ? err : NULL) && ok;
    if (ok && option_given(options, "output"))
        log_info("the report is in %s", option_get(options, "output"));
    return ok;
}

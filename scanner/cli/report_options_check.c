#include "scanner/cli/report_options_check.h"

#include "reports/report.h"
#include "scanner/cli/options.h"

#include <string.h>

static const char *const of_heads[] = {"organization", "author", "classification", "reference"};
static const char *const of_documents[] = {"split", "evidence", "sign-cert", "sign-key"};

/* The command line; `find` has fewer options than `report`. */
struct line {
    const struct command *command;
    const struct options *options;
};

static bool is_typed(const struct line *line, const char *name)
{
    return options_find(line->command, name) != NULL && option_typed(line->options, name);
}

static bool is_format(const struct line *line, const char *format)
{
    return strcmp(option_get_or(line->options, "format", ""), format) == 0;
}

static bool mark_check(bool is_discovery, const struct line *line, struct error *err)
{
    if (!is_typed(line, "bom") || (is_format(line, "csv") && !is_discovery))
        return true;
    return error_set(err, ERROR_USAGE, "--bom begins a CSV file of one list with a byte order mark: it goes with --format csv%s",
                     is_discovery ? " of a single report" : "");
}

static bool heads_check(bool is_page, const struct line *line, struct error *err)
{
    for (size_t i = 0; i < sizeof of_heads / sizeof of_heads[0]; i++)
        if (is_typed(line, of_heads[i]) && !is_page)
            return error_set(err, ERROR_USAGE, "--%s is for the head of a page: it goes with --format html or pdf of a report, and with documents", of_heads[i]);
    return true;
}

static bool documents_check(bool is_discovery, const struct line *line, struct error *err)
{
    for (size_t i = 0; i < sizeof of_documents / sizeof of_documents[0]; i++)
        if (is_typed(line, of_documents[i]) && !is_discovery)
            return error_set(err, ERROR_USAGE, "--%s is for documents: certsweep report discovery", of_documents[i]);
    if (!is_discovery)
        return true;
    if (is_typed(line, "split") && is_typed(line, "evidence"))
        return error_set(err, ERROR_USAGE, "--split and --evidence write a folder each: one at a time");
    if (is_typed(line, "evidence") && is_typed(line, "output"))
        return error_set(err, ERROR_USAGE, "--evidence names the folder that is written: leave --output out");
    for (size_t i = 2; i < sizeof of_documents / sizeof of_documents[0]; i++)
        if (is_typed(line, of_documents[i]) && !option_given(line->options, "evidence"))
            return error_set(err, ERROR_USAGE, "--%s signs evidence: it goes with --evidence FOLDER", of_documents[i]);
    return true;
}

/* It tells what columns mean, and reads no database. */
static bool columns_check(const struct line *line, struct error *err)
{
    for (const struct option_spec *row = line->command->options; row->name != NULL; row++)
        if (is_typed(line, row->name) && strcmp(row->name, "bom") != 0)
            return error_set(err, ERROR_USAGE, "--%s: report columns tells what columns mean, and has no rows of the inventory", row->name);
    return true;
}

/* NULL: not given. A switch is "". */
static const char *value_of(const struct line *line, const char *name)
{
    return options_find(line->command, name) == NULL ? NULL : option_get(line->options, name);
}

static bool pairs_check(const struct line *line, struct error *err)
{
    for (const struct report_pair *pair = report_pairs; pair->option != NULL; pair++) {
        const char *value = value_of(line, pair->option), *other = value_of(line, pair->other);
        if (value != NULL && other != NULL && report_pair_is_refused(pair, value, other))
            return error_set(err, ERROR_USAGE, "--%s %s and --%s%s%s leave nothing together: %s", pair->option, value, pair->other, other[0] == '\0' ? "" : " ", other,
                             pair->why);
    }
    return true;
}

bool report_options_check(const char *name, const struct command *command, const struct options *options, struct error *err)
{
    const struct line line = {command, options};
    bool is_discovery = strcmp(name, "discovery") == 0, is_columns = strcmp(name, "columns") == 0;
    bool is_page = is_format(&line, "html") || is_format(&line, "pdf") || (is_discovery && !is_format(&line, "xlsx"));
    return mark_check(is_discovery, &line, err) && documents_check(is_discovery, &line, err) && (!is_columns || columns_check(&line, err)) &&
           heads_check(is_page, &line, err) && pairs_check(&line, err);
}

#include "reports/check.h"

#include "inventory/store/db.h"
#include "probes/base/counted.h"
#include "reports_sql.h"

#include <string.h>

enum { ENDED, SOON, LATER, UNMANAGED, CRITICAL, HIGH, AGE, SERVED, UNJUDGED, NUMBERS };

/* --owner none: that nothing is without an owner is what was wished for. */
static bool is_of_nobody(const struct check_options *options)
{
    return strstr(options->filter, "\"owner\":\"\"") != NULL;
}

/* A name spelled wrongly, or an endpoint that answers no more: what is not seen is not well. */
static bool sees_nothing(const long long *number, const struct check_options *options)
{
    return !is_of_nobody(options) && number[SERVED] + number[CRITICAL] + number[HIGH] == 0;
}

static enum check_state judge(const long long *number, bool is_judged, const struct check_options *options)
{
    if (!is_judged || number[AGE] > options->max_age_hours * 3600 || sees_nothing(number, options))
        return CHECK_UNKNOWN;
    if (number[ENDED] + number[SOON] + number[CRITICAL] > 0)
        return CHECK_CRITICAL;
    return number[LATER] + number[UNMANAGED] + number[HIGH] > 0 ? CHECK_WARNING : CHECK_OK;
}

static void print_line(FILE *out, enum check_state state, const long long *number, bool is_judged, const struct check_options *options)
{
    static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    char unmanaged[24] = "U", unmanaged_words[96];
    if (is_judged && number[UNJUDGED] == 0)
        snprintf(unmanaged, sizeof unmanaged, "%lld", number[UNMANAGED]);
    if (number[UNJUDGED] == 0)
        snprintf(unmanaged_words, sizeof unmanaged_words, "%lld unmanaged", number[UNMANAGED]);
    else if (number[UNMANAGED] == 0)
        snprintf(unmanaged_words, sizeof unmanaged_words, "unmanaged not judged for %lld", number[UNJUDGED]);
    else
        snprintf(unmanaged_words, sizeof unmanaged_words, "%lld unmanaged and %lld not judged", number[UNMANAGED], number[UNJUDGED]);
    fprintf(out, "CERTSWEEP %s - ", words[state]);
    if (!is_judged)
        fputs("nothing was judged yet", out);
    else if (state == CHECK_UNKNOWN && number[AGE] <= options->max_age_hours * 3600)
        fputs("no certificate is served there", out);
    else if (state == CHECK_UNKNOWN)
        fprintf(out, "the verdicts are %s old", COUNTED(number[AGE] / 3600, "hour"));
    else if (number[SERVED] == 0 && is_of_nobody(options))
        fprintf(out, "0 certificates without owner; %lld critical and %s", number[CRITICAL], COUNTED(number[HIGH], "high finding"));
    else
        fprintf(out, "%s served: %lld ended, %lld end within %lld days, %lld within %lld, %s; %lld critical and %s",
                COUNTED(number[SERVED], "certificate"), number[ENDED], number[SOON], options->critical_days, number[LATER], options->warning_days, unmanaged_words,
                number[CRITICAL], COUNTED(number[HIGH], "high finding"));
    /* 'label'=value;warn;crit;min: a range of 0 alerts above it; U: unknown, not zero */
    fprintf(out, " | served=%lld;;;0 ended=%lld;;0;0 ending_critical=%lld;;0;0 ending_warning=%lld;0;;0 unmanaged=%s;0;;0 "
                 "findings_critical=%lld;;0;0 findings_high=%lld;0;;0 age=%llds;;%lld;0\n",
            number[SERVED], number[ENDED], number[SOON], number[LATER], unmanaged, number[CRITICAL], number[HIGH], number[AGE],
            options->max_age_hours * 3600);
}

bool check_print(struct db *db, const struct check_options *options, FILE *out, enum check_state *state, struct error *err)
{
    char critical[24], warning[24];
    long long number[NUMBERS];
    if (options->critical_days > options->warning_days)
        return error_set(err, ERROR_USAGE, "--warning %lld is less than --critical %lld: a certificate is first a warning, then critical, so the "
                                           "warning needs as many days or more",
                         options->warning_days, options->critical_days);
    snprintf(critical, sizeof critical, "%lld", options->critical_days);
    snprintf(warning, sizeof warning, "%lld", options->warning_days);
    const char *params[] = {options->filter, critical, warning};
    struct db_result *row = db_query(db, SQL_CHECK, 3, params, err);
    if (row == NULL)
        return false;
    for (size_t i = 0; i < NUMBERS; i++)
        number[i] = db_int(row, 0, i);
    bool is_judged = db_value(row, 0, AGE) != NULL;
    db_result_destroy(row);
    *state = judge(number, is_judged, options);
    print_line(out, *state, number, is_judged, options);
    return true;
}

/* A label's value: backslash, quote and newline are escaped. Control characters were taken out when the text was stored. */
static void print_label(FILE *out, const char *name, const char *text, const char *behind)
{
    fprintf(out, "%s=\"", name);
    for (; *text != '\0'; text++)
        if (*text == '\n')
            fputs("\\n", out);
        else
            fprintf(out, "%s%c", *text == '\\' || *text == '"' ? "\\" : "", *text);
    fprintf(out, "\"%s", behind);
}

bool check_metrics_print(struct db *db, FILE *out, struct error *err)
{
    struct db_result *rows = db_query(db, SQL_METRICS, 0, NULL, err);
    if (rows == NULL)
        return false;
    fputs("# HELP certsweep_count Certificates, places and findings by subject and value: of served and managed certificates together, and of served ones alone where subject or value say served.\n"
          "# TYPE certsweep_count gauge\n", out);
    for (size_t i = 0; i < db_rows(rows); i++) {
        if (db_value(rows, i, 2)[0] == '\0')
            continue;
        fputs("certsweep_count{", out);
        print_label(out, "site", db_value(rows, i, 0), ",");
        print_label(out, "subject", db_value(rows, i, 1), ",");
        print_label(out, "value", db_value(rows, i, 2), "} ");
        fprintf(out, "%s\n", db_value(rows, i, 3));
    }
    fputs("# HELP certsweep_judged_seconds The moment of the last reconciliation, seconds since 1970.\n"
          "# TYPE certsweep_judged_seconds gauge\n", out);
    for (size_t i = 0; i < db_rows(rows); i++)
        if (db_value(rows, i, 2)[0] == '\0')
            fprintf(out, "certsweep_judged_seconds %s\n", db_value(rows, i, 3));
    db_result_destroy(rows);
    return true;
}

#include "reports/check.h"

#include "inventory/store/db.h"
#include "probes/base/counted.h"
#include "probes/base/memory.h"
#include "reports_sql.h"

#include <stdlib.h>
#include <string.h>

/* OF_NOBODY: --owner none was asked for. WAITING: something that was loaded is not judged. */
enum { ENDED, SOON, LATER, UNMANAGED, CRITICAL, HIGH, AGE, SERVED, UNJUDGED, KNOWN, OVER, OF_NOBODY, WAITING, NUMBERS, BEFORE = NUMBERS };

/* All that is known there is over and served nowhere. */
static bool has_nothing_in_force(const long long *number)
{
    return number[SERVED] == 0 && number[KNOWN] > 0 && number[OVER] == number[KNOWN];
}

/* A name spelled wrongly, or an endpoint that answers no more: what is not seen is not well. But that nothing is without an owner is what was wished for,
 * and of what is over there is nothing to see. */
static bool sees_nothing(const long long *number)
{
    return number[OF_NOBODY] == 0 && !has_nothing_in_force(number) && number[SERVED] + number[CRITICAL] + number[HIGH] == 0;
}

/* Verdicts older than the policy, the owner rules or the first managed source in use are never OK, yet no reason for UNKNOWN either: what was seen is
 * true, and UNKNOWN would hide a certificate that has ended as long as nobody has run reconcile. The guidelines' WARNING is for a service
 * that could be checked and "did not appear to be working properly"; what is CRITICAL stays so. */
static enum check_state judge(const long long *number, bool is_judged, bool is_outdated, const struct check_options *options)
{
    if (!is_judged || number[AGE] > options->max_age_hours * 3600 || sees_nothing(number))
        return CHECK_UNKNOWN;
    if (number[ENDED] + number[SOON] + number[CRITICAL] > 0)
        return CHECK_CRITICAL;
    return is_outdated || number[LATER] + number[UNMANAGED] + number[HIGH] > 0 ? CHECK_WARNING : CHECK_OK;
}

/* before: what the verdicts are older than, as report_state has it; "": nothing. */
static void print_line(FILE *out, enum check_state state, const long long *number, bool is_judged, const char *before, const struct check_options *options)
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
        fputs(number[WAITING] == 0 ? "no certificate is served there" : "no certificate is served there of what is judged, and what was loaded is not judged yet (certsweep reconcile)", out);
    else if (state == CHECK_UNKNOWN)
        fprintf(out, "the verdicts are %s old", COUNTED(number[AGE] / 3600, "hour"));
    else if (number[SERVED] == 0 && number[OF_NOBODY] != 0)
        fprintf(out, "0 certificates without owner; %lld critical and %s", number[CRITICAL], COUNTED(number[HIGH], "high finding"));
    else if (has_nothing_in_force(number))
        fprintf(out, "nothing in force: %s over and served nowhere; %lld critical and %s", COUNTED_AS(number[OVER], "certificate, which is", "certificates, all"),
                number[CRITICAL], COUNTED(number[HIGH], "high finding"));
    else
        fprintf(out, "%s served: %lld ended, %lld end within %lld days, %lld within %lld, %s; %lld critical and %s",
                COUNTED(number[SERVED], "certificate"), number[ENDED], number[SOON], options->critical_days, number[LATER], options->warning_days, unmanaged_words,
                number[CRITICAL], COUNTED(number[HIGH], "high finding"));
    if (before[0] != '\0')
        fprintf(out, "; judged before %s (certsweep reconcile)", before);
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
    char *before = xstrdup(db_value(row, 0, BEFORE) == NULL ? "" : db_value(row, 0, BEFORE));
    db_result_destroy(row);
    *state = judge(number, is_judged, before[0] != '\0', options);
    print_line(out, *state, number, is_judged, before, options);
    free(before);
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

/* A number of the whole inventory: a row without a value. */
static void print_gauge(FILE *out, const struct db_result *rows, const char *subject, const char *name, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
    for (size_t i = 0; i < db_rows(rows); i++)
        if (db_value(rows, i, 2)[0] == '\0' && strcmp(db_value(rows, i, 1), subject) == 0)
            fprintf(out, "%s %s\n", name, db_value(rows, i, 3));
}

bool check_metrics_print(struct db *db, FILE *out, struct error *err)
{
    struct db_result *rows = db_query(db, SQL_METRICS, 0, NULL, err);
    if (rows == NULL)
        return false;
    fputs("# HELP certsweep_count Certificates, places and findings by subject and value: of served and managed certificates together, and of "
          "served ones alone where subject or value say served.\n"
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
    print_gauge(out, rows, "judged", "certsweep_judged_seconds", "The moment of the last reconciliation, seconds since 1970.");
    print_gauge(out, rows, "outdated", "certsweep_outdated",
                "1 where the policy, the owner rules or the first managed source in use came after the last reconciliation, so that verdicts may be others by it; else 0.");
    db_result_destroy(rows);
    return true;
}

/* The state of the inventory, or of what a filter leaves of it, as monitoring systems expect it (monitoring plug-in
 * guidelines): one line, performance data behind a bar, a code. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stdio.h>

struct db;

enum check_state { CHECK_OK, CHECK_WARNING, CHECK_CRITICAL, CHECK_UNKNOWN };

struct check_options {
    const char *filter;                 /* report_filter_text() */
    long long critical_days, warning_days;      /* that are left of a certificate */
    long long max_age_hours;            /* of the last run: older verdicts are UNKNOWN */
};

/* Prints the line. False: the database could not be asked, and nothing is printed. */
bool check_print(struct db *db, const struct check_options *options, FILE *out, enum check_state *state, struct error *err);

/* Every number that reconcile keeps as gauges, in Prometheus' text format: certsweep_count{site="",subject="record",value="unmanaged"} 7;
 * certsweep_judged_seconds, and certsweep_outdated. Site "" is all of them. */
bool check_metrics_print(struct db *db, FILE *out, struct error *err);

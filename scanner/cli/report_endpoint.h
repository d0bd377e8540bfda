/* `certsweep report endpoint`: the server test of the endpoint that the argument names, on its page and in its JSON. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stdio.h>

struct db;
struct report;
struct report_options;

/* The page, with the sections of the server test of what was tested last of those that the argument names. */
bool report_endpoint_html(const struct report *report, const struct report_options *what, struct db *db, const char *argument, FILE *out,
                          size_t *rows, struct error *err);

/* The report's JSON with one key more, "server_tests": as `certsweep test --format json` has them, with what has changed. */
bool report_endpoint_json(const struct report *report, const struct report_options *what, struct db *db, const char *argument, FILE *out,
                          size_t *rows, struct error *err);

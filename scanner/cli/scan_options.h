/* What certsweep scan and certsweep test have in common on the command line: rows of their option tables, and how these options and
 * the targets are read. */
#pragma once
#include "scanner/pacing/pacing.h"
#include "scanner/run/scan_run.h"

struct options;

#define SCAN_OPTION_RATE                                                                                     \
    {.name = "rate",                                                                                         \
     .argument = "N|max",                                                                                    \
     .help = "New connections a second in all (" TEXT_OF(PACING_RATE_DEFAULT) "). max lifts every cap, on loopback only."}
#define SCAN_OPTION_RESOLVER                                                                                 \
    {.name = "resolver", .argument = "ADDR[:PORT],...", .help = "Name servers to ask instead of the system's."}
#define SCAN_OPTION_SCOPE                                                                                    \
    {.name = "scope",                                                                                        \
     .argument = "FILE",                                                                                     \
     .help = "Who authorised what (certsweep scope new); public and documentation addresses need one."}

/* --rate, --ids-friendly, --probe and --resolver, checked, into initialised settings. */
bool scan_options_read(const struct options *options, struct scan_settings *settings, struct error *err);

/* The ports of targets that name none, and --scope, into the request, before targets are added. */
bool scan_options_begin(const struct options *options, const struct port_set *ports, struct scan_request *request, struct error *err);

/* A target into the list that is scanned and into the settings that the bundle keeps. */
bool scan_options_add_target(struct target_list *list, struct scan_request *request, const char *target, struct error *err);

/* --plan FILE and --continue: a plan's settings lie under what the command line says, its window says until when,
 * and its unfinished run is the newest open bundle that names it. */
#pragma once
#include "scanner/run/plan.h"
#include "scanner/run/scan_run.h"

struct options;

/* Lays the plan's settings under the options given. */
bool scan_plan_apply(const struct plan *plan, struct options *options, struct error *err);

/* Fills request: plan's name, the end of the window, with --continue the open bundle. *is_open false: the window is closed now,
 * which was logged. */
bool scan_plan_prepare(const struct plan *plan, const struct options *options, struct scan_request *request,
                       bool *is_open, struct error *err);

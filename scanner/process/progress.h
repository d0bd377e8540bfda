/* The progress of a run: on a terminal one line that is redrawn, in a log a line a minute, and a line at once on
 * SIGUSR1. Everything goes to standard error; the line is cleared before a log line and redrawn after it. */
#pragma once
#include "scanner/process/worker_report.h"

#include <stdbool.h>
#include <stddef.h>

struct progress;

struct progress *progress_create(void);
void progress_destroy(struct progress *progress);           /* clears the line; NULL is fine */

void progress_update(struct progress *progress, const struct worker_report *report);
void progress_tell(struct progress *progress);              /* now, as a line of the log */

/* The line: share done of targets and names, rate, in flight, found, errors, time left at that rate (targets and names a
 * second). */
void progress_format_line(const struct worker_report *report, double rate, char *text, size_t size);

/* "65,536 targets: 12 certificate, 65,524 refused": by outcome; what is missing to total was not asked yet, or is in a block
 * that was not finished and is asked again: "up to 4,464 not asked yet".
 * Yours: free(). */
char *progress_account(const char *noun, const uint64_t outcomes[OUTCOME_COUNT], uint64_t total);

/* "1,234,567"; "1 packet", "12,000 packets" (a noun with its "s"); "2 h 05 min". */
void progress_format_count(uint64_t count, char text[32]);
void progress_format_counted(uint64_t count, const char *noun, char text[64]);
void progress_format_seconds(double seconds, char text[32]);

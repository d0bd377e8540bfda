/* The log: lines on standard error, "certsweep: level: text", in one write each, so that lines of several processes
 * do not mix. The text is cleaned (clean_text.h), and its further lines are indented. On a terminal the two hooks
 * clear the progress line (scanner/process/progress.h) before a line and draw it again after it. Secrets are never
 * logged. */
#pragma once
#include <stddef.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_set_level(enum log_level level);                    /* default LOG_LEVEL_INFO */
void log_set_hooks(void (*before)(void), void (*after)(void));    /* either may be NULL */

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a log line of another of our processes, which contains its level. It is cleaned again, since that process
 * reads foreign bytes. */
void log_raw(const char *text, size_t len);

/* Our own trouble: a file, the database, a bad option. What the network answers is never an error but an
 * enum outcome (outcome.h). The place that knows most writes the text once, complete enough to act on: it
 * names the file, line, option or host. The place that decides prints it, once. */
#pragma once
#include <stdbool.h>

enum error_kind {
    ERROR_NONE,
    ERROR_USAGE,      /* the command line or a setting: exit code 2 */
    ERROR_DATABASE,   /* PostgreSQL: exit code 3 */
    ERROR_SYSTEM,     /* the machine: privileges, descriptors, memory limits, disk full: exit code 4 */
    ERROR_IO,         /* a file that cannot be read or written: exit code 5 */
    ERROR_INPUT,      /* a file or bundle whose content is bad: exit code 5 */
};

struct error {
    enum error_kind kind;
    char text[1024];    /* cleaned (clean_text.h); one line or a few, no newline at the end; cut with "..." */
};

/* Notes the error (err may be NULL) and returns false, so that "return error_set(...)" reads as one step. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " before what is already noted; returns false. */
bool error_add_context(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The exit code of this kind; 0 for ERROR_NONE. */
int error_exit_code(const struct error *err);

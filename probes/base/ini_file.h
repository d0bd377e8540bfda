/* Our files of "name = value" lines under [sections] (settings, scopes, plans, policies), by inih. A name may come
 * more than once; an indented line is one more value of the name before it. ";" and "#" begin comments. */
#pragma once
#include "probes/base/error.h"

#include <stdio.h>

/* False with err set if the value is wrong; ini_file_read() adds file and line. */
typedef bool ini_file_value(void *context, const char *section, const char *name, const char *value,
                            struct error *err);

/* label names the file in errors. *line (NULL is fine) is the number of the line that was read last, for on_value. False at the
 * first bad line, with ERROR_USAGE. */
bool ini_file_read(FILE *file, const char *label, ini_file_value *on_value, void *context, int *line, struct error *err);

/* The same for a path, and for a text in memory. on_section (NULL is fine) is told of each section when it begins, ahead of its values, where
 * it has none, too, and of what looks like one and is indented, so that it is a value. */
typedef void ini_file_section(void *context, const char *section);
bool ini_path_read(const char *path, ini_file_value *on_value, void *context, struct error *err);
bool ini_text_read(const char *text, const char *label, ini_file_section *on_section, ini_file_value *on_value, void *context, struct error *err);

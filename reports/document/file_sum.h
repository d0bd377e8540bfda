/* What a file that we may have written holds now. */
#pragma once
#include <stdbool.h>

/* SHA-256 of a file as 64 hex digits and a NUL. A symbolic link is no file of ours, whatever it leads to. False with errno where it cannot
 * be read. */
bool file_sum(const char *path, char hex[65]);
/* A line of sha256sum: takes it apart in place. Only names of files in the same folder are allowed. */
bool file_sum_line(char *line, char hex[65], char **name);

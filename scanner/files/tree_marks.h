/* What a tree tells of its files that no file tells of itself: which of them a package brought, which lie in a repository, which are
 * samples. For trees that come entry by entry (tar, zip, an image's layers), where a list of packages or the folder .git may stand behind
 * the files that it is about: so the marks are asked for when all entries were seen. */
#pragma once
#include "probes/base/byte_reader.h"

#include <stdbool.h>
#include <stddef.h>

struct tree_marks;
struct tree_marks *tree_marks_create(void);
void tree_marks_destroy(struct tree_marks *marks);      /* NULL is fine */

/* name: of any entry, as an archive has it ("./usr/share/x"). True: it is a list of a package's files, to be given to tree_marks_add_list(). */
bool tree_marks_note(struct tree_marks *marks, const char *name);
void tree_marks_add_list(struct tree_marks *marks, const char *name, struct byte_reader text);

/* Of one file: enum file_mark. name: as path_text() makes it. */
unsigned tree_marks_of(const struct tree_marks *marks, const char *name, size_t len);

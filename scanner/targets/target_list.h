/* What the user named to be scanned: TARGET arguments, @FILE and "-" (standard input), and the exclusions.
 * Ranges and addresses go to a space builder; names (and name@address) go, in the order given, to a stream that is read
 * lazily: it lies in an unlinked temporary file. A name that is given again, in whatever spelling, is in it once
 * (name_set.h, whose memory ends where the reading of the names begins).
 *
 * A line of a file, and an argument, may have several targets (target_words.h); "#" begins a comment, and blank lines, CR LF
 * and a byte-order mark are fine. A line that cannot be read is logged as FILE:LINE with the word that is wrong, and counted:
 * none of its targets is asked, the other lines go on (exit code 5). In an exclusion file nothing is forgiven: a line that
 * cannot be read fails, since what it meant to spare would be asked. */
#pragma once
#include "probes/base/target_space.h"
#include "scanner/targets/target_text.h"

struct target_list;

struct target_list *target_list_create(const struct port_set *default_ports); /* copied */
void target_list_destroy(struct target_list *list);                           /* NULL is fine */

/* No target may be added once the names are read. */
bool target_list_add(struct target_list *list, const char *argument, struct error *err);
bool target_list_exclude(struct target_list *list, const char *argument,
                         struct error *err); /* SPEC or @FILE */

/* The builder with all ranges and exclusions in it. Borrowed; for the scope to cut, then to be built. */
struct target_space_builder *target_list_builder(struct target_list *list);

/* All exclusions as specs, one a line: for scope_create(). Borrowed until the next exclusion. */
const char *target_list_exclusions(const struct target_list *list);

size_t target_list_bad_lines(const struct target_list *list);
uint64_t target_list_name_count(const struct target_list *list);
uint64_t target_list_range_count(const struct target_list *list);

/* The names in order, from the first one after creation or a rewind. *line (from 1) numbers them for
 * resuming, *text is what target_text_parse() reads (borrowed until the next call). False at the end, or with
 * err set. */
bool target_list_next_name(struct target_list *list, uint64_t *line, const char **text, struct error *err);
void target_list_rewind(struct target_list *list);

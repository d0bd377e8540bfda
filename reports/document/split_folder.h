/* The folder of letters over several runs: letters.txt lists the files that a run wrote, with their SHA-256, so that the next one removes
 * those of owners who have none now, and nothing else. While a run writes there is no index: what was broken off does not look whole. */
#pragma once
#include "reports/document/folder.h"

struct split_folder;

/* Reads the list of the run before, if there is one, and removes the index. */
struct split_folder *split_folder_begin(struct folder *folder, struct error *err);
/* Removes what the run before wrote and this one did not, if nobody has changed it since, and writes the list. */
bool split_folder_end(struct split_folder *former, struct error *err);
void split_folder_free(struct split_folder *former);    /* NULL is fine */

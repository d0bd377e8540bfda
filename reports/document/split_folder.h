/* The folder of letters over several runs: letters.txt lists the files that a run wrote, with their SHA-256, so that the next one removes
 * those of owners who have none now, and nothing else. While a run writes there is no index, and the list has also what it has written so
 * far: what was broken off does not look whole, and the next run mends it. */
#pragma once
#include "reports/document/folder.h"

struct split_folder;

/* Reads the list of the run before, if there is one, and removes the index; what is written from now on is added to the list. */
struct split_folder *split_folder_begin(struct folder *folder, struct error *err);
/* Removes what the run before wrote and this one did not, if nobody has changed it since, and writes the list. */
bool split_folder_end(struct split_folder *former, struct error *err);
void split_folder_free(struct split_folder *former);    /* NULL is fine */

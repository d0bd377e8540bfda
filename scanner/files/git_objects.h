/* All that a git repository ever held, read from two processes of git: one lists every object
 * (git cat-file --batch-all-objects --batch-check='%(objectname) %(objecttype)'), one gives what it is asked for (git cat-file --batch).
 *
 *     list of objects ─► commits, the oldest first ─► their trees ─► each blob once: COMMIT:path of the first commit that has it
 *                   └──► blobs of no commit (staged, or of a branch that was deleted): their id
 *
 * Its input is foreign; it runs where file_scanner.h does. */
#pragma once
#include "scanner/files/file_scanner.h"

enum { GIT_LIST, GIT_REQUESTS, GIT_REPLIES, GIT_PIPES };

#define GIT_OBJECTS_MAX 20000000u       /* of one repository */
#define GIT_TREE_MAX    (64u << 20)     /* bytes of one folder's list */
#define GIT_DEPTH_MAX   256             /* folders below each other */

/* status: of the repository, whose path is its folder. Takes the descriptors. False only for an error of the bundle. */
bool git_objects_read(struct file_scanner *scanner, const struct file_status *status, const int pipes[GIT_PIPES], struct error *err);

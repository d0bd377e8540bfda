/* Why a folder of our data cannot be used. Root's data is kept by the user certsweep, and where a folder on the way is closed to that user,
 * root, who sees everything there, cannot know what "No such file or directory" is about. */
#pragma once
#include "probes/base/error.h"

/* number: the errno of what failed. Always false. */
bool data_folder_fail(enum error_kind kind, const char *path, int number, struct error *err);

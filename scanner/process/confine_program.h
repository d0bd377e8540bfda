/* Confines a child between fork and exec that becomes another program and reads foreign files: git in a repository. It can read
 * what is named here, whoever owns that, and nothing else where the kernel has Landlock; it writes nothing, opens no socket, and
 * ends with its parent. */
#pragma once
#include "probes/base/error.h"

#include <sys/types.h>

/* readable: NULL ends it. False: the child must end. */
bool confine_program(pid_t parent, const char *const *readable, struct error *err);

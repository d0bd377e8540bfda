/* Who runs the program, as decisions and evidence record it. */
#pragma once

/* The system's name of the user; under sudo that of the caller. Where root started it, root, also in a process that has given root's rights
 * up. Valid until the next call. */
const char *operator_name(void);

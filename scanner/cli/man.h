/* Man pages out of the command table, as roff with man macros: certsweep(1), and certsweep-NAME(1) for each
 * command ("managed import" becomes certsweep-managed-import). The build writes them, and so can a user:
 * certsweep --write-man-pages FOLDER. */
#pragma once
#include "probes/base/error.h"
#include "scanner/cli/command.h"

/* Words that a command's page explains at its end, such as the columns of reports: from the table that the program itself answers from. */
struct man_terms {
    const char *command, *heading;
    bool (*get)(size_t index, const char **name, const char **text);       /* false: there are no more */
};
extern const struct man_terms *man_terms;       /* set by main(), so that tests may set another; NULL: none */
extern const struct man_terms *const man_terms_all;     /* of the program; a sensor has none */

bool man_write_all(const char *folder, const struct command *const *commands, struct error *err);

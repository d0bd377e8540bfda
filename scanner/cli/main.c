/* certsweep: one program, a table of commands (command.h). */
#include "scanner/cli/root.h"
#include "scanner/cli/run.h"
#include "scanner/run/listen_worker.h"
#include "scanner/run/worker.h"

#include <locale.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (strcmp(argv[0], "certsweep-worker") == 0)      /* this program again, started by keeper.c */
        return worker_main(argc, argv);
    if (strcmp(argv[0], LISTEN_WORKER_NAME) == 0)      /* and by passive/listen_run.c */
        return listen_worker_main(argc, argv);
    setlocale(LC_CTYPE, "C.UTF-8");
    command_line_split = root_split;
    return command_line_run(commands_all, argc, argv);
}

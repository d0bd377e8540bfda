/* certsweep: one program, a table of commands (command.h). */
#include "scanner/cli/commands.h"
#include "scanner/cli/man.h"
#include "scanner/cli/root.h"
#include "scanner/cli/run.h"
#include "scanner/run/collect_worker.h"
#include "scanner/fetch/fetch_worker.h"
#include "scanner/run/listen_worker.h"
#include "scanner/run/worker.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* A caller may have closed them: then the next file opened would become standard output, and our output would go into it. They
 * are opened so that writing fails, and a lost result is not reported as success. */
static void fill_standard_descriptors(void)
{
    static const int flags[] = {O_WRONLY, O_RDONLY, O_RDWR};
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags[fd]) < 0)
            _exit(4);
}

int main(int argc, char **argv)
{
    fill_standard_descriptors();
    signal(SIGXFSZ, SIG_IGN);       /* a limit of file sizes is a full disk: an error of write() */
    if (strcmp(argv[0], "certsweep-worker") == 0)      /* this program again, started by keeper.c */
        return worker_main(argc, argv);
    if (strcmp(argv[0], LISTEN_WORKER_NAME) == 0)      /* and by passive/listen_run.c */
        return listen_worker_main(argc, argv);
    if (strcmp(argv[0], FETCH_WORKER_NAME) == 0)       /* and by fetch/fetch_run.c */
        return fetch_worker_main(argc, argv);
    if (strcmp(argv[0], COLLECT_WORKER_NAME) == 0)
        return collect_worker_main(argc, argv);
    setlocale(LC_CTYPE, "C.UTF-8");
    command_line_split = root_split;
    man_terms = man_terms_all;
    return command_line_run(commands_all, argc, argv);
}

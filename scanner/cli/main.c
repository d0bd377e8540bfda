/* certsweep: one program, a table of commands (command.h). */
#include "scanner/cli/run.h"

#include <locale.h>

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    return command_line_run(commands_all, argc, argv);
}

#include "probes/base/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#define NARROWEST 40

unsigned terminal_width(FILE *out, unsigned otherwise)
{
    struct winsize size;
    if (isatty(fileno(out)) && ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col >= NARROWEST)
        return size.ws_col;
    return otherwise;
}

#include "probes/base/stream_fault.h"

#include <errno.h>
#include <string.h>

const char *stream_fault(FILE *stream)
{
    clearerr(stream);
    errno = 0;
    if (fflush(stream) == 0 && errno == 0)
        fputc('\n', stream);
    if (errno == 0)
        fflush(stream);
    return errno != 0 ? strerror(errno) : "it cannot be written";
}

#include "scanner/cli/command.h"
#include "scanner/cli/options.h"

#include "probes/base/memory.h"
#include "probes/base/output_file.h"
#include "probes/base/stream_fault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct output {
    FILE *file;
    struct output_file *target; /* NULL: standard output */
    const char *path;
};

struct output *output_open(const struct options *options, struct error *err)
{
    const char *path = option_get(options, "output");
    struct output *output = xcalloc(1, sizeof *output);
    if (path == NULL || strcmp(path, "-") == 0) {
        output->file = stdout;
        output->path = "standard output";
        return output;
    }
    output->path = path;
    output->target = output_file_open(path, err);
    int fd = output->target == NULL ? -1 : dup(output_file_fd(output->target));
    output->file = fd < 0 ? NULL : fdopen(fd, "w");
    if (output->file != NULL)
        return output;
    if (output->target != NULL)
        output_file_close(output->target, false, NULL);
    free(output);
    return NULL;
}

FILE *output_file(struct output *output)
{
    return output->file;
}

bool output_close(struct output *output, bool whole, struct error *err)
{
    bool ok = (fflush(output->file) == 0 && ferror(output->file) == 0) ||
              error_set(err, ERROR_IO, "%s: %s", output->path, stream_fault(output->file));
    if (output->target != NULL && fclose(output->file) != 0 && ok)
        ok = error_set(err, ERROR_IO, "%s: %s", output->path, strerror(errno));
    if (output->target != NULL)
        ok = output_file_close(output->target, whole && ok, ok ? err : NULL) && ok;
    free(output);
    return ok;
}

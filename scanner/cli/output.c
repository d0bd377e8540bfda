#include "scanner/cli/command.h"
#include "scanner/cli/options.h"

#include "probes/base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct output {
    FILE *file;
    char *path;         /* NULL: standard output */
    char *partial;      /* the name it has until it is whole; NULL where path is written to directly */
};

/* A device or a pipe (/dev/null, a FIFO) is written to directly: there is nothing to be renamed over. */
static bool is_plain(const char *path)
{
    struct stat info;
    return stat(path, &info) != 0 || S_ISREG(info.st_mode);
}

struct output *output_open(const struct options *options, struct error *err)
{
    const char *path = option_get(options, "output");
    struct output *output = xcalloc(1, sizeof *output);
    if (path == NULL || strcmp(path, "-") == 0) {
        output->file = stdout;
        return output;
    }
    output->path = xstrdup(path);
    if (is_plain(path))
        output->partial = xasprintf("%s.partial", path);
    output->file = fopen(output->partial != NULL ? output->partial : path, "we");
    if (output->file != NULL)
        return output;
    error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    free(output->partial);
    free(output->path);
    free(output);
    return NULL;
}

FILE *output_file(struct output *output)
{
    return output->file;
}

bool output_close(struct output *output, bool whole, struct error *err)
{
    const char *name = output->path != NULL ? output->path : "standard output";
    bool failed = ferror(output->file) != 0;
    failed |= output->path != NULL ? fclose(output->file) != 0 : fflush(output->file) != 0;
    bool ok = true;
    if (failed && whole)
        ok = error_set(err, ERROR_IO, "%s: %s", name, errno != 0 ? strerror(errno) : "it cannot be written");
    if (output->partial != NULL) {
        if (whole && ok && rename(output->partial, output->path) != 0)
            ok = error_set(err, ERROR_IO, "%s: %s", name, strerror(errno));
        if (!whole || !ok)
            unlink(output->partial);
    }
    free(output->partial);
    free(output->path);
    free(output);
    return ok;
}

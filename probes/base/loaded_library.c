#include "probes/base/loaded_library.h"

#include "probes/base/log.h"

#include <dlfcn.h>
#include <stdlib.h>

static void *end(const struct loaded_library *library)
{
    struct error err = {0};
    error_set(&err, library->kind, "the library for %s cannot be loaded: %s", library->what, dlerror());
    log_error("%s", err.text);
    exit(error_exit_code(&err));
}

void *loaded_library_find(const struct loaded_library *library, const char *function)
{
    void *handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL);
    void *address = handle == NULL ? NULL : dlsym(handle, function);
    return address != NULL ? address : end(library);
}

void loaded_library_load(const struct loaded_library *library)
{
    if (dlopen(library->file, RTLD_NOW | RTLD_LOCAL) == NULL)
        end(library);
}

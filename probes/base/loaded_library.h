/* A shared library that is loaded when its first function is called, and not when the program starts: loading takes a command or
 * a worker that does not need it longer than all others together (curl alone brings 25 libraries). A file of such a library
 * defines `library` and a line for each function, which has the library's own name and forwards the call, so that its callers
 * look as usual:
 *
 *     static const struct loaded_library library = {"libexample.so.1", "example's data", ERROR_SYSTEM};
 *     FORWARD(int, example_add, (int a, int b), (a, b))
 *
 * A worker that confines itself can map no code afterwards: it calls the library's load function, or any other, before.
 * The file's name comes from the build (load_on_first_use() in .cmake/LoadedLibrary.cmake), which also lets the packages depend on it. */
#pragma once
#include "probes/base/error.h"

#include <stddef.h>

struct loaded_library {
    const char *file, *what;        /* as the loader knows it; what it is for, in the message if it is not there */
    enum error_kind kind;           /* of that error */
};

/* Never NULL: without the library or its function the program ends with the kind's exit code, since its caller cannot go on. */
void *loaded_library_find(const struct loaded_library *library, const char *function);
void loaded_library_load(const struct loaded_library *library);

/* The address is a constant, found once; to find it twice at once does no harm. */
#define FORWARD(type, name, parameters, arguments)                                                           \
    type name parameters                                                                                     \
    {                                                                                                        \
        static type(*function) parameters;                                                                   \
        if (function == NULL)                                                                                \
            *(void **)&function = loaded_library_find(&library, #name);                                      \
        return function arguments;                                                                           \
    }
#define FORWARD_VOID(name, parameters, arguments)                                                            \
    void name parameters                                                                                     \
    {                                                                                                        \
        static void(*function) parameters;                                                                   \
        if (function == NULL)                                                                                \
            *(void **)&function = loaded_library_find(&library, #name);                                      \
        function arguments;                                                                                  \
    }

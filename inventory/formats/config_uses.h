/* Which service uses which file: the directives of servers' configuration that name certificates, keys and stores. Nothing is
 * evaluated: no includes, no variables; a value with a variable in it is left out. */
#pragma once
#include "probes/base/byte_reader.h"

#include <stdbool.h>

struct config_use {
    const char *service, *directive;    /* of the table */
    const char *path;                   /* as written, without quotes; borrowed for the call */
    size_t line;                        /* from 1 */
};

/* May a file of this path be such a configuration? By its folders and its ending. */
bool config_uses_may_be(const char *path);

void config_uses_each(const char *path, struct byte_reader text, void (*on_use)(void *context, const struct config_use *use), void *context);

#include "scanner/cli/passwords.h"

#include "probes/base/file_bytes.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

bool passwords_read(struct passwords *passwords, const char *path, struct error *err)
{
    const char *given = getenv("CERTSWEEP_KEYSTORE_PASSWORD");
    struct file_bytes file;
    if (given != NULL)
        passwords->items[passwords->count++] = xstrdup(given);
    if (path == NULL)
        return true;
    if (!file_bytes_open(&file, path, err))
        return false;
    const char *at = (const char *)file.bytes, *end = at + file.len;
    while (at < end && passwords->count < PASSWORDS_MAX) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((line_end == NULL ? end : line_end) - at);
        passwords->items[passwords->count++] = xstrndup(at, len > 0 && at[len - 1] == '\r' ? len - 1 : len);
        at += len + 1;
    }
    file_bytes_close(&file);
    return true;
}

void passwords_forget(struct passwords *passwords)
{
    for (size_t i = 0; i < passwords->count; i++) {
        explicit_bzero(passwords->items[i], strlen(passwords->items[i]));
        free(passwords->items[i]);
    }
}

#include "scanner/run/follow_up_memory.h"

#include "probes/base/memory.h"
#include "probes/base/user_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include <uthash.h>

struct asked {
    int64_t time_us;
    UT_hash_handle hh;
    char key[];
};

struct follow_up_memory {
    char *path; /* NULL: none */
    FILE *file;
    int64_t now_us;
    struct asked *asked; /* uthash */
};

static void remember(struct follow_up_memory *memory, int64_t time_us, const char *key)
{
    size_t len = strlen(key);
    struct asked *asked = xcalloc(1, sizeof *asked + len + 1);
    asked->time_us = time_us;
    memcpy(asked->key, key, len + 1);
    HASH_ADD(hh, memory->asked, key[0], (unsigned)len, asked);
}

static struct asked *find(struct follow_up_memory *memory, const char *key)
{
    struct asked *asked;
    HASH_FIND(hh, memory->asked, key, (unsigned)strlen(key), asked);
    return asked;
}

/* Skips lines that we did not write and lines from the future; the next write drops them. */
static void read_all(struct follow_up_memory *memory, int64_t ttl_us)
{
    char *line = NULL, *end;
    size_t size = 0;
    while (getline(&line, &size, memory->file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        int64_t time_us = strtoll(line, &end, 10);
        if (end != line && *end == '\t' && time_us > memory->now_us - ttl_us && time_us <= memory->now_us &&
            find(memory, end + 1) == NULL)
            remember(memory, time_us, end + 1);
    }
    free(line);
}

static void destroy(struct follow_up_memory *memory)
{
    struct asked *asked, *next;
    HASH_ITER(hh, memory->asked, asked, next)
    {
        HASH_DEL(memory->asked, asked);
        free(asked);
    }
    if (memory->file != NULL)
        fclose(memory->file); /* and with it the lock */
    free(memory->path);
    free(memory);
}

struct follow_up_memory *follow_up_memory_open(const char *path, int64_t now_us, int64_t ttl_us,
                                               struct error *err)
{
    struct follow_up_memory *memory = xcalloc(1, sizeof *memory);
    memory->now_us = now_us;
    if (path == NULL)
        return memory;
    int fd = user_file_open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    memory->path = xstrdup(path);
    memory->file = fd < 0 ? NULL : fdopen(fd, "r+");
    if (memory->file == NULL || flock(fd, LOCK_EX) != 0) {
        error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
        destroy(memory);
        return NULL;
    }
    read_all(memory, ttl_us);
    return memory;
}

bool follow_up_memory_add(struct follow_up_memory *memory, const char *key)
{
    if (find(memory, key) != NULL)
        return false;
    remember(memory, memory->now_us, key);
    return true;
}

void follow_up_memory_forget(struct follow_up_memory *memory, const char *key)
{
    struct asked *asked = find(memory, key);
    if (asked == NULL)
        return;
    HASH_DEL(memory->asked, asked);
    free(asked);
}

/* In place: a process that waits for the lock has this file open. A crash in between loses entries; asking twice
 * does no harm. */
static bool write_all(struct follow_up_memory *memory, struct error *err)
{
    bool ok = fseeko(memory->file, 0, SEEK_SET) == 0 && ftruncate(fileno(memory->file), 0) == 0;
    for (struct asked *asked = memory->asked; asked != NULL && ok; asked = asked->hh.next)
        ok = fprintf(memory->file, "%" PRId64 "\t%s\n", asked->time_us, asked->key) > 0;
    ok = ok && fflush(memory->file) == 0;
    return ok || error_set(err, ERROR_IO, "%s: %s", memory->path, strerror(errno));
}

bool follow_up_memory_close(struct follow_up_memory *memory, struct error *err)
{
    bool ok = memory->file == NULL || write_all(memory, err);
    destroy(memory);
    return ok;
}

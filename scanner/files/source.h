/* Bytes to be scanned, from a descriptor or an entry of an archive. Read once, from front to end. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct source {
    /* Returns how many bytes were read, 0 at the end, -1 on failure; *why is then the reason (static or the source's). */
    ssize_t (*read)(void *context, void *bytes, size_t room, const char **why);
    void *context;
    int fd;                             /* of a file that can be read again from its front; -1: none */
    uint64_t size;                      /* 0 unknown */
    int fault;                          /* enum file_outcome of a failed read, as the source sees it; 0: damaged */
};

/* What the two bare clients share: addresses counted up from the first, so many connections at once, one epoll. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sweep_options {
    uint32_t first;             /* host order */
    uint16_t port;
    unsigned count, at_once;
    const char *hello;          /* -H FILE */
    size_t flight_len;          /* -F LEN; 0: to be learned */
};

/* -a FIRST -p PORT -n COUNT [-c AT_ONCE] [-H FILE] [-F LEN]; ends the program where they are wrong. */
struct sweep_options sweep_options(int argc, char **argv);

struct sweep_client {
    /* A connection is there (writable) or has become readable. True: it has ended, *answered says how. */
    bool (*step)(void *owner, unsigned slot, int fd, uint32_t events, bool *answered);
    void (*end)(void *owner, unsigned slot);    /* before the socket is closed; may be NULL */
    void *owner;
};

/* Visits them all; the number that answered. */
unsigned sweep_run(const struct sweep_options *options, const struct sweep_client *client);

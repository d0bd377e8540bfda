/* The table of clients: what each offers (clients_table.c says how it was captured). A list ends with 0; NULL: it sends none. */
#pragma once
#include <stdint.h>

struct client {
    const char *name, *year, *library;
    const char *source;             /* where the build came from, or whose documentation it is */
    uint16_t version;               /* of the hello itself: the highest where there is no list of versions */
    const uint16_t *versions, *suites, *groups, *schemes;
};

extern const struct client clients_all[];       /* a NULL name ends it */

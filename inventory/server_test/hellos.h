/* The hellos of a server test, as the scanner noted them (scanner/sweep/hello_log.h): the proof behind each answer. */
#pragma once
#include "inventory/server_test/server_facts.h"

struct server_hello {
    unsigned number, connections;       /* h1 ... */
    char name[32], version[16];         /* of the question; "" if several versions were offered */
    int64_t from_us, to_us;             /* since the test began */
    const char *items;                  /* the items that it filled, separated by blanks; borrowed from the facts */
};

#define SERVER_HELLOS_MAX 99

size_t server_hellos(const struct server_facts *facts, struct server_hello list[SERVER_HELLOS_MAX]);

/* The hello that filled this item; NULL: none of these. */
const struct server_hello *server_hello_of(const struct server_hello *list, size_t count, const char *item);

/* What it offered, in words: "every old version", without the version. */
const char *server_hello_words(const struct server_hello *hello);

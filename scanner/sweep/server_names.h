/* The server names that an endpoint is asked for after it answered without one: those of --sni, then found ones, at most
 * SCAN_NAMES_PER_ENDPOINT of them: names known from earlier, reverse DNS, names in the certificate just seen that resolve to this
 * very address. No name comes twice. */
#pragma once
#include "probes/base/observation.h"
#include "scanner/targets/known_names.h"
#include "scanner/sweep/resolver.h"
#include "scanner/sweep/scan_settings.h"

struct server_names_sources {
    const struct scan_settings *settings;
    const struct known_names *known;
    struct resolver *resolver;
};

struct server_names;

/* on_ready: called after SERVER_NAMES_WAIT, when server_names_next() can be called again; never from inside it. */
struct server_names *server_names_create(const struct server_names_sources *sources, const struct address *address,
                                         void (*on_ready)(void *context), void *context);
void server_names_destroy(struct server_names *names);          /* NULL is fine; forgets what it waits for */

/* Adds the names in the leaf that the endpoint has just sent. */
void server_names_see(struct server_names *names, const struct der *leaf);

enum server_names_next { SERVER_NAMES_ONE, SERVER_NAMES_WAIT, SERVER_NAMES_END };
enum server_names_next server_names_next(struct server_names *names, char name[SERVER_NAME_SIZE],
                                         enum name_source *source);

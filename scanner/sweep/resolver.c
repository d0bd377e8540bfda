#include "scanner/sweep/resolver.h"

#include "probes/base/memory.h"
#include "scanner/targets/target_text.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <event2/event_struct.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#define CACHE_MAX 65536u /* answers kept; later ones are asked again each time */

/* --- answers kept for the run --------------------------------------------------------------------------- */

struct entry {
    UT_hash_handle hh;
    const char *failure; /* static text */
    size_t address_count, name_count;
    struct address *addresses;
    char **names;
    bool is_cut;
    char key[]; /* a name, or an address as text */
};

struct resolver_cache {
    pthread_mutex_t mutex;
    struct entry *entries;
};

struct resolver_cache *resolver_cache_create(void)
{
    struct resolver_cache *cache = xcalloc(1, sizeof *cache);
    pthread_mutex_init(&cache->mutex, NULL);
    return cache;
}

static struct entry *entry_create(const char *key)
{
    size_t len = strlen(key) + 1;
    struct entry *entry = xcalloc(1, sizeof *entry + len);
    memcpy(entry->key, key, len);
    return entry;
}

static void entry_destroy(struct entry *entry)
{
    for (size_t i = 0; i < entry->name_count; i++)
        free(entry->names[i]);
    free(entry->names);
    free(entry->addresses);
    free(entry);
}

void resolver_cache_destroy(struct resolver_cache *cache)
{
    struct entry *entry, *next;
    if (cache == NULL)
        return;
    HASH_ITER(hh, cache->entries, entry, next)
    {
        HASH_DEL(cache->entries, entry);
        entry_destroy(entry);
    }
    pthread_mutex_destroy(&cache->mutex);
    free(cache);
}

/* Entries never change and never go before the cache does, so what is found may be read unlocked. */
static struct entry *cache_find(struct resolver_cache *cache, const char *key)
{
    struct entry *entry;
    pthread_mutex_lock(&cache->mutex);
    HASH_FIND_STR(cache->entries, key, entry);
    pthread_mutex_unlock(&cache->mutex);
    return entry;
}

/* Takes the entry and returns the one that counts, since another loop's may have come first. NULL: the cache is full, and the
 * entry is still the caller's. */
static struct entry *cache_add(struct resolver_cache *cache, struct entry *entry)
{
    struct entry *first;
    pthread_mutex_lock(&cache->mutex);
    HASH_FIND_STR(cache->entries, entry->key, first);
    if (first == NULL && HASH_COUNT(cache->entries) < CACHE_MAX) {
        HASH_ADD_KEYPTR(hh, cache->entries, entry->key, strlen(entry->key), entry);
        first = entry;
    }
    pthread_mutex_unlock(&cache->mutex);
    if (first != NULL && first != entry)
        entry_destroy(entry);
    return first;
}

/* --- c-ares on libevent --------------------------------------------------------------------------------- */

struct watched { /* a socket of c-ares */
    struct watched *prev, *next;
    struct event event;
    ares_socket_t socket;
};

struct resolver {
    struct event_base *base;
    struct resolver_cache *cache;
    ares_channel channel;
    bool has_channel;
    struct watched *sockets;
    struct event timer;
};

struct resolver_query {
    struct resolver *resolver;
    resolver_done *done; /* NULL: cancelled */
    void *context;
    bool is_starting; /* the call that starts the query has not returned yet */
    bool has_ended;   /* while it was starting: bad names, the hosts file */
    char key[];
};

static void set_timer(struct resolver *resolver)
{
    struct timeval longest = {.tv_sec = 10}, wait;
    if (ares_timeout(resolver->channel, NULL, &wait) == NULL)
        evtimer_del(&resolver->timer);
    else
        evtimer_add(&resolver->timer, ares_timeout(resolver->channel, &longest, &wait));
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    struct resolver *resolver = context;
    (void)fd, (void)what;
    ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    set_timer(resolver);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    struct resolver *resolver = context;
    ares_process_fd(resolver->channel, (what & EV_READ) != 0 ? fd : ARES_SOCKET_BAD,
                    (what & EV_WRITE) != 0 ? fd : ARES_SOCKET_BAD);
    set_timer(resolver);
}

static void on_socket_state(void *context, ares_socket_t socket, int readable, int writable)
{
    struct resolver *resolver = context;
    struct watched *watched;
    short what = (short)(EV_PERSIST | (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0));
    DL_SEARCH_SCALAR(resolver->sockets, watched, socket, socket);
    if (watched != NULL)
        event_del(&watched->event);
    if (!readable && !writable) {
        if (watched != NULL)
            DL_DELETE(resolver->sockets, watched);
        free(watched);
        return;
    }
    if (watched == NULL) {
        watched = xcalloc(1, sizeof *watched);
        watched->socket = socket;
        DL_APPEND(resolver->sockets, watched);
    }
    event_assign(&watched->event, resolver->base, socket, what, on_readable, resolver);
    event_add(&watched->event, NULL);
}

static int open_channel(struct resolver *resolver, const struct resolver_options *options, int flags)
{
    struct ares_options ares = {
        .flags = flags,
        .timeout = (int)options->timeout_ms,
        .tries = (int)options->tries,
        .sock_state_cb = on_socket_state,
        .sock_state_cb_data = resolver,
        .lookups = options->servers == NULL ? (char[]){"fb"} : (char[]){"b"},
    };
    int failed = ares_init_options(&resolver->channel, &ares,
                                   ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                                       ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS | ARES_OPT_DOMAINS);
    resolver->has_channel = failed == ARES_SUCCESS;
    if (failed == ARES_SUCCESS && options->servers != NULL)
        failed = ares_set_servers_ports_csv(resolver->channel, options->servers);
    return failed;
}

#if ARES_VERSION >= 0x011800 /* 1.24 has the list as text and deprecates the other call */
static bool has_one_server(const struct resolver *resolver)
{
    char *servers = ares_get_servers_csv(resolver->channel);
    bool one = servers != NULL && servers[0] != '\0' && strchr(servers, ',') == NULL;
    ares_free_string(servers);
    return one;
}
#else
static bool has_one_server(const struct resolver *resolver)
{
    struct ares_addr_port_node *servers = NULL;
    bool one = ares_get_servers_ports(resolver->channel, &servers) == ARES_SUCCESS && servers != NULL &&
               servers->next == NULL;
    if (servers != NULL)
        ares_free_data(servers);
    return one;
}
#endif

struct resolver *resolver_create(struct event_base *base, struct resolver_cache *cache,
                                 const struct resolver_options *options, struct error *err)
{
    struct resolver *resolver = xcalloc(1, sizeof *resolver);
    resolver->base = base;
    resolver->cache = cache;
    evtimer_assign(&resolver->timer, base, on_timer, resolver);
    int failed = open_channel(resolver, options, 0);
    if (failed == ARES_SUCCESS && has_one_server(resolver)) {
        /* With a single server c-ares would report SERVFAIL and REFUSED as "no server": take them as they are. */
        ares_destroy(resolver->channel);
        failed = open_channel(resolver, options, ARES_FLAG_NOCHECKRESP);
    }
    if (failed == ARES_SUCCESS)
        return resolver;
    error_set(err, ERROR_USAGE, "the resolver %s: %s",
              options->servers == NULL ? "of the system" : options->servers, ares_strerror(failed));
    resolver_destroy(resolver);
    return NULL;
}

void resolver_destroy(struct resolver *resolver)
{
    if (resolver == NULL)
        return;
    if (resolver->has_channel)
        ares_destroy(resolver->channel); /* every query ends with ARES_EDESTRUCTION, for which no callback is called */
    struct watched *watched, *next;
    DL_FOREACH_SAFE(resolver->sockets, watched, next)
    {
        event_del(&watched->event);
        free(watched);
    }
    evtimer_del(&resolver->timer);
    free(resolver);
}

/* --- queries -------------------------------------------------------------------------------------------- */

static const char *failure_name(int status)
{
    switch (status) {
    case ARES_SUCCESS: return NULL;
    case ARES_ENOTFOUND: return "nxdomain";
    case ARES_ENODATA: return "no_data";
    case ARES_ESERVFAIL: return "servfail";
    case ARES_EREFUSED: return "refused";
    case ARES_ENOTIMP: return "not_implemented";
    case ARES_EFORMERR:
    case ARES_EBADQUERY: return "format_error";
    case ARES_EBADRESP: return "bad_response";
    case ARES_EBADNAME: return "bad_name";
    case ARES_ETIMEOUT: return "timeout";
    case ARES_ECONNREFUSED: return "no_usable_server";
    }
    return "failed";
}

static void tell(const struct entry *entry, resolver_done *done, void *context)
{
    struct resolver_answer answer = {
        .failure = entry->failure,
        .address_count = entry->address_count,
        .addresses = entry->addresses,
        .name_count = entry->name_count,
        .names = (const char *const *)entry->names,
        .is_cut = entry->is_cut,
    };
    done(context, &answer);
}

/* Takes the entry. */
static void end_query(struct resolver_query *query, int status, struct entry *entry)
{
    if (status != ARES_EDESTRUCTION && status != ARES_ECANCELLED) {
        struct entry *kept = cache_add(query->resolver->cache, entry);
        if (query->done != NULL)
            tell(kept == NULL ? entry : kept, query->done, query->context);
        if (kept != NULL)
            entry = NULL;
    }
    if (entry != NULL)
        entry_destroy(entry);
    query->has_ended = true;
    if (!query->is_starting)
        free(query);
}

static void add_address(struct entry *entry, const struct sockaddr *from)
{
    struct address address;
    if (from->sa_family == AF_INET)
        address = address_from_bytes((const uint8_t *)&((const struct sockaddr_in *)from)->sin_addr, 4);
    else if (from->sa_family == AF_INET6)
        address = address_from_bytes((const uint8_t *)&((const struct sockaddr_in6 *)from)->sin6_addr, 16);
    else
        return;
    for (size_t i = 0; i < entry->address_count; i++)
        if (address_compare(&entry->addresses[i], &address) == 0)
            return;
    if (entry->address_count == RESOLVER_ADDRESSES_MAX) {
        entry->is_cut = true;
        return;
    }
    entry->addresses = xreallocarray(entry->addresses, entry->address_count + 1, sizeof *entry->addresses);
    entry->addresses[entry->address_count++] = address;
}

static void on_addresses(void *context, int status, int timeouts, struct ares_addrinfo *info)
{
    struct resolver_query *query = context;
    struct entry *entry = entry_create(query->key);
    (void)timeouts;
    for (struct ares_addrinfo_node *node = info == NULL ? NULL : info->nodes; node != NULL;
         node = node->ai_next)
        add_address(entry, node->ai_addr);
    entry->failure = failure_name(status);
    if (entry->failure == NULL && entry->address_count == 0)
        entry->failure = "no_data";
    if (info != NULL)
        ares_freeaddrinfo(info);
    end_query(query, status, entry);
}

static void add_name(struct entry *entry, const char *from)
{
    char name[SERVER_NAME_SIZE];
    if (from == NULL || !host_name_of(from, name))
        return;
    for (size_t i = 0; i < entry->name_count; i++)
        if (strcmp(entry->names[i], name) == 0)
            return;
    if (entry->name_count == RESOLVER_NAMES_MAX) {
        entry->is_cut = true;
        return;
    }
    entry->names = xreallocarray(entry->names, entry->name_count + 1, sizeof *entry->names);
    entry->names[entry->name_count++] = xstrdup(name);
}

static void on_names(void *context, int status, int timeouts, struct hostent *host)
{
    struct resolver_query *query = context;
    struct entry *entry = entry_create(query->key);
    (void)timeouts;
    if (host != NULL)
        add_name(entry, host->h_name);
    for (char **alias = host == NULL ? NULL : host->h_aliases; alias != NULL && *alias != NULL; alias++)
        add_name(entry, *alias);
    entry->failure = failure_name(status);
    if (entry->failure == NULL && entry->name_count == 0)
        entry->failure = "no_data";
    end_query(query, status, entry);
}

/* NULL where the answer was known: done has been called. */
static struct resolver_query *begin(struct resolver *resolver, const char *key, resolver_done *done,
                                    void *context)
{
    const struct entry *known = cache_find(resolver->cache, key);
    if (known != NULL) {
        tell(known, done, context);
        return NULL;
    }
    size_t len = strlen(key) + 1;
    struct resolver_query *query = xmalloc(sizeof *query + len);
    query->resolver = resolver;
    query->done = done;
    query->context = context;
    query->is_starting = true;
    query->has_ended = false;
    memcpy(query->key, key, len);
    return query;
}

/* The query has been asked; NULL where it has ended with that. */
static struct resolver_query *started(struct resolver_query *query)
{
    set_timer(query->resolver);
    query->is_starting = false;
    if (!query->has_ended)
        return query;
    free(query);
    return NULL;
}

struct resolver_query *resolver_ask(struct resolver *resolver, const char *name, resolver_done *done,
                                    void *context)
{
    static const struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_flags = ARES_AI_NOSORT};
    struct resolver_query *query = begin(resolver, name, done, context);
    if (query == NULL)
        return NULL;
    ares_getaddrinfo(resolver->channel, name, NULL, &hints, on_addresses, query);
    return started(query);
}

struct resolver_query *resolver_ask_names(struct resolver *resolver, const struct address *address,
                                          resolver_done *done, void *context)
{
    char text[ADDRESS_TEXT_SIZE];
    address_format(address, text);
    struct resolver_query *query = begin(resolver, text, done, context);
    if (query == NULL)
        return NULL;
    ares_gethostbyaddr(resolver->channel, address->bytes, address->len,
                       address->len == 4 ? AF_INET : AF_INET6, on_names, query);
    return started(query);
}

/* Newer c-ares has other calls for this, and calls these deprecated; ours must build with both. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static int by_priority(const void *a, const void *b)
{
    const struct ares_mx_reply *const *x = a, *const *y = b;
    return (*x)->priority < (*y)->priority ? -1 : (*x)->priority > (*y)->priority;
}

static void on_mail(void *context, int status, int timeouts, unsigned char *bytes, int len)
{
    struct resolver_query *query = context;
    struct entry *entry = entry_create(query->key);
    struct ares_mx_reply *list = NULL;
    const struct ares_mx_reply *sorted[64];
    size_t count = 0;
    (void)timeouts;
    if (status == ARES_SUCCESS)
        status = ares_parse_mx_reply(bytes, len, &list);
    for (const struct ares_mx_reply *at = list; at != NULL && count < sizeof sorted / sizeof sorted[0]; at = at->next)
        sorted[count++] = at;
    qsort(sorted, count, sizeof sorted[0], by_priority);
    for (size_t i = 0; i < count; i++)
        add_name(entry, sorted[i]->host);
    entry->failure = failure_name(status);
    if (list != NULL)
        ares_free_data(list);
    end_query(query, status, entry);
}

struct resolver_query *resolver_ask_mail(struct resolver *resolver, const char *domain, resolver_done *done, void *context)
{
    char *key = xasprintf("mail %s", domain);
    struct resolver_query *query = begin(resolver, key, done, context);
    free(key);
    if (query == NULL)
        return NULL;
    ares_query(resolver->channel, domain, ns_c_in, ns_t_mx, on_mail, query);
    return started(query);
}

#pragma GCC diagnostic pop

void resolver_cancel(struct resolver_query *query)
{
    if (query != NULL)
        query->done = NULL;
}

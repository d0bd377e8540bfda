/* The options of a scan, as the worker needs them. They are stored in the bundle's plan (a JSON document), so that a
 * resumed scan continues with the same options. The targets themselves are the bundle's
 * space and target lines. */
#pragma once
#include "probes/base/error.h"
#include "probes/tls/strategy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCAN_NAMES_PER_ENDPOINT 4       /* names found by the machine, beside those that the user gave */

struct scan_settings {
    uint32_t connect_ms, handshake_ms, attempt_ms;      /* absolute deadlines */
    uint32_t greeting_ms;               /* for the first word of a server that speaks first; beside the others */
    enum tls_depth depth;
    uint32_t suite_connections;         /* that depth suites may take beyond posture's; 0: the default */
    char *probe;                        /* name; NULL: by port */
    char *probe_posture;                /* names, comma-separated: depth posture and suites for them although many connections may
                                         * lock clients out; NULL: none */
    char *via;                          /* --via: the proxy (via.h); NULL: none */
    char *via_login;                    /* --via-login: the file with the proxy's login (secrets.h); NULL: none */
    char *openvpn_key;                  /* --openvpn-key: kind and file's name (secrets.h); NULL: none */
    char **sni;                         /* names sent to every endpoint that has none of its own */
    size_t sni_count;
    char *rate;                         /* new connections a second in all: "500", "0.5", "max"; NULL: default */
    uint32_t prefix_rate_per_s;         /* per /24 and /64; 0: no cap */
    uint32_t host_connections;          /* at once; 0: no cap */
    uint32_t connections;               /* at once, in all; 0: as many as descriptors allow */
    uint32_t syn_rate_per_s;            /* SYNs a second; 0: the stage's default */
    bool syn;                           /* stateless SYNs ahead of the connections */
    uint32_t loops;                     /* 0: one per core */
    bool reset_end;                     /* end with a RST instead of an alert and a FIN */
    bool prove;                         /* the key's possession at depth cert too */
    bool ids_friendly;                  /* no hello that no client of today sends */
    bool ask_ptr;                       /* names from reverse DNS */
    bool follow_names;                  /* names in certificates that resolve to the address just seen */
    char *plan_file;                    /* --plan: its absolute path; NULL: none */
    char *min_hit_rate, *max_error_rate;    /* stop rules, shares 0..1 as text; NULL: off */
    bool bundle_only;                   /* -o: the database is left alone */
    bool is_passing;                    /* the caller removes the bundle: nothing is said of going on with it, and no disk is waited for */
    char *window;                       /* --window: a line each (window.h); NULL: always */
    char *resolver;                     /* "address[:port],..."; NULL: the system's */
    char *shard_name;                   /* --shard: what its parts have in common; NULL: no part */
    uint32_t dns_timeout_ms, dns_tries;
    char *ports;                        /* of names that have none of their own */
    char *exclusions;                   /* specs, one a line: for addresses that names resolve to */
    char *scope;                        /* the scope file's text; NULL: none */
    char **targets;                     /* as given, for people */
    size_t target_count;
    char **follow_up_of;                /* ids of the captures whose hidden endpoints are asked */
    size_t follow_up_count;
};

#define SCAN_CONNECT_MS_DEFAULT   3000
#define SCAN_HANDSHAKE_MS_DEFAULT 5000
#define SCAN_GREETING_MS_DEFAULT  20000
#define SCAN_ATTEMPT_MS_DEFAULT   15000
#define SCAN_DEEP_ATTEMPT_MS      180000
#define SCAN_DNS_MS_DEFAULT       2000

void scan_settings_init(struct scan_settings *settings);        /* the defaults */
void scan_settings_be_friendly(struct scan_settings *settings);  /* --ids-friendly, and the pace that belongs to it */
void scan_settings_clear(struct scan_settings *settings);

/* The JSON document of bundle_head.plan. Yours: free(). */
char *scan_settings_format(const struct scan_settings *settings);

/* Into an initialised struct. False with ERROR_INPUT: a bundle is foreign input. */
bool scan_settings_parse(const char *plan, struct scan_settings *settings, struct error *err);

bool tls_depth_parse(const char *name, enum tls_depth *depth);

/* Appends a copy to one of the lists. */
void scan_settings_add(char ***list, size_t *count, const char *text);

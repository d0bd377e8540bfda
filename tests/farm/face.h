/* One face of the farm: where it listens and how it behaves, from one line of text.
 *
 *     ADDRESS:PORT word=value ...         one listener
 *     ADDRESS+COUNT:PORT word=value ...   0.0.0.0:PORT, expected at COUNT addresses from ADDRESS on
 *
 *     version=1.2 | min=1.0 max=1.3       key=p256[,rsa2048]   chain=3   bytes=20000 (of the whole chain)
 *     mtls=required|optional              name=a.example (repeatable, an identity each)
 *     no-name=serve|fatal|warning         (a wrong or absent name: the first identity, or unrecognized_name)
 *     ask=wrong.example | ask=-           (expected to be asked for that name, or for none, alone)
 *     groups=P-384  ciphers=...  suites=...  refuse=generator
 *     starttls=DIALECT                    behave=... (below)
 *     greet=MS                            (the dialect's greeting comes so late; who speaks before it is reset)
 *     split=N|address                     the first flight in two writes, cut at byte N (or at the address's place)
 *     expect=OUTCOME[|OUTCOME]            where it is not the usual one
 *     connections=N                       a certificate must come in so many at most (0: not checked) */
#pragma once
#include "tests/farm/dialect.h"
#include "tests/farm/identity.h"

#include "probes/base/address.h"
#include "probes/base/error.h"

#define FACE_NAMES_MAX 8
#define FACE_KEYS_MAX 3

enum behave {
    BEHAVE_TLS,
    BEHAVE_SILENCE,             /* accepts, and never says a word */
    BEHAVE_DRIP,                /* its flight, one byte a second */
    BEHAVE_HALF,                /* half a ServerHello, then silence */
    BEHAVE_CUT,                 /* half a ServerHello, then the end of the stream */
    BEHAVE_ENDLESS,             /* bytes without end that are no TLS */
    BEHAVE_ENDLESS_RECORDS,     /* records of TLS without end: warnings */
    BEHAVE_ENDLESS_MESSAGE,     /* a handshake message of 16 MiB */
    BEHAVE_FLOOD,               /* warnings without end, as fast as they are read */
    BEHAVE_RESET_ACCEPT,
    BEHAVE_RESET_HELLO,         /* a reset in answer to the ClientHello */
    BEHAVE_CLOSE_HELLO,
    BEHAVE_GARBAGE,
    BEHAVE_HTTP,
    BEHAVE_SSH,
    BEHAVE_ECHO,
    BEHAVE_COUNT,
};

struct face_name {
    char name[128];
    struct identity identities[FACE_KEYS_MAX];
    SSL_CTX *context;
};

struct face {
    struct address first;
    unsigned count;             /* 0: one listener at first */
    uint16_t port;
    enum behave behave;
    int min_version, max_version;
    char keys[FACE_KEYS_MAX][16];
    unsigned key_count, chain, name_count;
    size_t bytes;
    struct face_name names[FACE_NAMES_MAX];
    int no_name;                /* SSL_TLSEXT_ERR_OK, _ALERT_FATAL, _ALERT_WARNING */
    bool mtls, mtls_required, refuse_generator, named;
    char groups[64], ciphers[128], suites[128], expect[48], ask[64];
    const struct dialect *dialect;
    unsigned greet_ms;
    unsigned split;             /* 0: whole */
    bool split_by_address;
    int connections;
};

/* False with the error set where the line is no face. */
bool face_parse(struct face *face, const char *line, struct error *err);

/* Keys, chains, contexts; then what a scan must find, as lines of tab-separated values on standard output:
 * address, port, server name ("-"), protocol, outcome(s), connections, hashes of the chain ("-"). */
bool face_open(struct face *face, struct error *err);
void face_print_expectation(const struct face *face);

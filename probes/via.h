/* A proxy as the way to every target: HTTP CONNECT (RFC 9110, section 9.3.6) or SOCKS5 (RFC 1928), as bytes. The proxy
 * gets addresses, never names: names were resolved here, where the scope has judged what they stand for. A login is given
 * where the user has one (RFC 7617, RFC 1929); it never stands in a message of ours.
 *
 * How the way ends is told of the target only where the proxy says it of the target ("connection refused"); what is the
 * proxy's own affair is unreachable, with its words. */
#pragma once
#include "probes/base/error.h"
#include "probes/base/outcome.h"
#include "probes/base/target_space.h"
#include "probes/starttls/text.h"

enum via_kind { VIA_CONNECT, VIA_SOCKS5 };

#define VIA_LOGIN_MAX 255           /* of a name or a password (RFC 1929, section 2) */

struct via {
    enum via_kind kind;
    struct target proxy;
    char name[VIA_LOGIN_MAX + 1];   /* '' none */
    char password[VIA_LOGIN_MAX + 1];
};

/* "http://10.0.0.1:3128" or "socks5://[2001:db8::1]:1080". False with ERROR_USAGE. */
bool via_parse(const char *text, struct via *via, struct error *err);

/* "NAME:PASSWORD", one line (RFC 7617, section 2: the first colon ends the name). False with ERROR_INPUT, which quotes
 * nothing of it. */
bool via_login_parse(const char *text, size_t len, struct via *via, struct error *err);

struct via_state {                  /* zeroed at its beginning */
    struct text_input input;
    unsigned stage;
};

enum via_step {
    VIA_MORE,
    VIA_OPEN,                       /* what is left in `in` is the target's */
    VIA_FAILED,                     /* *outcome and detail (DETAIL_SIZE) say how */
};

/* As a probe's step: first without input, then whenever bytes have come. */
enum via_step via_step(const struct via *via, struct via_state *state, const struct target *target, struct byte_reader *in,
                       struct byte_writer *out, enum outcome *outcome, char *detail);

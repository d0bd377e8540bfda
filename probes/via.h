/* A proxy as the way to every target: HTTP CONNECT (RFC 9110, section 9.3.6) or SOCKS5 (RFC 1928), as bytes. The
 * proxy gets addresses, never names: names are resolved here and their addresses checked against the scope. A login
 * is sent if the user gave one (RFC 7617, RFC 1929); it never appears in our messages.
 *
 * A failure is recorded as the target's only if the proxy says so ("connection refused"); a failure of the proxy
 * itself is recorded as unreachable, with its words. */
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

/* "NAME:PASSWORD", one line (RFC 7617, section 2: the first colon ends the name). False with ERROR_INPUT, whose
 * text quotes nothing of it. */
bool via_login_parse(const char *text, size_t len, struct via *via, struct error *err);

struct via_state {                  /* zeroed before use */
    struct text_input input;
    unsigned stage;
};

enum via_step {
    VIA_MORE,
    VIA_OPEN,                       /* what is left in `in` comes from the target */
    VIA_FAILED,                     /* *outcome and detail (DETAIL_SIZE) say how */
};

/* As a probe's step: first without input, then whenever bytes have come. */
enum via_step via_step(const struct via *via, struct via_state *state, const struct target *target, struct byte_reader *in,
                       struct byte_writer *out, enum outcome *outcome, char *detail);

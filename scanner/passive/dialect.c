#include "scanner/passive/dialect.h"

#include <string.h>
#include <strings.h>

void dialect_note(struct dialect_side *side, const uint8_t *bytes, size_t len)
{
    size_t room = DIALECT_OPENING_MAX - side->len, step = len < room ? len : room;
    memcpy(side->bytes + side->len, bytes, step);
    side->len += step;
    if (len >= sizeof side->last) {
        memcpy(side->last, bytes + len - sizeof side->last, sizeof side->last);
        side->last_len = sizeof side->last;
        return;
    }
    size_t keep = sizeof side->last - len < side->last_len ? sizeof side->last - len : side->last_len;
    memmove(side->last, side->last + side->last_len - keep, keep);
    memcpy(side->last + keep, bytes, len);
    side->last_len = keep + len;
}

static bool begins(const struct dialect_side *side, const char *text)
{
    size_t len = strlen(text);
    return side->len >= len && strncasecmp((const char *)side->bytes, text, len) == 0;
}

static bool holds(const struct dialect_side *side, const char *text)
{
    size_t len = strlen(text);
    for (size_t at = 0; at + len <= side->len; at++)
        if (strncasecmp((const char *)side->bytes + at, text, len) == 0)
            return true;
    return false;
}

static bool ended_with(const struct dialect_side *side, const char *text)
{
    size_t len = strlen(text);
    for (size_t at = 0; at + len <= side->last_len; at++)
        if (strncasecmp((const char *)side->last + at, text, len) == 0)
            return true;
    return false;
}

static bool is_smtp(const struct dialect_side *c, const struct dialect_side *s)
{
    bool greets = begins(c, "EHLO") || begins(c, "HELO");
    return greets || (begins(s, "220") && (holds(s, "SMTP") || ended_with(c, "STARTTLS")));
}

static bool is_lmtp(const struct dialect_side *c, const struct dialect_side *s)
{
    (void)s;
    return begins(c, "LHLO");                           /* RFC 2033 */
}

static bool is_ftp(const struct dialect_side *c, const struct dialect_side *s)
{
    return ended_with(c, "AUTH TLS") || ended_with(c, "AUTH SSL") || ended_with(c, "AUTH TLS-C") ||
           (begins(s, "220") && (begins(c, "USER ") || begins(c, "FEAT") || begins(c, "AUTH ") || holds(s, "FTP")));
}

static bool is_imap(const struct dialect_side *c, const struct dialect_side *s)
{
    return begins(s, "* OK") || begins(s, "* PREAUTH") || (ended_with(c, "STARTTLS") && holds(c, " STARTTLS") &&
                                                           !begins(s, "220"));
}

static bool is_pop3(const struct dialect_side *c, const struct dialect_side *s)
{
    return begins(s, "+OK") || ended_with(c, "STLS\r\n") || begins(c, "STLS");
}

static bool is_xmpp(const struct dialect_side *c, const struct dialect_side *s)
{
    return begins(c, "<?xml") || begins(s, "<?xml") || begins(c, "<stream:stream") || begins(s, "<stream:stream");
}

static bool is_xmpp_server(const struct dialect_side *c, const struct dialect_side *s)
{
    return is_xmpp(c, s) && (holds(c, "jabber:server") || holds(s, "jabber:server"));      /* RFC 6120, section 4.8.3 */
}

static bool is_nut(const struct dialect_side *c, const struct dialect_side *s)
{
    return (begins(c, "STARTTLS\n") && !begins(s, ":")) || begins(s, "OK STARTTLS") || begins(c, "USERNAME ") ||
           begins(c, "LIST UPS");                       /* RFC 9271 */
}

static bool is_irc(const struct dialect_side *c, const struct dialect_side *s)
{
    return begins(c, "CAP ") || begins(c, "NICK ") || (begins(s, ":") && ended_with(c, "STARTTLS")) ||
           begins(c, "STARTTLS\r") || (begins(c, "STARTTLS\n") && begins(s, ":")) || holds(s, " NOTICE ");
}

static bool is_ldap(const struct dialect_side *c, const struct dialect_side *s)
{
    (void)s;
    return begins(c, "0") && holds(c, "1.3.6.1.4.1.1466.20037");
}

static bool is_postgres(const struct dialect_side *c, const struct dialect_side *s)
{
    static const uint8_t request[8] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f};
    return (c->len >= 8 && memcmp(c->bytes, request, 8) == 0) || (c->len == 0 && s->len == 1 && s->bytes[0] == 'S');
}

static bool is_mysql(const struct dialect_side *c, const struct dialect_side *s)
{
    bool greeting = s->len >= 6 && s->bytes[2] == 0 && s->bytes[3] == 0 && s->bytes[4] == 10 && s->bytes[5] >= '0' &&
                    s->bytes[5] <= '9';
    bool request = c->len >= 36 && c->bytes[0] == 0x20 && c->bytes[1] == 0 && c->bytes[2] == 0 && c->bytes[3] == 1;
    return greeting || (s->len == 0 && request);
}

static bool is_rdp_side(const struct dialect_side *side, uint8_t code)
{
    return side->len >= 6 && side->bytes[0] == 3 && side->bytes[1] == 0 && side->bytes[5] == code;
}

static bool is_rdp(const struct dialect_side *c, const struct dialect_side *s)
{
    return is_rdp_side(c, 0xe0) || is_rdp_side(s, 0xd0);
}

static bool is_socks5(const struct dialect_side *c, const struct dialect_side *s)
{
    (void)s;
    return c->len >= 3 && c->bytes[0] == 5 && c->bytes[1] >= 1 && c->bytes[1] <= 16;
}

static bool is_socks4(const struct dialect_side *c, const struct dialect_side *s)
{
    (void)s;
    return c->len >= 9 && c->bytes[0] == 4 && (c->bytes[1] == 1 || c->bytes[1] == 2);
}

/* Only the answer was seen: an answer to CONNECT has no body, hence no Content-Length and no Content-Type. */
static bool is_http_connect(const struct dialect_side *c, const struct dialect_side *s)
{
    return begins(c, "CONNECT ") || (c->len == 0 && begins(s, "HTTP/1.") && !holds(s, "\nContent-"));
}

static bool is_http_upgrade(const struct dialect_side *c, const struct dialect_side *s)
{
    return holds(c, "\nUpgrade: TLS/") || begins(s, "HTTP/1.1 101");         /* RFC 2817 */
}

static bool is_http(const struct dialect_side *c, const struct dialect_side *s)
{
    static const char *const methods[] = {"GET ", "POST ", "PUT ", "HEAD ", "OPTIONS ", "DELETE ", "PATCH ", "PROPFIND "};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (begins(c, methods[i]))
            return true;
    return begins(s, "HTTP/1.");
}

static bool is_sieve(const struct dialect_side *c, const struct dialect_side *s)
{
    (void)c;
    return begins(s, "\"IMPLEMENTATION\"");
}

static bool is_nntp(const struct dialect_side *c, const struct dialect_side *s)
{
    return (begins(s, "200 ") || begins(s, "201 ")) && (ended_with(c, "STARTTLS") || c->len == 0);
}

static bool is_openvpn(const struct dialect_side *c, const struct dialect_side *s)
{
    return (c->len >= 3 && c->bytes[0] == 0 && (c->bytes[2] & 0xf8) == 0x38) ||
           (s->len >= 3 && s->bytes[0] == 0 && (s->bytes[2] & 0xf8) == 0x40);
}

static const struct {
    const char *name;
    bool (*is)(const struct dialect_side *client, const struct dialect_side *server);
} dialects[] = {
    {"http_connect", is_http_connect},
    {"http", is_http_upgrade},
    {"nut", is_nut},
    {"xmpp-server", is_xmpp_server},
    {"xmpp", is_xmpp},
    {"postgres", is_postgres},
    {"rdp", is_rdp},
    {"mysql", is_mysql},
    {"ldap", is_ldap},
    {"socks5", is_socks5},
    {"socks4", is_socks4},
    {"ftp", is_ftp},
    {"lmtp", is_lmtp},
    {"smtp", is_smtp},
    {"imap", is_imap},
    {"pop3", is_pop3},
    {"sieve", is_sieve},
    {"nntp", is_nntp},
    {"irc", is_irc},
    {"openvpn", is_openvpn},
    {"http body", is_http},             /* last: HTTP without a tunnel or upgrade */
};

#define DIALECT_COUNT (sizeof dialects / sizeof dialects[0])

/* DIALECT_COUNT: none of them. */
static size_t find(const struct dialect_side *client, const struct dialect_side *server)
{
    size_t i = 0;
    while (i < DIALECT_COUNT && !dialects[i].is(client, server))
        i++;
    return i;
}

const char *dialect_of_number(uint8_t number)
{
    return number == 0 || number > DIALECT_COUNT ? "starttls" : dialects[number - 1].name;
}

uint8_t dialect_number(const struct dialect_side *a, const struct dialect_side *b)
{
    size_t found = find(a, b);
    if (found == DIALECT_COUNT)
        found = find(b, a);
    return found == DIALECT_COUNT ? DIALECT_UNKNOWN : (uint8_t)(found + 1);
}

bool dialect_number_is_body(uint8_t number)
{
    return number == DIALECT_COUNT;
}

bool dialect_is_body(const struct dialect_side *a, const struct dialect_side *b)
{
    return dialect_number_is_body(dialect_number(a, b));
}

bool dialect_ends_in_line(const struct dialect_side *side)
{
    if (side->last_len < 4 || side->last[side->last_len - 1] != '\n')
        return false;
    for (size_t i = 0; i < side->last_len; i++)
        if (side->last[i] != '\r' && side->last[i] != '\n' && (side->last[i] < 0x20 || side->last[i] > 0x7e))
            return false;
    return true;
}

const char *dialect_name(const struct dialect_side *client, const struct dialect_side *server)
{
    if (client->len == 0 && server->len == 0)
        return "tls";
    return dialect_of_number((uint8_t)(find(client, server) + 1));
}

bool dialect_may_start_tls(const struct dialect_side *a, const struct dialect_side *b)
{
    static const char *const words[] = {"STARTTLS", "AUTH TLS", "AUTH SSL", "STLS", "<starttls"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (ended_with(a, words[i]) || ended_with(b, words[i]))
            return true;
    return false;
}

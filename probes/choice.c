#include "probes/choice.h"

#include "probes/base/observation.h"
#include "probes/starttls/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool holds(const uint8_t *words, size_t len, const char *word)
{
    size_t word_len = strlen(word);
    for (size_t at = 0; at + word_len <= len; at++)
        if (strncasecmp((const char *)words + at, word, word_len) == 0)
            return true;
    return false;
}

/* SMTP, LMTP and FTP all greet with a three-digit reply (RFC 5321, 4.2; RFC 959, 5.4); its text tells them apart. */
static const char *of_reply(const uint8_t *words, size_t len)
{
    if (holds(words, len, "FTP"))
        return "ftp";
    return holds(words, len, "LMTP") ? "lmtp" : "smtp";
}

/* A MySQL packet: length of 3 bytes, number 0, then protocol version 10, or an error that says why not. */
static bool is_mysql(const uint8_t *words, size_t len)
{
    return len >= 6 && words[2] == 0 && words[3] == 0 && words[0] > 5 &&
           ((words[4] == 10 && words[5] >= '0' && words[5] <= '9') || words[4] == 0xff);
}

/* An LDAPMessage with a notice of disconnection: number 0, [APPLICATION 24] (RFC 4511, section 4.4.1). */
static bool is_ldap(const uint8_t *words, size_t len)
{
    return len >= 7 && words[0] == 0x30 && holds(words + 1, len - 1, "\x02\x01") && memchr(words, 0x78, len) != NULL;
}

static bool is_irc(const uint8_t *words, size_t len)
{
    return (len > 0 && words[0] == ':' && (holds(words, len, " NOTICE ") || holds(words, len, " 451 ") || holds(words, len, " 421 "))) ||
           (len >= 7 && memcmp(words, "NOTICE ", 7) == 0) || (len >= 7 && memcmp(words, "ERROR :", 7) == 0);
}

const struct probe *probe_of_words(const uint8_t *words, size_t len)
{
    static const struct {
        uint8_t len;
        const char *prefix, *probe;         /* probe NULL: of_reply() */
    } known[] = {
        {4, "220 ", NULL},        {4, "220-", NULL},        {4, "120 ", "ftp"},       {4, "* OK", "imap"},
        {9, "* PREAUTH", "imap"}, {3, "+OK", "pop3"},       {4, "200 ", "nntp"},      {4, "201 ", "nntp"},
        {4, "RFB ", "vnc"},       {16, "\"IMPLEMENTATION\"", "sieve"},                {5, "<?xml", "xmpp"},
        {8, "<stream:", "xmpp"},  {7, "HTTP/1.", "http-upgrade"}, {12, "ERR UNKNOWN-", "nut"}, {3, "\x03\0\0", "rdp"},
        {4, "E\0\0\0", "postgres"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (len >= known[i].len && memcmp(words, known[i].prefix, known[i].len) == 0)
            return probe_find(known[i].probe == NULL ? of_reply(words, len) : known[i].probe);
    if (is_mysql(words, len))
        return probe_find("mysql");
    if (is_irc(words, len))
        return probe_find("irc");
    return is_ldap(words, len) ? probe_find("ldap") : NULL;
}

void probe_words_format(const uint8_t *words, size_t len, char *detail)
{
    char text[DETAIL_SIZE];
    text_detail(text, words, len);
    snprintf(detail, DETAIL_SIZE, "%s%zu bytes: %.90s", len >= PROBE_WORDS_MAX ? "at least " : "", len, text);
}

/* --- one after the other -------------------------------------------------------------------------------- */

bool probe_choice_knows(const char *name)
{
    return strcmp(name, "auto") == 0 || probe_find(name) != NULL;
}

static const struct probe *try_probe(struct probe_choice *choice, const struct probe *probe)
{
    for (unsigned i = 0; i < choice->count; i++)
        if (choice->tried[i] == probe)
            return NULL;
    if (probe == NULL || choice->count == PROBE_CHOICE_MAX)
        return NULL;
    return choice->tried[choice->count++] = probe;
}

const struct probe *probe_choice_begin(struct probe_choice *choice, const char *name, uint16_t port)
{
    const struct probe *named = name == NULL ? NULL : probe_find(name);
    *choice = (struct probe_choice){.port = port, .is_named = named != NULL};
    choice->is_auto = name != NULL && strcmp(name, "auto") == 0;
    if (named == NULL)
        named = choice->is_auto ? probe_find("tls") : probe_for_port(port);
    return try_probe(choice, named);
}

/* A record of type alert or handshake (RFC 8446, section 5.1): the server speaks TLS although we have not begun it. */
static bool is_tls(const uint8_t *words, size_t len)
{
    return len >= 3 && (words[0] == 0x15 || words[0] == 0x16) && words[1] == 3 && words[2] <= 4;
}

/* True if the endpoint spoke, or accepted the connection and then was silent or closed it. After a refusal another dialect is
 * tried only if the words name one: SMTP and FTP begin alike. */
static bool is_worth_another(enum outcome outcome, size_t words_len)
{
    return outcome == OUTCOME_NOT_TLS || (outcome == OUTCOME_STARTTLS_REFUSED && words_len != 0) || outcome == OUTCOME_CLOSED || outcome == OUTCOME_RESET ||
           outcome == OUTCOME_TIMEOUT_HANDSHAKE;
}

/* Words that fit the dialect just spoken do not name another one, even if that one usually begins with them. */
static bool fits_last(const struct probe *last, const struct probe *next, const uint8_t *words, size_t len)
{
    if (next == probe_find("xmpp"))
        return last == probe_find("xmpp-server");
    return next == probe_find("smtp") && (last == probe_find("lmtp") || last == probe_find("ftp")) && !holds(words, len, "SMTP");
}

const struct probe *probe_choice_next(struct probe_choice *choice, enum outcome outcome, const uint8_t *words, size_t len)
{
    const struct probe *last = choice->tried[choice->count - 1], *tls = probe_find("tls"), *next;
    if (choice->is_named || !is_worth_another(outcome, len))
        return NULL;
    if (len != 0 && is_tls(words, len))
        return try_probe(choice, tls);
    if (len != 0) {
        next = probe_of_words(words, len);
        if ((next == probe_find("http-upgrade") && !choice->is_auto) || fits_last(last, next, words, len))
            return NULL;
        return try_probe(choice, next);
    }
    return try_probe(choice, last == tls ? probe_for_port(choice->port) : tls);
}

/* What a server says picks the dialect, within three probes to an endpoint. */
#include "probes/base/observation.h"
#include "probes/choice.h"
#include "tests/cmocka_all.h"

#include <string.h>

#define W(text) text, sizeof(text) - 1

static void the_first_words_name_the_dialect(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        size_t len;
        const char *probe;
    } said[] = {
        {W("220 mx.example ESMTP Postfix\r\n"), "smtp"},
        {W("220-mx.example\r\n"), "smtp"},
        {W("220 ProFTPD Server\r\n"), "ftp"},
        {W("220 mail LMTP server ready\r\n"), "lmtp"},
        {W("220"), ""},
        {W("2200 years\r\n"), ""},
        {W("120 soon\r\n"), "ftp"},
        {W("* OK [CAPABILITY IMAP4rev1] ready\r\n"), "imap"},
        {W("* BYE too many\r\n"), ""},
        {W("+OK POP3\r\n"), "pop3"},
        {W("-ERR unknown command\r\n"), ""},
        {W("200 news\r\n"), "nntp"},
        {W("RFB 003.008\n"), "vnc"},
        {W("\"IMPLEMENTATION\" \"Dovecot\"\r\n"), "sieve"},
        {W("<?xml version='1.0'?><stream:stream>"), "xmpp"},
        {W("<html>"), ""},
        {W("HTTP/1.1 400 Bad Request\r\n"), "http-upgrade"},
        {W(":irc.example NOTICE * :*** Looking up\r\n"), "irc"},
        {W("NOTICE AUTH :hello\r\n"), "irc"},
        {W(": nothing\r\n"), ""},
        {W("ERR UNKNOWN-COMMAND\n"), "nut"},
        {W("\x4a\0\0\0\x0a" "8.0.32\0"), "mysql"},
        {W("\x22\0\0\0\xff\x6a\x04Host"), "mysql"},
        {W("\x03\0\0\x13\x0e\xd0"), "rdp"},
        {W("\x30\x24\x02\x01\0\x78\x1f"), "ldap"},
        {W("E\0\0\0\x40SFATAL\0"), "postgres"},
        {W("SSH-2.0-OpenSSH_9.2\r\n"), ""},
        {W("\0\0\0"), ""},
        {W(""), ""},
    };
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        const struct probe *probe = probe_of_words((const uint8_t *)said[i].words, said[i].len);
        if (strcmp(probe == NULL ? "" : probe->name, said[i].probe) != 0)
            fail_msg("\"%s\" is %s, not %s", said[i].words, probe == NULL ? "nothing" : probe->name, said[i].probe);
    }
}

static const char *next(struct probe_choice *choice, enum outcome outcome, const char *words)
{
    const struct probe *probe = probe_choice_next(choice, outcome, (const uint8_t *)words, strlen(words));
    return probe == NULL ? "" : probe->name;
}

static void what_comes_next(void **state)
{
    (void)state;
    static const struct {
        const char *title, *name;
        uint16_t port;
        const char *first;
        struct {
            enum outcome outcome;
            const char *words, *next;
        } turns[4];
    } ways[] = {
        {"a mail server where TLS is usual", NULL, 443, "tls",
         {{OUTCOME_NOT_TLS, "220 mx ESMTP\r\n", "smtp"}, {OUTCOME_NOT_TLS, "220 mx ESMTP\r\n", ""}}},
        {"TLS at once on a port of STARTTLS: its alert comes first", NULL, 143, "imap",
         {{OUTCOME_NOT_TLS, "\x15\x03\x01", "tls"}, {OUTCOME_TLS_ALERT, "", ""}}},
        {"TLS at once on a port of STARTTLS: it waits for a hello", NULL, 25, "smtp",
         {{OUTCOME_TIMEOUT_HANDSHAKE, "", "tls"}, {OUTCOME_TIMEOUT_HANDSHAKE, "", ""}}},
        {"TLS at once on a port of STARTTLS: it closes on what it takes for a bad hello", NULL, 1433, "mssql",
         {{OUTCOME_CLOSED, "", "tls"}, {OUTCOME_CLOSED, "", ""}}},
        {"another dialect on a port of STARTTLS", NULL, 21, "ftp", {{OUTCOME_NOT_TLS, "* OK hi\r\n", "imap"}}},
        {"auto: a dialect that waits for us", "auto", 5432, "tls",
         {{OUTCOME_CLOSED, "", "postgres"}, {OUTCOME_STARTTLS_REFUSED, "", ""}}},
        {"auto: nothing to go by", "auto", 4444, "tls", {{OUTCOME_TIMEOUT_HANDSHAKE, "", ""}}},
        {"auto: an SSH server", "auto", 22, "tls", {{OUTCOME_NOT_TLS, "SSH-2.0-x\r\n", ""}}},
        {"auto: a web server", "auto", 80, "tls", {{OUTCOME_NOT_TLS, "HTTP/1.1 400 Bad\r\n", "http-upgrade"}}},
        {"a web server", NULL, 80, "tls", {{OUTCOME_NOT_TLS, "HTTP/1.1 400 Bad\r\n", ""}}},
        {"no more than three", "auto", 25, "tls",
         {{OUTCOME_RESET, "", "smtp"}, {OUTCOME_NOT_TLS, "* OK hi\r\n", "imap"}, {OUTCOME_NOT_TLS, "+OK hi\r\n", ""}}},
        {"named: no other", "smtp", 25, "smtp", {{OUTCOME_NOT_TLS, "* OK hi\r\n", ""}}},
        {"the PROXY protocol: no other", "proxy+tls", 443, "proxy+tls", {{OUTCOME_CLOSED, "", ""}}},
        {"refused, since it is another", NULL, 25, "smtp", {{OUTCOME_STARTTLS_REFUSED, "220 ProFTPD\r\n", "ftp"}}},
        {"refused between servers", NULL, 5269, "xmpp-server", {{OUTCOME_STARTTLS_REFUSED, "<?xml version='1.0'?>", ""}}},
        {"refused by what may be FTP", NULL, 21, "ftp", {{OUTCOME_STARTTLS_REFUSED, "220 hello\r\n", ""}}},
        {"refused by SMTP where LMTP is usual", NULL, 24, "lmtp", {{OUTCOME_STARTTLS_REFUSED, "220 x ESMTP\r\n", "smtp"}}},
        {"nobody there", NULL, 25, "smtp", {{OUTCOME_REFUSED, "", ""}}},
        {"refused in its own dialect", NULL, 25, "smtp", {{OUTCOME_STARTTLS_REFUSED, "220 mx\r\n", ""}}},
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct probe_choice choice;
        assert_string_equal(probe_choice_begin(&choice, ways[i].name, ways[i].port)->name, ways[i].first);
        for (size_t t = 0; t < 4 && ways[i].turns[t].outcome != 0; t++) {
            const char *then = next(&choice, ways[i].turns[t].outcome, ways[i].turns[t].words);
            if (strcmp(then, ways[i].turns[t].next) != 0)
                fail_msg("%s, turn %zu: \"%s\", not \"%s\"", ways[i].title, t + 1, then, ways[i].turns[t].next);
        }
    }
}

/* Whatever a server says, only a server that is asked by proxy+tls gets a PROXY header. */
static void nothing_leads_to_the_proxy_protocol(void **state)
{
    (void)state;
    for (unsigned port = 0; port < 65536; port++)
        assert_null(strstr(probe_for_port((uint16_t)port)->name, "proxy"));
    const struct probe *probe = probe_of_words((const uint8_t *)"PROXY UNKNOWN\r\n", 15);
    assert_null(probe);
    assert_true(probe_choice_knows("proxy+tls") && probe_choice_knows("auto"));
    assert_false(probe_choice_knows("gopher"));
}

static void words_are_told_clean_and_cut(void **state)
{
    (void)state;
    uint8_t words[PROBE_WORDS_MAX];
    char detail[DETAIL_SIZE];
    probe_words_format((const uint8_t *)"250 \x1b[2J\r\n", 10, detail);
    assert_string_equal(detail, "10 bytes: 250 ?[2J??");
    memset(words, 'a', sizeof words);
    probe_words_format(words, sizeof words, detail);
    assert_int_equal(strlen(detail), strlen("at least 128 bytes: ") + 90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_words_name_the_dialect),
        cmocka_unit_test(what_comes_next),
        cmocka_unit_test(words_are_told_clean_and_cut),
        cmocka_unit_test(nothing_leads_to_the_proxy_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

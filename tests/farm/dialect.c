#include "tests/farm/dialect.h"

#include <string.h>

#define SAYS(text) text, sizeof(text) - 1
#define AFTER(mark, text) {mark, 0, text, sizeof(text) - 1}
#define AFTER_BYTES(count, text) {NULL, count, text, sizeof(text) - 1}
#define MYSQL_GREETING                                                                                             \
    "\x49\0\0\0\x0a" "8.0.32\0" "\x01\0\0\0" "12345678\0" "\xff\xff\xff\x02\0\xff\xdf\x15"                          \
    "\0\0\0\0\0\0\0\0\0\0" "123456789012\0" "mysql_native_passwor\0"

static const struct dialect dialects[] = {
    {"smtp", SAYS("220-farm.example ESMTP\r\n220 hello\r\n"),
     {AFTER("\r\n", "250-farm.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"), AFTER("STARTTLS\r\n", "220 go ahead\r\n")}},
    {"lmtp", SAYS("220 farm.example LMTP\r\n"),
     {AFTER("\r\n", "250-farm.example\r\n250 STARTTLS\r\n"), AFTER("STARTTLS\r\n", "220 go ahead\r\n")}},
    {"imap", SAYS("* OK farm\r\n"), {AFTER("STARTTLS\r\n", "* CAPABILITY IMAP4rev1\r\ns OK begin\r\n")}},
    {"pop3", SAYS("+OK farm\r\n"), {AFTER("STLS\r\n", "+OK begin\r\n")}},
    {"ftp", SAYS("220-farm FTP\r\nfree text\r\n220 ready\r\n"), {AFTER("AUTH TLS\r\n", "234 begin\r\n")}},
    {"nntp", SAYS("200 farm\r\n"), {AFTER("STARTTLS\r\n", "382 begin\r\n")}},
    {"sieve", SAYS("\"IMPLEMENTATION\" {4}\r\nfarm\r\n\"STARTTLS\"\r\nOK \"hi\"\r\n"),
     {AFTER("STARTTLS\r\n", "OK \"begin\"\r\n")}},
    {"irc", SAYS(":farm NOTICE * :hello\r\n"), {AFTER("CAP LS\r\n", ":farm CAP * LS :multi-prefix tls\r\n"), AFTER("STARTTLS\r\n", ":farm 670 * :begin\r\n")}},
    {"ldap", SAYS(""), {AFTER_BYTES(31, "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0")}},
    {"postgres", SAYS(""), {AFTER_BYTES(8, "S")}},
    {"mysql", SAYS(MYSQL_GREETING), {AFTER_BYTES(36, "")}},
    {"xmpp", SAYS(""),
     {AFTER("/streams'",
            "<?xml version='1.0'?><stream:stream id='1' version='1.0' xmlns='jabber:client' "
            "xmlns:stream='http://etherx.jabber.org/streams'><stream:features><starttls "
            "xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"),
      AFTER("xmpp-tls'/>", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")}},
    {"http-upgrade", SAYS(""), {AFTER("\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0, HTTP/1.1\r\n\r\n")}},
    {"nut", SAYS(""), {AFTER("STARTTLS\n", "OK STARTTLS\n")}},
    {"vnc", SAYS("RFB 003.008\n"),
     {AFTER("RFB 003.008\n", "\x02\x02\x13"), AFTER_BYTES(1, "\0\x02"),
      AFTER_BYTES(2, "\0\x02\0\0\x01\x01\0\0\x01\x04"), AFTER_BYTES(4, "\x01")}},
    {"proxy+tls", SAYS(""), {AFTER("PROXY UNKNOWN\r\n", "")}},
    {"rdp", SAYS(""), {AFTER_BYTES(19, "\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\x1f\x08\0\x01\0\0\0")}},
};

const struct dialect *dialect_find(const char *name)
{
    for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++)
        if (strcmp(dialects[i].name, name) == 0)
            return &dialects[i];
    return NULL;
}

bool dialect_talk(const struct dialect *dialect, unsigned *turn, struct byte_buffer *in, struct byte_buffer *out)
{
    for (; *turn < 4 && dialect->turns[*turn].answer != NULL; (*turn)++) {
        const struct dialect_turn *next = &dialect->turns[*turn];
        struct byte_reader reader = byte_buffer_reader(in);
        size_t used = next->len;
        if (next->until != NULL) {
            const uint8_t *mark =
                reader.left == 0 ? NULL : memmem(reader.at, reader.left, next->until, strlen(next->until));
            used = mark == NULL ? SIZE_MAX : (size_t)(mark - reader.at) + strlen(next->until);
            if (mark != NULL && strcmp(dialect->name, "xmpp") == 0)     /* up to the end of that tag */
                while (used < reader.left && reader.at[used - 1] != '>')
                    used++;
        }
        if (reader.left < used)
            return false;
        byte_buffer_consume(in, used);
        byte_buffer_append(out, next->answer, next->answer_len);
    }
    return true;
}

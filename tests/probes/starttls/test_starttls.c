/* Every dialect by its dialogues: what the server says, what we must say to it, how it ends. Each dialogue is
 * played whole and in pieces of 1, 2, 3 and 7 bytes, and must end the same. */
#include "probes/base/byte_buffer.h"
#include "probes/base/observation.h"
#include "probes/base/probe.h"
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <string.h>

struct bytes {
    const char *at;
    size_t len;
};
#define B(text) {text, sizeof(text) - 1}

struct turn {
    struct bytes client;            /* what we say first */
    struct bytes server;            /* what then comes */
};

struct dialogue {
    const char *title;
    const char *probe;
    const char *server_name;
    enum probe_step end;
    const char *detail;
    struct bytes last;              /* what we say last, with the end */
    struct turn turns[7];
};

static const char ldap_request[] = "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
                                   "1.3.6.1.4.1.1466.20037";
#define LDAP_REQUEST {ldap_request, sizeof ldap_request - 1}
#define POSTGRES_REQUEST B("\0\0\0\x08\x04\xd2\x16\x2f")
#define RDP_REQUEST B("\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x0b\0\0\0")
#define EHLO B("EHLO certsweep.invalid\r\n")
#define STARTTLS B("STARTTLS\r\n")
#define CAP_LS B("CAP LS\r\n")
#define UPGRADE_TO(host) B("OPTIONS * HTTP/1.1\r\nHost: " host "\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n")
#define RFB_38 B("RFB 003.008\n")
#define TDS_PRELOGIN                                                                                                \
    B("\x12\x01\0\x2f\0\0\0\0" "\0\0\x1a\0\x06\x01\0\x20\0\x01\x02\0\x21\0\x01\x03\0\x22\0\x04\x04\0\x26\0\x01\xff" \
      "\x10\0\0\0\0\0" "\x01" "\0" "\0\0\0\0" "\0")
#define TDS_RESPONSE(encryption)                                                                                    \
    B("\x04\x01\0\x1a\0\0\x01\0" "\0\0\x0b\0\x06\x01\0\x11\0\x01\xff" "\x0f\0\x10\x8d\0\0" encryption)
#define OPENVPN_RESET B("\0\x0e\x38" "certswp\0" "\0" "\0\0\0\0")
#define XMPP_OPEN                                                                                                  \
    B("<?xml version='1.0'?><stream:stream version='1.0' xmlns='jabber:client' "                                  \
      "xmlns:stream='http://etherx.jabber.org/streams' to='im.example'>")
#define XMPP_STARTTLS B("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
#define MYSQL_GREETING(low) "\x49\0\0\0\x0a" "8.0.32\0" "\x01\0\0\0" "12345678\0" low "\xff\x02\0\xff\xdf\x15" \
    "\0\0\0\0\0\0\0\0\0\0" "123456789012\0" "mysql_native_passwor\0"
#define MYSQL_SSL_REQUEST                                                                                          \
    B("\x20\0\0\x01\0\x8a\x08\0\0\0\0\x01\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")

static const struct dialogue dialogues[] = {
    {"smtp: a greeting of several lines", "smtp", "", PROBE_START_TLS, "", B(""),
     {{B(""), B("220-mx.example ESMTP\r\n220-No spam\r\n220 ready\r\n")},
      {EHLO, B("250-mx.example\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 8BITMIME\r\n")},
      {STARTTLS, B("220 2.0.0 Ready to start TLS\r\n")}}},
    {"smtp: not offered, agreed all the same", "smtp", "", PROBE_START_TLS, "", B(""),
     {{B(""), B("220 mx\n")}, {EHLO, B("250 mx\n")}, {STARTTLS, B("220\n")}}},
    {"smtp: refused for now", "smtp", "", PROBE_REFUSED, "454 4.7.0 TLS not available due to local problem", B(""),
     {{B(""), B("220 mx\r\n")}, {EHLO, B("250-mx\r\n250 STARTTLS\r\n")},
      {STARTTLS, B("454 4.7.0 TLS not available due to local problem\r\n")}}},
    {"smtp: not this host", "smtp", "", PROBE_REFUSED, "554 No SMTP service here", B(""),
     {{B(""), B("554 No SMTP service here\r\n")}}},
    {"smtp: the refusal's control characters do not reach the record", "smtp", "", PROBE_REFUSED, "502 ??x", B(""),
     {{B(""), B("220 mx\r\n")}, {EHLO, B("502 \xc3\xa9x\r\n")}}},
    {"smtp: an HTTP server", "smtp", "", PROBE_NOT_SPOKEN, "", B(""), {{B(""), B("HTTP/1.1 400 Bad Request\r\n")}}},
    {"smtp: a line that is no reply", "smtp", "", PROBE_NOT_SPOKEN, "", B(""), {{B(""), B("2 20 mx\r\n")}}},
    {"smtp: TLS at once", "smtp", "", PROBE_NOT_SPOKEN, "", B(""), {{B(""), B("\x15\x03\x01\0\x02\x02\x28")}}},
    {"smtp: an intermediate code where an end is due", "smtp", "", PROBE_NOT_SPOKEN, "", B(""),
     {{B(""), B("334 what\r\n")}}},
    {"lmtp", "lmtp", "", PROBE_START_TLS, "", B(""),
     {{B(""), B("220 lmtp\r\n")}, {B("LHLO certsweep.invalid\r\n"), B("250 STARTTLS\r\n")}, {STARTTLS, B("220 go\r\n")}}},
    {"imap", "imap", "", PROBE_START_TLS, "", B(""),
     {{B(""), B("* OK [CAPABILITY IMAP4rev1 STARTTLS] Dovecot ready.\r\n")},
      {B("s STARTTLS\r\n"), B("* CAPABILITY IMAP4rev1\r\ns OK Begin TLS negotiation now.\r\n")}}},
    {"imap: a literal that looks like the answer is read over", "imap", "", PROBE_REFUSED, "s NO no", B(""),
     {{B(""), B("* OK hi\r\n")}, {B("s STARTTLS\r\n"), B("* X {9}\r\ns OK go\r\n) more\r\ns NO no\r\n")}}},
    {"imap: refused", "imap", "", PROBE_REFUSED, "s BAD STARTTLS not supported", B(""),
     {{B(""), B("* PREAUTH hi\r\n")}, {B("s STARTTLS\r\n"), B("s BAD STARTTLS not supported\r\n")}}},
    {"imap: goodbye", "imap", "", PROBE_REFUSED, "* BYE too many connections", B(""),
     {{B(""), B("* BYE too many connections\r\n")}}},
    {"imap: an SSH server", "imap", "", PROBE_NOT_SPOKEN, "", B(""), {{B(""), B("SSH-2.0-OpenSSH_9.2\r\n")}}},
    {"pop3", "pop3", "", PROBE_START_TLS, "", B(""),
     {{B(""), B("+OK POP3 <1.2@example>\r\n")}, {B("STLS\r\n"), B("+OK Begin TLS\r\n")}}},
    {"pop3: refused", "pop3", "", PROBE_REFUSED, "-ERR Unknown command.", B(""),
     {{B(""), B("+OK\r\n")}, {B("STLS\r\n"), B("-ERR Unknown command.\r\n")}}},
    {"pop3: neither yes nor no", "pop3", "", PROBE_NOT_SPOKEN, "", B(""), {{B(""), B("+OKAY then\r\n")}}},
    {"ftp: a greeting whose text is free, after a wait", "ftp", "", PROBE_START_TLS, "", B(""),
     {{B(""), B("120 soon\r\n220-Welcome\r\nto this\r\n 220 server\r\n220 ready\r\n")},
      {B("AUTH TLS\r\n"), B("234 AUTH TLS OK.\r\n")}}},
    {"ftp: an old server knows AUTH SSL", "ftp", "", PROBE_START_TLS, "", B(""),
     {{B(""), B("220 ftp\r\n")}, {B("AUTH TLS\r\n"), B("504 Unknown\r\n")}, {B("AUTH SSL\r\n"), B("334 go\r\n")}}},
    {"ftp: refused twice", "ftp", "", PROBE_REFUSED, "530 Please login with USER and PASS.", B(""),
     {{B(""), B("220 ftp\r\n")}, {B("AUTH TLS\r\n"), B("500 ?\r\n")},
      {B("AUTH SSL\r\n"), B("530 Please login with USER and PASS.\r\n")}}},
    {"nntp", "nntp", "", PROBE_START_TLS, "", B(""),
     {{B(""), B("201 news, no posting\r\n")}, {STARTTLS, B("382 Continue with TLS negotiation\r\n")}}},
    {"nntp: refused", "nntp", "", PROBE_REFUSED, "580 Can not initiate TLS negotiation", B(""),
     {{B(""), B("200 news\r\n")}, {STARTTLS, B("580 Can not initiate TLS negotiation\r\n")}}},
    {"sieve", "sieve", "", PROBE_START_TLS, "", B(""),
     {{B(""), B("\"IMPLEMENTATION\" \"Dovecot\"\r\n\"SIEVE\" \"fileinto\"\r\n\"STARTTLS\"\r\nOK \"ready.\"\r\n")},
      {STARTTLS, B("OK \"Begin TLS negotiation now.\"\r\n")}}},
    {"sieve: texts as literals", "sieve", "", PROBE_START_TLS, "", B(""),
     {{B(""), B("\"IMPLEMENTATION\" {8}\r\nNO\r\nBYE!\r\nOK {4}\r\nhi\r\n\r\n")}, {STARTTLS, B("OK {2+}\r\ngo\r\n")}}},
    {"sieve: refused", "sieve", "", PROBE_REFUSED, "NO \"TLS not available\"", B(""),
     {{B(""), B("OK\r\n")}, {STARTTLS, B("NO \"TLS not available\"\r\n")}}},
    {"sieve: a literal longer than all that is read", "sieve", "", PROBE_NOT_SPOKEN, "", B(""),
     {{B(""), B("\"SIEVE\" {99999999999999}\r\n")}}},
    {"irc: notices and a ping before the answer", "irc", "", PROBE_START_TLS, "", B(""),
     {{CAP_LS, B(":irc.example NOTICE * :*** Looking up your hostname\r\nPING :abc\r\n")},
      {B("PONG :abc\r\n"), B(":irc.example CAP * LS :multi-prefix tls sasl=PLAIN\r\n")},
      {STARTTLS, B(":irc.example 670 * :STARTTLS successful, go ahead\r\n")}}},
    {"irc: a list of capabilities in several lines", "irc", "", PROBE_START_TLS, "", B(""),
     {{CAP_LS, B(":irc CAP * LS * :a b\r\n:irc CAP * LS :tls\r\n")}, {STARTTLS, B(":irc 670 * :go\r\n")}}},
    {"irc: refused", "irc", "", PROBE_REFUSED, "691 * :STARTTLS failure", B(""),
     {{CAP_LS, B("CAP * LS :tls\r\n")}, {STARTTLS, B("@time=1 :irc 691 * :STARTTLS failure\r\n")}}},
    {"irc: no tls among the capabilities, as ngIRCd has it", "irc", "", PROBE_REFUSED, "CAP * LS :multi-prefix tlsx", B(""),
     {{CAP_LS, B(":irc.example CAP * LS :multi-prefix tlsx\r\n")}}},
    {"irc: older than CAP", "irc", "", PROBE_REFUSED, "421 * STARTTLS :Unknown command", B(""),
     {{CAP_LS, B("NOTICE AUTH :hi\r\n:irc 421 * CAP :Unknown command\r\n")},
      {STARTTLS, B(":irc 421 * STARTTLS :Unknown command\r\n")}}},
    {"irc: closed to us", "irc", "", PROBE_REFUSED, "ERROR :Closing Link: banned", B(""),
     {{CAP_LS, B("ERROR :Closing Link: banned\r\n")}}},
    {"irc: a mail server", "irc", "", PROBE_NOT_SPOKEN, "", B(""), {{CAP_LS, B("220 mx\r\n")}}},
    {"ldap", "ldap", "", PROBE_START_TLS, "", B(""),
     {{LDAP_REQUEST, B("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0")}}},
    {"ldap: long lengths", "ldap", "", PROBE_START_TLS, "", B(""),
     {{LDAP_REQUEST,
       B("\x30\x84\0\0\0\x28\x02\x01\x01\x78\x84\0\0\0\x1f\x0a\x01\0\x04\0\x04\0\x8a\x16"
         "1.3.6.1.4.1.1466.20037")}}},
    {"ldap: no certificate there", "ldap", "", PROBE_REFUSED, "unavailable (52): no TLS", B(""),
     {{LDAP_REQUEST, B("\x30\x12\x02\x01\x01\x78\x0d\x0a\x01\x34\x04\0\x04\x06no TLS")}}},
    {"ldap: a notice of disconnection", "ldap", "", PROBE_REFUSED, "protocolError (2)", B(""),
     {{LDAP_REQUEST, B("\x30\x0c\x02\x01\0\x78\x07\x0a\x01\x02\x04\0\x04\0")}}},
    {"ldap: another operation answered", "ldap", "", PROBE_NOT_SPOKEN, "", B(""),
     {{LDAP_REQUEST, B("\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0")}}},
    {"ldap: an element of 2^31 bytes", "ldap", "", PROBE_NOT_SPOKEN, "", B(""),
     {{LDAP_REQUEST, B("\x30\x84\x7f\xff\xff\xff")}}},
    {"ldap: the indefinite length, which LDAP forbids", "ldap", "", PROBE_NOT_SPOKEN, "", B(""),
     {{LDAP_REQUEST, B("\x30\x80")}}},
    {"postgres", "postgres", "", PROBE_START_TLS, "", B(""), {{POSTGRES_REQUEST, B("S")}}},
    {"postgres: without TLS", "postgres", "", PROBE_REFUSED, "N", B(""), {{POSTGRES_REQUEST, B("N")}}},
    {"postgres: full", "postgres", "", PROBE_REFUSED, "sorry, too many clients already", B(""),
     {{POSTGRES_REQUEST,
       B("E\0\0\0\x34SFATAL\0C53300\0Msorry, too many clients already\0\0")}}},
    {"postgres: something else", "postgres", "", PROBE_NOT_SPOKEN, "", B(""), {{POSTGRES_REQUEST, B("H")}}},
    {"mysql", "mysql", "", PROBE_START_TLS, "", MYSQL_SSL_REQUEST, {{B(""), B(MYSQL_GREETING("\xff\xff"))}}},
    {"mysql: without TLS", "mysql", "", PROBE_REFUSED, "TLS is not among the server's capabilities", B(""),
     {{B(""), B(MYSQL_GREETING("\xff\xf7"))}}},
    {"mysql: blocked", "mysql", "", PROBE_REFUSED, "Host '127.0.0.1' is not allowed", B(""),
     {{B(""), B("\x22\0\0\0\xff\x6a\x04Host '127.0.0.1' is not allowed")}}},
    {"mysql: a greeting that is cut short", "mysql", "", PROBE_NOT_SPOKEN, "", B(""),
     {{B(""), B("\x08\0\0\0\x0a" "8.0\0" "\x01\0\0")}}},
    {"mysql: a mail server", "mysql", "", PROBE_NOT_SPOKEN, "", B(""), {{B(""), B("220 mx")}}},
    {"xmpp", "xmpp", "im.example", PROBE_START_TLS, "", B(""),
     {{XMPP_OPEN,
       B("<?xml version='1.0'?><stream:stream from='im.example' id='>' version='1.0' xmlns='jabber:client' "
         "xmlns:stream='http://etherx.jabber.org/streams'><stream:features><starttls "
         "xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>")},
      {XMPP_STARTTLS, B("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")}}},
    {"xmpp: proceed in two tags", "xmpp", "im.example", PROBE_START_TLS, "", B(""),
     {{XMPP_OPEN, B("<s:stream><s:features><starttls/></s:features>")}, {XMPP_STARTTLS, B("<proceed></proceed>")}}},
    {"xmpp: another host", "xmpp", "im.example", PROBE_REFUSED, "error: host-unknown", B(""),
     {{XMPP_OPEN, B("<stream:stream><stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>")}}},
    {"xmpp: refused", "xmpp", "im.example", PROBE_REFUSED, "failure", B(""),
     {{XMPP_OPEN, B("<stream:stream><stream:features><starttls/></stream:features>")}, {XMPP_STARTTLS, B("<failure/>")}}},
    {"xmpp: not offered", "xmpp", "im.example", PROBE_REFUSED, "starttls is not among the stream's features", B(""),
     {{XMPP_OPEN, B("<stream:stream><stream:features/>")}}},
    {"xmpp: a mail server", "xmpp", "im.example", PROBE_NOT_SPOKEN, "", B(""), {{XMPP_OPEN, B("220 mx\r\n")}}},
    {"xmpp between servers, no name", "xmpp-server", "", PROBE_REFUSED, "the stream was closed", B(""),
     {{B("<?xml version='1.0'?><stream:stream version='1.0' xmlns='jabber:server' "
         "xmlns:stream='http://etherx.jabber.org/streams'>"),
       B("<stream:stream></stream:stream>")}}},
    {"rdp: TLS", "rdp", "", PROBE_START_TLS, "", B(""),
     {{RDP_REQUEST, B("\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\x1f\x08\0\x01\0\0\0")}}},
    {"rdp: CredSSP", "rdp", "", PROBE_START_TLS, "", B(""),
     {{RDP_REQUEST, B("\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\x1f\x08\0\x08\0\0\0")}}},
    {"rdp: refused", "rdp", "", PROBE_REFUSED, "SSL_NOT_ALLOWED_BY_SERVER", B(""),
     {{RDP_REQUEST, B("\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x03\0\x08\0\x02\0\0\0")}}},
    {"rdp: older than the negotiation", "rdp", "", PROBE_REFUSED, "RDP security only", B(""),
     {{RDP_REQUEST, B("\x03\0\0\x0b\x06\xd0\0\0\x12\x34\0")}}},
    {"rdp: something else", "rdp", "", PROBE_NOT_SPOKEN, "", B(""), {{RDP_REQUEST, B("\x03\0\0\x0b\x06\xe0\0\0\x12\x34\0")}}},
    {"nut", "nut", "", PROBE_START_TLS, "", B(""), {{B("STARTTLS\n"), B("OK STARTTLS\n")}}},
    {"nut: without TLS", "nut", "", PROBE_REFUSED, "ERR FEATURE-NOT-CONFIGURED", B(""),
     {{B("STARTTLS\n"), B("ERR FEATURE-NOT-CONFIGURED\n")}}},
    {"nut: something else", "nut", "", PROBE_NOT_SPOKEN, "", B(""), {{B("STARTTLS\n"), B("OKAY\n")}}},
    {"http-upgrade", "http-upgrade", "printer.example", PROBE_START_TLS, "", B(""),
     {{UPGRADE_TO("printer.example"),
       B("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: TLS/1.0,HTTP/1.1\r\n\r\n")}}},
    {"http-upgrade: OPTIONS answered, the upgrade not", "http-upgrade", "", PROBE_REFUSED, "HTTP/1.1 200 OK", B(""),
     {{UPGRADE_TO("localhost"), B("HTTP/1.1 200 OK\r\n")}}},
    {"http-upgrade: a name that would end our line", "http-upgrade", "a\r\nb", PROBE_REFUSED, "HTTP/1.0 400 Bad", B(""),
     {{UPGRADE_TO("a__b"), B("HTTP/1.0 400 Bad\n")}}},
    {"http-upgrade: no status line", "http-upgrade", "", PROBE_NOT_SPOKEN, "", B(""),
     {{UPGRADE_TO("localhost"), B("HTTP is nice\r\n")}}},
    {"http-upgrade: a mail server", "http-upgrade", "", PROBE_NOT_SPOKEN, "", B(""),
     {{UPGRADE_TO("localhost"), B("220 mx\r\n")}}},
    {"vnc: a certificate rather than anonymous", "vnc", "", PROBE_START_TLS, "", B(""),
     {{B(""), B("RFB 003.008\n")}, {RFB_38, B("\x03\x02\x13\x10")}, {B("\x13"), B("\0\x02")},
      {B("\0\x02"), B("\0\x03\0\0\x01\x02\0\0\x01\x05\0\0\x01\x04")}, {B("\0\0\x01\x05"), B("\x01")}}},
    {"vnc: anonymous where there is nothing else", "vnc", "", PROBE_START_TLS, "", B(""),
     {{B(""), B("RFB 003.889\n")}, {RFB_38, B("\x01\x13")}, {B("\x13"), B("\0\x02")},
      {B("\0\x02"), B("\0\x02\0\0\x01\0\0\0\x01\x01")}, {B("\0\0\x01\x01"), B("\x01")}}},
    {"vnc: no VeNCrypt", "vnc", "", PROBE_REFUSED, "no VeNCrypt among security types 2 16", B(""),
     {{B(""), B("RFB 003.007\n")}, {B("RFB 003.007\n"), B("\x02\x02\x10")}}},
    {"vnc: too many at once", "vnc", "", PROBE_REFUSED, "Too many security failures", B(""),
     {{B(""), B("RFB 003.008\n")}, {RFB_38, B("\0\0\0\0\x1aToo many security failures")}}},
    {"vnc: the old protocol", "vnc", "", PROBE_REFUSED, "RFB 3.3 knows no VeNCrypt", B(""), {{B(""), B("RFB 003.003\n")}}},
    {"vnc: a reason of 2^31 bytes", "vnc", "", PROBE_NOT_SPOKEN, "", B(""),
     {{B(""), B("RFB 003.008\n")}, {RFB_38, B("\0\x7f\xff\xff\xff")}}},
    {"vnc: VeNCrypt of its first days", "vnc", "", PROBE_REFUSED, "VeNCrypt older than 0.2", B("\0\0"),
     {{B(""), B("RFB 003.008\n")}, {RFB_38, B("\x01\x13")}, {B("\x13"), B("\0\x01")}}},
    {"vnc: our version refused", "vnc", "", PROBE_REFUSED, "VeNCrypt 0.2 refused", B(""),
     {{B(""), B("RFB 003.008\n")}, {RFB_38, B("\x01\x13")}, {B("\x13"), B("\0\x02")}, {B("\0\x02"), B("\xff")}}},
    {"vnc: a password in the clear alone", "vnc", "", PROBE_REFUSED, "no VeNCrypt sub-type with TLS", B(""),
     {{B(""), B("RFB 003.008\n")}, {RFB_38, B("\x01\x13")}, {B("\x13"), B("\0\x02")}, {B("\0\x02"), B("\0\x01\0\0\x01\0")}}},
    {"vnc: no sub-types", "vnc", "", PROBE_REFUSED, "no VeNCrypt sub-types", B(""),
     {{B(""), B("RFB 003.008\n")}, {RFB_38, B("\x01\x13")}, {B("\x13"), B("\0\x02")}, {B("\0\x02"), B("\0\0")}}},
    {"vnc: no certificate there", "vnc", "", PROBE_REFUSED, "the server cannot begin TLS (no certificate?)", B(""),
     {{B(""), B("RFB 003.008\n")}, {RFB_38, B("\x01\x13")}, {B("\x13"), B("\0\x02")}, {B("\0\x02"), B("\0\x01\0\0\x01\x04")},
      {B("\0\0\x01\x04"), B("\0")}}},
    {"vnc: something else", "vnc", "", PROBE_NOT_SPOKEN, "", B(""), {{B(""), B("RFB 3.8\n\0\0\0\0")}}},
    {"vnc: a mail server", "vnc", "", PROBE_NOT_SPOKEN, "", B(""), {{B(""), B("220 mx\r\n")}}},
    {"mssql", "mssql", "", PROBE_START_TLS, "", B(""), {{TDS_PRELOGIN, TDS_RESPONSE("\x01")}}},
    {"mssql: encryption required", "mssql", "", PROBE_START_TLS, "", B(""), {{TDS_PRELOGIN, TDS_RESPONSE("\x03")}}},
    {"mssql: no encryption", "mssql", "", PROBE_REFUSED, "encryption is not supported", B(""),
     {{TDS_PRELOGIN, TDS_RESPONSE("\x02")}}},
    {"mssql: an error before anything", "mssql", "", PROBE_REFUSED, "an ERROR token instead of options", B(""),
     {{TDS_PRELOGIN, B("\x04\x01\0\x0b\0\0\x01\0\xaa\x01\0")}}},
    {"mssql: an option outside the packet", "mssql", "", PROBE_NOT_SPOKEN, "", B(""),
     {{TDS_PRELOGIN, B("\x04\x01\0\x0f\0\0\x01\0\x01\0\x40\0\x01\xff\0")}}},
    {"mssql: no option at all", "mssql", "", PROBE_NOT_SPOKEN, "", B(""), {{TDS_PRELOGIN, B("\x04\x01\0\x09\0\0\x01\0\xff")}}},
    {"mssql: an empty packet", "mssql", "", PROBE_NOT_SPOKEN, "", B(""), {{TDS_PRELOGIN, B("\x04\x01\0\x08\0\0\x01\0")}}},
    {"mssql: a packet of 64 KiB", "mssql", "", PROBE_NOT_SPOKEN, "", B(""), {{TDS_PRELOGIN, B("\x04\x01\xff\xff\0\0\x01\0")}}},
    {"mssql: TLS at once", "mssql", "", PROBE_NOT_SPOKEN, "", B(""), {{TDS_PRELOGIN, B("\x15\x03\x01\0\x02\x02\x28")}}},
    {"openvpn", "openvpn", "", PROBE_START_TLS, "", B("\0\x16\x28" "certswp\0" "\x01\0\0\0\0" "12345678"),
     {{OPENVPN_RESET, B("\0\x1a\x40" "12345678" "\x01\0\0\0\0" "certswp\0" "\0\0\0\0")}}},
    {"openvpn: not its first packet", "openvpn", "", PROBE_NOT_SPOKEN, "", B(""),
     {{OPENVPN_RESET, B("\0\x0e\x40" "12345678" "\0" "\0\0\0\x07")}}},
    {"openvpn: a packet too short", "openvpn", "", PROBE_NOT_SPOKEN, "", B(""), {{OPENVPN_RESET, B("\0\x0d\x40")}}},
    {"openvpn: acks beyond its end", "openvpn", "", PROBE_NOT_SPOKEN, "", B(""),
     {{OPENVPN_RESET, B("\0\x0e\x40" "12345678" "\xff" "\0\0\0\0")}}},
    {"openvpn: a mail server", "openvpn", "", PROBE_NOT_SPOKEN, "", B(""), {{OPENVPN_RESET, B("220 mx\r\n")}}},
};

struct play {
    const struct probe *probe;
    struct probe_target target;
    uint64_t state[PROBE_STATE_SIZE / 8];
    struct byte_buffer in;
    uint8_t out[4096];
    struct byte_writer writer;
    char detail[DETAIL_SIZE];
};

static enum probe_step play_step(struct play *play)
{
    struct byte_reader reader = byte_buffer_reader(&play->in);
    size_t before = reader.left;
    enum probe_step step = play->probe->step(play->state, &play->target, &reader, &play->writer, play->detail);
    byte_buffer_consume(&play->in, before - reader.left);
    assert_true(byte_writer_ok(&play->writer));
    return step;
}

static void play_init(struct play *play, const char *probe, const char *server_name)
{
    *play = (struct play){.probe = probe_find(probe), .target = {.server_name = server_name}};
    assert_non_null(play->probe);
    play->target.port = play->probe->default_ports[0];
    play->writer = byte_writer_of(play->out, sizeof play->out);
    byte_buffer_init(&play->in, 0);
}

static void we_said(struct play *play, const struct dialogue *dialogue, struct bytes expected)
{
    if (play->writer.len != expected.len || memcmp(play->out, expected.at, expected.len) != 0)
        fail_msg("%s: said \"%.*s\" for \"%.*s\"", dialogue->title, (int)play->writer.len, (char *)play->out,
                 (int)expected.len, expected.at);
    play->writer.len = 0;
}

static void play_dialogue(const struct dialogue *dialogue, size_t piece)
{
    struct play play;
    play_init(&play, dialogue->probe, dialogue->server_name);
    enum probe_step step = play_step(&play);
    for (const struct turn *turn = dialogue->turns; turn->server.len > 0; turn++) {
        if (step != PROBE_MORE)
            fail_msg("%s: ended early with %d (%s)", dialogue->title, (int)step, play.detail);
        we_said(&play, dialogue, turn->client);
        for (size_t at = 0; at < turn->server.len && step == PROBE_MORE; at += piece) {
            size_t len = turn->server.len - at < piece ? turn->server.len - at : piece;
            byte_buffer_append(&play.in, turn->server.at + at, len);
            step = play_step(&play);
        }
    }
    if (step != dialogue->end)
        fail_msg("%s, pieces of %zu: ended with %d (%s)", dialogue->title, piece, (int)step, play.detail);
    we_said(&play, dialogue, dialogue->last);
    if (strcmp(play.detail, dialogue->detail) != 0)
        fail_msg("%s: detail \"%s\" for \"%s\"", dialogue->title, play.detail, dialogue->detail);
    if (step == PROBE_START_TLS)
        assert_int_equal(byte_buffer_len(&play.in), 0);
    byte_buffer_clear(&play.in);
}

static void every_dialogue_ends_as_it_should_in_any_pieces(void **state)
{
    (void)state;
    static const size_t pieces[] = {100000, 1, 2, 3, 7};
    for (size_t i = 0; i < sizeof dialogues / sizeof dialogues[0]; i++)
        for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++)
            play_dialogue(&dialogues[i], pieces[p]);
}

static void bytes_behind_the_go_ahead_are_told_and_left(void **state)
{
    (void)state;
    static const char injected[] = "250 injected\r\n";
    unsigned seen = 0;
    for (size_t i = 0; i < sizeof dialogues / sizeof dialogues[0]; i++) {
        const struct dialogue *dialogue = &dialogues[i];
        if (dialogue->end != PROBE_START_TLS)
            continue;
        struct play play;
        play_init(&play, dialogue->probe, dialogue->server_name);
        enum probe_step step = play_step(&play);
        for (const struct turn *turn = dialogue->turns; turn->server.len > 0; turn++) {
            byte_buffer_append(&play.in, turn->server.at, turn->server.len);
            if (turn[1].server.len == 0)
                byte_buffer_append(&play.in, injected, sizeof injected - 1);
            step = play_step(&play);
        }
        assert_int_equal(step, PROBE_START_TLS);
        assert_string_equal(play.detail, "14 bytes in the clear before TLS: 250 injected??");
        assert_int_equal(byte_buffer_len(&play.in), sizeof injected - 1);
        byte_buffer_clear(&play.in);
        seen++;
    }
    assert_true(seen >= 20);
}

/* A server that never comes to an end is cut off, whatever it repeats. */
static void what_a_probe_reads_is_bounded(void **state)
{
    (void)state;
    static const char *const endless[][2] = {
        {"smtp", "220-more\r\n"}, {"ftp", "220-more\r\n"},        {"imap", "* OK x\r\n"},
        {"irc", "PING :x\r\n"},   {"irc", ":irc CAP * LS * :a\r\n"}, {"nut", "OKxxxxxxx"}, {"vnc", "RFB 003.008\n"},
        {"http-upgrade", "HTTP/1.1 101 Go\r\nA: b\r\n"}, {"http-upgrade", "HTTP/1.1 101"}, {"sieve", "\"SIEVE\" \"\"\r\n"}, {"xmpp", "<stream:stream><a>text</a>"},
        {"smtp", "220 xxxxxx"},   {"ldap", "\x30\x82\xff\xff"},   {"xmpp", "<aaaaaaaaaaa"},
    };
    for (size_t i = 0; i < sizeof endless / sizeof endless[0]; i++) {
        struct play play;
        play_init(&play, endless[i][0], "");
        enum probe_step step = play_step(&play);
        size_t sent = 0;
        while (step == PROBE_MORE && sent < 2 * PROBE_INPUT_LIMIT) {
            byte_buffer_append(&play.in, endless[i][1], strlen(endless[i][1]));
            sent += strlen(endless[i][1]);
            step = play_step(&play);
        }
        if (step == PROBE_MORE)
            fail_msg("%s: still reading after %zu bytes of \"%s\"", endless[i][0], sent, endless[i][1]);
        byte_buffer_clear(&play.in);
    }
}

/* Every dialect against every kind of stream that has no end: it ends, or waits for the end of something until the
 * connection's room for a preamble is full; and it never takes this for an agreement. */
static void no_stream_without_end_holds_a_probe_or_deceives_it(void **state)
{
    (void)state;
    static const struct bytes streams[] = {
        B("220-more\r\n"), B("220 more\r\n"), B("220 xxxxxx"), B("* x\r\n"), B("* OK\r\n"), B("+OK"), B("\0"), B("\xff"), B("\n"), B("\r\n"), B("PING :x\r\n"),
        B(":x NOTICE * :y\r\n"), B("RFB 003.008\n"), B("\x04\x01\x10\0\0\0\0\0"), B("\0\x0e\x40"), B("HTTP/1.1 101 x\r\n"), B("HTTP"), B("ERR"), B("<a>"), B("<a "),
        B("<stream:stream>x"), B("\x30\x82\xff\xff"), B("\x03\0\x03\xff"), B("\x0a\0\0\0\x0a" "8"), B("E\0\0\x70\0"), B("\"A\" {99}\r\n"), B("\x16\x03\x03\x40\0"),
    };
    for (size_t p = 0; probes_all[p] != NULL; p++) {
        for (size_t i = 0; i < sizeof streams / sizeof streams[0] && probes_all[p]->tls == PROBE_TLS_STARTTLS; i++) {
            struct play play;
            play_init(&play, probes_all[p]->name, "");
            play.in.limit = PROBE_INPUT_LIMIT;
            enum probe_step step = play_step(&play);
            if (step == PROBE_START_TLS)
                break;                          /* it only announces itself (the PROXY protocol) */
            size_t sent = 0;
            while (step == PROBE_MORE && byte_buffer_append(&play.in, streams[i].at, streams[i].len) && sent < 3 * PROBE_INPUT_LIMIT) {
                sent += streams[i].len;
                if (sent % 64 < streams[i].len)
                    step = play_step(&play);
                play.writer.len = 0;
            }
            if (sent >= 3 * PROBE_INPUT_LIMIT || step == PROBE_START_TLS)
                fail_msg("%s and stream %zu: %d after %zu bytes", probes_all[p]->name, i, (int)step, sent);
            byte_buffer_clear(&play.in);
        }
    }
}

static void a_server_name_cannot_break_out_of_the_stream_header(void **state)
{
    (void)state;
    struct play play;
    play_init(&play, "xmpp", "a'><x>\n&\"b");
    play_step(&play);
    play.out[play.writer.len] = '\0';
    assert_non_null(strstr((char *)play.out, " to='a___x____b'>"));
    byte_buffer_clear(&play.in);
}

/* No source is invented: UNKNOWN, or LOCAL without addresses; and no port leads there. */
static void the_proxy_header_names_no_source(void **state)
{
    (void)state;
    static const struct {
        const char *probe;
        struct bytes header;
    } headers[] = {
        {"proxy+tls", B("PROXY UNKNOWN\r\n")},
        {"proxy-v2+tls", B("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0")},
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct play play;
        play_init(&play, headers[i].probe, "host.example");
        assert_int_equal(play.target.port, 0);
        assert_int_equal(play_step(&play), PROBE_START_TLS);
        assert_int_equal(play.writer.len, headers[i].header.len);
        assert_memory_equal(play.out, headers[i].header.at, headers[i].header.len);
        assert_string_equal(play.detail, "");
        byte_buffer_clear(&play.in);
    }
}

static void a_port_names_its_probe(void **state)
{
    (void)state;
    static const struct {
        uint16_t port;
        const char *probe;
    } ports[] = {{25, "smtp"},       {587, "smtp"},        {143, "imap"},  {110, "pop3"},  {21, "ftp"},
                 {389, "ldap"},      {3268, "ldap"},       {119, "nntp"},  {4190, "sieve"}, {6667, "irc"},
                 {5432, "postgres"}, {3306, "mysql"},      {5222, "xmpp"}, {3389, "rdp"},  {5269, "xmpp-server"},
                 {1433, "mssql"},    {5900, "vnc"},        {1194, "openvpn"}, {631, "http-upgrade"}, {3493, "nut"},
                 {443, "tls"},       {465, "tls"},         {636, "tls"},   {993, "tls"},   {995, "tls"},
                 {990, "tls"},       {8443, "tls"},        {6697, "tls"},  {853, "tls"},   {24, "lmtp"}};
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++)
        assert_string_equal(probe_for_port(ports[i].port)->name, ports[i].probe);
    for (size_t i = 0; probes_all[i] != NULL; i++) {
        assert_true(probes_all[i]->state_size <= PROBE_STATE_SIZE);
        assert_true(strlen(probes_all[i]->name) < PROTOCOL_SIZE);
        assert_ptr_equal(probe_find(probes_all[i]->name), probes_all[i]);
    }
    assert_null(probe_find("gopher"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_dialogue_ends_as_it_should_in_any_pieces),
        cmocka_unit_test(bytes_behind_the_go_ahead_are_told_and_left),
        cmocka_unit_test(what_a_probe_reads_is_bounded),
        cmocka_unit_test(no_stream_without_end_holds_a_probe_or_deceives_it),
        cmocka_unit_test(a_server_name_cannot_break_out_of_the_stream_header),
        cmocka_unit_test(the_proxy_header_names_no_source),
        cmocka_unit_test(a_port_names_its_probe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

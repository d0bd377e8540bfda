/* The way through a proxy: what it is asked, how it answers, in any pieces; what it costs a hostile one to hold us. */
#include "probes/base/byte_buffer.h"
#include "probes/base/observation.h"
#include "probes/via.h"
#include "tests/cmocka_all.h"

#include <string.h>

#define B(text) text, sizeof(text) - 1

struct way {
    const char *title, *via, *target;
    struct {
        const char *says;
        size_t says_len;
        const char *answer;
        size_t answer_len;
    } turns[3];
    enum via_step end;
    enum outcome outcome;
    const char *detail, *left;
};

#define CONNECT_V4 B("CONNECT 10.1.2.3:443 HTTP/1.1\r\nHost: 10.1.2.3:443\r\n\r\n")
#define SOCKS5_V4 B("\x05\x01\0\x01\x0a\x01\x02\x03\x01\xbb")
#define HELLO B("\x05\x01\0")
#define HELLO_LOGIN B("\x05\x02\0\x02")
#define LOGIN B("\x01\x07scanner\x08s:ecret!")

static const struct way ways[] = {
    {"CONNECT", "http://127.0.0.1:3128", "10.1.2.3", {{CONNECT_V4, B("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n220 mx")}},
     VIA_OPEN, 0, "", "220 mx"},
    {"CONNECT to an IPv6 address", "http://[::1]:3128/", "2001:db8::1",
     {{B("CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n"), B("HTTP/1.0 200 OK\n\n")}}, VIA_OPEN, 0, "", ""},
    {"CONNECT forbidden", "http://127.0.0.1:3128", "10.1.2.3", {{CONNECT_V4, B("HTTP/1.1 403 Forb\x1bidden\r\n")}}, VIA_FAILED,
     OUTCOME_UNREACHABLE, "proxy: it does not speak HTTP/1", NULL},
    {"CONNECT refused", "http://127.0.0.1:3128", "10.1.2.3", {{CONNECT_V4, B("HTTP/1.1 503 Service Unavailable\r\n")}}, VIA_FAILED,
     OUTCOME_UNREACHABLE, "proxy: 503 Service Unavailable", ""},
    {"CONNECT to what is no proxy", "http://127.0.0.1:3128", "10.1.2.3", {{CONNECT_V4, B("SSH-2.0-OpenSSH\r\n")}}, VIA_FAILED,
     OUTCOME_UNREACHABLE, "proxy: it does not speak HTTP/1", ""},
    {"SOCKS5", "socks5://127.0.0.1:1080", "10.1.2.3", {{HELLO, B("\x05\0")}, {SOCKS5_V4, B("\x05\0\0\x01\0\0\0\0\0\0" "20")}}, VIA_OPEN, 0,
     "", "20"},
    {"SOCKS5, bound to a name", "socks5://127.0.0.1:1080", "10.1.2.3", {{HELLO, B("\x05\0")}, {SOCKS5_V4, B("\x05\0\0\x03\x02xx\0\1")}},
     VIA_OPEN, 0, "", ""},
    {"SOCKS5 to an IPv6 address", "socks5://127.0.0.1:1080", "::2",
     {{HELLO, B("\x05\0")}, {B("\x05\x01\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\x01\xbb"), B("\x05\0\0\x04" "0123456789012345\0\1")}},
     VIA_OPEN, 0, "", ""},
    {"SOCKS5: the target refuses", "socks5://127.0.0.1:1080", "10.1.2.3", {{HELLO, B("\x05\0")}, {SOCKS5_V4, B("\x05\x05")}},
     VIA_FAILED, OUTCOME_REFUSED, "proxy: connection refused", NULL},
    {"SOCKS5: forbidden", "socks5://127.0.0.1:1080", "10.1.2.3", {{HELLO, B("\x05\0")}, {SOCKS5_V4, B("\x05\x02")}}, VIA_FAILED,
     OUTCOME_UNREACHABLE, "proxy: not allowed by its rules", NULL},
    {"SOCKS5: a reply that nobody knows", "socks5://127.0.0.1:1080", "10.1.2.3", {{HELLO, B("\x05\0")}, {SOCKS5_V4, B("\x05\xfe")}},
     VIA_FAILED, OUTCOME_UNREACHABLE, "proxy: unknown reply", NULL},
    {"SOCKS5 with a login", "socks5://127.0.0.1:1080", "10.1.2.3", {{HELLO, B("\x05\xff")}}, VIA_FAILED, OUTCOME_UNREACHABLE,
     "proxy: it wants a login", NULL},
    {"SOCKS5 to what is no proxy", "socks5://127.0.0.1:1080", "10.1.2.3", {{HELLO, B("HT")}}, VIA_FAILED, OUTCOME_UNREACHABLE,
     "proxy: it does not speak SOCKS5", NULL},
    {"SOCKS5: an address of no kind", "socks5://127.0.0.1:1080", "10.1.2.3", {{HELLO, B("\x05\0")}, {SOCKS5_V4, B("\x05\0\0\x09")}},
     VIA_FAILED, OUTCOME_UNREACHABLE, "proxy: it does not speak SOCKS5", NULL},
};

static const struct {
    const char *login;
    struct way way;
} login_ways[] = {
    {"scanner:s:ecret!\n",
     {"CONNECT with a login", "http://127.0.0.1:3128", "10.1.2.3",
      {{B("CONNECT 10.1.2.3:443 HTTP/1.1\r\nHost: 10.1.2.3:443\r\nProxy-Authorization: Basic c2Nhbm5lcjpzOmVjcmV0IQ==\r\n\r\n"),
        B("HTTP/1.1 200 OK\r\n\r\n")}}, VIA_OPEN, 0, "", ""}},
    {NULL,
     {"CONNECT without the login", "http://127.0.0.1:3128", "10.1.2.3", {{CONNECT_V4, B("HTTP/1.1 407 Proxy Authentication Required\r\n")}},
      VIA_FAILED, OUTCOME_UNREACHABLE, "proxy: 407 Proxy Authentication Required", ""}},
    {"scanner:s:ecret!",
     {"SOCKS5 takes the login", "socks5://127.0.0.1:1080", "10.1.2.3",
      {{HELLO_LOGIN, B("\x05\x02")}, {LOGIN, B("\x01\0")}, {SOCKS5_V4, B("\x05\0\0\x01\0\0\0\0\0\0" "20")}}, VIA_OPEN, 0, "", "20"}},
    {"scanner:s:ecret!",
     {"SOCKS5 needs no login", "socks5://127.0.0.1:1080", "10.1.2.3",
      {{HELLO_LOGIN, B("\x05\0")}, {SOCKS5_V4, B("\x05\0\0\x01\0\0\0\0\0\0")}}, VIA_OPEN, 0, "", ""}},
    {"scanner:s:ecret!",
     {"SOCKS5 refuses the login", "socks5://127.0.0.1:1080", "10.1.2.3", {{HELLO_LOGIN, B("\x05\x02")}, {LOGIN, B("\x01\x01")}},
      VIA_FAILED, OUTCOME_UNREACHABLE, "proxy: it refuses the login", ""}},
    {"scanner:s:ecret!",
     {"SOCKS5 wants Kerberos", "socks5://127.0.0.1:1080", "10.1.2.3", {{HELLO_LOGIN, B("\x05\xff")}}, VIA_FAILED, OUTCOME_UNREACHABLE,
      "proxy: it wants another kind of login", ""}},
    {NULL,
     {"SOCKS5 asks for a login that was not offered", "socks5://127.0.0.1:1080", "10.1.2.3", {{HELLO, B("\x05\x02")}}, VIA_FAILED,
      OUTCOME_UNREACHABLE, "proxy: it does not speak SOCKS5", ""}},
};

static void go(const struct way *way, const char *login, size_t piece)
{
    struct via via;
    struct via_state state = {0};
    struct target target = {.transport = TRANSPORT_TCP, .port = 443};
    struct byte_buffer in;
    struct error err = {0};
    char detail[DETAIL_SIZE] = "";
    enum outcome outcome = 0;
    uint8_t said[512];
    byte_buffer_init(&in, 0);
    assert_true(via_parse(way->via, &via, &err) && address_parse(way->target, &target.address));
    assert_true(login == NULL || via_login_parse(login, strlen(login), &via, &err));
    struct byte_writer out = byte_writer_of(said, sizeof said);
    struct byte_reader reader = byte_reader_of(NULL, 0);
    enum via_step step = via_step(&via, &state, &target, &reader, &out, &outcome, detail);
    for (size_t t = 0; t < 3 && way->turns[t].says != NULL; t++) {
        assert_int_equal(step, VIA_MORE);
        assert_int_equal(out.len, way->turns[t].says_len);
        assert_memory_equal(said, way->turns[t].says, out.len);
        out.len = 0;
        for (size_t at = 0; at < way->turns[t].answer_len; at += piece) {
            size_t left = way->turns[t].answer_len - at;
            byte_buffer_append(&in, way->turns[t].answer + at, left < piece ? left : piece);
            if (step != VIA_MORE)
                continue;
            reader = byte_buffer_reader(&in);
            size_t before = reader.left;
            step = via_step(&via, &state, &target, &reader, &out, &outcome, detail);
            byte_buffer_consume(&in, before - reader.left);
        }
    }
    if (step != way->end || outcome != way->outcome || strcmp(detail, way->detail) != 0)
        fail_msg("%s in pieces of %zu: %d, %s, \"%s\"", way->title, piece, (int)step, outcome_name(outcome), detail);
    reader = byte_buffer_reader(&in);
    if (way->left != NULL) {
        assert_int_equal(reader.left, strlen(way->left));
        assert_memory_equal(reader.at == NULL ? (const uint8_t *)"" : reader.at, way->left, reader.left);
    }
    byte_buffer_clear(&in);
}

static void a_proxy_is_asked_and_its_answer_understood_in_any_pieces(void **state)
{
    (void)state;
    static const size_t pieces[] = {1000, 1, 2, 3};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        for (size_t p = 0; p < 4; p++)
            go(&ways[i], NULL, pieces[p]);
    for (size_t i = 0; i < sizeof login_ways / sizeof login_ways[0]; i++)
        for (size_t p = 0; p < 4; p++)
            go(&login_ways[i].way, login_ways[i].login, pieces[p]);
}

static void what_a_proxy_may_send_is_bounded(void **opaque)
{
    (void)opaque;
    static const char *const endless[] = {"HTTP/1.1 200 OK\r\nA: b\r\n", "HTTP/1.1 200 OK", "x"};
    for (size_t i = 0; i < 3; i++) {
        struct via via;
        struct via_state state = {0};
        struct target target = {.transport = TRANSPORT_TCP, .port = 443};
        struct error err = {0};
        struct byte_buffer in;
        char detail[DETAIL_SIZE];
        enum outcome outcome = 0;
        uint8_t said[512];
        size_t sent = 0;
        byte_buffer_init(&in, 0);
        assert_true(via_parse("http://127.0.0.1:3128", &via, &err) && address_parse("10.0.0.1", &target.address));
        enum via_step step = VIA_MORE;
        while (step == VIA_MORE && sent < 2 * PROBE_INPUT_LIMIT) {
            struct byte_writer out = byte_writer_of(said, sizeof said);
            struct byte_reader reader = byte_buffer_reader(&in);
            size_t before = reader.left;
            step = via_step(&via, &state, &target, &reader, &out, &outcome, detail);
            byte_buffer_consume(&in, before - reader.left);
            byte_buffer_append(&in, endless[i], strlen(endless[i]));
            sent += strlen(endless[i]);
        }
        assert_int_equal(step, VIA_FAILED);
        assert_int_equal(outcome, OUTCOME_UNREACHABLE);
        byte_buffer_clear(&in);
    }
}

static void a_proxy_is_named_by_its_address(void **state)
{
    (void)state;
    static const char *const wrong[] = {"10.0.0.1:3128", "http://proxy.example:3128", "http://10.0.0.1", "http://10.0.0.1:0",
                                        "http://10.0.0.1:65536", "http://u:p@10.0.0.1:80", "socks4://10.0.0.1:1080", "socks5://::1:1080",
                                        "http://10.0.0.1:80/x", "https://10.0.0.1:443", "http://1.2.3:80", ""};
    struct via via;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error err = {0};
        if (via_parse(wrong[i], &via, &err))
            fail_msg("\"%s\" was taken", wrong[i]);
        assert_int_equal(err.kind, ERROR_USAGE);
    }
}

static void a_login_is_a_name_and_a_password_and_never_shown(void **state)
{
    (void)state;
    char long_name[VIA_LOGIN_MAX + 8];
    memset(long_name, 'n', sizeof long_name);
    memcpy(long_name + VIA_LOGIN_MAX + 1, ":secret", 7);
    const struct {
        const char *text;
        size_t len;
    } wrong[] = {{B("")}, {B("\n")}, {B("secret")}, {B(":secret")}, {B("secret:")}, {B("secret:\n")}, {B("a:secret\nb:secret")},
                 {B("se\0cret:x")}, {B("a:secret\r\nX: y")}, {long_name, sizeof long_name}};
    struct via via;
    struct error err = {0};
    assert_true(via_parse("http://10.0.0.1:3128", &via, &err));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        err = (struct error){0};
        assert_false(via_login_parse(wrong[i].text, wrong[i].len, &via, &err));
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_null(strstr(err.text, "secret"));
        assert_string_equal(via.name, "");
    }
    assert_true(via_login_parse(B("DOMAIN\\user:pass:word\r\n"), &via, &err));
    assert_string_equal(via.name, "DOMAIN\\user");
    assert_string_equal(via.password, "pass:word");
    err = (struct error){0};
    assert_false(via_parse("http://user:secret@10.0.0.1:80", &via, &err));
    assert_null(strstr(err.text, "secret"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proxy_is_asked_and_its_answer_understood_in_any_pieces),
        cmocka_unit_test(what_a_proxy_may_send_is_bounded),
        cmocka_unit_test(a_proxy_is_named_by_its_address),
        cmocka_unit_test(a_login_is_a_name_and_a_password_and_never_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

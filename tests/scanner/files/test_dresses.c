/* One certificate and one key in every dress that they wear in files: each is found, whole, at its offset. */
#include "scanner/files/found.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/cert_fixture.h"

#include "probes/base/byte_buffer.h"
#include "probes/base/memory.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static struct made_cert *made;
static uint8_t spki_sha256[32];

struct thing {                          /* a certificate or a key */
    bool is_key;
    uint8_t *der;
    size_t len;
    char *pem, *base64;                 /* base64: of the DER */
};
static struct thing things[2];

static char *text_of(struct byte_buffer *buffer)
{
    char *text = xstrndup(byte_buffer_len(buffer) == 0 ? "" : (const char *)byte_buffer_reader(buffer).at, byte_buffer_len(buffer));
    byte_buffer_clear(buffer);
    return text;
}

static char *base64_of(const void *bytes, size_t len)
{
    char *text = xmalloc(len * 4 / 3 + 8);
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);
    return text;
}

static int setup(void **state)
{
    uint8_t *spki = NULL;
    char *bytes;
    (void)state;
    made = cert_make(&(struct cert_recipe){.subject = "CN=www.example"});
    int spki_len = i2d_PUBKEY(made->key, &spki);
    SHA256(spki, (size_t)spki_len, spki_sha256);
    OPENSSL_free(spki);
    things[0] = (struct thing){.der = xmemdup(made->der, made->len), .len = made->len, .pem = cert_make_pem(made)};
    BIO *bio = BIO_new(BIO_s_mem()), *pem = BIO_new(BIO_s_mem());
    i2d_PKCS8PrivateKey_bio(bio, made->key, NULL, NULL, 0, NULL, NULL);
    PEM_write_bio_PKCS8PrivateKey(pem, made->key, NULL, NULL, 0, NULL, NULL);
    long len = BIO_get_mem_data(bio, &bytes);
    things[1] = (struct thing){.is_key = true, .der = xmemdup(bytes, (size_t)len), .len = (size_t)len};
    len = BIO_get_mem_data(pem, &bytes);
    things[1].pem = xstrndup(bytes, (size_t)len);
    BIO_free(bio);
    BIO_free(pem);
    for (unsigned i = 0; i < 2; i++)
        things[i].base64 = base64_of(things[i].der, things[i].len);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        free(things[i].der);
        free(things[i].pem);
        free(things[i].base64);
    }
    cert_make_free(made);
    return 0;
}

static void is_found(const char *dress, const struct thing *thing, const void *bytes, size_t len, int64_t offset)
{
    struct found found;
    found_init(&found);
    found_scan(&found, byte_reader_of(bytes, len), 0, "der");
    int64_t at = found.certificate_count > 0 ? found.certificates[0].offset : found.key_count > 0 ? found.keys[0].offset : -2;
    if (found.certificate_count != !thing->is_key || found.key_count != thing->is_key || at != offset)
        fail_msg("%s, %s: %zu certificates, %zu keys at %lld instead of %lld in\n%.400s", dress, thing->is_key ? "key" : "certificate", found.certificate_count, found.key_count,
                 (long long)at, (long long)offset, (const char *)bytes);
    if (thing->is_key) {
        assert_memory_equal(found.keys[0].spki_sha256, spki_sha256, 32);
    } else {
        assert_int_equal(found.certificates[0].der.len, thing->len);
        assert_memory_equal(found.certificates[0].der.bytes, thing->der, thing->len);
    }
    found_clear(&found);
}

/* ---- bytes as text ---- */

struct dress {
    const char *name, *before, *each, *between, *line_end, *line_begin, *after;
    unsigned width;                     /* bytes in a line; 0: one line */
    size_t skip;                        /* a cast before the first number */
    bool of_pem, is_signed;
};

static const struct dress dresses[] = {
    {.name = "hexadecimal", .before = "id 17: ", .each = "%02x"},
    {.name = "hexadecimal, upper case, in SQL", .before = "INSERT INTO t VALUES (1, x'", .each = "%02X", .after = "');\n"},
    {.name = "bytea of PostgreSQL", .before = "1\t\\\\x", .each = "%02x", .after = "\t\\N\n"},
    {.name = "hexadecimal in lines", .before = "cert\n", .each = "%02x", .line_end = "\n", .width = 32},
    {.name = "hexadecimal in lines of a literal", .before = "s = \"", .each = "%02x", .line_end = "\" \\\n    \"", .width = 30, .after = "\";"},
    {.name = "colons", .before = "data: ", .each = "%02x", .between = ":"},
    {.name = "colons, indented lines", .before = "    ", .each = "%02X", .between = ":", .line_end = ":\n    ", .width = 15},
    {.name = "blanks", .before = "", .each = "%02x", .between = " "},
    {.name = "dashes of .NET", .before = "raw=", .each = "%02X", .between = "-"},
    {.name = ".reg", .before = "Windows Registry Editor Version 5.00\r\n\"Blob\"=hex:03,00,00,00,01,00,00,00,14,00,00,00,20,00,00,00,\\\r\n  ", .each = "%02x", .between = ",",
     .line_end = ",\\\r\n  ", .width = 25},
    {.name = ".reg, hex(3)", .before = "\"x\"=hex(3):", .each = "%02x", .between = ",", .line_end = ",\\\r\n  ", .width = 20, .after = "\r\n\r\n[next]"},
    {.name = "xxd -i", .before = "unsigned char cert_der[] = {\n  ", .each = "0x%02x", .between = ", ", .line_end = ",\n  ", .width = 12, .after = "\n};\n"},
    {.name = "C without blanks", .before = "char c[]={", .each = "0x%02X", .between = ",", .after = "};"},
    {.name = "C with comments", .before = "{ /* 0x0000 */ ", .each = "0x%02x", .between = ", ", .line_end = ", // sixteen\n /* 0x0010 */ ", .width = 16, .after = " }"},
    {.name = "C, capital X", .before = "{", .each = "0X%02X", .between = ", ", .after = "}"},
    {.name = "Java, cast", .before = "byte[] b = { ", .each = "(byte)0x%02x", .skip = 6, .between = ", ", .line_end = ",\n\t", .width = 8, .after = " };"},
    {.name = "Java, cast and blank", .before = "byte[] b = { ", .each = "(byte) 0x%02X", .skip = 7, .between = ", ", .after = " };"},
    {.name = "Java, signed numbers", .before = "byte[] b = {", .each = "%d", .between = ", ", .is_signed = true, .after = "};"},
    {.name = "Java, Arrays.toString", .before = "[", .each = "%d", .between = ",", .is_signed = true, .after = "]"},
    {.name = "Go", .before = "var cert = []byte{\n\t", .each = "0x%02x", .between = ", ", .line_end = ",\n\t", .width = 8, .after = ",\n}"},
    {.name = "Go, printed", .before = "cert=[", .each = "%d", .between = " ", .after = "]"},
    {.name = "JavaScript", .before = "new Uint8Array([", .each = "%d", .between = ",", .after = "])"},
    {.name = "JSON, a number in each line", .before = "[\n  ", .each = "%d", .between = ",\n  ", .after = "\n]"},
    {.name = "Rust", .before = "const C: [u8; 9] = [", .each = "0x%02xu8", .between = ", ", .after = "];"},
    {.name = "Rust, numbers", .before = "vec![", .each = "%du8", .between = ", ", .after = "];"},
    {.name = "C string", .before = "const char c[] = \"", .each = "\\x%02x", .line_end = "\"\n    \"", .width = 16, .after = "\";"},
    {.name = "PHP string", .before = "<?php $c = \"", .each = "\\x%02X", .line_end = "\" .\n \"", .width = 20, .after = "\";"},
    {.name = "Python bytes", .before = "c = b'", .each = "\\x%02x", .after = "'"},
    {.name = "Python bytes in lines", .before = "c = (b'", .each = "\\x%02x", .line_end = "'\n     b'", .width = 12, .after = "')"},
    {.name = "xxd -i of PEM", .before = "unsigned char cert_pem[] = {\n  ", .each = "0x%02x", .between = ", ", .line_end = ",\n  ", .width = 12, .of_pem = true, .after = "\n};\n"},
    {.name = "C, numbers of PEM", .before = "{", .each = "%d", .between = ", ", .of_pem = true, .after = ", 0}"},
    {.name = "hexadecimal of PEM", .before = "0x", .each = "%02x", .of_pem = true},
    {.name = "hexadecimal of PEM, upper case", .before = "VALUES (0x", .each = "%02X", .of_pem = true, .after = ");"},
    {.name = "blanks, of PEM", .before = "x ", .each = "%02x", .between = " ", .of_pem = true},
    {.name = "colons, of PEM", .before = "x ", .each = "%02x", .between = ":", .of_pem = true},
};

static void add(struct byte_buffer *out, const char *text)
{
    if (text != NULL)
        byte_buffer_append(out, text, strlen(text));
}

static char *dressed(const struct dress *dress, const struct thing *thing)
{
    const uint8_t *bytes = dress->of_pem ? (const uint8_t *)thing->pem : thing->der;
    size_t len = dress->of_pem ? strlen(thing->pem) : thing->len;
    struct byte_buffer out;
    byte_buffer_init(&out, 0);
    add(&out, dress->before);
    for (size_t i = 0; i < len; i++) {
        char text[32];
        bool is_end = dress->width > 0 && (i + 1) % dress->width == 0;
        snprintf(text, sizeof text, dress->each, dress->is_signed ? (int)(int8_t)bytes[i] : (int)bytes[i]);
        add(&out, text);
        add(&out, i + 1 == len ? NULL : is_end ? dress->line_end : dress->between);
    }
    add(&out, dress->after);
    return text_of(&out);
}

static void bytes_are_found_in_every_dress(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof dresses / sizeof *dresses; i++)
        for (unsigned t = 0; t < 2; t++) {
            char *text = dressed(&dresses[i], &things[t]);
            is_found(dresses[i].name, &things[t], text, strlen(text), (int64_t)(strlen(dresses[i].before) + dresses[i].skip));
            free(text);
        }
}

/* As Python and Go write what has bytes of text among the others. */
static void a_string_with_plain_characters_is_read(void **state)
{
    (void)state;
    for (unsigned t = 0; t < 2; t++) {
        struct byte_buffer out;
        byte_buffer_init(&out, 0);
        add(&out, "c = b'");
        for (size_t i = 0; i < things[t].len; i++) {
            char text[8];
            uint8_t c = things[t].der[i];
            snprintf(text, sizeof text, c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : c == '\\' || c == '\'' ? "\\%c" : c > 31 && c < 127 ? "%c" : "\\x%02x", c);
            add(&out, text);
        }
        add(&out, "'\n");
        char *text = text_of(&out);
        is_found("repr", &things[t], text, strlen(text), 6);
        free(text);
    }
}

/* ---- dumps ---- */

static void dumps_are_read(void **state)
{
    (void)state;
    for (unsigned t = 0; t < 2; t++)
        for (unsigned form = 0; form < 2; form++) {
            struct byte_buffer out;
            byte_buffer_init(&out, 0);
            for (size_t at = 0; at < things[t].len; at += 16) {
                char text[64];
                snprintf(text, sizeof text, form == 0 ? "%08zx: " : "%08zx  ", at);
                add(&out, text);
                for (size_t i = at; i < at + 16; i++) {
                    snprintf(text, sizeof text, form == 0 ? "%02x%s" : "%02x %s", i < things[t].len ? things[t].der[i] : 0, (form == 0 && i % 2 == 1) || (form == 1 && i % 8 == 7) ? " " : "");
                    add(&out, text);
                }
                add(&out, form == 0 ? " 0..a0b1........\n" : "|0..a0b1........|\n");
            }
            char *text = text_of(&out);
            is_found(form == 0 ? "xxd" : "hexdump -C", &things[t], text, strlen(text), 10);
            free(text);
        }
}

/* ---- text ---- */

/* Each character of the text, replaced by what the table says. */
static char *replaced(const char *text, const char *(*of)(char c))
{
    struct byte_buffer out;
    byte_buffer_init(&out, 0);
    for (; *text != '\0'; text++) {
        const char *other = of(*text);
        if (other != NULL)
            add(&out, other);
        else
            byte_buffer_append(&out, text, 1);
    }
    return text_of(&out);
}

static const char *of_url(char c)
{
    return c == ' ' ? "%20" : c == '\n' ? "%0A" : c == '+' ? "%2B" : c == '/' ? "%2F" : c == '=' ? "%3D" : NULL;
}

static const char *of_form(char c)
{
    return c == ' ' ? "+" : c == '\n' ? "%0D%0A" : c == '+' ? "%2B" : c == '/' ? "%2f" : c == '=' ? "%3d" : NULL;
}

static const char *of_xml(char c)
{
    return c == '\n' ? "&#10;" : c == '+' ? "&#43;" : c == '/' ? "&#x2F;" : NULL;
}

static const char *of_xml_return(char c)
{
    return c == '\n' ? "&#xD;&#xA;" : NULL;
}

static const char *of_php(char c)
{
    return c == '\n' ? "\\n" : c == '/' ? "\\/" : NULL;
}

static const char *of_net(char c)
{
    return c == '\n' ? "\\r\\n" : c == '+' ? "\\u002B" : c == '/' ? "\\u002f" : NULL;
}

static const char *of_shell(char c)
{
    return c == '\n' ? "\\012" : NULL;
}

static const char *of_hex(char c)
{
    return c == '\n' ? "\\x0a" : NULL;
}

static const char *of_basic(char c)
{
    return c == '\n' ? "\" & vbCrLf & _\r\n    \"" : NULL;
}

static const char *of_java(char c)
{
    return c == '\n' ? "\" + System.lineSeparator() +\n \"" : NULL;
}

static const char *of_single(char c)
{
    return c == '\n' ? "' + os.linesep + '" : NULL;
}

static const char *of_quoted_printable(char c)
{
    return c == '=' ? "=3D" : c == '\n' ? "\r\n" : NULL;
}

static void pem_and_base64_are_found_in_every_dress(void **state)
{
    static const struct {
        const char *name;
        const char *(*of)(char c);
        bool of_base64;
    } texts[] = {
        {"URL", of_url, false}, {"form", of_form, false}, {"XML", of_xml, false}, {"XML, returns", of_xml_return, false}, {"JSON of PHP", of_php, false},
        {"JSON of .NET", of_net, false}, {"octal line ends", of_shell, false}, {"hexadecimal line ends", of_hex, false}, {"Visual Basic", of_basic, false},
        {"Java", of_java, false}, {"JavaScript", of_single, false}, {"quoted-printable", of_quoted_printable, false}, {"base64 in JSON of PHP", of_php, true},
        {"base64 in JSON of .NET", of_net, true}, {"base64 in a URL", of_url, true}, {"base64 in XML", of_xml, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (unsigned t = 0; t < 2; t++) {
            char *inner = replaced(texts[i].of_base64 ? things[t].base64 : things[t].pem, texts[i].of), *text = xasprintf("{\"a\": \"%s\"}", inner);
            is_found(texts[i].name, &things[t], text, strlen(text), 7);
            free(inner);
            free(text);
        }
}

static void base64_without_armour_is_found(void **state)
{
    static const char *const around[][2] = {
        {"<ds:X509Certificate>", "</ds:X509Certificate>"}, {"{\"x5c\":[\"", "\"]}"}, {"tls.crt: ", "\n"}, {"cert = \"", "\""}, {"CERT=", "\n"},
    };
    static const char kubeconfig[] = "clusters:\n- cluster:\n    certificate-authority-data: ";
    (void)state;
    for (unsigned t = 0; t < 2; t++) {
        for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
            char *text = xasprintf("%s%s%s", around[i][0], things[t].base64, around[i][1]);
            is_found(around[i][0], &things[t], text, strlen(text), (int64_t)strlen(around[i][0]));
            free(text);
        }
        char *once = base64_of(things[t].pem, strlen(things[t].pem)), *text = xasprintf("%s%s\n    server: x\n", kubeconfig, once);
        is_found("kubeconfig", &things[t], text, strlen(text), (int64_t)strlen(kubeconfig));
        free(text);
        char *second = xasprintf("123%s", things[t].pem), *shifted = base64_of(second, strlen(second));
        is_found("behind other bytes in base64", &things[t], shifted, strlen(shifted), 4);
        free(second);
        free(shifted);
        free(once);
    }
}

/* ---- UTF-16 ---- */

static uint8_t *wide_of(const char *text, bool is_big, bool has_mark, size_t *len)
{
    uint8_t *wide = xcalloc(strlen(text) + 2, 2);
    size_t at = 0;
    if (has_mark) {
        wide[at++] = is_big ? 0xfe : 0xff;
        wide[at++] = is_big ? 0xff : 0xfe;
    }
    for (; *text != '\0'; text++, at += 2)
        wide[at + is_big] = (uint8_t)*text;
    *len = at;
    return wide;
}

static void utf_16_is_read(void **state)
{
    (void)state;
    for (unsigned t = 0; t < 2; t++) {
        char *reg = dressed(&dresses[9], &things[t]), *base64 = xasprintf("<a>%s</a>", things[t].base64), *pem = xasprintf("\r\n%s", things[t].pem);
        const struct {
            const char *text;
            size_t offset;
        } texts[] = {{pem, 2}, {base64, 3}, {reg, strlen(dresses[9].before)}};
        for (unsigned i = 0; i < 12; i++) {
            size_t len;
            bool is_big = i % 2 == 1, has_mark = i / 2 % 2 == 1;
            uint8_t *wide = wide_of(texts[i / 4].text, is_big, has_mark, &len);
            is_found(is_big ? "UTF-16BE" : "UTF-16LE", &things[t], wide, len, (int64_t)(2 * texts[i / 4].offset + 2 * has_mark));
            free(wide);
        }
        free(reg);
        free(base64);
        free(pem);
    }
}

/* ---- DER ---- */

static void a_key_is_found_at_any_offset_of_a_binary(void **state)
{
    uint8_t bytes[9000];
    (void)state;
    for (size_t offset = 1; offset < 200; offset += 13) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(i * 31 + 7);
        memcpy(bytes + offset, things[1].der, things[1].len);
        is_found("binary", &things[1], bytes, sizeof bytes, (int64_t)offset);
    }
}

static size_t make_gzip(const char *text, size_t len, uint8_t *out, size_t room)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)text, .avail_in = (uInt)len, .next_out = out, .avail_out = (uInt)room};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return room - stream.avail_out;
}

/* Helm keeps a release as gzip in base64, and Kubernetes that in base64 once more. */
static void gzip_in_base64_is_found(void **state)
{
    (void)state;
    for (unsigned t = 0; t < 2; t++) {
        uint8_t packed[8192];
        char *release = xasprintf("{\"manifest\":\"data: |\\n%s\"}", things[t].pem);
        size_t len = make_gzip(release, strlen(release), packed, sizeof packed);
        char *once = base64_of(packed, len), *twice = base64_of(once, strlen(once));
        is_found("gzip in base64", &things[t], once, strlen(once), -1);
        is_found("release of Helm", &things[t], twice, strlen(twice), -1);
        free(twice);
        free(once);
        free(release);
    }
}

static void a_bomb_in_base64_is_told(void **state)
{
    static uint8_t packed[65536];
    struct found found;
    size_t len = 20u << 20;
    char *zeros = xcalloc(len, 1);
    (void)state;
    memcpy(zeros, things[0].pem, strlen(things[0].pem));
    char *base64 = base64_of(packed, make_gzip(zeros, len, packed, sizeof packed));
    found_init(&found);
    found_scan(&found, byte_reader_of(base64, strlen(base64)), 0, "der");
    assert_int_equal(found.certificate_count, 1);
    assert_int_equal(found.outcome, FILE_LIMIT);
    found_clear(&found);
    free(base64);
    free(zeros);
}

/* Keys of elliptic curves have short forms, in DER and in base64 without PEM. */
static void short_keys_are_found_in_der_and_base64(void **state)
{
    const struct {
        const char *algorithm, *group;
        bool is_plain;                  /* PKCS#8, or the curve's own form */
    } kinds[] = {{"EC", "P-256", true}, {"EC", "P-384", true}, {"EC", "P-521", true}, {"EC", "P-256", false}, {"EC", "P-384", false},
                 {"EC", "P-521", false}, {"ED25519", NULL, true}, {"ED448", NULL, true}, {"X25519", NULL, true}};
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, kinds[i].algorithm, kinds[i].group);
        uint8_t *der = NULL, *spki = NULL, hash[32];
        PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
        int len = kinds[i].is_plain ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : i2d_PrivateKey(key, &der), spki_len = i2d_PUBKEY(key, &spki);
        char *base64 = base64_of(der, (size_t)len), *text = xasprintf("key: %s\nnext: %s\n", base64, base64);
        struct byte_buffer binary;
        SHA256(spki, (size_t)spki_len, hash);
        byte_buffer_init(&binary, 0);
        byte_buffer_append(&binary, "\x30\x31\x02\x01\x7f", 5);
        byte_buffer_append(&binary, der, (size_t)len);
        byte_buffer_append(&binary, der, (size_t)len);
        const struct byte_reader bytes[] = {byte_buffer_reader(&binary), byte_reader_of(text, strlen(text))};
        for (unsigned dress = 0; dress < 2; dress++) {
            struct found found;
            found_init(&found);
            found_scan(&found, bytes[dress], 0, "der");
            if (found.key_count != 2 || found.keys[0].offset != 5)
                fail_msg("%s %s: %zu keys in %s", kinds[i].algorithm, kinds[i].is_plain ? "PKCS#8" : "SEC 1", found.key_count, dress == 0 ? "DER" : text);
            assert_memory_equal(found.keys[1].spki_sha256, hash, 32);
            found_clear(&found);
        }
        byte_buffer_clear(&binary);
        free(text);
        free(base64);
        OPENSSL_free(spki);
        OPENSSL_free(der);
        PKCS8_PRIV_KEY_INFO_free(info);
        EVP_PKEY_free(key);
    }
}

/* Libraries hold the first bytes of every such key, and other constants behind them. */
static void the_beginning_of_a_key_in_a_program_is_none(void **state)
{
    static const char head[] = "0.\x02\x01\x00" "0\x05\x06\x03+en\x04\x22\x04 ";
    const char *const behind[] = {"this is the text of an error, with more than enough characters", "", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"};
    (void)state;
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        struct found found;
        uint8_t bytes[128] = {0};
        memcpy(bytes + 7, head, sizeof head - 1);
        memcpy(bytes + 7 + sizeof head - 1, behind[i], strlen(behind[i]));
        found_init(&found);
        found_scan(&found, byte_reader_of(bytes, sizeof bytes), 0, "program");
        assert_int_equal(found.key_count, 0);
        found_clear(&found);
    }
}

static void an_rsa_key_in_its_own_form_is_found(void **state)
{
    uint8_t *der = NULL, bytes[4096];
    struct found found;
    (void)state;
    EVP_PKEY *key = EVP_RSA_gen(1024);
    int len = i2d_PrivateKey(key, &der);
    memset(bytes, 'x', sizeof bytes);
    memcpy(bytes + 100, der, (size_t)len);
    found_init(&found);
    found_scan(&found, byte_reader_of(bytes, sizeof bytes), 0, "program");
    assert_int_equal(found.key_count, 1);
    assert_int_equal(found.keys[0].offset, 100);
    assert_string_equal(found.keys[0].algorithm, "rsa");
    found_clear(&found);
    bytes[100 + 300] ^= 0x55;           /* the structure is whole, the key is none */
    bytes[100 + 4 + 3 + 1] = 0x03;
    found_scan(&found, byte_reader_of(bytes, sizeof bytes), 0, "program");
    assert_int_equal(found.key_count, 0);
    found_clear(&found);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_found_in_every_dress),
        cmocka_unit_test(a_string_with_plain_characters_is_read),
        cmocka_unit_test(dumps_are_read),
        cmocka_unit_test(pem_and_base64_are_found_in_every_dress),
        cmocka_unit_test(base64_without_armour_is_found),
        cmocka_unit_test(utf_16_is_read),
        cmocka_unit_test(a_key_is_found_at_any_offset_of_a_binary),
        cmocka_unit_test(gzip_in_base64_is_found),
        cmocka_unit_test(a_bomb_in_base64_is_told),
        cmocka_unit_test(short_keys_are_found_in_der_and_base64),
        cmocka_unit_test(the_beginning_of_a_key_in_a_program_is_none),
        cmocka_unit_test(an_rsa_key_in_its_own_form_is_found),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

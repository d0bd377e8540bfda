/* Stands in for probes/tls/capture.c, strategy.c and pool.c until they are there (see CMakeLists.txt): one
 * TLS 1.2 hello, the Certificate message read in the clear. To be deleted with their arrival. */
#include "probes/base/byte_buffer.h"
#include "probes/base/memory.h"
#include "probes/tls/capture.h"
#include "probes/tls/strategy.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tls_pool;
struct tls_pool *tls_pool_create(void);
void tls_pool_destroy(struct tls_pool *pool);
struct tls_pool *tls_pool_create(void)
{
    return NULL;
}
void tls_pool_destroy(struct tls_pool *pool)
{
    (void)pool;
}

struct tls_capture {
    struct byte_buffer messages, records;
    struct tls_facts facts;
    struct der chain[16];
};
struct tls_strategy {
    int given;
};

struct tls_capture *tls_capture_create(struct tls_pool *pool)
{
    (void)pool;
    return xcalloc(1, sizeof(struct tls_capture));
}

void tls_capture_destroy(struct tls_capture *c)
{
    if (c == NULL)
        return;
    byte_buffer_clear(&c->messages);
    byte_buffer_clear(&c->records);
    free(c);
}

void tls_capture_begin(struct tls_capture *c, const struct tls_hello_plan *plan, const char *server_name,
                       struct byte_writer *out)
{
    static const uint16_t suites[] = {0xc02b, 0xc02f, 0xc02c, 0xc030, 0xc009, 0xc013, 0x009c, 0x002f, 0x0035};
    static const uint8_t tail[] = {0, 10, 0, 8,  0, 6,  0, 29, 0, 23, 0, 24, 0, 11, 0, 2, 1, 0,
                                   0, 13, 0, 14, 0, 12, 4, 3,  8, 4,  4, 1,  5, 3,  8, 7, 2, 1};
    (void)plan;
    byte_buffer_clear(&c->messages);
    byte_buffer_clear(&c->records);
    c->facts = (struct tls_facts){.alert = -1, .cipher_suite = -1, .group = -1};
    byte_writer_u8(out, 22), byte_writer_u16(out, 0x0301);
    size_t record = byte_writer_vector_begin(out, 2);
    byte_writer_u8(out, 1);
    size_t message = byte_writer_vector_begin(out, 3);
    byte_writer_u16(out, 0x0303);
    RAND_bytes(byte_writer_room(out, 32), 32);
    byte_writer_u8(out, 0);
    byte_writer_u16(out, sizeof suites);
    for (size_t i = 0; i < sizeof suites / 2; i++)
        byte_writer_u16(out, suites[i]);
    byte_writer_u16(out, 0x0100);
    size_t extensions = byte_writer_vector_begin(out, 2);
    if (server_name[0] != '\0') {
        size_t len = strlen(server_name);
        byte_writer_u16(out, 0), byte_writer_u16(out, (unsigned)len + 5),
            byte_writer_u16(out, (unsigned)len + 3);
        byte_writer_u8(out, 0), byte_writer_u16(out, (unsigned)len), byte_writer_bytes(out, server_name, len);
    }
    byte_writer_bytes(out, tail, sizeof tail);
    byte_writer_vector_end(out, extensions, 2);
    byte_writer_vector_end(out, message, 3);
    byte_writer_vector_end(out, record, 2);
}

static void read_chain(struct tls_capture *c, struct byte_reader body)
{
    struct byte_reader list, one;
    if (!byte_reader_vector24(&body, &list))
        return;
    while (c->facts.chain_count < 16 && byte_reader_vector24(&list, &one))
        c->chain[c->facts.chain_count++] = (struct der){one.at, one.left};
    c->facts.chain = c->chain;
}

enum tls_capture_result tls_capture_read(struct tls_capture *c, struct byte_reader *in,
                                         struct byte_writer *out)
{
    (void)out;
    byte_buffer_append(&c->records, in->at, in->left);
    in->left = 0;
    for (;;) {
        struct byte_reader r = byte_buffer_reader(&c->records), body;
        size_t before = r.left;
        uint8_t type;
        uint16_t version;
        if (!byte_reader_u8(&r, &type))
            break;
        if (type != 22 && type != 21)
            return TLS_CAPTURE_NOT_TLS;
        if (!byte_reader_u16(&r, &version) || !byte_reader_vector16(&r, &body))
            break;
        if (type == 21) {
            c->facts.alert = body.left > 1 ? body.at[1] : 0;
            snprintf(c->facts.detail, sizeof c->facts.detail, "alert %d", c->facts.alert);
            return TLS_CAPTURE_ALERT;
        }
        byte_buffer_append(&c->messages, body.at, body.left);
        byte_buffer_consume(&c->records, before - r.left);
    }
    struct byte_reader m = byte_buffer_reader(&c->messages), body;
    uint8_t type;
    while (byte_reader_u8(&m, &type) && byte_reader_vector24(&m, &body)) {
        if (type == 2 && body.left > 37) {
            c->facts.version = (uint16_t)(body.at[0] << 8 | body.at[1]);
            c->facts.cipher_suite = body.at[35 + body.at[34]] << 8 | body.at[36 + body.at[34]];
        }
        if (type == 11) {
            read_chain(c, body);
            return TLS_CAPTURE_DONE;
        }
    }
    return TLS_CAPTURE_MORE;
}

const struct tls_facts *tls_capture_facts(const struct tls_capture *c)
{
    return &c->facts;
}

void tls_capture_farewell(struct tls_capture *c, struct byte_writer *out)
{
    static const uint8_t alert[] = {21, 3, 3, 0, 2, 1, 0};
    (void)c;
    byte_writer_bytes(out, alert, sizeof alert);
}

struct tls_strategy *tls_strategy_create(enum tls_depth depth, const char *server_name)
{
    (void)depth, (void)server_name;
    return xcalloc(1, sizeof(struct tls_strategy));
}

void tls_strategy_destroy(struct tls_strategy *s)
{
    free(s);
}

bool tls_strategy_next(struct tls_strategy *s, struct tls_hello_plan *plan)
{
    *plan = (struct tls_hello_plan){.name = "standin", .variant = VARIANT_DEFAULT, .send_server_name = true};
    return s->given++ == 0;
}

void tls_strategy_note(struct tls_strategy *s, const struct tls_hello_plan *plan, enum outcome outcome,
                       const struct tls_facts *facts)
{
    (void)s, (void)plan, (void)outcome, (void)facts;
}

size_t tls_strategy_posture(const struct tls_strategy *s, const struct tls_posture_item **items)
{
    (void)s;
    *items = NULL;
    return 0;
}

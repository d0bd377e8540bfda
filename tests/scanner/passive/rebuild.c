#include "tests/scanner/passive/rebuild.h"

#include "probes/base/memory.h"
#include "scanner/passive/tcp_stream.h"
#include "scanner/passive/handshake/tls_start.h"
#include "tests/scanner/passive/traffic.h"

#include <stdlib.h>
#include <string.h>

#define DATA_KEPT 8         /* application data records of a side */

struct side {
    struct tcp_stream stream;
    struct byte_buffer waiting;     /* not a whole record yet */
    bool in_tls, encrypted, broken;
    unsigned data;
};

struct connection {
    struct connection *next;
    uint8_t address_len, address[2][16];
    uint16_t port[2];
    uint32_t start[2];
    unsigned syn_seen;
    struct side side[2];
    struct traffic_tcp tcp;
    bool opened;
    unsigned from;
};

struct rebuilder {
    struct traffic traffic;
    struct connection *connections;
    size_t mss, record_len;
};

struct sink_context {
    struct rebuilder *rebuilder;
    struct connection *connection;
    unsigned from;
};

static void send_bytes(struct sink_context *c, const uint8_t *bytes, size_t len)
{
    traffic_tcp_send(&c->connection->tcp, c->from, bytes, len);
}

static void send_record(struct sink_context *c, const uint8_t *record, size_t len)
{
    struct side *side = &c->connection->side[c->from];
    struct byte_buffer out;
    if (record[0] == 23 && ++side->data > DATA_KEPT)
        return;
    if (record[0] == 20)
        side->encrypted = true;
    if (record[0] != 22 || side->encrypted || c->rebuilder->record_len == 0 || len == 5) {
        send_bytes(c, record, len);
        return;
    }
    byte_buffer_init(&out, 0);
    traffic_records(&out, 22, record + 5, len - 5, c->rebuilder->record_len);
    send_bytes(c, out.bytes + out.head, byte_buffer_len(&out));
    byte_buffer_clear(&out);
}

static void flush(struct sink_context *c)
{
    struct side *side = &c->connection->side[c->from];
    struct byte_reader rest = byte_buffer_reader(&side->waiting);
    if (rest.left != 0)
        send_bytes(c, rest.at, rest.left);
    byte_buffer_consume(&side->waiting, rest.left);
}

/* Whole records leave changed, all else as it is. */
static void pump(struct sink_context *c)
{
    struct side *side = &c->connection->side[c->from];
    for (;;) {
        struct byte_reader in = byte_buffer_reader(&side->waiting);
        if (in.left == 0)
            return;
        if (side->broken) {
            flush(c);
            return;
        }
        if (!side->in_tls) {
            enum tls_start kind;
            size_t at = tls_start_find(in.at, in.left, &kind);
            if (at != 0)
                send_bytes(c, in.at, at);
            byte_buffer_consume(&side->waiting, at);
            if (kind == TLS_START_MORE || at == in.left)
                return;
            side->in_tls = true;
            continue;
        }
        if (in.left < 5)
            return;
        size_t len = 5u + (size_t)(in.at[3] << 8 | in.at[4]);
        if (in.at[0] < 20 || in.at[0] > 24 || in.at[1] != 3) {
            side->broken = true;
            continue;
        }
        if (in.left < len)
            return;
        send_record(c, in.at, len);
        byte_buffer_consume(&side->waiting, len);
    }
}

static bool on_bytes(void *context, const uint8_t *bytes, size_t len)
{
    struct sink_context *c = context;
    byte_buffer_append(&c->connection->side[c->from].waiting, bytes, len);
    pump(c);
    return true;
}

static bool on_gap(void *context, size_t len)
{
    struct sink_context *c = context;
    flush(c);
    c->connection->side[c->from].broken = true;
    c->connection->tcp.next[c->from] += (uint32_t)len;
    return true;
}

static struct connection *find(struct rebuilder *rebuilder, const struct layer_cursor *cursor, unsigned *from)
{
    struct connection *c;
    for (c = rebuilder->connections; c != NULL; c = c->next)
        for (*from = 0; *from < 2; ++*from)
            if (c->address_len == cursor->ip_len && c->port[*from] == cursor->source_port &&
                c->port[1 - *from] == cursor->destination_port &&
                memcmp(c->address[*from], cursor->source, cursor->ip_len) == 0 &&
                memcmp(c->address[1 - *from], cursor->destination, cursor->ip_len) == 0)
                return c;
    c = xcalloc(1, sizeof *c);
    c->next = rebuilder->connections;
    rebuilder->connections = c;
    c->address_len = cursor->ip_len;
    memcpy(c->address[0], cursor->source, cursor->ip_len);
    memcpy(c->address[1], cursor->destination, cursor->ip_len);
    c->port[0] = cursor->source_port;
    c->port[1] = cursor->destination_port;
    c->tcp = (struct traffic_tcp){.traffic = &rebuilder->traffic, .address_len = c->address_len, .next = {1000, 2000},
                                  .mss = rebuilder->mss};
    memcpy(c->tcp.address, c->address, sizeof c->address);
    memcpy(c->tcp.port, c->port, sizeof c->port);
    byte_buffer_init(&c->side[0].waiting, 0);
    byte_buffer_init(&c->side[1].waiting, 0);
    *from = 0;
    return c;
}

static void end_connection(struct rebuilder *rebuilder, struct connection *c)
{
    for (unsigned i = 0; i < 2; i++) {
        struct sink_context context = {.rebuilder = rebuilder, .connection = c, .from = i};
        struct tcp_sink sink = {.on_bytes = on_bytes, .on_gap = on_gap, .context = &context};
        tcp_stream_flush(&c->side[i].stream, &sink);
        flush(&context);
        tcp_stream_clear(&c->side[i].stream);
        byte_buffer_clear(&c->side[i].waiting);
    }
}

static void on_tcp(struct rebuilder *rebuilder, const struct layer_cursor *cursor)
{
    unsigned from;
    struct connection *c = find(rebuilder, cursor, &from);
    struct sink_context context = {.rebuilder = rebuilder, .connection = c, .from = from};
    struct tcp_sink sink = {.on_bytes = on_bytes, .on_gap = on_gap, .context = &context};
    uint32_t sequence = cursor->tcp_sequence;
    if (cursor->tcp_flags & TCP_SYN) {
        if (!c->side[from].stream.started || !c->side[from].stream.gave) {
            c->side[from].stream.started = false;
            tcp_stream_start(&c->side[from].stream, sequence + 1);
        }
        if (!c->opened && from == 0 && !(cursor->tcp_flags & TCP_ACK)) {
            c->opened = true;
            traffic_tcp_open(&c->tcp);
        }
        sequence++;
    }
    if (cursor->bytes.left != 0)
        tcp_stream_add(&c->side[from].stream, sequence, cursor->bytes.at, cursor->bytes.left, &sink);
}

void rebuild(const struct packet_list *from, struct packet_list *to, size_t mss, size_t record_len)
{
    struct rebuilder rebuilder = {.mss = mss, .record_len = record_len};
    struct layers *layers = layers_create();
    struct layer_cursor cursor;
    traffic_to_list(&rebuilder.traffic, to);
    for (size_t i = 0; i < from->count; i++) {
        struct packet packet = from->packets[i];
        if (layers_walk(layers, &packet, &cursor) == LAYER_TCP)
            on_tcp(&rebuilder, &cursor);
        else
            packet_list_add(to, &from->packets[i]);
    }
    while (rebuilder.connections != NULL) {
        struct connection *c = rebuilder.connections;
        end_connection(&rebuilder, c);
        rebuilder.connections = c->next;
        free(c);
    }
    layers_destroy(layers);
}

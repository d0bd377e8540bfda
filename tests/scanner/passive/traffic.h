/* Packets that never were: connections, TLS flights and wrappings made up for tests and benchmarks. Nothing in them
 * is secret or signed; certificates are DER-shaped bytes made from a seed. */
#pragma once
#include "probes/base/byte_buffer.h"
#include "tests/scanner/passive/packet_list.h"

struct traffic {                    /* where packets go: on_packet gets each, made up to LINKTYPE_ETHERNET */
    void (*on_packet)(void *context, const struct packet *packet);
    void *context;
    int64_t time_us, step_us;
    /* Wraps the IP packet before it is framed; NULL: none. Gives the new length; room for 256 more. */
    size_t (*wrap)(uint8_t *packet, size_t len);
};

void traffic_to_list(struct traffic *traffic, struct packet_list *list);

struct traffic_tcp {                /* one connection; side 0 is the client */
    struct traffic *traffic;
    uint8_t address_len;            /* 4 or 16 */
    uint8_t address[2][16];
    uint16_t port[2];
    uint32_t next[2];               /* sequence numbers */
    size_t mss;
};

/* Addresses as text; sequence numbers start at isn (client) and isn + 0x10000000 (server). */
void traffic_tcp_init(struct traffic_tcp *tcp, struct traffic *traffic, const char *client, uint16_t client_port,
                      const char *server, uint16_t server_port, uint32_t isn);
void traffic_tcp_open(struct traffic_tcp *tcp);                     /* three packets */
void traffic_tcp_send(struct traffic_tcp *tcp, unsigned from, const uint8_t *bytes, size_t len);
void traffic_tcp_ack(struct traffic_tcp *tcp, unsigned from);
void traffic_tcp_close(struct traffic_tcp *tcp);                    /* three packets */
/* One segment out of order: at this distance from the next sequence number, which does not move. */
void traffic_tcp_segment(struct traffic_tcp *tcp, unsigned from, int32_t offset, const uint8_t *bytes, size_t len,
                         uint8_t flags);
void traffic_udp(struct traffic *traffic, const char *source, uint16_t source_port, const char *destination,
                 uint16_t destination_port, const uint8_t *bytes, size_t len);
void traffic_frame(struct traffic *traffic, uint16_t ethertype, const uint8_t *bytes, size_t len);

/* A certificate-shaped DER of len bytes (at least 16) that depends on the seed. */
void traffic_certificate(uint8_t *der, size_t len, uint64_t seed);

struct traffic_tls {
    const char *server_name;        /* NULL none */
    uint16_t version;               /* 0x0300 ... 0x0303 in the clear; 0x0304: supported_versions says so */
    uint16_t cipher_suite;
    size_t certificate_count;
    const size_t *certificate_lens;
    uint64_t seed;                  /* of the certificates */
    size_t record_len;              /* handshake bytes in one record; 0: a record for a flight */
    const uint8_t *client_random;   /* NULL: made from the seed */
};

/* Flights as records, appended. The server's: ServerHello, Certificate, ServerKeyExchange, ServerHelloDone. */
void traffic_client_hello(struct byte_buffer *out, const struct traffic_tls *tls);
void traffic_server_flight(struct byte_buffer *out, const struct traffic_tls *tls);
/* ClientKeyExchange, ChangeCipherSpec, something encrypted. */
void traffic_client_finish(struct byte_buffer *out, const struct traffic_tls *tls);
void traffic_server_finish(struct byte_buffer *out, const struct traffic_tls *tls);
void traffic_records(struct byte_buffer *out, uint8_t type, const uint8_t *bytes, size_t len, size_t record_len);

/* A whole connection: open, both flights, a little data, close: 15 packets where the flight takes three. */
void traffic_handshake(struct traffic_tcp *tcp, const struct traffic_tls *tls);

/* A probe is a protocol's way to a TLS handshake: a few facts and one function. It sees bytes, never a socket,
 * so a file of bytes tests it and a fuzzer drives the same entry. To add one: one file, one line in probes.c,
 * one line in CMakeLists.txt, one test. */
#pragma once
#include "probes/base/byte_reader.h"
#include "probes/base/byte_writer.h"

enum probe_tls {
    PROBE_TLS_DIRECT,       /* the first byte is TLS */
    PROBE_TLS_STARTTLS,     /* a plaintext dialogue first: .step runs it */
};

enum probe_step {
    PROBE_MORE,             /* wants more bytes from the server (what it wrote to out is to be sent) */
    PROBE_START_TLS,        /* we send TLS next; what is left in `in` was sent too early to be TLS */
    PROBE_REFUSED,          /* the server speaks the protocol and will not start TLS */
    PROBE_NOT_SPOKEN,       /* the server does not speak this protocol */
};

struct openvpn_key;                 /* probes/starttls/openvpn_key.h */

struct probe_target {
    const char *server_name;        /* '' when none */
    uint16_t port;
    const struct openvpn_key *openvpn_key;  /* NULL: none. Lives as long as the connection */
};

struct probe {
    const char *name;               /* on the command line and in the inventory */
    enum probe_tls tls;
    uint16_t default_ports[8];      /* where it is the first choice; 0 ends the list */
    bool wants_name;                /* the server refuses clients that send no name: an address is probed again with its names */
    unsigned max_connections;       /* to one host at once; 0: the default */
    unsigned scan_connections;      /* to one endpoint in a scan, since more would harm; 0: as many as are needed */
    size_t state_size;              /* of the zeroed state that step gets */
    /* Called first with no input, then whenever bytes have come. Consumes from in what it has parsed (a partial
     * line stays there), and writes to out what is to be sent. detail (128 bytes) gets the reason of a refusal: the
     * server's words, cleaned. */
    enum probe_step (*step)(void *state, const struct probe_target *target, struct byte_reader *in,
                            struct byte_writer *out, char *detail);
    /* Where TLS travels inside the protocol's own packets (TDS, OpenVPN): both NULL otherwise. wrap consumes
     * all of tls. unwrap consumes complete packets from in, as far as tls (PROBE_PACKET_MAX at least) and out have
     * room, leaves the rest, and writes the protocol's own replies to out. False: not packets of this protocol. */
    bool (*wrap)(void *state, struct byte_reader *tls, struct byte_writer *out);
    bool (*unwrap)(void *state, struct byte_reader *in, struct byte_writer *tls, struct byte_writer *out);
};

#define PROBE_STATE_SIZE 256        /* no probe's state is larger; a connection holds it inline */
#define PROBE_INPUT_LIMIT 65536     /* a preamble longer than this is NOT_SPOKEN */
#define PROBE_PACKET_MAX  4096      /* of the packets that TLS travels in */

extern const struct probe *const probes_all[];              /* NULL at its end */
const struct probe *probe_find(const char *name);           /* NULL if unknown */
const struct probe *probe_for_port(uint16_t port);          /* "tls" where no other claims the port */

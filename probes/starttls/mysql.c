/* MySQL and MariaDB: the server opens with its HandshakeV10, in which a capability bit offers TLS; an SSLRequest
 * packet asks for it and TLS begins at once, without an answer ("Connection Phase" of the MySQL internals manual).
 * A packet is a length of 3 bytes (little-endian), a sequence number and the payload. */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

#include <string.h>

enum {
    CLIENT_PROTOCOL_41 = 0x0200,
    CLIENT_SSL = 0x0800,
    CLIENT_SECURE_CONNECTION = 0x8000,
    CLIENT_PLUGIN_AUTH = 0x80000,
};

#define MYSQL_GREETING_MAX 4096

struct mysql_state {
    char unused;
};

static void mysql_ssl_request(struct byte_writer *out, uint8_t sequence)
{
    static const uint32_t capabilities =
        CLIENT_PROTOCOL_41 | CLIENT_SSL | CLIENT_SECURE_CONNECTION | CLIENT_PLUGIN_AUTH;
    uint8_t *packet = byte_writer_room(out, 36);
    if (packet == NULL)
        return;
    memset(packet, 0, 36);
    packet[0] = 32;                             /* the payload's length */
    packet[3] = sequence;
    for (unsigned i = 0; i < 4; i++)
        packet[4 + i] = (uint8_t)(capabilities >> (8 * i));
    packet[11] = 1;                             /* the largest packet: 16 MiB, little-endian */
    packet[12] = 33;                            /* utf8_general_ci, known to every server */
}

/* An ERR packet in place of a greeting: "Host ... is blocked", "Too many connections". */
static enum probe_step mysql_error(struct byte_reader *payload, char *detail)
{
    uint16_t code;
    if (!byte_reader_u16_le(payload, &code))
        return PROBE_NOT_SPOKEN;
    text_detail(detail, payload->at, payload->left);
    return PROBE_REFUSED;
}

static enum probe_step mysql_greeting(struct byte_reader *payload, uint8_t sequence, const struct byte_reader *in,
                                      struct byte_writer *out, char *detail)
{
    uint8_t version;
    uint16_t capabilities;
    if (!byte_reader_u8(payload, &version))
        return PROBE_NOT_SPOKEN;
    if (version == 0xff)
        return mysql_error(payload, detail);
    const uint8_t *end = payload->left == 0 ? NULL : memchr(payload->at, '\0', payload->left);
    if ((version != 9 && version != 10) || end == NULL)
        return PROBE_NOT_SPOKEN;
    if (version == 9) {                         /* MySQL before 3.21 */
        text_detail(detail, "protocol version 9", 18);
        return PROBE_REFUSED;
    }
    byte_reader_skip(payload, (size_t)(end - payload->at) + 1);
    if (!byte_reader_skip(payload, 4 + 8 + 1) || !byte_reader_u16_le(payload, &capabilities))
        return PROBE_NOT_SPOKEN;
    if ((capabilities & CLIENT_SSL) == 0) {
        text_detail(detail, "TLS is not among the server's capabilities", 42);
        return PROBE_REFUSED;
    }
    mysql_ssl_request(out, (uint8_t)(sequence + 1));
    return text_start_tls(in, detail);
}

static enum probe_step mysql_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                  struct byte_writer *out, char *detail)
{
    (void)opaque;
    (void)target;
    struct byte_reader at = *in, payload;
    const uint8_t *head;
    if (!byte_reader_bytes(&at, 4, &head))
        return PROBE_MORE;
    uint32_t len = (uint32_t)(head[0] | head[1] << 8 | head[2] << 16);
    if (len == 0 || len > MYSQL_GREETING_MAX)
        return PROBE_NOT_SPOKEN;
    if (at.left > 0 && at.at[0] != 10 && at.at[0] != 9 && at.at[0] != 0xff)
        return PROBE_NOT_SPOKEN;
    if (!byte_reader_sub(&at, len, &payload))
        return PROBE_MORE;
    *in = at;
    return mysql_greeting(&payload, head[3], in, out, detail);
}

const struct probe probe_mysql = {
    .name = "mysql",
    .default_ports = {3306},
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 1,
    /* An aborted handshake counts towards max_connect_errors (100), at which the server blocks the whole host; only a login or
     * FLUSH HOSTS resets the count. */
    .scan_connections = 1,
    .state_size = sizeof(struct mysql_state),
    .step = mysql_step,
};

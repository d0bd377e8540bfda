/* SQL Server up to TDS 7.4 ([MS-TDS], 2.2.6.5, 2.2.6.4 and 3.2.5.1): a PRELOGIN packet each way, of which one option says
 * what is to be encrypted; then TLS inside packets of type PRELOGIN, until the handshake is over.
 *
 *     | type 0x12 | status | length | spid | packet id | window | TLS ... |
 *
 * TDS 8.0 has TLS from its first byte, with ALPN "tds/8.0": a server that is strict about it closes on a PRELOGIN. */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

#include <string.h>

enum {
    TDS_RESPONSE = 0x04,
    TDS_PRELOGIN = 0x12,
    TDS_END_OF_MESSAGE = 0x01,
    OPTION_ENCRYPTION = 0x01,
    OPTION_TERMINATOR = 0xff,
    ENCRYPT_ON = 1,
    ENCRYPT_REQUIRED = 3,
    TOKEN_ERROR = 0xaa,
};

#define TDS_HEADER_LEN 8
#define TDS_PACKET_MAX 4096             /* until LOGIN7 agrees to another */

struct mssql_state {
    bool asked;
    uint16_t left;                      /* left of the packet that holds TLS */
};

static void packet_header(unsigned type, size_t payload, bool is_last, struct byte_writer *out)
{
    byte_writer_u8(out, type);
    byte_writer_u8(out, is_last ? TDS_END_OF_MESSAGE : 0);
    byte_writer_u16(out, (unsigned)(TDS_HEADER_LEN + payload));
    byte_writer_u32(out, 0);            /* spid, packet id, window: all ignored */
}

/* VERSION, ENCRYPTION, INSTOPT (the default instance), THREADID, MARS: what every driver sends. */
static const uint8_t mssql_options[] = {
    0, 0, 26, 0, 6,  OPTION_ENCRYPTION, 0, 32, 0, 1,  2, 0, 33, 0, 1,  3, 0, 34, 0, 4,  4, 0, 38, 0, 1,  OPTION_TERMINATOR,
    16, 0, 0, 0, 0, 0,  ENCRYPT_ON,  0,  0, 0, 0, 0,  0,
};

/* The whole response after its header: the value of its option ENCRYPTION. */
static enum probe_step mssql_response(const struct byte_reader *response, const struct byte_reader *in, char *detail)
{
    struct byte_reader options = *response;
    uint8_t option, value;
    uint16_t offset, len;
    while (byte_reader_u8(&options, &option) && option != OPTION_TERMINATOR) {
        struct byte_reader at = *response;
        if (!byte_reader_u16(&options, &offset) || !byte_reader_u16(&options, &len))
            return PROBE_NOT_SPOKEN;
        if (option != OPTION_ENCRYPTION)
            continue;
        if (!byte_reader_skip(&at, offset) || !byte_reader_u8(&at, &value) || len != 1)
            return PROBE_NOT_SPOKEN;
        if (value == ENCRYPT_ON || value == ENCRYPT_REQUIRED)
            return text_start_tls(in, detail);
        text_detail(detail, value == 2 ? "encryption is not supported" : "encryption is off",
                    value == 2 ? 27 : 17);
        return PROBE_REFUSED;
    }
    return PROBE_NOT_SPOKEN;
}

static enum probe_step mssql_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                  struct byte_writer *out, char *detail)
{
    (void)target;
    struct mssql_state *state = opaque;
    if (!state->asked) {
        packet_header(TDS_PRELOGIN, sizeof mssql_options, true, out);
        byte_writer_bytes(out, mssql_options, sizeof mssql_options);
    }
    state->asked = true;
    struct byte_reader at = *in, response;
    uint16_t len;
    if (in->left > 0 && in->at[0] != TDS_RESPONSE)
        return PROBE_NOT_SPOKEN;
    if (!byte_reader_skip(&at, 2) || !byte_reader_u16(&at, &len))
        return PROBE_MORE;
    if (len <= TDS_HEADER_LEN || len > TDS_PACKET_MAX)
        return PROBE_NOT_SPOKEN;
    if (!byte_reader_skip(&at, 4) || !byte_reader_sub(&at, len - TDS_HEADER_LEN, &response))
        return PROBE_MORE;
    *in = at;
    if (response.at[0] == TOKEN_ERROR) {        /* a gateway that rejects us before it has read the packet */
        text_detail(detail, "an ERROR token instead of options", 33);
        return PROBE_REFUSED;
    }
    return mssql_response(&response, in, detail);
}

static bool mssql_wrap(void *state, struct byte_reader *tls, struct byte_writer *out)
{
    (void)state;
    while (tls->left > 0) {
        size_t len = tls->left < TDS_PACKET_MAX - TDS_HEADER_LEN ? tls->left : TDS_PACKET_MAX - TDS_HEADER_LEN;
        packet_header(TDS_PRELOGIN, len, len == tls->left, out);
        byte_writer_bytes(out, tls->at, len);
        byte_reader_skip(tls, len);
    }
    return byte_writer_ok(out);
}

/* Packet and record boundaries are independent: a record may span packets, and a packet may hold several. */
static bool mssql_unwrap(void *opaque, struct byte_reader *in, struct byte_writer *tls, struct byte_writer *out)
{
    struct mssql_state *state = opaque;
    (void)out;
    for (;;) {
        struct byte_reader at = *in;
        uint8_t type, status;
        uint16_t len;
        size_t room = tls->capacity - tls->len, step = state->left < in->left ? state->left : in->left;
        step = step < room ? step : room;
        byte_writer_bytes(tls, in->at, step);
        byte_reader_skip(in, step);
        state->left = (uint16_t)(state->left - step);
        if (state->left != 0)
            return true;
        at = *in;
        if (at.left != 0 && at.at[0] != TDS_PRELOGIN && at.at[0] != TDS_RESPONSE)
            return false;
        if (at.left < TDS_HEADER_LEN)
            return true;
        byte_reader_u8(&at, &type);
        byte_reader_u8(&at, &status);
        byte_reader_u16(&at, &len);
        byte_reader_skip(&at, 4);
        if (len <= TDS_HEADER_LEN)
            return false;
        state->left = len - TDS_HEADER_LEN;
        *in = at;
    }
}

const struct probe probe_mssql = {
    .name = "mssql",
    .default_ports = {1433},
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 1,
    .state_size = sizeof(struct mssql_state),
    .step = mssql_step,
    .wrap = mssql_wrap,
    .unwrap = mssql_unwrap,
};

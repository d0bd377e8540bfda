/* RDP ([MS-RDPBCGR], 2.2.1.1 and 2.2.1.2): an X.224 Connection Request with RDP_NEG_REQ inside a TPKT (RFC 1006,
 * section 6), answered by a Connection Confirm with RDP_NEG_RSP or RDP_NEG_FAILURE, or with neither by a server
 * that knows only RDP's own security. TLS and CredSSP (which runs inside TLS) are asked for. */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

#include "probes/base/observation.h"

#include <stdio.h>

enum {
    TPKT_VERSION = 3,
    X224_CONNECTION_CONFIRM = 0xd0,
    RDP_NEG_RSP = 2,
    RDP_NEG_FAILURE = 3,
    PROTOCOL_RDP = 0,
};

#define RDP_CONFIRM_MAX 1024

struct rdp_state {
    bool asked;
};

static const uint8_t rdp_request[] = {
    TPKT_VERSION, 0, 0, 19,             /* TPKT: the whole length */
    14, 0xe0, 0, 0, 0, 0, 0,            /* X.224: length behind it, CR, destination, source, class 0 */
    1, 0, 8, 0, 0x0b, 0, 0, 0,          /* RDP_NEG_REQ: PROTOCOL_SSL, PROTOCOL_HYBRID, PROTOCOL_HYBRID_EX */
};

static const char *rdp_failure_name(uint32_t code)
{
    static const char *const names[] = {
        [1] = "SSL_REQUIRED_BY_SERVER",    [2] = "SSL_NOT_ALLOWED_BY_SERVER",
        [3] = "SSL_CERT_NOT_ON_SERVER",    [4] = "INCONSISTENT_FLAGS",
        [5] = "HYBRID_REQUIRED_BY_SERVER", [6] = "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
    };
    return code >= 1 && code <= 6 ? names[code] : "unknown failure";
}

/* The Connection Confirm after its TPKT header. */
static enum probe_step rdp_confirm(struct byte_reader *confirm, const struct byte_reader *in, char *detail)
{
    uint8_t len, type, flags;
    uint16_t negotiation_len;
    uint32_t value;
    if (!byte_reader_u8(confirm, &len) || !byte_reader_u8(confirm, &type) || type != X224_CONNECTION_CONFIRM ||
        !byte_reader_skip(confirm, 5))
        return PROBE_NOT_SPOKEN;
    if (confirm->left == 0) {
        text_detail(detail, "RDP security only", 17);
        return PROBE_REFUSED;
    }
    if (!byte_reader_u8(confirm, &type) || !byte_reader_u8(confirm, &flags) ||
        !byte_reader_u16_le(confirm, &negotiation_len) || !byte_reader_u32_le(confirm, &value))
        return PROBE_NOT_SPOKEN;
    if (type == RDP_NEG_RSP && value != PROTOCOL_RDP)
        return text_start_tls(in, detail);
    if (type != RDP_NEG_RSP && type != RDP_NEG_FAILURE)
        return PROBE_NOT_SPOKEN;
    snprintf(detail, DETAIL_SIZE, "%s", type == RDP_NEG_RSP ? "RDP security chosen" : rdp_failure_name(value));
    return PROBE_REFUSED;
}

static enum probe_step rdp_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                struct byte_writer *out, char *detail)
{
    (void)target;
    struct rdp_state *state = opaque;
    if (!state->asked)
        byte_writer_bytes(out, rdp_request, sizeof rdp_request);
    state->asked = true;
    if (in->left > 0 && in->at[0] != TPKT_VERSION)
        return PROBE_NOT_SPOKEN;
    struct byte_reader at = *in, confirm;
    uint16_t len;
    if (!byte_reader_skip(&at, 2) || !byte_reader_u16(&at, &len))
        return PROBE_MORE;
    if (len < 11 || len > RDP_CONFIRM_MAX)
        return PROBE_NOT_SPOKEN;
    if (!byte_reader_sub(&at, len - 4u, &confirm))
        return PROBE_MORE;
    *in = at;
    return rdp_confirm(&confirm, in, detail);
}

const struct probe probe_rdp = {
    .name = "rdp",
    .default_ports = {3389},
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 1,               /* Windows counts connections against its session limits */
    .state_size = sizeof(struct rdp_state),
    .step = rdp_step,
};

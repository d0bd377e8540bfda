/* VNC: the Remote Framebuffer Protocol (RFC 6143, section 7.1) with security type 19, VeNCrypt (rfbproto, "VeNCrypt"):
 *
 *     "RFB 003.008" each way -> types -> 19 -> version 0.2 each way, 0 -> sub-types -> ours -> 1, TLS
 *
 * Sub-types 260-262 and 264 have a certificate, 257-259 and 263 are TLS without one (anonymous Diffie-Hellman):
 * chosen if there is nothing else, so that the TLS layer can report it. Version 3.3 lets the server name one type,
 * and knows none with TLS. */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

#include "probes/base/observation.h"

#include <stdio.h>
#include <string.h>

enum vnc_stage { VNC_VERSION, VNC_TYPES, VNC_REASON, VNC_VENCRYPT, VNC_ACCEPTED, VNC_SUB_TYPES, VNC_AGREED };

#define VNC_VERSION_LEN 12              /* "RFB 003.008\n" */
#define VNC_VENCRYPT_TYPE 19

struct vnc_state {
    enum vnc_stage stage;
};

static enum probe_step vnc_refused(char *detail, const char *why)
{
    text_detail(detail, why, strlen(why));
    return PROBE_REFUSED;
}

static bool is_digits(const uint8_t *bytes)
{
    for (size_t i = 0; i < 3; i++)
        if (bytes[i] < '0' || bytes[i] > '9')
            return false;
    return true;
}

/* Version 3.7 brought the list of types; a newer server (Apple sends 003.889) is answered with 3.8. */
static enum probe_step vnc_version(struct vnc_state *state, struct byte_reader *in, struct byte_writer *out, char *detail)
{
    static const char begin[] = "RFB ";
    const uint8_t *text;
    size_t known = in->left < 4 ? in->left : 4;
    if (memcmp(in->at, begin, known) != 0)
        return PROBE_NOT_SPOKEN;
    if (!byte_reader_bytes(in, VNC_VERSION_LEN, &text))
        return PROBE_MORE;
    if (!is_digits(text + 4) || text[7] != '.' || !is_digits(text + 8) || text[11] != '\n')
        return PROBE_NOT_SPOKEN;
    if (memcmp(text + 4, "003.007", 7) < 0)
        return vnc_refused(detail, "RFB 3.3 knows no VeNCrypt");
    byte_writer_text(out, memcmp(text + 4, "003.007", 7) == 0 ? "RFB 003.007\n" : "RFB 003.008\n");
    state->stage = VNC_TYPES;
    return PROBE_MORE;
}

static enum probe_step vnc_types(struct vnc_state *state, struct byte_reader *in, struct byte_writer *out, char *detail)
{
    struct byte_reader types;
    bool has_vencrypt = false;
    char list[DETAIL_SIZE - 32] = "";
    if (in->at[0] == 0) {               /* no types: a reason follows */
        byte_reader_skip(in, 1);
        state->stage = VNC_REASON;
        return PROBE_MORE;
    }
    if (!byte_reader_vector8(in, &types))
        return PROBE_MORE;
    for (uint8_t type; byte_reader_u8(&types, &type);) {
        size_t len = strlen(list);
        has_vencrypt |= type == VNC_VENCRYPT_TYPE;
        if (len < sizeof list - 6)
            snprintf(list + len, sizeof list - len, " %u", type);
    }
    if (!has_vencrypt) {
        snprintf(detail, DETAIL_SIZE, "no VeNCrypt among security types%s", list);
        return PROBE_REFUSED;
    }
    byte_writer_u8(out, VNC_VENCRYPT_TYPE);
    state->stage = VNC_VENCRYPT;
    return PROBE_MORE;
}

static enum probe_step vnc_reason(struct byte_reader *in, char *detail)
{
    struct byte_reader at = *in, reason;
    uint32_t len;
    if (!byte_reader_u32(&at, &len))
        return PROBE_MORE;
    if (len > TEXT_LINE_MAX)
        return PROBE_NOT_SPOKEN;
    if (!byte_reader_sub(&at, len, &reason))
        return PROBE_MORE;
    *in = at;
    text_detail(detail, reason.at, reason.left);
    return PROBE_REFUSED;
}

static enum probe_step vnc_vencrypt(struct vnc_state *state, struct byte_reader *in, struct byte_writer *out, char *detail)
{
    uint16_t version;
    if (!byte_reader_u16(in, &version))
        return PROBE_MORE;
    if (version < 2) {                  /* 0.1 had other sub-type numbers; it was replaced in 2006 */
        byte_writer_u16(out, 0);
        return vnc_refused(detail, "VeNCrypt older than 0.2");
    }
    byte_writer_u16(out, 2);
    state->stage = VNC_ACCEPTED;
    return PROBE_MORE;
}

static enum probe_step vnc_accepted(struct vnc_state *state, struct byte_reader *in, char *detail)
{
    uint8_t refusal;
    byte_reader_u8(in, &refusal);
    if (refusal != 0)
        return vnc_refused(detail, "VeNCrypt 0.2 refused");
    state->stage = VNC_SUB_TYPES;
    return PROBE_MORE;
}

static unsigned sub_type_worth(uint32_t sub_type)
{
    switch (sub_type) {
    case 260: case 261: case 262: case 264: return 2;
    case 257: case 258: case 259: case 263: return 1;
    default: return 0;                  /* 256: a password in the clear */
    }
}

static enum probe_step vnc_sub_types(struct vnc_state *state, struct byte_reader *in, struct byte_writer *out,
                                     char *detail)
{
    struct byte_reader at = *in, list;
    uint8_t count;
    uint32_t best = 0;
    byte_reader_u8(&at, &count);
    if (!byte_reader_sub(&at, count * 4u, &list))
        return PROBE_MORE;
    *in = at;
    for (uint32_t sub_type; byte_reader_u32(&list, &sub_type);)
        if (sub_type_worth(sub_type) > sub_type_worth(best))
            best = sub_type;
    if (sub_type_worth(best) == 0)
        return vnc_refused(detail, count == 0 ? "no VeNCrypt sub-types" : "no VeNCrypt sub-type with TLS");
    byte_writer_u32(out, best);
    state->stage = VNC_AGREED;
    return PROBE_MORE;
}

static enum probe_step vnc_agreed(struct byte_reader *in, char *detail)
{
    uint8_t agreed;
    byte_reader_u8(in, &agreed);
    return agreed == 1 ? text_start_tls(in, detail) : vnc_refused(detail, "the server cannot begin TLS (no certificate?)");
}

static enum probe_step vnc_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                struct byte_writer *out, char *detail)
{
    (void)target;
    struct vnc_state *state = opaque;
    for (;;) {
        enum vnc_stage stage = state->stage;
        enum probe_step step = PROBE_MORE;
        if (in->left == 0)
            return PROBE_MORE;
        switch (stage) {
        case VNC_VERSION: step = vnc_version(state, in, out, detail); break;
        case VNC_TYPES: step = vnc_types(state, in, out, detail); break;
        case VNC_REASON: step = vnc_reason(in, detail); break;
        case VNC_VENCRYPT: step = vnc_vencrypt(state, in, out, detail); break;
        case VNC_ACCEPTED: step = vnc_accepted(state, in, detail); break;
        case VNC_SUB_TYPES: step = vnc_sub_types(state, in, out, detail); break;
        case VNC_AGREED: step = vnc_agreed(in, detail); break;
        }
        if (step != PROBE_MORE || state->stage == stage)
            return step;
    }
}

const struct probe probe_vnc = {
    .name = "vnc",
    .default_ports = {5900, 5901, 5902},
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 1,
    .scan_connections = 3,              /* TigerVNC and RealVNC block a host after five connections without a login */
    .state_size = sizeof(struct vnc_state),
    .step = vnc_step,
};

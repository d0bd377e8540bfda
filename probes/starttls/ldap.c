/* LDAP with StartTLS (RFC 4511, section 4.14): an ExtendedRequest, answered by an ExtendedResponse; both BER
 * (X.690), of which LDAP allows definite lengths only (section 5.1). */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

#include "probes/base/observation.h"

#include <stdio.h>
#include <string.h>

struct ldap_state {
    bool asked;
};

enum { BER_INTEGER = 0x02, BER_OCTET_STRING = 0x04, BER_ENUMERATED = 0x0a, BER_SEQUENCE = 0x30,
       LDAP_EXTENDED_RESPONSE = 0x78 };

/* LDAPMessage { messageID 1, [APPLICATION 23] { [0] "1.3.6.1.4.1.1466.20037" } } */
static const char ldap_request[] = "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
                                   "1.3.6.1.4.1.1466.20037";

/* Result codes of RFC 4511, section 4.1.9, that answer a StartTLS. */
static const char *ldap_result_name(unsigned code)
{
    switch (code) {
    case 1: return "operationsError";
    case 2: return "protocolError";
    case 8: return "strongerAuthRequired";
    case 10: return "referral";
    case 13: return "confidentialityRequired";
    case 50: return "insufficientAccessRights";
    case 51: return "busy";
    case 52: return "unavailable";
    case 53: return "unwillingToPerform";
    case 80: return "other";
    default: return "result";
    }
}

enum ber { BER_WHOLE, BER_PARTIAL, BER_BROKEN };

/* Reads one element: tag and contents. Partial: the bytes so far may become one. */
static enum ber ber_read(struct byte_reader *in, uint8_t *tag, struct byte_reader *inside)
{
    struct byte_reader at = *in;
    uint8_t first;
    if (!byte_reader_u8(&at, tag) || !byte_reader_u8(&at, &first))
        return BER_PARTIAL;
    size_t len = first;
    if (first & 0x80) {
        unsigned count = first & 0x7f;
        if (count == 0 || count > 4)
            return BER_BROKEN;
        len = 0;
        for (uint8_t byte; count > 0; count--) {
            if (!byte_reader_u8(&at, &byte))
                return BER_PARTIAL;
            len = len << 8 | byte;
        }
    }
    if (len > PROBE_INPUT_LIMIT)
        return BER_BROKEN;
    if (!byte_reader_sub(&at, len, inside))
        return BER_PARTIAL;
    *in = at;
    return BER_WHOLE;
}

static bool ber_expect(struct byte_reader *in, uint8_t expected, struct byte_reader *inside)
{
    uint8_t tag;
    return ber_read(in, &tag, inside) == BER_WHOLE && tag == expected;
}

/* The contents of one LDAPMessage. A notice of disconnection (section 4.4.1) has the same shape, messageID 0. */
static enum probe_step ldap_answer(struct byte_reader *message, const struct byte_reader *in, char *detail)
{
    struct byte_reader id, response, code, matched, text;
    if (!ber_expect(message, BER_INTEGER, &id) || !ber_expect(message, LDAP_EXTENDED_RESPONSE, &response) ||
        !ber_expect(&response, BER_ENUMERATED, &code) || code.left != 1 ||
        !ber_expect(&response, BER_OCTET_STRING, &matched) || !ber_expect(&response, BER_OCTET_STRING, &text))
        return PROBE_NOT_SPOKEN;
    if (code.at[0] == 0 && id.left == 1 && id.at[0] == 1)
        return text_start_tls(in, detail);
    char words[DETAIL_SIZE];
    text_detail(words, text.at, text.left < 80 ? text.left : 80);
    snprintf(detail, DETAIL_SIZE, "%s (%u)%s%.80s", ldap_result_name(code.at[0]), code.at[0],
             words[0] == '\0' ? "" : ": ", words);
    return PROBE_REFUSED;
}

static enum probe_step ldap_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                 struct byte_writer *out, char *detail)
{
    (void)target;
    struct ldap_state *state = opaque;
    if (!state->asked)
        byte_writer_bytes(out, ldap_request, sizeof ldap_request - 1);
    state->asked = true;
    if (in->left > 0 && in->at[0] != BER_SEQUENCE)
        return PROBE_NOT_SPOKEN;
    uint8_t tag;
    struct byte_reader message;
    switch (ber_read(in, &tag, &message)) {
    case BER_PARTIAL: return PROBE_MORE;
    case BER_BROKEN: return PROBE_NOT_SPOKEN;
    case BER_WHOLE: return ldap_answer(&message, in, detail);
    }
    return PROBE_NOT_SPOKEN;
}

const struct probe probe_ldap = {
    .name = "ldap",
    .default_ports = {389, 3268},       /* 3268: the global catalogue of Active Directory */
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 2,
    .state_size = sizeof(struct ldap_state),
    .step = ldap_step,
};

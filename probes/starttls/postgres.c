/* PostgreSQL's frontend/backend protocol: SSLRequest, answered by one byte, 'S' or 'N' ("Message Flow", "SSL Session
 * Encryption"). A server older than SSLRequest, or one that is full, answers with an ErrorResponse. */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

#include <string.h>

#define POSTGRES_ERROR_MAX 30000        /* as in libpq: a longer one is no ErrorResponse */

struct postgres_state {
    bool asked;
};

/* 'E', a length, then fields: a letter and a string each, of which 'M' is the message. Before protocol 3 there was
 * only the string. */
static enum probe_step postgres_error(struct byte_reader *in, char *detail)
{
    struct byte_reader at = *in, fields;
    uint32_t len;
    byte_reader_skip(&at, 1);
    if (!byte_reader_u32(&at, &len))
        return PROBE_MORE;
    if (len < 4 || len > POSTGRES_ERROR_MAX) {
        const uint8_t *text = in->at + 1, *end = memchr(text, '\0', in->left - 1);
        text_detail(detail, text, end == NULL ? in->left - 1 : (size_t)(end - text));
        return PROBE_REFUSED;
    }
    if (!byte_reader_sub(&at, len - 4, &fields))
        return PROBE_MORE;
    for (uint8_t type; byte_reader_u8(&fields, &type) && type != '\0';) {
        const uint8_t *end = fields.left == 0 ? NULL : memchr(fields.at, '\0', fields.left);
        if (end == NULL)
            break;
        if (type == 'M')
            text_detail(detail, fields.at, (size_t)(end - fields.at));
        byte_reader_skip(&fields, (size_t)(end - fields.at) + 1);
    }
    *in = at;
    return PROBE_REFUSED;
}

static enum probe_step postgres_step(void *opaque, const struct probe_target *target, struct byte_reader *in,
                                     struct byte_writer *out, char *detail)
{
    (void)target;
    struct postgres_state *state = opaque;
    if (!state->asked) {
        byte_writer_u32(out, 8);
        byte_writer_u32(out, 80877103);         /* SSLRequest: 1234 in the upper half, 5679 in the lower */
        state->asked = true;
    }
    if (in->left == 0)
        return PROBE_MORE;
    switch (in->at[0]) {
    case 'S':
        byte_reader_skip(in, 1);
        return text_start_tls(in, detail);
    case 'N':
        byte_reader_skip(in, 1);
        text_detail(detail, "N", 1);
        return PROBE_REFUSED;
    case 'E': return postgres_error(in, detail);
    default: return PROBE_NOT_SPOKEN;
    }
}

const struct probe probe_postgres = {
    .name = "postgres",
    .default_ports = {5432, 6432},              /* 6432: PgBouncer */
    .tls = PROBE_TLS_STARTTLS,
    .max_connections = 1,                       /* a backend process each, and slots are few */
    .state_size = sizeof(struct postgres_state),
    .step = postgres_step,
};

/* XMPP (RFC 6120, section 5): client streams and server streams.
 *
 *     <stream:stream to='name'> -> <stream:features> with <starttls> -> <starttls/> -> <proceed/>
 *
 * Of XML only tags are read, one at a time, attributes' quotes respected: which element opens or closes, by its
 * local name. That is all that this dialogue needs, and nothing in it can grow. */
#include "probes/starttls/starttls.h"
#include "probes/starttls/text.h"

#include "probes/base/observation.h"

#include <stdio.h>
#include <string.h>

#define XMPP_TAG_MAX 8192

enum xmpp_stage { XMPP_OPEN, XMPP_FEATURES, XMPP_ANSWER };

struct xmpp_state {
    uint32_t consumed;
    enum xmpp_stage stage;
    bool has_tag;                       /* the stream has begun */
    bool offered;
    bool proceeding;                    /* <proceed> is open, </proceed> has not come */
    char refusal[32];                   /* "failure" or "error" is open; the next tag says why */
};

struct xmpp_tag {
    const char *name;                   /* local part, without the prefix */
    size_t name_len;
    bool closes;                        /* </name> */
    bool empty;                         /* <name/> */
};

/* The length of the tag at the start of `in`, with its '>'; 0 if incomplete. */
static size_t tag_len(const struct byte_reader *in)
{
    uint8_t quote = 0;
    for (size_t i = 1; i < in->left; i++) {
        uint8_t byte = in->at[i];
        if (quote != 0)
            quote = byte == quote ? 0 : quote;
        else if (byte == '\'' || byte == '"')
            quote = byte;
        else if (byte == '>')
            return i + 1;
    }
    return 0;
}

static struct xmpp_tag tag_of(const char *bytes, size_t len)
{
    struct xmpp_tag tag = {.closes = bytes[1] == '/', .empty = len > 2 && bytes[len - 2] == '/'};
    size_t at = tag.closes ? 2 : 1, start = at;
    while (at < len && strchr(" \t\r\n/>", bytes[at]) == NULL) {
        if (bytes[at++] == ':')
            start = at;
    }
    tag.name = bytes + start;
    tag.name_len = at - start;
    return tag;
}

/* The next tag, text between tags skipped. */
static enum text_result tag_read(struct xmpp_state *state, struct byte_reader *in, struct xmpp_tag *tag)
{
    const uint8_t *open = in->left == 0 ? NULL : memchr(in->at, '<', in->left);
    size_t text = open == NULL ? in->left : (size_t)(open - in->at);
    if (!state->has_tag && text > 0)
        for (size_t i = 0; i < text; i++)
            if (strchr(" \t\r\n", in->at[i]) == NULL || in->at[i] == '\0')
                return TEXT_GARBAGE;            /* a stream does not begin with text */
    byte_reader_skip(in, text);
    state->consumed += (uint32_t)text;
    size_t len = tag_len(in);
    state->has_tag |= len != 0;
    if (state->consumed + len > PROBE_INPUT_LIMIT || (len == 0 && in->left > XMPP_TAG_MAX))
        return TEXT_GARBAGE;
    if (len == 0)
        return TEXT_MORE;
    *tag = tag_of((const char *)in->at, len);
    byte_reader_skip(in, len);
    state->consumed += (uint32_t)len;
    return TEXT_LINE;
}

static bool tag_is(const struct xmpp_tag *tag, const char *name)
{
    return tag->name_len == strlen(name) && memcmp(tag->name, name, tag->name_len) == 0;
}

static void write_escaped(struct byte_writer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("<>&'\"", *text) != NULL || (unsigned char)*text < 0x20)
            byte_writer_text(out, "_");         /* occurs in no DNS name, so it needs no entity */
        else
            byte_writer_bytes(out, text, 1);
    }
}

static void xmpp_open(struct byte_writer *out, const struct probe_target *target, const char *namespace)
{
    byte_writer_text(out, "<?xml version='1.0'?><stream:stream version='1.0' xmlns='");
    byte_writer_text(out, namespace);
    byte_writer_text(out, "' xmlns:stream='http://etherx.jabber.org/streams'");
    if (target != NULL && target->server_name != NULL && target->server_name[0] != '\0') {
        byte_writer_text(out, " to='");
        write_escaped(out, target->server_name);
        byte_writer_text(out, "'");
    }
    byte_writer_text(out, ">");
}

static enum probe_step xmpp_refused(const struct xmpp_state *state, const struct xmpp_tag *tag, char *detail)
{
    char words[48];
    snprintf(words, sizeof words, "%.*s", (int)(tag->name_len < 40 ? tag->name_len : 40), tag->name);
    snprintf(detail, DETAIL_SIZE, "%s%s%s", state->refusal, tag->closes ? "" : ": ", tag->closes ? "" : words);
    text_detail(detail, detail, strlen(detail));
    return PROBE_REFUSED;
}

/* Handles one tag in the current state. */
static enum probe_step xmpp_tag(struct xmpp_state *state, const struct xmpp_tag *tag, const struct byte_reader *in,
                                struct byte_writer *out, char *detail)
{
    if (state->refusal[0] != '\0')
        return xmpp_refused(state, tag, detail);
    if (tag_is(tag, "error") || tag_is(tag, "failure")) {
        snprintf(state->refusal, sizeof state->refusal, "%.*s", (int)tag->name_len, tag->name);
        return tag->empty ? xmpp_refused(state, &(struct xmpp_tag){.name = "", .closes = true}, detail) : PROBE_MORE;
    }
    if (tag->closes && tag_is(tag, "stream")) {
        text_detail(detail, "the stream was closed", 21);
        return PROBE_REFUSED;
    }
    if (state->stage == XMPP_ANSWER) {
        if (tag_is(tag, "proceed") && !tag->closes && !tag->empty)
            state->proceeding = true;
        else if (tag_is(tag, "proceed"))
            return text_start_tls(in, detail);
        return PROBE_MORE;
    }
    state->offered |= tag_is(tag, "starttls");
    if (!tag_is(tag, "features") || (!tag->closes && !tag->empty))
        return PROBE_MORE;
    if (!state->offered) {
        text_detail(detail, "starttls is not among the stream's features", 43);
        return PROBE_REFUSED;
    }
    byte_writer_text(out, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    state->stage = XMPP_ANSWER;
    return PROBE_MORE;
}

static enum probe_step xmpp_dialogue(struct xmpp_state *state, const struct probe_target *target,
                                     const char *namespace, struct byte_reader *in, struct byte_writer *out,
                                     char *detail)
{
    struct xmpp_tag tag;
    enum text_result result;
    if (state->stage == XMPP_OPEN) {
        xmpp_open(out, target, namespace);
        state->stage = XMPP_FEATURES;
    }
    while ((result = tag_read(state, in, &tag)) == TEXT_LINE) {
        enum probe_step step = xmpp_tag(state, &tag, in, out, detail);
        if (step != PROBE_MORE)
            return step;
    }
    return result == TEXT_MORE ? PROBE_MORE : PROBE_NOT_SPOKEN;
}

static enum probe_step xmpp_step(void *state, const struct probe_target *target, struct byte_reader *in,
                                 struct byte_writer *out, char *detail)
{
    return xmpp_dialogue(state, target, "jabber:client", in, out, detail);
}

static enum probe_step xmpp_server_step(void *state, const struct probe_target *target, struct byte_reader *in,
                                        struct byte_writer *out, char *detail)
{
    return xmpp_dialogue(state, target, "jabber:server", in, out, detail);
}

const struct probe probe_xmpp = {
    .name = "xmpp",
    .default_ports = {5222},
    .tls = PROBE_TLS_STARTTLS,
    .wants_name = true,
    .max_connections = 2,
    .state_size = sizeof(struct xmpp_state),
    .step = xmpp_step,
};

const struct probe probe_xmpp_server = {
    .name = "xmpp-server",
    .default_ports = {5269},
    .tls = PROBE_TLS_STARTTLS,
    .wants_name = true,
    .max_connections = 2,
    .state_size = sizeof(struct xmpp_state),
    .step = xmpp_server_step,
};

/* TLS behind the PROXY protocol (haproxy's proxy-protocol.txt, sections 2.1 and 2.2): a listener behind a load
 * balancer that wants this header before anything else. Ours names no source: "UNKNOWN" in version 1, LOCAL in
 * version 2, which is what a balancer's own health checks send. An invented source would be written into the
 * server's log. For the same reason this probe is used only when it is named: it has no default port, and no answer
 * leads to it. */
#include "probes/starttls/starttls.h"

static const uint8_t proxy_local[] = {
    '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n',    /* the signature */
    0x20, 0x00, 0, 0,                   /* version 2, LOCAL; no family; no addresses follow */
};

static enum probe_step proxy_step(void *state, const struct probe_target *target, struct byte_reader *in,
                                  struct byte_writer *out, char *detail)
{
    (void)state, (void)target, (void)in, (void)detail;
    byte_writer_text(out, "PROXY UNKNOWN\r\n");
    return PROBE_START_TLS;
}

static enum probe_step proxy_v2_step(void *state, const struct probe_target *target, struct byte_reader *in,
                                     struct byte_writer *out, char *detail)
{
    (void)state, (void)target, (void)in, (void)detail;
    byte_writer_bytes(out, proxy_local, sizeof proxy_local);
    return PROBE_START_TLS;
}

const struct probe probe_proxy = {
    .name = "proxy+tls",
    .tls = PROBE_TLS_STARTTLS,
    .step = proxy_step,
};

const struct probe probe_proxy_v2 = {
    .name = "proxy-v2+tls",
    .tls = PROBE_TLS_STARTTLS,
    .step = proxy_v2_step,
};

#include "scanner/passive/follow_ups.h"

#include "probes/base/memory.h"
#include "probes/base/probe.h"
#include "probes/base/fast_hash.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS (1u << 17)            /* candidates remembered; above, the table is cleared */

struct slot {
    uint64_t hash;                  /* 0: free. 64 keyed bits: a collision only means that one endpoint is not asked */
    int64_t reported_us;
};

struct follow_ups {
    struct slot *slots;
    size_t used;
    uint64_t key;
    int64_t ttl_us;
    char *capture;
};

struct follow_ups *follow_ups_create(int64_t ttl_us, const char *capture)
{
    struct follow_ups *follow_ups = xcalloc(1, sizeof *follow_ups);
    follow_ups->slots = xcalloc(SLOTS, sizeof *follow_ups->slots);
    follow_ups->key = fast_hash_key();
    follow_ups->ttl_us = ttl_us;
    follow_ups->capture = xstrdup(capture);
    return follow_ups;
}

void follow_ups_destroy(struct follow_ups *follow_ups)
{
    if (follow_ups == NULL)
        return;
    free(follow_ups->slots);
    free(follow_ups->capture);
    free(follow_ups);
}

/* RFC 1123 names only: nothing else may get into a target list. */
static bool is_host_name(const char *name)
{
    size_t len = strlen(name), label = 0;
    if (len == 0 || len > 253)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (c == '.' ? label == 0 : !is_letter && c != '-' && c != '_')
            return false;
        label = c == '.' ? 0 : label + 1;
        if (label > 63)
            return false;
    }
    struct address address;
    return !address_parse(name, &address);
}

static bool is_candidate(const struct handshake *handshake)
{
    if (handshake->server.len == 0 || handshake->server_port == 0 || handshake->chain_count != 0)
        return false;
    return handshake->outcome == OUTCOME_HIDDEN || handshake->outcome == OUTCOME_INCOMPLETE ||
           handshake->outcome == OUTCOME_TOO_LARGE ||
           (handshake->outcome == OUTCOME_NO_CERTIFICATE && strcmp(handshake->detail, "resumed") == 0);
}

bool follow_ups_add(struct follow_ups *follow_ups, const struct handshake *handshake, char line[512])
{
    char address[ADDRESS_TEXT_SIZE];
    if (!is_candidate(handshake))
        return false;
    address_format(&handshake->server, address);
    const char *name = is_host_name(handshake->server_name) ? handshake->server_name : "-";
    int key_len = snprintf(line, 512, "%s\t%s\t%u\t%s\t%s", transport_name(handshake->transport), address,
                           handshake->server_port, name, handshake->protocol);
    if (key_len < 0 || key_len >= 400)
        return false;
    uint64_t hash = fast_hash(follow_ups->key, line, (size_t)key_len) | 1;
    if (follow_ups->used > SLOTS / 2) {
        memset(follow_ups->slots, 0, SLOTS * sizeof *follow_ups->slots);
        follow_ups->used = 0;
    }
    size_t at = hash % SLOTS;
    while (follow_ups->slots[at].hash != 0 && follow_ups->slots[at].hash != hash)
        at = (at + 1) % SLOTS;
    struct slot *slot = &follow_ups->slots[at];
    if (slot->hash == hash && handshake->time_us - slot->reported_us < follow_ups->ttl_us)
        return false;
    follow_ups->used += slot->hash == 0;
    *slot = (struct slot){.hash = hash, .reported_us = handshake->time_us};
    const char *reason = handshake->detail[0] != '\0' ? handshake->detail : outcome_name(handshake->outcome);
    snprintf(line + key_len, 512 - (size_t)key_len, "\t%s\t%s\n", reason, follow_ups->capture);
    return true;
}

bool follow_up_parse(char *line, struct follow_up *follow_up)
{
    char *fields[7], *at = line;
    line[strcspn(line, "\r\n")] = '\0';
    for (size_t i = 0; i < 7; i++) {
        fields[i] = strsep(&at, "\t");
        if (fields[i] == NULL)
            return false;
    }
    char *end;
    unsigned long port = strtoul(fields[2], &end, 10);
    bool has_name = strcmp(fields[3], "-") != 0;
    if (!transport_parse(fields[0], &follow_up->transport) || !address_parse(fields[1], &follow_up->address) ||
        *end != '\0' || port == 0 || port > 65535 || (has_name && !is_host_name(fields[3])))
        return false;
    follow_up->port = (uint16_t)port;
    follow_up->server_name = has_name ? fields[3] : "";
    follow_up->protocol = fields[4];
    follow_up->reason = fields[5];
    follow_up->capture = fields[6];
    return true;
}

const struct probe *follow_up_probe(const struct follow_up *follow_up)
{
    if (strcmp(follow_up->protocol, "quic") == 0)
        return probe_find("tls");
    return follow_up->transport == TRANSPORT_TCP ? probe_find(follow_up->protocol) : NULL;
}

bool follow_up_target(const struct follow_up *follow_up, char text[512])
{
    char address[ADDRESS_TEXT_SIZE];
    address_format(&follow_up->address, address);
    bool is_ipv6 = follow_up->address.len == 16;
    int len = snprintf(text, 512, "%s%s%s%s%s:%u", follow_up->server_name, follow_up->server_name[0] == '\0' ? "" : "@",
                       is_ipv6 ? "[" : "", address, is_ipv6 ? "]" : "", follow_up->port);
    return len > 0 && len < 512;
}

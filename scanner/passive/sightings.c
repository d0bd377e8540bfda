#include "scanner/passive/sightings.h"

#include "probes/base/json_line.h"
#include "probes/base/memory.h"
#include "inventory/bundle/observation_line.h"
#include "probes/base/fast_hash.h"

#include <errno.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS_MAX        16384u              /* in memory; the table of slots is twice as large */
#define CHAINS_MAX      8192u
#define HELD_BYTES_MAX  (16u << 20)
#define LINES_BUFFER    (64u << 10)
#define HOUR_US         3600000000LL

struct chain {                              /* one list of certificates, stored once */
    int64_t id;                             /* in the bundle; 0: not written yet */
    uint8_t *bytes;                         /* as sent; certificates point into it */
    size_t len;
    size_t count;
    struct der *certificates;
    uint8_t (*sha256)[32];                  /* computed when a JSON line needs them */
};

struct row {
    uint64_t hash;
    uint32_t chain;                         /* index + 1; 0 none */
    bool was_written;
    bool has_staple;                        /* the first one of the hour; owned until it is written */
    struct sighting sighting;               /* count: not written yet; chain: set when it is written */
};

struct slot {                               /* a slot of a hash table; the tag avoids most comparisons */
    uint32_t tag, index;                    /* tag: the hash's upper half; index: + 1, 0 free */
};

struct sightings {
    struct sightings_options options;
    struct sightings_counts counts;
    uint64_t hash_key;
    struct row *rows;
    uint32_t row_count;
    struct slot row_slots[2 * ROWS_MAX];
    struct chain chains[CHAINS_MAX];
    uint32_t chain_count;
    struct slot chain_slots[2 * CHAINS_MAX];
    size_t held_bytes;                      /* of chains and staples */
    struct json_line line;
    char *lines;
    size_t lines_len;
    struct error trouble;
};

struct sightings *sightings_create(const struct sightings_options *options)
{
    struct sightings *sightings = xcalloc(1, sizeof *sightings);
    sightings->options = *options;
    sightings->hash_key = fast_hash_key();
    sightings->rows = xcalloc(ROWS_MAX, sizeof *sightings->rows);
    json_line_init(&sightings->line);
    sightings->lines = xmalloc(LINES_BUFFER);
    return sightings;
}

static void drop_staple(struct sightings *sightings, struct row *row)
{
    struct observation *seen = &row->sighting.seen;
    sightings->held_bytes -= seen->ocsp_staple_len;
    free((uint8_t *)(uintptr_t)seen->ocsp_staple);
    seen->ocsp_staple = NULL;
    seen->ocsp_staple_len = 0;
}

static void forget_rows(struct sightings *sightings)
{
    for (uint32_t i = 0; i < sightings->row_count; i++)
        drop_staple(sightings, &sightings->rows[i]);
    sightings->row_count = 0;
    memset(sightings->row_slots, 0, sizeof sightings->row_slots);
}

static void forget_all(struct sightings *sightings)
{
    forget_rows(sightings);
    for (uint32_t i = 0; i < sightings->chain_count; i++) {
        free(sightings->chains[i].bytes);
        free(sightings->chains[i].certificates);
        free(sightings->chains[i].sha256);
    }
    sightings->chain_count = 0;
    sightings->held_bytes = 0;
    memset(sightings->chain_slots, 0, sizeof sightings->chain_slots);
}

void sightings_destroy(struct sightings *sightings)
{
    if (sightings == NULL)
        return;
    forget_all(sightings);
    json_line_clear(&sightings->line);
    free(sightings->lines);
    free(sightings->rows);
    free(sightings);
}

const struct sightings_counts *sightings_counts(const struct sightings *sightings)
{
    return &sightings->counts;
}

/* --- writing ------------------------------------------------------------------------------------------- */

static bool write_row(struct sightings *sightings, struct row *row)
{
    struct bundle_writer *writer = sightings->options.writer;
    struct chain *chain = row->chain == 0 ? NULL : &sightings->chains[row->chain - 1];
    if (row->sighting.count == 0)
        return true;
    if (chain != NULL && chain->id == 0 &&
        !bundle_add_chain(writer, chain->certificates, chain->count, &chain->id, &sightings->trouble))
        return false;
    row->sighting.chain = chain == NULL ? 0 : chain->id;
    if (!bundle_add_sighting(writer, &row->sighting, &sightings->trouble))
        return false;
    drop_staple(sightings, row);            /* written once per hour */
    sightings->counts.rows++;
    row->sighting.count = 0;
    row->was_written = true;
    return true;
}

static bool write_lines(struct sightings *sightings)
{
    for (size_t done = 0; done < sightings->lines_len;) {
        ssize_t n = write(sightings->options.lines_fd, sightings->lines + done, sightings->lines_len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            error_set(&sightings->trouble, ERROR_IO, "JSON lines: %s", strerror(errno));
            sightings->options.lines_fd = -1;
            break;
        }
        done += (size_t)n;
    }
    sightings->lines_len = 0;
    return sightings->trouble.kind == ERROR_NONE;
}

static bool write_all(struct sightings *sightings)
{
    bool ok = sightings->trouble.kind == ERROR_NONE;
    for (uint32_t i = 0; i < sightings->row_count && ok; i++)
        ok = write_row(sightings, &sightings->rows[i]);
    return write_lines(sightings) && ok;
}

bool sightings_flush(struct sightings *sightings, struct error *err)
{
    bool ok = write_all(sightings);
    forget_all(sightings);
    if (!ok && err != NULL)
        *err = sightings->trouble;
    return ok;
}

/* --- finding ------------------------------------------------------------------------------------------- */

static struct slot *next_slot(struct slot *slots, size_t count, struct slot *slot)
{
    return slot + 1 == slots + count ? slots : slot + 1;
}

/* The chain's index + 1; 0 where the table is full. */
static uint32_t find_chain(struct sightings *sightings, const struct handshake *handshake)
{
    uint64_t hash = fast_hash(sightings->hash_key, handshake->chain_bytes, handshake->chain_bytes_len);
    struct slot *slot = &sightings->chain_slots[hash % (2 * CHAINS_MAX)];
    for (; slot->index != 0; slot = next_slot(sightings->chain_slots, 2 * CHAINS_MAX, slot)) {
        if (slot->tag != hash >> 32)
            continue;
        const struct chain *chain = &sightings->chains[slot->index - 1];
        if (chain->len == handshake->chain_bytes_len && chain->count == handshake->chain_count &&
            memcmp(chain->bytes, handshake->chain_bytes, chain->len) == 0)
            return slot->index;
    }
    if (sightings->chain_count == CHAINS_MAX || sightings->held_bytes + handshake->chain_bytes_len > HELD_BYTES_MAX)
        return 0;
    struct chain *chain = &sightings->chains[sightings->chain_count++];
    *chain = (struct chain){.len = handshake->chain_bytes_len, .count = handshake->chain_count};
    chain->bytes = xmemdup(handshake->chain_bytes, chain->len);
    chain->certificates = xmalloc(chain->count * sizeof *chain->certificates);
    for (size_t i = 0; i < chain->count; i++)
        chain->certificates[i] =
            (struct der){.bytes = chain->bytes + (handshake->chain[i].bytes - handshake->chain_bytes),
                         .len = handshake->chain[i].len};
    sightings->held_bytes += chain->len;
    *slot = (struct slot){.tag = (uint32_t)(hash >> 32), .index = sightings->chain_count};
    return slot->index;
}

static bool is_same(const struct row *row, const struct row *wanted)
{
    const struct observation *a = &row->sighting.seen, *b = &wanted->sighting.seen;
    return row->hash == wanted->hash && row->sighting.hour_us == wanted->sighting.hour_us && row->chain == wanted->chain &&
           a->role == b->role && a->outcome == b->outcome && a->tls_version == b->tls_version &&
           a->cipher_suite == b->cipher_suite && a->group == b->group && a->endpoint.port == b->endpoint.port &&
           a->endpoint.transport == b->endpoint.transport &&
           address_compare(&a->endpoint.address, &b->endpoint.address) == 0 &&
           address_compare(&a->peer, &b->peer) == 0 &&
           strcmp(a->endpoint.server_name, b->endpoint.server_name) == 0 && strcmp(a->protocol, b->protocol) == 0 &&
           strcmp(a->detail, b->detail) == 0 && strcmp(a->alpn, b->alpn) == 0;
}

static uint64_t hash_row(const struct sightings *sightings, const struct row *row)
{
    const struct observation *seen = &row->sighting.seen;
    uint64_t parts[8] = {(uint64_t)row->sighting.hour_us, row->chain, (uint64_t)seen->endpoint.port << 32 | seen->tls_version,
                         (uint64_t)(uint32_t)seen->cipher_suite << 8 | (uint64_t)seen->role};
    memcpy(&parts[4], seen->endpoint.address.bytes, 16);
    memcpy(&parts[6], seen->peer.bytes, 16);
    return fast_hash(fast_hash(sightings->hash_key, parts, sizeof parts), seen->endpoint.server_name,
                     strlen(seen->endpoint.server_name));
}

static void copy_text(char *to, size_t size, const char *text)
{
    size_t len = strnlen(text, size - 1);
    memcpy(to, text, len);
    to[len] = '\0';
}

/* A link has no IP addresses: its MAC is stored as the link-local address formed from it (RFC 4291, appendix A). */
static struct address link_address(const struct address *address, const uint8_t mac[6])
{
    if (address->len != 0)
        return *address;
    const uint8_t bytes[16] = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4],
                               mac[5]};
    return address_from_bytes(bytes, 16);
}

static void make_row(const struct handshake *handshake, struct row *row)
{
    int64_t hours = handshake->time_us / HOUR_US - (handshake->time_us % HOUR_US < 0);
    struct sighting *sighting = &row->sighting;
    row->chain = 0;
    row->was_written = row->has_staple = false;
    sighting->hour_us = hours * HOUR_US;
    sighting->first_us = sighting->last_us = handshake->time_us;
    sighting->count = 0;
    struct observation *seen = &sighting->seen;
    seen->time_us = handshake->time_us;
    seen->method = METHOD_PASSIVE;
    seen->role = handshake->role;
    seen->variant = VARIANT_SEEN;
    seen->outcome = handshake->outcome;
    seen->endpoint.transport = handshake->transport;
    seen->endpoint.address = link_address(&handshake->server, handshake->server_mac);
    seen->endpoint.zone[0] = '\0';
    seen->endpoint.port = handshake->server_port;
    copy_text(seen->endpoint.server_name, sizeof seen->endpoint.server_name, handshake->server_name);
    seen->peer = (struct address){0};
    if (handshake->role == ROLE_CLIENT)
        seen->peer = link_address(&handshake->client, handshake->client_mac);
    copy_text(seen->protocol, sizeof seen->protocol, handshake->protocol);
    copy_text(seen->detail, sizeof seen->detail, handshake->detail);
    seen->tls_version = handshake->tls_version;
    seen->cipher_suite = handshake->cipher_suite;
    seen->group = handshake->group;
    copy_text(seen->alpn, sizeof seen->alpn, handshake->alpn);
    seen->key_proven = KEY_PROVEN_UNKNOWN;
    seen->name_source = handshake->server_name[0] == '\0' ? NAME_SOURCE_NONE : NAME_SOURCE_GIVEN;
    seen->connections = 0;
    seen->position = UINT64_MAX;
    seen->chain = NULL;
    seen->chain_count = 0;
    seen->ocsp_staple = NULL;
    seen->ocsp_staple_len = 0;
    seen->sct_count = handshake->sct_count;
    seen->dns_us = seen->connect_us = seen->handshake_us = 0;
}

static void add_line(struct sightings *sightings, const struct handshake *handshake, const struct row *row)
{
    struct chain *chain = row->chain == 0 ? NULL : &sightings->chains[row->chain - 1];
    struct json_line *line = &sightings->line;
    char client[ADDRESS_TEXT_SIZE];
    if (chain != NULL && chain->sha256 == NULL) {
        chain->sha256 = xmalloc(chain->count * sizeof *chain->sha256);
        for (size_t i = 0; i < chain->count; i++)
            SHA256(chain->certificates[i].bytes, chain->certificates[i].len, chain->sha256[i]);
    }
    observation_line_write(line, sightings->options.scan_id, sightings->options.site, &row->sighting.seen,
                           chain == NULL ? NULL : (const uint8_t (*)[32])chain->sha256, chain == NULL ? 0 : chain->count);
    line->len -= 2;                         /* cut the closing brace: the listener's own keys follow */
    line->comma = true;
    struct address address = link_address(&handshake->client, handshake->client_mac);
    address_format(&address, client);
    json_line_text(line, "client_address", client);
    json_line_int(line, "client_port", handshake->client_port);
    json_line_text(line, "ja3", handshake->ja3[0] == '\0' ? NULL : handshake->ja3);
    json_line_text(line, "ja3s", handshake->ja3s[0] == '\0' ? NULL : handshake->ja3s);
    json_line_text(line, "ja4", handshake->ja4[0] == '\0' ? NULL : handshake->ja4);
    json_line_bool(line, "ocsp_staple", handshake->ocsp_staple != NULL);
    json_line_bool(line, "ech", handshake->ech);
    json_line_bool(line, "decrypted", handshake->decrypted);
    json_line_bool(line, "overlap_conflict", handshake->overlap_conflict);
    json_line_end(line);
    if (sightings->lines_len + line->len > LINES_BUFFER)
        write_lines(sightings);
    if (line->len <= LINES_BUFFER) {
        memcpy(sightings->lines + sightings->lines_len, line->text, line->len);
        sightings->lines_len += line->len;
    }
}

static void count(struct sightings *sightings, const struct handshake *handshake)
{
    struct sightings_counts *counts = &sightings->counts;
    counts->handshakes++;
    counts->chains += handshake->chain_count != 0;
    counts->hidden += handshake->outcome == OUTCOME_HIDDEN;
    counts->incomplete += handshake->outcome == OUTCOME_INCOMPLETE;
    counts->resumed += handshake->outcome == OUTCOME_NO_CERTIFICATE;
}

/* The row equal to `wanted`; if there is none, wanted itself, which becomes a row. */
static struct row *find_row(struct sightings *sightings, struct row *wanted)
{
    wanted->hash = hash_row(sightings, wanted);
    struct slot *slot = &sightings->row_slots[wanted->hash % (2 * ROWS_MAX)];
    for (; slot->index != 0; slot = next_slot(sightings->row_slots, 2 * ROWS_MAX, slot))
        if (slot->tag == wanted->hash >> 32 && is_same(&sightings->rows[slot->index - 1], wanted))
            return &sightings->rows[slot->index - 1];
    *slot = (struct slot){.tag = (uint32_t)(wanted->hash >> 32), .index = ++sightings->row_count};
    return wanted;
}

/* One staple an hour is kept: servers renew theirs every few days. */
static void take_staple(struct sightings *sightings, struct row *row, const struct handshake *handshake)
{
    if (row->has_staple || handshake->ocsp_staple == NULL)
        return;
    row->has_staple = true;
    row->sighting.seen.ocsp_staple = xmemdup(handshake->ocsp_staple, handshake->ocsp_staple_len);
    row->sighting.seen.ocsp_staple_len = handshake->ocsp_staple_len;
    sightings->held_bytes += handshake->ocsp_staple_len;
}

/* If a table is full, all rows are written and it starts empty. */
static struct row *row_of(struct sightings *sightings, const struct handshake *handshake)
{
    if (sightings->held_bytes + handshake->ocsp_staple_len > HELD_BYTES_MAX) {
        write_all(sightings);
        forget_all(sightings);
    } else if (sightings->row_count == ROWS_MAX) {
        write_all(sightings);
        forget_rows(sightings);
    }
    uint32_t chain = handshake->chain_count == 0 ? 0 : find_chain(sightings, handshake);
    if (chain == 0 && handshake->chain_count != 0) {
        write_all(sightings);
        forget_all(sightings);
        chain = find_chain(sightings, handshake);
    }
    struct row *free_row = &sightings->rows[sightings->row_count];
    make_row(handshake, free_row);
    free_row->chain = chain;
    return find_row(sightings, free_row);
}

bool sightings_add(struct sightings *sightings, const struct handshake *handshake)
{
    count(sightings, handshake);
    struct row *row = row_of(sightings, handshake);
    struct sighting *sighting = &row->sighting;
    if (handshake->time_us < sighting->first_us)
        sighting->first_us = handshake->time_us;
    if (handshake->time_us > sighting->last_us)
        sighting->last_us = handshake->time_us;
    if (handshake->sct_count > sighting->seen.sct_count)
        sighting->seen.sct_count = handshake->sct_count;
    take_staple(sightings, row, handshake);
    sighting->count++;
    if (sightings->options.lines_fd >= 0)
        add_line(sightings, handshake, row);
    if (sightings->options.first_at_once && !row->was_written)
        write_row(sightings, row);
    return sightings->trouble.kind == ERROR_NONE;
}

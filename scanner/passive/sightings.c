#include "scanner/passive/sightings.h"

#include "probes/base/json_line.h"
#include "probes/base/memory.h"
#include "scanner/observation_line.h"
#include "scanner/passive/fast_hash.h"

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

struct chain {                              /* one list of certificates, held once */
    uint64_t hash;
    int64_t id;                             /* in the bundle; 0 not there yet */
    uint8_t *bytes;                         /* as sent; certificates point into it */
    size_t len;
    size_t count;
    struct der *certificates;
    uint8_t (*sha256)[32];                  /* made when a line wants them */
};

struct row {
    uint64_t hash;
    int64_t hour_us, first_us, last_us;
    uint64_t count;                         /* not written yet */
    uint8_t *staple;                        /* the first of the hour, until it is written */
    size_t staple_len;
    bool has_staple;
    struct observation seen;                /* without the chain; the staple is set when it is written */
    uint32_t chain;                         /* index + 1; 0 none */
};

struct sightings {
    struct sightings_options options;
    struct sightings_counts counts;
    uint64_t hash_key;
    struct row *rows;
    uint32_t row_count, row_slots[2 * ROWS_MAX];            /* index + 1 */
    struct chain chains[CHAINS_MAX];
    uint32_t chain_count, chain_slots[2 * CHAINS_MAX];
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

static void forget_rows(struct sightings *sightings)
{
    for (uint32_t i = 0; i < sightings->row_count; i++) {
        sightings->held_bytes -= sightings->rows[i].staple_len;
        free(sightings->rows[i].staple);
    }
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
    if (row->count == 0)
        return true;
    struct sighting sighting = {.hour_us = row->hour_us,
                                .first_us = row->first_us,
                                .last_us = row->last_us,
                                .count = row->count,
                                .seen = row->seen};
    struct chain *chain = row->chain == 0 ? NULL : &sightings->chains[row->chain - 1];
    if (chain != NULL && chain->id == 0 &&
        !bundle_add_chain(sightings->options.writer, chain->certificates, chain->count, &chain->id,
                          &sightings->trouble))
        return false;
    sighting.chain = chain == NULL ? 0 : chain->id;
    sighting.seen.ocsp_staple = row->staple;
    sighting.seen.ocsp_staple_len = row->staple_len;
    if (!bundle_add_sighting(sightings->options.writer, &sighting, &sightings->trouble))
        return false;
    sightings->held_bytes -= row->staple_len;
    free(row->staple);
    row->staple = NULL;                     /* later deltas of the hour need not say it again */
    row->staple_len = 0;
    sightings->counts.rows++;
    row->count = 0;
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

/* The chain's index + 1; 0 where the table is full. */
static uint32_t find_chain(struct sightings *sightings, const struct handshake *handshake)
{
    uint64_t hash = fast_hash(sightings->hash_key, handshake->chain_bytes, handshake->chain_bytes_len);
    uint32_t at = (uint32_t)(hash % (2 * CHAINS_MAX));
    for (; sightings->chain_slots[at] != 0; at = (at + 1) % (2 * CHAINS_MAX)) {
        const struct chain *chain = &sightings->chains[sightings->chain_slots[at] - 1];
        if (chain->hash == hash && chain->len == handshake->chain_bytes_len && chain->count == handshake->chain_count &&
            memcmp(chain->bytes, handshake->chain_bytes, chain->len) == 0)
            return sightings->chain_slots[at];
    }
    if (sightings->chain_count == CHAINS_MAX || sightings->held_bytes + handshake->chain_bytes_len > HELD_BYTES_MAX)
        return 0;
    struct chain *chain = &sightings->chains[sightings->chain_count++];
    *chain = (struct chain){.hash = hash, .len = handshake->chain_bytes_len, .count = handshake->chain_count};
    chain->bytes = xmemdup(handshake->chain_bytes, chain->len);
    chain->certificates = xmalloc(chain->count * sizeof *chain->certificates);
    for (size_t i = 0; i < chain->count; i++)
        chain->certificates[i] =
            (struct der){.bytes = chain->bytes + (handshake->chain[i].bytes - handshake->chain_bytes),
                         .len = handshake->chain[i].len};
    sightings->held_bytes += chain->len;
    return sightings->chain_slots[at] = sightings->chain_count;
}

static bool is_same(const struct row *row, const struct row *wanted)
{
    const struct observation *a = &row->seen, *b = &wanted->seen;
    return row->hash == wanted->hash && row->hour_us == wanted->hour_us && row->chain == wanted->chain &&
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
    const struct observation *seen = &row->seen;
    uint64_t parts[8] = {(uint64_t)row->hour_us, row->chain, (uint64_t)seen->endpoint.port << 32 | seen->tls_version,
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

/* A link has no IP addresses: its MAC stands as the link-local address that it makes (RFC 4291, appendix A). */
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
    memset(row, 0, offsetof(struct row, seen));
    row->hour_us = hours * HOUR_US;
    row->first_us = row->last_us = handshake->time_us;
    row->chain = 0;
    struct observation *seen = &row->seen;
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
    observation_line_write(line, sightings->options.scan_id, sightings->options.site, &row->seen,
                           chain == NULL ? NULL : (const uint8_t (*)[32])chain->sha256, chain == NULL ? 0 : chain->count);
    line->len -= 2;                         /* the object's end: what only a listener knows is added */
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

/* A slot for it: found, or new and free. Where the tables are full all is written, and they begin anew. */
static struct row *find_row(struct sightings *sightings, struct row *wanted)
{
    wanted->hash = hash_row(sightings, wanted);
    uint32_t at = (uint32_t)(wanted->hash % (2 * ROWS_MAX));
    for (; sightings->row_slots[at] != 0; at = (at + 1) % (2 * ROWS_MAX)) {
        struct row *row = &sightings->rows[sightings->row_slots[at] - 1];
        if (is_same(row, wanted))
            return row;
    }
    sightings->row_slots[at] = ++sightings->row_count;
    struct row *row = &sightings->rows[sightings->row_count - 1];
    *row = *wanted;
    return row;
}

/* One staple an hour is kept: servers renew theirs every few days. */
static void take_staple(struct sightings *sightings, struct row *row, const struct handshake *handshake)
{
    if (row->has_staple || handshake->ocsp_staple == NULL)
        return;
    row->has_staple = true;
    row->staple = xmemdup(handshake->ocsp_staple, handshake->ocsp_staple_len);
    row->staple_len = handshake->ocsp_staple_len;
    sightings->held_bytes += row->staple_len;
}

bool sightings_add(struct sightings *sightings, const struct handshake *handshake)
{
    struct row wanted;
    count(sightings, handshake);
    make_row(handshake, &wanted);
    if (sightings->held_bytes + handshake->ocsp_staple_len > HELD_BYTES_MAX) {
        write_all(sightings);
        forget_all(sightings);
    } else if (sightings->row_count == ROWS_MAX) {
        write_all(sightings);
        forget_rows(sightings);
    }
    if (handshake->chain_count != 0 && (wanted.chain = find_chain(sightings, handshake)) == 0) {
        write_all(sightings);
        forget_all(sightings);
        wanted.chain = find_chain(sightings, handshake);
    }
    struct row *row = find_row(sightings, &wanted);
    bool is_new = row->count == 0 && row->first_us == wanted.first_us && row->last_us == wanted.last_us;
    if (wanted.first_us < row->first_us)
        row->first_us = wanted.first_us;
    if (wanted.last_us > row->last_us)
        row->last_us = wanted.last_us;
    if (wanted.seen.sct_count > row->seen.sct_count)
        row->seen.sct_count = wanted.seen.sct_count;
    take_staple(sightings, row, handshake);
    row->count++;
    if (sightings->options.lines_fd >= 0)
        add_line(sightings, handshake, row);
    if (sightings->options.first_at_once && is_new)
        write_row(sightings, row);
    return sightings->trouble.kind == ERROR_NONE;
}

#include "inventory/load/answer_rows.h"

#include "inventory/load/loader_endpoints.h"
#include "probes/base/byte_writer.h"
#include "probes/base/sha256.h"

#include <string.h>

#define CLASS_COLUMNS 6
#define GAP_ROWS 16                 /* a seek costs as much as reading this many answers */

void answer_id_copy(struct db_copy *copy, int64_t id)
{
    if (id == 0)
        db_binary_null(copy);
    else
        db_binary_int8(copy, id);
}

void answer_int_copy(struct db_copy *copy, int64_t value, int64_t none)
{
    if (value == none)
        db_binary_null(copy);
    else
        db_binary_int4(copy, value > INT32_MAX ? INT32_MAX : (int32_t)value);
}

void answer_text_copy(struct db_copy *copy, const char *text)
{
    db_binary_text(copy, text[0] == '\0' ? NULL : text);
}

void answer_proven_copy(struct db_copy *copy, enum key_proven proven)
{
    if (proven == KEY_PROVEN_UNKNOWN)
        db_binary_null(copy);
    else
        db_binary_bool(copy, proven == KEY_PROVEN_TRUE);
}

int64_t answer_digest(const struct loader *loader, const struct bundle_observation *row)
{
    const struct observation *o = &row->seen;
    uint8_t bytes[64 + sizeof o->protocol + sizeof o->detail + sizeof o->alpn], hash[32];
    struct byte_writer writer = byte_writer_of(bytes, sizeof bytes);
    if (o->role != ROLE_SERVER || o->peer.len != 0)
        return 0;
    int64_t chain = row->chain == 0 ? 0 : id_list_find(&loader->chains, row->chain);
    if (row->chain != 0 && chain == 0)
        chain = -row->chain;            /* not stored yet: no stored answer has it */
    byte_writer_u64(&writer, (uint64_t)chain);
    byte_writer_u8(&writer, row->staple != 0);
    byte_writer_u8(&writer, (unsigned)o->outcome);
    byte_writer_u8(&writer, (unsigned)o->key_proven);
    byte_writer_u16(&writer, o->tls_version);
    byte_writer_u64(&writer, (uint64_t)o->cipher_suite << 32 | (uint32_t)o->group);
    byte_writer_bytes(&writer, o->protocol, strlen(o->protocol) + 1);
    byte_writer_bytes(&writer, o->detail, strlen(o->detail) + 1);
    byte_writer_text(&writer, o->alpn);
    sha256_of(bytes, writer.len, hash);
    int64_t digest;
    memcpy(&digest, hash, sizeof digest);
    return digest;
}

bool answer_class_copy(struct db_copy *copy, const struct loader *loader, const struct bundle_observation *row, struct error *err)
{
    uint8_t key[16];
    loader_endpoint_key(loader, &row->seen.endpoint, key);
    if (!db_binary_row(copy, CLASS_COLUMNS, err))
        return false;
    db_binary_int8(copy, row->row);
    db_binary_int8(copy, row->endpoint);
    db_binary_bytes(copy, key, sizeof key);
    db_binary_int2(copy, (int16_t)row->seen.variant);
    db_binary_time(copy, row->seen.time_us);
    answer_id_copy(copy, answer_digest(loader, row));
    return true;
}

void answer_columns_copy(struct db_copy *copy, const struct loader *loader, const struct bundle_observation *row)
{
    const struct observation *o = &row->seen;
    answer_id_copy(copy, answer_digest(loader, row));
    db_binary_time(copy, o->time_us);
    if (o->position == UINT64_MAX)
        db_binary_null(copy);
    else
        db_binary_int8(copy, (int64_t)o->position);
    answer_id_copy(copy, row->chain == 0 ? 0 : id_list_find(&loader->chains, row->chain));
    answer_id_copy(copy, row->staple == 0 ? 0 : id_list_find(&loader->staples, row->staple));
    answer_int_copy(copy, o->sct_count, -1);
    answer_int_copy(copy, o->dns_us, -1);
    answer_int_copy(copy, o->connect_us, -1);
    answer_int_copy(copy, o->handshake_us, -1);
    answer_int_copy(copy, o->connections, -1);
    db_binary_int2(copy, (int16_t)o->method);
    db_binary_int2(copy, (int16_t)o->role);
    db_binary_int2(copy, (int16_t)o->variant);
    db_binary_int2(copy, (int16_t)o->outcome);
    db_binary_int2(copy, (int16_t)o->name_source);
    answer_proven_copy(copy, o->key_proven);
    db_binary_inet(copy, o->peer.bytes, o->peer.len);
    answer_int_copy(copy, o->tls_version, 0);
    answer_int_copy(copy, o->cipher_suite, -1);
    answer_int_copy(copy, o->group, -1);
    db_binary_text(copy, o->protocol);
    answer_text_copy(copy, o->detail);
    answer_text_copy(copy, o->alpn);
}

/* ---- some rows, read again ---- */

struct reading {
    const struct db_result *wanted;
    size_t next;
    bool (*on_row)(void *, size_t, const struct bundle_observation *);
    void *context;
    bool ok;
};

/* false ends this reading: all have come, or the next one is far away. */
static bool on_observation(void *context, const struct bundle_observation *row)
{
    struct reading *reading = context;
    int64_t wanted = db_binary_number(reading->wanted, reading->next, 0);
    if (row->row < wanted)
        return wanted - row->row <= GAP_ROWS;
    reading->ok = row->row == wanted && reading->on_row(reading->context, reading->next, row);
    return reading->ok && ++reading->next < db_rows(reading->wanted);
}

bool answer_rows_read(struct loader *loader, const struct db_result *wanted,
                      bool (*on_row)(void *context, size_t at, const struct bundle_observation *row), void *context, struct error *err)
{
    struct reading reading = {.wanted = wanted, .on_row = on_row, .context = context, .ok = true};
    bool ok = true;
    while (ok && reading.next < db_rows(wanted)) {
        size_t before = reading.next;
        ok = bundle_read_observations(loader->reader, db_binary_number(wanted, reading.next, 0) - 1, -1, on_observation, &reading, err) &&
             reading.ok &&
             (reading.next > before || error_set(err, ERROR_INPUT, "bundle %s: it changed while it was read", bundle_reader_path(loader->reader)));
    }
    return ok;
}

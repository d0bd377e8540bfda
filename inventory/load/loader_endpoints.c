/* See loader_endpoints.h. */
#include "inventory/load/loader_endpoints.h"

#include "inventory_load_sql.h"
#include "probes/base/byte_writer.h"
#include "probes/base/sha256.h"

#include <stdlib.h>
#include <string.h>

void loader_endpoint_key(const struct loader *loader, const struct endpoint *endpoint, uint8_t key[16])
{
    uint8_t bytes[8 + 1 + 1 + 16 + 2 + ZONE_SIZE + SERVER_NAME_SIZE], hash[32];
    struct byte_writer writer = byte_writer_of(bytes, sizeof bytes);
    byte_writer_u64(&writer, (uint64_t)loader->site_id);
    byte_writer_u8(&writer, (unsigned)endpoint->transport);
    byte_writer_u8(&writer, endpoint->address.len);
    byte_writer_bytes(&writer, endpoint->address.bytes, endpoint->address.len);
    byte_writer_u16(&writer, endpoint->port);
    byte_writer_bytes(&writer, endpoint->zone, strlen(endpoint->zone) + 1);
    byte_writer_text(&writer, endpoint->server_name);
    sha256_of(bytes, writer.len, hash);
    memcpy(key, hash, 16);
}

struct db_copy *loader_endpoints_begin(struct loader *loader, struct error *err)
{
    return db_binary_begin(loader->db, SQL_ENDPOINTS_COPY, err);
}

bool loader_endpoint_copy(struct loader *loader, struct db_copy *copy, const struct endpoint_handle *handle, struct error *err)
{
    const struct endpoint *endpoint = handle->endpoint;
    uint8_t key[16];
    loader_endpoint_key(loader, endpoint, key);
    if (!db_binary_row(copy, 7, err))
        return false;
    db_binary_int8(copy, handle->handle);
    db_binary_bytes(copy, key, sizeof key);
    db_binary_inet(copy, endpoint->address.bytes, endpoint->address.len);
    db_binary_int4(copy, endpoint->port);
    db_binary_int2(copy, (int16_t)endpoint->transport);
    db_binary_text(copy, endpoint->server_name);
    db_binary_text(copy, endpoint->zone);
    return true;
}

bool loader_endpoints_add(struct loader *loader, struct error *err)
{
    const char *const site[] = {loader->site};
    return db_exec_params(loader->db, SQL_ENDPOINTS_ADD, 1, site, err);
}

static int handle_compare(const void *a, const void *b)
{
    int64_t x = ((const struct endpoint_handle *)a)->handle, y = ((const struct endpoint_handle *)b)->handle;
    return (x > y) - (x < y);
}

bool loader_endpoints_merge(struct loader *loader, struct endpoint_handle *handles, size_t count, struct error *err)
{
    loader->endpoints.count = 0;
    qsort(handles, count, sizeof *handles, handle_compare);
    struct db_copy *copy = loader_endpoints_begin(loader, err);
    if (copy == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        if ((i == 0 || handles[i].handle != handles[i - 1].handle) && !loader_endpoint_copy(loader, copy, &handles[i], err)) {
            db_copy_abort(copy);
            return false;
        }
    }
    struct db_result *ids = db_copy_end(copy, err) && loader_endpoints_add(loader, err)
                                ? db_query(loader->db, SQL_ENDPOINTS_FIND, 0, NULL, err) : NULL;
    if (ids == NULL)
        return false;
    id_list_append(&loader->endpoints, ids);
    db_result_destroy(ids);
    return true;
}

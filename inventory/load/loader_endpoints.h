/* Loads endpoints. They are identified by a hash over all that makes up an endpoint, so every join is by one short key. */
#pragma once
#include "inventory/load/loader_batch.h"

struct endpoint_handle {            /* an endpoint and its handle in the bundle */
    int64_t handle;
    const struct endpoint *endpoint;
};

/* endpoint.key: the first half of SHA-256 over the site's id and all that makes an endpoint. */
void loader_endpoint_key(const struct loader *loader, const struct endpoint *endpoint, uint8_t key[16]);

/* Begins a COPY of endpoints. Add each with loader_endpoint_copy(), then store the new ones with loader_endpoints_add(). */
struct db_copy *loader_endpoints_begin(struct loader *loader, struct error *err);
bool loader_endpoint_copy(struct loader *loader, struct db_copy *copy, const struct endpoint_handle *handle, struct error *err);
bool loader_endpoints_add(struct loader *loader, struct error *err);

/* All of this for a small batch: sorts the handles, and sets loader->endpoints to the id of each. */
bool loader_endpoints_merge(struct loader *loader, struct endpoint_handle *handles, size_t count, struct error *err);

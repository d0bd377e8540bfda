/* Endpoints on their way: known by a hash of what makes them one, so that a join costs the same for all of them. */
#pragma once
#include "inventory/load/loader_batch.h"

struct endpoint_handle {            /* a bundle's endpoint, where in the batch it stands */
    int64_t handle;
    const struct endpoint *endpoint;
};

/* endpoint.key: the first half of SHA-256 over the site's id and all that makes an endpoint. */
void loader_endpoint_key(const struct loader *loader, const struct endpoint *endpoint, uint8_t key[16]);

/* A COPY of endpoints, one by one, then loader_endpoints_add() for those that are new. */
struct db_copy *loader_endpoints_begin(struct loader *loader, struct error *err);
bool loader_endpoint_copy(struct loader *loader, struct db_copy *copy, const struct endpoint_handle *handle, struct error *err);
bool loader_endpoints_add(struct loader *loader, struct error *err);

/* All of it for a small batch: sorts the handles; loader->endpoints then knows the id of each. */
bool loader_endpoints_merge(struct loader *loader, struct endpoint_handle *handles, size_t count, struct error *err);

/* Stores the public keys of a batch: each key once, with the findings of its tests. */
#pragma once
#include "inventory/certificate/cert.h"
#include "inventory/store/db.h"

struct key_rows;

struct key_rows *key_rows_create(void);
void key_rows_destroy(struct key_rows *keys);       /* NULL is fine */
bool key_rows_store(struct key_rows *keys, struct db *db, struct cert *const *certs, size_t count, struct error *err);

/* The findings in one file or entry while it is scanned. The recognisers add to it; at the end it becomes one
 * reading of the bundle. Encoded bytes (base64, PEM in base64) are decoded and scanned as well. */
#pragma once
#include "inventory/bundle/file_reading.h"
#include "inventory/formats/private_keys.h"
#include "probes/base/byte_reader.h"

#define FOUND_DEPTH_MAX 4               /* base64 of PEM of PKCS#7 of ... */

struct found {
    struct file_certificate *certificates;
    size_t certificate_count, certificate_room;
    struct file_key *keys;
    size_t key_count, key_room;
    struct file_use *uses;
    size_t use_count, use_room;
    size_t ca_count;
    enum file_outcome outcome;
    char kind[FILE_KIND_MAX + 1];       /* of what was found first; "" nothing yet */
    char detail[512];
    uint64_t work;                      /* bytes decoded, */
    uint64_t work_max;                  /* and their limit: BEGIN lines without an END must not cost unbounded work */
    uint64_t mapped;                    /* bytes decoded again to tell offsets */
    bool is_full;                       /* FILE_ITEMS_MAX was reached */
    char *label;                        /* of the certificate that is added next; NULL none */
    /* Reads a key store that was found in the midst of other bytes (PKCS#12, JKS); NULL: they are left alone. */
    void (*on_store)(struct found *found, struct byte_reader bytes, void *context);
    void *context;
};

void found_init(struct found *found);
void found_clear(struct found *found);          /* frees; usable again after found_init() */
bool found_anything(const struct found *found);

/* Copies. offset: -1 unknown. A certificate at the same offset is added once. */
void found_add_certificate(struct found *found, struct byte_reader der, int64_t offset, const char *kind);

/* What a store calls the certificate that is added next. */
void found_label(struct found *found, const char *label);
void found_add_key(struct found *found, enum file_key_kind kind, const struct private_key *key, int64_t offset);
void found_add_use(struct found *found, const char *service, const char *directive, const char *path, size_t line);
void found_name_kind(struct found *found, const char *kind);    /* where it has none yet */

/* Something could not be read; the worst outcome stays, with its first detail. */
void found_fault(struct found *found, enum file_outcome outcome, const char *detail);

/* Looks for everything that can occur anywhere in bytes. base: the offset of the first byte in the file; -1
 * unknown. kind: what to call a bare certificate in them ("der", "pkcs7", "program"). */
void found_scan(struct found *found, struct byte_reader bytes, int64_t base, const char *kind);

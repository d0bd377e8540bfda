/* Made-up bundles: a folder of the test's own, heads, chains and observations that look real enough. The bytes of
 * a "certificate" here are DER-like noise: a bundle keeps bytes, it never parses them. */
#pragma once
#include "inventory/bundle/bundle.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIXTURE_CERTS    4
#define FIXTURE_CERT_LEN 1200
#define FIXTURE_TIME     INT64_C(1767225600000000)      /* 2026-01-01T00:00:00Z */

static inline char *fixture_folder_create(void)
{
    char template[] = "/tmp/certsweep-test-XXXXXX";
    char *made = mkdtemp(template);
    if (made == NULL)
        abort();
    return strdup(made);
}

/* Removes the folder with the files in it (no folders inside); frees its name. */
static inline void fixture_folder_destroy(char *folder)
{
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;)
        unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir != NULL)
        closedir(dir);
    rmdir(folder);
    free(folder);
}

static inline char *fixture_path(const char *folder, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        abort();
    return path;
}

static inline struct bundle_head fixture_head(enum bundle_kind kind, const char *space, uint64_t size)
{
    return (struct bundle_head){.kind = kind,
                                .scan_id = "01234567-89ab-4def-8123-456789abcdef",
                                .site = "default",
                                .started_us = FIXTURE_TIME,
                                .plan = "{}",
                                .space = space,
                                .permutation_key = {1, 2, 3},
                                .space_size = size,
                                .shard = 0,
                                .shard_count = 1,
                                .known_names = ""};
}

struct fixture_chain {
    struct der ders[FIXTURE_CERTS];
    uint8_t bytes[FIXTURE_CERTS][FIXTURE_CERT_LEN];
    size_t count;
};

/* The same seed and place give the same bytes. ders points into the struct: it must stay where it is. */
static inline void fixture_chain_init(struct fixture_chain *chain, unsigned seed, size_t count)
{
    chain->count = count;
    for (size_t i = 0; i < count; i++) {
        uint64_t state = seed * 1000003u + i * 7919u + 1;
        for (size_t j = 0; j < FIXTURE_CERT_LEN; j++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            chain->bytes[i][j] = (uint8_t)(state >> 56);
        }
        memcpy(chain->bytes[i], "\x30\x82\x04\xac", 4);
        chain->ders[i] = (struct der){chain->bytes[i], FIXTURE_CERT_LEN};
    }
}

/* An answered attempt on 10.0.x.y:443. chain NULL: refused in TLS. */
static inline struct observation fixture_observation(unsigned n, const struct fixture_chain *chain)
{
    struct observation o = {.time_us = FIXTURE_TIME + n * INT64_C(1000),
                            .method = METHOD_ACTIVE,
                            .role = ROLE_SERVER,
                            .variant = VARIANT_DEFAULT,
                            .outcome = chain == NULL ? OUTCOME_TLS_ALERT : OUTCOME_CERTIFICATE,
                            .protocol = "tls",
                            .tls_version = 0x0304,
                            .cipher_suite = 0x1301,
                            .group = 29,
                            .connections = 1,
                            .position = n};
    o.endpoint.transport = TRANSPORT_TCP;
    o.endpoint.address = (struct address){.bytes = {10, 0, (uint8_t)(n >> 8), (uint8_t)n}, .len = 4};
    o.endpoint.port = 443;
    if (chain != NULL) {
        o.chain = chain->ders;
        o.chain_count = chain->count;
    }
    return o;
}

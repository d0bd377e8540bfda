/* The account of a scan, from its bundle: how many positions of its space, and how many names, ended with which outcome. */
#pragma once
#include "inventory/bundle/bundle.h"

struct scan_account {
    char scan_id[SCAN_ID_SIZE], site[SITE_SIZE];
    int64_t started_us;
    char *targets;                  /* of the plan, for people: "10.0.0.0/16 www.example.org". free() */
    uint64_t positions[OUTCOME_COUNT], ended;
    uint64_t total;                 /* positions of this bundle's shard */
    uint64_t names[OUTCOME_COUNT], names_ended, names_total;
    bool is_sealed;
};

/* Reads it from the bundle, sealed or not. Finished blocks and names only: open ones are asked again. */
bool scan_account_read(const char *path, struct scan_account *account, struct error *err);

/* An invented inventory for tests of documents: State of Example, 40 certificates of six owners at two sites (or as many as asked
 * for), judged twice, three weeks apart. */
#pragma once
#include "inventory/store/db.h"

/* count: certificates; those beyond 40 are the same again under other names. Fails the test on any trouble. */
void world_make(struct db *db, unsigned count);

/* Serves month.parks.example.gov, of the Parks Service, and judges: it must be renewed within a week, and no rule asks for it yet, for it
 * lives a month, and the first step of a notice is longer than a share of that. */
void world_serve_month(struct db *db);

/* Adds a certificate of this subject that the account has on record and nobody serves; ends: days from now. The next run judges it. */
void world_record(struct db *db, const char *subject, int ends);

/* Adds a record of a certificate that nobody has seen, at that name and port 443; owner: as the record tells it, NULL for none. */
void world_record_unseen(struct db *db, const char *serial, const char *name, const char *owner, int ends);

/* Setup of a group of tests: *state is a test_cluster with this inventory. Returns -1 if there is no cluster. */
int world_setup(void **state);

enum { WORLD_CERTIFICATES = 40, WORLD_OWNERS = 6 };

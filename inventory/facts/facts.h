/* Turns stored DER into rows that SQL can judge. Facts are a pure function of one DER, so they can be computed again at
 * any time. A certificate that cannot be read has a row too (certificate_facts.broken). */
#pragma once
#include "inventory/store/db.h"
#include "probes/base/byte_reader.h"

#define FACTS_VERSION        "4"    /* increase it when the parser or a key test gives another result for the same DER */
#define FACTS_VERSION_NUMBER 4

/* Writes the rows of all certificates that have no facts, or facts of another FACTS_VERSION: profile, public_key with
 * key_weakness, certificate_own, certificate_name, and dirty. Commits batch by batch; a second process waits. A
 * certificate whose values the database refuses is set aside with the reason. */
bool facts_update(struct db *db, struct error *err);

/* The same for a caller that stores certificates and has their DER at hand, in its own transaction: facts_begin(), the
 * certificates, facts_store() of all of them. */
struct facts;
struct facts *facts_create(struct db *db, struct error *err);           /* outside of a transaction */
void facts_destroy(struct facts *facts);                                /* NULL is fine */
bool facts_begin(struct facts *facts, struct error *err);
bool facts_store(struct facts *facts, const int64_t *ids, const struct byte_reader *ders, size_t count, struct error *err);

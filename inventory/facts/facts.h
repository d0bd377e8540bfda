/* From stored DER to rows that SQL can judge. Facts are a pure function of one DER: they can be computed again at
 * any time, and a certificate that nothing could read has its row as well (certificate_facts.broken). */
#pragma once
#include "inventory/store/db.h"

#define FACTS_VERSION        "2"    /* one more whenever the parser or a test of keys reads something otherwise */
#define FACTS_VERSION_NUMBER 2

/* Certificates without facts, or with those of another FACTS_VERSION, get their rows: profile, public_key with
 * key_weakness, certificate_own, certificate_name; and a row in dirty. Committed batch by batch; two processes at
 * once take turns. One whose values the database refuses is set aside with the reason. */
bool facts_update(struct db *db, struct error *err);

/* From stored DER to rows that SQL can judge. Facts are a pure function of one DER: they can be computed again at
 * any time, and a certificate that nothing could read has its row as well (certificate_facts.broken). */
#pragma once
#include "inventory/store/db.h"

/* Certificates without facts, or with those of an older FACTS_VERSION, get their rows in certificate_facts and
 * certificate_name. Committed batch by batch; two processes at once take turns. */
bool facts_update(struct db *db, struct error *err);

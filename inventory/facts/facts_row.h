/* Writes values of facts to a binary COPY: cut to a limit, and NULL where there is no value. */
#pragma once
#include "inventory/certificate/cert.h"
#include "inventory/store/db.h"

void facts_text(struct db_copy *copy, const char *text);
void facts_texts(struct db_copy *copy, const struct cert_texts *texts);                 /* an empty list is {} */
void facts_extension_texts(struct db_copy *copy, const struct cert *cert, enum cert_field field, const struct cert_texts *texts);
void facts_bytes(struct db_copy *copy, struct byte_reader bytes);
void facts_folded(struct db_copy *copy, const char *name);      /* cert_text_fold_name() of it */
void facts_int_or_null(struct db_copy *copy, bool known, int64_t value);         /* of type integer */

/* A row of certificate_own, in the order of facts_own_copy.sql; name_faults as name_rows_faults() gives them. */
bool facts_own_row(struct db_copy *copy, int64_t certificate, int64_t profile, const struct cert *cert,
                   const struct cert_texts *name_faults, struct error *err);

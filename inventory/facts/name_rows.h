/* Writes names of certificates as rows of certificate_name, with the forms that searches use: labels in reverse order, the
 * registrable domain (libpsl), the Unicode form of an IDN (libidn2). */
#pragma once
#include "inventory/certificate/cert.h"
#include "inventory/store/db.h"

struct name_rows;

struct name_rows *name_rows_create(void);
void name_rows_destroy(struct name_rows *names);    /* NULL is fine */

/* The rows of one certificate, in the order of facts_name_copy.sql. */
bool name_rows_copy(struct name_rows *names, struct db_copy *copy, int64_t certificate, const struct cert *cert, struct error *err);

/* What is wrong with its names (name_faults.h). */
void name_rows_faults(const struct name_rows *names, const struct cert *cert, struct cert_texts *faults);

#include "inventory/verdicts/trust/name_checks.h"

#include "inventory/verdicts/trust/name_constraints.h"
#include "inventory/verdicts/trust/row_batches.h"
#include "inventory/verdicts/trust/row_bytes.h"
#include "inventory_trust_sql.h"

#include <stdlib.h>

enum column { COLUMN_CERTIFICATE, COLUMN_CA, COLUMN_DER, COLUMN_CONSTRAINTS };

static bool pair_row(struct db_copy *copy, const struct db_result *rows, size_t row, struct error *err)
{
    char violation[256] = "a certificate that cannot be read";
    struct signed_cert cert;
    struct byte_reader der = row_bytes_take(rows, row, COLUMN_DER), constraints = row_bytes_take(rows, row, COLUMN_CONSTRAINTS);
    bool allowed = signed_cert_read(&cert, der) && name_constraints_allow(constraints, &cert, violation, sizeof violation);
    db_copy_text(copy, db_value(rows, row, COLUMN_CERTIFICATE));
    db_copy_text(copy, db_value(rows, row, COLUMN_CA));
    db_copy_text(copy, allowed ? NULL : violation);
    free((void *)der.at);
    free((void *)constraints.at);
    return db_copy_row(copy, err);
}

static bool batch_copy(void *context, const struct db_result *rows, struct error *err)
{
    struct db *db = context;
    struct db_copy *copy = db_copy_begin(db, SQL_TRUST_NAMES_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = 0; i < db_rows(rows) && ok; i++)
        ok = pair_row(copy, rows, i, err);
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok && db_exec(db, SQL_TRUST_NAMES_MERGE, err);
}

bool name_checks_update(struct db *db, struct error *err)
{
    struct row_batches batches = {.db = db, .setup = SQL_TRUST_NAMES_TABLE, .sql = SQL_TRUST_NAMES_PENDING, .param_count = 2,
                                  .params = {NULL, ROW_BATCH_OCTETS}, .work = batch_copy, .context = db};
    return row_batches_run(&batches, err);
}

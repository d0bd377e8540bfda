#include "reports/exchange/cbom.h"

#include "inventory/store/db.h"
#include "probes/base/clean_text.h"
#include "reports_exchange_sql.h"

#include <stdlib.h>

struct writing {
    FILE *out;
    bool begun;
};

/* The database writes the JSON and escapes control characters; characters that reorder text are escaped here, as JSON escapes. */
static bool on_component(void *context, const struct db_result *row)
{
    struct writing *writing = context;
    char *clean = clean_text(db_value(row, 0, 0));
    fprintf(writing->out, "%s\n    ", writing->begun ? "," : "");
    for (const char *at = clean; *at != '\0'; at++) {
        if (*at == '\\' && at[1] == 'U')        /* \U000e0041 of the cleaner, which JSON does not know */
            fputc('\\', writing->out);
        fputc(*at, writing->out);
    }
    free(clean);
    writing->begun = true;
    return true;
}

bool cbom_write(struct db *db, const char *site, const char *version, const char *tool_version, FILE *out, struct error *err)
{
    const char *params[] = {site};
    struct writing writing = {.out = out};
    struct db_result *head = db_query(db, SQL_CBOM_HEAD, 1, params, err);
    if (head == NULL)
        return false;
    fprintf(out, "{\n  \"$schema\": \"http://cyclonedx.org/schema/bom-%s.schema.json\",\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"%s\",\n"
                 "  \"serialNumber\": \"%s\",\n  \"version\": 1,\n  \"metadata\": {\n    \"timestamp\": \"%s\",\n    \"tools\": {\"components\": "
                 "[{\"type\": \"application\", \"name\": \"certsweep\", \"version\": \"%s\"}]}\n  },\n  \"components\": [",
            version, version, db_value(head, 0, 0), db_value(head, 0, 1), tool_version);
    db_result_destroy(head);
    bool ok = db_stream(db, SQL_CBOM_COMPONENTS, 1, params, on_component, &writing, err);
    fputs("\n  ]\n}\n", out);
    return ok;
}

/* See schema.h. */
#include "inventory/store/schema.h"

#include "inventory_store_schema.h"
#include "inventory_store_sql.h"
#include "probes/base/log.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Files that make only views, functions and indexes. Such a file may differ from the one that was applied: it and those after it
 * are then applied again. */
static const int code_files[] = {85, 86, 90, 92, 95, 96, 97, 100, 101, 102, 110, 111, 114, 129, 160, 222, 262};

static bool is_code(int number)
{
    for (size_t i = 0; i < sizeof code_files / sizeof *code_files; i++)
        if (code_files[i] == number)
            return true;
    return false;
}

struct schema_file {
    int number;
    const char *name;
    const char *sql, *sha256;   /* of its text, in hex: computed by the build, since each start compares them all */
};

#define SCHEMA_FILE(number, name, constant) {number, name, constant, constant##_SHA256}

static const struct schema_file files[] = {
    SCHEMA_FILE(1, "words", SCHEMA_0001_WORDS),
    SCHEMA_FILE(2, "certificates", SCHEMA_0002_CERTIFICATES),
    SCHEMA_FILE(3, "places", SCHEMA_0003_PLACES),
    SCHEMA_FILE(4, "scans", SCHEMA_0004_SCANS),
    SCHEMA_FILE(5, "observations", SCHEMA_0005_OBSERVATIONS),
    SCHEMA_FILE(6, "serving", SCHEMA_0006_SERVING),
    SCHEMA_FILE(7, "dirty", SCHEMA_0007_DIRTY),
    SCHEMA_FILE(8, "statistics", SCHEMA_0008_STATISTICS),
    SCHEMA_FILE(9, "indexes aside", SCHEMA_0009_INDEXES_ASIDE),
    SCHEMA_FILE(10, "files", SCHEMA_0010_FILES),
    SCHEMA_FILE(40, "set_aside", SCHEMA_0040_SET_ASIDE),
    SCHEMA_FILE(50, "facts", SCHEMA_0050_FACTS),
    SCHEMA_FILE(52, "edges", SCHEMA_0052_EDGES),
    SCHEMA_FILE(53, "stores", SCHEMA_0053_STORES),
    SCHEMA_FILE(54, "paths", SCHEMA_0054_PATHS),
    SCHEMA_FILE(55, "chain_faults", SCHEMA_0055_CHAIN_FAULTS),
    SCHEMA_FILE(56, "root_programmes", SCHEMA_0056_ROOT_PROGRAMMES),
    SCHEMA_FILE(57, "revocation", SCHEMA_0057_REVOCATION),
    SCHEMA_FILE(58, "revocation_asked", SCHEMA_0058_REVOCATION_ASKED),
    SCHEMA_FILE(60, "managed", SCHEMA_0060_MANAGED),
    SCHEMA_FILE(62, "decisions", SCHEMA_0062_DECISIONS),
    SCHEMA_FILE(65, "owners", SCHEMA_0065_OWNERS),
    SCHEMA_FILE(66, "file_owners", SCHEMA_0066_FILE_OWNERS),
    SCHEMA_FILE(70, "policy", SCHEMA_0070_POLICY),
    SCHEMA_FILE(72, "policy terms", SCHEMA_0072_POLICY_TERMS),
    SCHEMA_FILE(80, "verdicts", SCHEMA_0080_VERDICTS),
    SCHEMA_FILE(130, "site authorities", SCHEMA_0130_SITE_AUTHORITIES),         /* before the functions that read it */
    SCHEMA_FILE(131, "decision places", SCHEMA_0131_DECISION_PLACES),           /* likewise */
    SCHEMA_FILE(280, "replaced", SCHEMA_0280_REPLACED),         /* likewise */
    SCHEMA_FILE(291, "judged days", SCHEMA_0291_JUDGED_DAYS),   /* before the views over these */
    SCHEMA_FILE(292, "found by", SCHEMA_0292_FOUND_BY),         /* likewise */
    SCHEMA_FILE(293, "record owners", SCHEMA_0293_RECORD_OWNERS),                /* likewise */
    SCHEMA_FILE(311, "replaced records", SCHEMA_0311_REPLACED_RECORDS),          /* likewise */
    SCHEMA_FILE(331, "replacing records", SCHEMA_0331_REPLACING_RECORDS),        /* likewise */
    SCHEMA_FILE(332, "known records", SCHEMA_0332_KNOWN_RECORDS),                /* likewise */
    SCHEMA_FILE(227, "rules of places", SCHEMA_0227_RULES_OF_PLACES),           /* likewise */
    SCHEMA_FILE(228, "places of certificates", SCHEMA_0228_PLACES_OF_CERTIFICATES),   /* likewise */
    SCHEMA_FILE(302, "site naming", SCHEMA_0302_SITE_NAMING),                   /* likewise */
    SCHEMA_FILE(303, "key files", SCHEMA_0303_KEY_FILES),                       /* likewise */
    SCHEMA_FILE(118, "decisions of many", SCHEMA_0118_DECISIONS_OF_MANY),           /* before the view that reads its column */
    SCHEMA_FILE(85, "decision_filters", SCHEMA_0085_DECISION_FILTERS),
    SCHEMA_FILE(86, "terms and clauses", SCHEMA_0086_TERMS_AND_CLAUSES),
    SCHEMA_FILE(90, "report_views", SCHEMA_0090_REPORT_VIEWS),
    SCHEMA_FILE(92, "next_step", SCHEMA_0092_NEXT_STEP),
    SCHEMA_FILE(95, "report_text", SCHEMA_0095_REPORT_TEXT),
    SCHEMA_FILE(96, "report_filters", SCHEMA_0096_REPORT_FILTERS),
    SCHEMA_FILE(100, "list columns", SCHEMA_0100_LIST_COLUMNS),
    SCHEMA_FILE(101, "last seen", SCHEMA_0101_LAST_SEEN),
    SCHEMA_FILE(102, "find", SCHEMA_0102_FIND),
    SCHEMA_FILE(97, "due", SCHEMA_0097_DUE),
    SCHEMA_FILE(98, "calendar", SCHEMA_0098_CALENDAR),
    SCHEMA_FILE(99, "notices", SCHEMA_0099_NOTICES),
    SCHEMA_FILE(110, "interface", SCHEMA_0110_INTERFACE),
    SCHEMA_FILE(240, "served before", SCHEMA_0240_SERVED_BEFORE),               /* before the function that writes it */
    SCHEMA_FILE(111, "forget", SCHEMA_0111_FORGET),
    SCHEMA_FILE(112, "server_tests", SCHEMA_0112_SERVER_TESTS),
    SCHEMA_FILE(113, "unconfirmed", SCHEMA_0113_UNCONFIRMED),
    SCHEMA_FILE(114, "filtered subjects", SCHEMA_0114_FILTERED_SUBJECTS),
    SCHEMA_FILE(115, "loading", SCHEMA_0115_LOADING),
    SCHEMA_FILE(116, "statistics and lists", SCHEMA_0116_STATISTICS_AND_LISTS),
    SCHEMA_FILE(119, "unmanaged list", SCHEMA_0119_UNMANAGED_LIST),
    SCHEMA_FILE(120, "deployed count", SCHEMA_0120_DEPLOYED_COUNT),
    SCHEMA_FILE(128, "due places", SCHEMA_0128_DUE_PLACES),
    SCHEMA_FILE(129, "ct logs", SCHEMA_0129_CT_LOGS),
    SCHEMA_FILE(150, "rare events", SCHEMA_0150_RARE_EVENTS),
    SCHEMA_FILE(160, "subject sections", SCHEMA_0160_SUBJECT_SECTIONS),
    SCHEMA_FILE(165, "owner counts", SCHEMA_0165_OWNER_COUNTS),
    SCHEMA_FILE(175, "first load", SCHEMA_0175_FIRST_LOAD),
    SCHEMA_FILE(190, "index rights", SCHEMA_0190_INDEX_RIGHTS),
    SCHEMA_FILE(200, "owner names", SCHEMA_0200_OWNER_NAMES),
    SCHEMA_FILE(205, "renewal counts", SCHEMA_0205_RENEWAL_COUNTS),
    SCHEMA_FILE(210, "less log", SCHEMA_0210_LESS_LOG),
    SCHEMA_FILE(211, "changes by endpoint", SCHEMA_0211_CHANGES_BY_ENDPOINT),
    SCHEMA_FILE(212, "revoked", SCHEMA_0212_REVOKED),
    SCHEMA_FILE(220, "renewals of owners", SCHEMA_0220_RENEWALS_OF_OWNERS),
    SCHEMA_FILE(221, "due counts", SCHEMA_0221_DUE_COUNTS),
    SCHEMA_FILE(222, "owner due", SCHEMA_0222_OWNER_DUE),
    SCHEMA_FILE(225, "due of several", SCHEMA_0225_DUE_OF_SEVERAL),
    SCHEMA_FILE(226, "named groups", SCHEMA_0226_NAMED_GROUPS),
    SCHEMA_FILE(229, "first statistics", SCHEMA_0229_FIRST_STATISTICS),
    SCHEMA_FILE(236, "each owner", SCHEMA_0236_EACH_OWNER),
    SCHEMA_FILE(241, "leafs of changes", SCHEMA_0241_LEAFS_OF_CHANGES),
    SCHEMA_FILE(250, "owners alone", SCHEMA_0250_OWNERS_ALONE),
    SCHEMA_FILE(251, "over", SCHEMA_0251_OVER),
    SCHEMA_FILE(260, "overdue events", SCHEMA_0260_OVERDUE_EVENTS),
    SCHEMA_FILE(261, "presumed renewals", SCHEMA_0261_PRESUMED_RENEWALS),
    SCHEMA_FILE(262, "next command", SCHEMA_0262_NEXT_COMMAND),
    SCHEMA_FILE(265, "shared owners", SCHEMA_0265_SHARED_OWNERS),
    SCHEMA_FILE(266, "asked long ago", SCHEMA_0266_ASKED_LONG_AGO),
    SCHEMA_FILE(270, "block statistics", SCHEMA_0270_BLOCK_STATISTICS),
    SCHEMA_FILE(281, "recount replaced", SCHEMA_0281_RECOUNT_REPLACED),
    SCHEMA_FILE(285, "owner heading", SCHEMA_0285_OWNER_HEADING),
    SCHEMA_FILE(286, "undone reason", SCHEMA_0286_UNDONE_REASON),
    SCHEMA_FILE(290, "partial issuers", SCHEMA_0290_PARTIAL_ISSUERS),
    SCHEMA_FILE(294, "safe until", SCHEMA_0294_SAFE_UNTIL),
    SCHEMA_FILE(300, "record ends", SCHEMA_0300_RECORD_ENDS),
    SCHEMA_FILE(310, "recount unserved", SCHEMA_0310_RECOUNT_UNSERVED),
};
#define FILE_COUNT (sizeof files / sizeof files[0])

/* Is this applied file one of ours, unchanged? Where one of views and functions differs, *from: its number, if that is less. */
static bool applied_check(struct db *db, int number, const char *hash, int *from, struct error *err)
{
    for (size_t i = 0; i < FILE_COUNT; i++) {
        if (files[i].number != number)
            continue;
        if (strcmp(files[i].sha256, hash) == 0)
            return true;
        if (is_code(number)) {
            *from = number < *from ? number : *from;
            return true;
        }
        return error_set(err, ERROR_DATABASE,
                         "%s: its schema was made by another development version (file %04d_%s differs); before the "
                         "first release that means: a new database, and the bundles loaded again",
                         db_describe(db), number, files[i].name);
    }
    return error_set(err, ERROR_DATABASE,
                     "%s: its schema (file %04d) is newer than this certsweep; install the newer version",
                     db_describe(db), number);
}

static bool file_run(struct db *db, const struct schema_file *file, const char *number, struct error *err)
{
    const char *const params[] = {number};
    if (!is_code(file->number))
        return db_exec(db, file->sql, err);
    return db_exec(db, SQL_SCHEMA_OBJECTS_BEFORE, err) && db_exec(db, file->sql, err) &&
           db_exec_params(db, SQL_SCHEMA_OBJECTS_ADD, 1, params, err);
}

/* In the caller's transaction. */
static bool file_apply(struct db *db, const struct schema_file *file, struct error *err)
{
    char number[16];
    snprintf(number, sizeof number, "%d", file->number);
    const char *const params[] = {number, file->name, file->sha256};
    return (file_run(db, file, number, err) && db_exec_params(db, SQL_SCHEMA_FILE_ADD, 3, params, err)) ||
           error_add_context(err, "schema file %04d_%s", file->number, file->name);
}

static bool code_drop(struct db *db, int from, struct error *err)
{
    char number[16];
    snprintf(number, sizeof number, "%d", from);
    const char *const params[] = {number};
    return db_exec_params(db, SQL_SCHEMA_FROM_FILE, 1, params, err) && db_exec(db, SQL_SCHEMA_OBJECTS_DROP, err);
}

/* One transaction: no other session sees a schema without its views. */
static bool missing_apply(struct db *db, const struct db_result *applied, int from, struct error *err)
{
    bool ok = db_begin(db, err) && (from == INT_MAX || code_drop(db, from, err));
    for (size_t i = 0; i < FILE_COUNT && ok; i++) {
        bool there = false;
        for (size_t row = 0; row < db_rows(applied); row++)
            there = there || (db_int(applied, row, 0) == files[i].number && (files[i].number < from || !is_code(files[i].number)));
        ok = there || file_apply(db, &files[i], err);
    }
    if (ok && db_exec(db, SQL_SCHEMA_GRANTS, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

static bool grants_renew(struct db *db, struct error *err)
{
    struct db_result *due = db_query(db, SQL_SCHEMA_GRANTS_DUE, 0, NULL, err);
    bool ok = due != NULL && (db_rows(due) == 0 || db_exec(db, SQL_SCHEMA_GRANTS, err));
    db_result_destroy(due);
    return ok;
}

static bool files_apply(struct db *db, struct error *err)
{
    struct db_result *applied = db_query(db, SQL_SCHEMA_FILES, 0, NULL, err);
    int from = INT_MAX;
    bool ok = applied != NULL;
    for (size_t row = 0; ok && row < db_rows(applied); row++)
        ok = applied_check(db, (int)db_int(applied, row, 0), db_value(applied, row, 1), &from, err);
    bool whole = ok && from == INT_MAX && db_rows(applied) == FILE_COUNT;
    ok = ok && (whole ? grants_renew(db, err) : missing_apply(db, applied, from, err));
    db_result_destroy(applied);
    return ok;
}

/* Is nothing to be done? Reads alone, and waits for nobody: whoever changes the schema does so in one transaction. Where this fails, as in a
 * new database, the whole way tells why. */
static bool is_whole(struct db *db)
{
    int from = INT_MAX;
    struct db_result *applied = db_query(db, SQL_SCHEMA_STATE, 0, NULL, NULL);
    bool ok = applied != NULL && db_rows(applied) == FILE_COUNT;
    for (size_t row = 0; ok && row < FILE_COUNT; row++)
        ok = applied_check(db, (int)db_int(applied, row, 0), db_value(applied, row, 1), &from, NULL) && strcmp(db_value(applied, row, 2), "f") == 0;
    db_result_destroy(applied);
    return ok && from == INT_MAX;
}

bool schema_apply(struct db *db, struct error *err)
{
    if (is_whole(db))
        return true;
    if (!db_exec(db, SQL_SCHEMA_LOCK, err))
        return false;
    bool ok = db_exec(db, SQL_SCHEMA_TABLE, err) && files_apply(db, err);
    return db_exec(db, SQL_SCHEMA_UNLOCK, ok ? err : NULL) && ok;
}

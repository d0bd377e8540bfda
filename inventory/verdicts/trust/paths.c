#include "inventory/verdicts/trust/paths.h"

#include "inventory/store/array_text.h"
#include "inventory/verdicts/trust/name_constraints.h"
#include "inventory/verdicts/trust/row_bytes.h"
#include "inventory/verdicts/trust/signed_cert.h"
#include "inventory_trust_sql.h"
#include "probes/base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum column {                       /* of trust_paths_roots.sql and trust_paths_children.sql */
    COLUMN_STORE, COLUMN_CERTIFICATE, COLUMN_AUTHORITY, COLUMN_ISSUER, COLUMN_IS_CA, COLUMN_IS_SELF_ISSUED, COLUMN_MAY_SIGN,
    COLUMN_PATH_LEN, COLUMN_PURPOSES, COLUMN_NAME_CONSTRAINTS, COLUMN_NOT_BEFORE, COLUMN_NOT_AFTER, COLUMN_HASH, COLUMN_WEAK_KEY,
    COLUMN_SECURITY_BITS,
};

struct ca {
    int64_t certificate;
    struct authority *authority;
    bool is_ca, is_self_issued, may_sign, weak_key;
    int path_len, purposes;         /* -1: any */
    int security_bits;              /* of the key; -1: not known */
    struct byte_reader name_constraints;        /* at NULL: none; owned */
    int64_t not_before_us, not_after_us;
    char hash[32];                  /* "" if the algorithm has none of its own */
    int64_t root_of;                /* the store of the walk that is going on, where this is a root of it */
    struct ca *next;                /* the next that the same authority signed */
    UT_hash_handle hh;
};

struct authority {
    int64_t id;
    struct ca *first, *last;        /* CA certificates that it signed */
    unsigned sound, faulty;         /* paths of the walk that is going on */
    bool read;                      /* its children were */
    UT_hash_handle hh;
};

struct path {
    struct ca *ca;
    const struct path *above;       /* NULL: ca is the root */
    unsigned depth;
    int64_t not_before_us, not_after_us;
    int path_len, purposes, security_bits;
    bool is_weak;
    const char *hash, *fault;       /* fault NULL: sound */
};

struct walk {
    struct db *db;
    struct db_result *roots;
    struct ca *cas;                 /* by certificate */
    struct authority *authorities;  /* by id */
    struct path **paths;            /* of one store, in order of depth */
    size_t count, capacity;
};

static struct authority *authority_get(struct walk *walk, int64_t id)
{
    struct authority *authority;
    HASH_FIND(hh, walk->authorities, &id, sizeof id, authority);
    if (authority == NULL) {
        authority = xcalloc(1, sizeof *authority);
        authority->id = id;
        HASH_ADD(hh, walk->authorities, id, sizeof authority->id, authority);
    }
    return authority;
}

static bool is_true(const struct db_result *rows, size_t row, enum column column)
{
    const char *value = db_value(rows, row, column);
    return value != NULL && value[0] == 't';
}

static int64_t value_or(const struct db_result *rows, size_t row, enum column column, int64_t otherwise)
{
    return db_value(rows, row, column) == NULL ? otherwise : db_int(rows, row, column);
}

static struct ca *ca_get(struct walk *walk, const struct db_result *rows, size_t row)
{
    struct ca *ca;
    int64_t id = db_int(rows, row, COLUMN_CERTIFICATE);
    HASH_FIND(hh, walk->cas, &id, sizeof id, ca);
    if (ca != NULL)
        return ca;
    ca = xcalloc(1, sizeof *ca);
    *ca = (struct ca){.certificate = id, .authority = authority_get(walk, db_int(rows, row, COLUMN_AUTHORITY)),
        .is_ca = is_true(rows, row, COLUMN_IS_CA), .is_self_issued = is_true(rows, row, COLUMN_IS_SELF_ISSUED),
        .may_sign = is_true(rows, row, COLUMN_MAY_SIGN), .weak_key = is_true(rows, row, COLUMN_WEAK_KEY),
        .path_len = (int)value_or(rows, row, COLUMN_PATH_LEN, -1), .purposes = (int)db_int(rows, row, COLUMN_PURPOSES),
        .security_bits = (int)value_or(rows, row, COLUMN_SECURITY_BITS, -1),
        .not_before_us = value_or(rows, row, COLUMN_NOT_BEFORE, INT64_MIN),
        .not_after_us = value_or(rows, row, COLUMN_NOT_AFTER, INT64_MAX)};
    if (db_value(rows, row, COLUMN_NAME_CONSTRAINTS) != NULL)
        ca->name_constraints = row_bytes_take(rows, row, COLUMN_NAME_CONSTRAINTS);
    const char *hash = db_value(rows, row, COLUMN_HASH);
    snprintf(ca->hash, sizeof ca->hash, "%s", hash == NULL ? "" : hash);
    HASH_ADD(hh, walk->cas, certificate, sizeof ca->certificate, ca);
    int64_t issuer = value_or(rows, row, COLUMN_ISSUER, 0);
    if (issuer != 0) {
        struct authority *above = authority_get(walk, issuer);
        if (above->last == NULL)
            above->first = ca;
        else
            above->last->next = ca;
        above->last = ca;
    }
    return ca;
}

/* The ids of authorities whose children were not read yet, as an array; NULL: none is left. */
static char *frontier_take(struct walk *walk)
{
    char *text = NULL;
    size_t len = 0, room = 0;
    for (struct authority *authority = walk->authorities; authority != NULL; authority = authority->hh.next) {
        if (authority->read)
            continue;
        authority->read = true;
        if (room < len + 32)
            text = xrealloc(text, room = 2 * room + 1024);
        len += (size_t)snprintf(text + len, room - len, "%c%" PRId64, len == 0 ? '{' : ',', authority->id);
    }
    if (text != NULL) {
        text[len] = '}';
        text[len + 1] = '\0';
    }
    return text;
}

/* Everything below the roots, level by level. */
static bool walk_read(struct walk *walk, struct error *err)
{
    if ((walk->roots = db_query(walk->db, SQL_TRUST_PATHS_ROOTS, 0, NULL, err)) == NULL)
        return false;
    for (size_t i = 0; i < db_rows(walk->roots); i++)
        ca_get(walk, walk->roots, i);
    for (unsigned depth = 1; depth < PATH_DEPTH_MAX; depth++) {
        char *frontier = frontier_take(walk);
        if (frontier == NULL)
            return true;
        const char *const params[] = {frontier};
        struct db_result *rows = db_query(walk->db, SQL_TRUST_PATHS_CHILDREN, 1, params, err);
        free(frontier);
        if (rows == NULL)
            return false;
        for (size_t i = 0; i < db_rows(rows); i++)
            ca_get(walk, rows, i);
        db_result_destroy(rows);
    }
    return true;
}

static void path_push(struct walk *walk, struct path path)
{
    unsigned *count = path.fault == NULL ? &path.ca->authority->sound : &path.ca->authority->faulty;
    if (*count >= (path.fault == NULL ? PATHS_MAX : PATHS_FAULTY_MAX))
        return;
    *count += 1;
    if (walk->count == walk->capacity)
        walk->paths = xreallocarray(walk->paths, walk->capacity = 2 * walk->capacity + 64, sizeof(struct path *));
    walk->paths[walk->count++] = xmemdup(&path, sizeof path);
}

static const char *own_fault(const struct ca *ca)
{
    return !ca->is_ca ? "no CA" : !ca->may_sign ? "key usage" : NULL;
}

static void push_root(struct walk *walk, struct ca *ca)
{
    path_push(walk, (struct path){.ca = ca, .depth = 1, .not_before_us = ca->not_before_us, .not_after_us = ca->not_after_us,
        .path_len = ca->path_len, .purposes = ca->purposes, .security_bits = ca->security_bits, .is_weak = ca->weak_key, .hash = "", .fault = own_fault(ca)});
}

static bool stands_on(const struct path *path, const struct authority *authority)
{
    for (; path != NULL; path = path->above)
        if (path->ca->authority == authority)
            return true;
    return false;
}

/* The name of a CA, too, must keep within the constraints above it (RFC 5280, 6.1.3 (b)), unless it is self-issued. */
static bool names_allowed(struct walk *walk, const struct path *above, const struct ca *ca, bool *allowed, struct error *err)
{
    struct db_result *rows = NULL;
    struct byte_reader der = {0};
    struct signed_cert cert;
    *allowed = true;
    for (; above != NULL && !ca->is_self_issued && *allowed; above = above->above) {
        char violation[256], id[32];
        if (above->ca->name_constraints.at == NULL)
            continue;
        if (rows == NULL) {
            snprintf(id, sizeof id, "%" PRId64, ca->certificate);
            const char *const params[] = {id};
            if ((rows = db_query(walk->db, SQL_TRUST_DER, 1, params, err)) == NULL)
                return false;
            der = row_bytes_take(rows, 0, 0);
        }
        *allowed = signed_cert_read(&cert, der) && name_constraints_allow(above->ca->name_constraints, &cert, violation, sizeof violation);
    }
    free((void *)der.at);
    if (rows != NULL)
        db_result_destroy(rows);
    return true;
}

static int rank_of_hash(const char *hash)
{
    static const char *const weak_first[] = {"md2", "md4", "md5", "sha1"};
    for (int i = 0; i < 4; i++)
        if (strcmp(hash, weak_first[i]) == 0)
            return i;
    return hash[0] == '\0' ? 9 : 4;
}

static bool is_broken_hash(const char *hash)
{
    return rank_of_hash(hash) < 3;
}

static bool push_child(struct walk *walk, const struct path *above, struct ca *ca, struct error *err)
{
    bool allowed = true, counts = !ca->is_self_issued;
    struct path path = {.ca = ca, .above = above, .depth = above->depth + 1, .purposes = above->purposes & ca->purposes,
        .not_before_us = above->not_before_us > ca->not_before_us ? above->not_before_us : ca->not_before_us,
        .not_after_us = above->not_after_us < ca->not_after_us ? above->not_after_us : ca->not_after_us,
        .is_weak = above->is_weak || ca->weak_key || is_broken_hash(ca->hash), .path_len = above->path_len, .fault = above->fault,
        .security_bits = above->security_bits < ca->security_bits ? above->security_bits : ca->security_bits,
        .hash = rank_of_hash(ca->hash) < rank_of_hash(above->hash) ? ca->hash : above->hash};
    if (path.fault == NULL)
        path.fault = own_fault(ca);
    if (path.fault == NULL && above->path_len == 0 && counts)
        path.fault = "path length";         /* RFC 5280, 6.1.4 (l) and (m) */
    if (path.path_len > 0 && counts)
        path.path_len--;
    if (ca->path_len >= 0 && (path.path_len < 0 || ca->path_len < path.path_len))
        path.path_len = ca->path_len;
    if (path.fault == NULL && !names_allowed(walk, above, ca, &allowed, err))
        return false;
    if (!allowed)
        path.fault = "name constraints";
    path_push(walk, path);
    return true;
}

static void store_clear(struct walk *walk)
{
    for (size_t i = 0; i < walk->count; i++)
        free(walk->paths[i]);
    walk->count = 0;
    for (struct authority *authority = walk->authorities; authority != NULL; authority = authority->hh.next)
        authority->sound = authority->faulty = 0;
}

/* Breadth first, so that the shortest come first. A path ends at a root of the store. */
static bool store_walk(struct walk *walk, int64_t store, size_t first, size_t last, struct error *err)
{
    for (size_t i = first; i < last; i++)
        ca_get(walk, walk->roots, i)->root_of = store;
    for (size_t i = first; i < last; i++)
        push_root(walk, ca_get(walk, walk->roots, i));
    for (size_t i = 0; i < walk->count; i++) {
        const struct path *path = walk->paths[i];
        if (path->depth == PATH_DEPTH_MAX)
            continue;
        for (struct ca *ca = path->ca->authority->first; ca != NULL; ca = ca->next)
            if (ca->root_of != store && !stands_on(path, ca->authority) && !push_child(walk, path, ca, err))
                return false;
    }
    return true;
}

static char *ids_text(const struct path *path, bool constrained_only)
{
    int64_t ids[PATH_DEPTH_MAX];
    size_t count = 0;
    for (; path != NULL && count < PATH_DEPTH_MAX; path = path->above)
        if (!constrained_only || path->ca->name_constraints.at != NULL)
            ids[count++] = path->ca->certificate;
    return array_text_of_ids(ids, count);
}

static const struct path *root_of(const struct path *path)
{
    while (path->above != NULL)
        path = path->above;
    return path;
}

static bool path_row(struct db_copy *copy, int64_t store, const struct path *path, struct error *err)
{
    char *certificates = ids_text(path, false), *constrained = ids_text(path, true);
    db_copy_int(copy, store);
    db_copy_int(copy, path->ca->authority->id);
    db_copy_int(copy, path->ca->certificate);
    db_copy_int(copy, root_of(path)->ca->certificate);
    db_copy_text(copy, certificates);
    db_copy_time(copy, path->not_before_us);
    db_copy_time(copy, path->not_after_us == INT64_MAX ? INT64_MIN : path->not_after_us);
    db_copy_int(copy, path->purposes);
    if (path->path_len >= 0)
        db_copy_int(copy, path->path_len);
    else
        db_copy_text(copy, NULL);
    db_copy_text(copy, path->hash[0] == '\0' ? NULL : path->hash);
    if (path->security_bits >= 0)
        db_copy_int(copy, path->security_bits);
    else
        db_copy_text(copy, NULL);
    db_copy_bool(copy, path->is_weak);
    db_copy_text(copy, constrained);
    db_copy_text(copy, path->fault);
    free(certificates);
    free(constrained);
    return db_copy_row(copy, err);
}

static bool store_copy(struct walk *walk, int64_t store, struct error *err)
{
    struct db_copy *copy = db_copy_begin(walk->db, SQL_TRUST_PATHS_COPY, err);
    bool ok = copy != NULL;
    for (size_t i = 0; i < walk->count && ok; i++)
        ok = path_row(copy, store, walk->paths[i], err);
    return copy != NULL && db_copy_end(copy, ok ? err : NULL) && ok;
}

static bool stores_walk(struct walk *walk, struct error *err)
{
    for (size_t first = 0, next; first < db_rows(walk->roots); first = next) {
        int64_t store = db_int(walk->roots, first, COLUMN_STORE);
        for (next = first + 1; next < db_rows(walk->roots) && db_int(walk->roots, next, COLUMN_STORE) == store;)
            next++;
        bool ok = store_walk(walk, store, first, next, err) && store_copy(walk, store, err);
        store_clear(walk);
        if (!ok)
            return false;
    }
    return true;
}

static void walk_clear(struct walk *walk)
{
    struct ca *ca, *next_ca;
    struct authority *authority, *next;
    store_clear(walk);
    HASH_ITER(hh, walk->cas, ca, next_ca) {
        HASH_DEL(walk->cas, ca);
        free((void *)ca->name_constraints.at);
        free(ca);
    }
    HASH_ITER(hh, walk->authorities, authority, next) {
        HASH_DEL(walk->authorities, authority);
        free(authority);
    }
    free(walk->paths);
    if (walk->roots != NULL)
        db_result_destroy(walk->roots);
}

static bool number_get(struct db *db, const char *sql, bool *out, struct error *err)
{
    struct db_result *rows = db_query(db, sql, 0, NULL, err);
    if (rows == NULL)
        return false;
    const char *value = db_value(rows, 0, 0);
    *out = value[0] == 't' || (value[0] >= '1' && value[0] <= '9');
    db_result_destroy(rows);
    return true;
}

bool paths_update(struct db *db, bool *anchored, struct error *err)
{
    bool are_old;
    struct walk walk = {.db = db};
    *anchored = false;
    if (!number_get(db, SQL_TRUST_PATHS_OLD, &are_old, err))
        return false;
    if (!are_old)
        return true;
    bool ok = db_begin(db, err) && db_exec(db, SQL_TRUST_PATHS_BEGIN, err) && walk_read(&walk, err) && stores_walk(&walk, err)
              && db_exec(db, SQL_TRUST_PATHS_MERGE, err) && number_get(db, SQL_TRUST_NEWS, anchored, err) && db_commit(db, err);
    if (!ok)
        db_rollback(db);
    walk_clear(&walk);
    return ok;
}

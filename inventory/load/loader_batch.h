/* What the parts of the loader share: the state of loading one bundle into one database, and the begin and end of each
 * batch. It does not know the parts. */
#pragma once
#include "inventory/bundle/bundle_reader.h"
#include "inventory/load/loader.h"
#include "inventory/load/row_list.h"
#include "inventory/store/db.h"
#include "probes/base/target_space.h"

struct id_pair {                    /* a row of the bundle and its id in the database; sorted by row */
    int64_t row, id;
};

struct id_list {
    struct id_pair *pairs;
    size_t count, capacity;
};

enum loader_table { LOADER_OBSERVATION, LOADER_POSTURE, LOADER_SIGHTING, LOADER_BLOCK, LOADER_NAME, LOADER_COUNTER,
                    LOADER_FILE, LOADER_TABLES };

#define LOADER_BATCH_ROWS 4000000   /* each batch of answers is joined with all endpoints once; its temporary tables have some 200 octets a row */
#define LOADER_VERSION 1            /* raised whenever rows that were refused may be accepted now */

struct loader_early {               /* what was copied while the bundle was checked (loader_check.c) */
    struct db_copy *copy;           /* running */
    bool is_at_answers;
    int64_t hashes;                 /* of chains, in this COPY */
    int64_t answers, behind, last;  /* their number, the row before them, the last of them */
    int64_t site_id;                /* 0: not known yet, so no answers were copied */
    int64_t first_us, last_us, ahead;
};

struct loader {
    struct db *db;
    struct bundle_reader *reader;
    const struct bundle_head *head;
    char scan[24], bundle[24], site[24];        /* ids as text, for parameters */
    int64_t scan_id, bundle_row, site_id;
    char *sightings_sha256;                     /* bytea: bundle_reader_told() of a complete capture; NULL otherwise */
    int64_t progress[LOADER_TABLES];            /* the last row of each table that is in the database */
    struct target_space *space;                 /* NULL: the scan has none */
    struct loader_early early;
    struct row_list chain_rows, certificate_rows;       /* all chains of the bundle, and the certificates that they name */
    struct id_list certificates, chains, staples;
    struct id_list leafs;                       /* of chains, by the same rows */
    struct id_list endpoints;                   /* of one batch */
    int64_t first_us, last_us, ahead;           /* times in this batch; rows later than limit_us */
    int64_t limit_us;                           /* a day from now: a later time cannot be right */
    struct loader_report *report;
};

void id_list_clear(struct id_list *list);
int64_t id_list_find(const struct id_list *list, int64_t row);         /* 0 where it is not there */
/* Appends the two columns of a result (text form). Call id_list_sort() afterwards if its rows do not grow. */
void id_list_append(struct id_list *list, const struct db_result *result);
void id_list_sort(struct id_list *list);
void id_list_add(struct id_list *list, struct id_pair pair);
/* Ids for new rows; sql takes their number as $1. */
bool loader_ids_take(struct loader *loader, const char *sql, int64_t *ids, size_t count, struct error *err);
/* Ids to a statement that takes them as $1, a bigint[]. */
bool loader_ids_give(struct loader *loader, const char *sql, const int64_t *ids, size_t count, struct error *err);

/* Every batch: begin; copy and merge; end, which writes progress and time span and commits. */
bool loader_batch_begin(struct loader *loader, struct error *err);
bool loader_batch_end(struct loader *loader, enum loader_table table, int64_t row, struct error *err);
void loader_saw(struct loader *loader, int64_t time_us);
void loader_saw_span(struct loader *loader, int64_t first_us, int64_t last_us);     /* of one row */

/* Years that PostgreSQL cannot write are clamped, as in COPY. */
void loader_time_text(int64_t time_us, char *text);     /* CLOCK_TEXT_SIZE */

/* While `rows` rows come that are most of all there will be: the indexes named by sql are dropped, until they are built again.
 * A load that ends early has them built, too. */
bool loader_indexes_aside(struct loader *loader, const char *sql, int64_t rows, struct error *err);
bool loader_indexes_back(struct loader *loader, struct error *err);

/* Reads a bundle as foreign input. Opens it read-only and defensive, compares its schema, recomputes each SHA-256 from
 * the DER, checks every value for type and bounds, and follows every id. The first fault is reported with its table
 * and row; no row after it is returned.
 *
 * Rows come in the order in which they were written (row: from 1, growing), in batches: "after row N, at most M".
 * What a callback gets is borrowed for the length of the call; it returns false to stop. */
#pragma once
#include "inventory/bundle/bundle_schema.h"

#define BUNDLE_DER_MAX (16u << 20)      /* bytes of one certificate or staple */

struct bundle_reader;

/* Refuses a file that is not one of our bundles, and an unsealed bundle whose -wal is gone. */
struct bundle_reader *bundle_reader_open(const char *path, struct error *err);
void bundle_reader_close(struct bundle_reader *reader);                 /* NULL is fine */
const struct bundle_head *bundle_reader_head(const struct bundle_reader *reader);
enum bundle_seal_state bundle_reader_seal(const struct bundle_reader *reader);
const char *bundle_reader_path(const struct bundle_reader *reader);

struct bundle_der {                     /* a certificate or staple */
    int64_t row;
    uint8_t sha256[32];                 /* recomputed */
    struct der der;
};

struct bundle_chain {
    int64_t row;
    uint8_t sha256[32];                 /* recomputed */
    size_t count;
    const int64_t *certificates;        /* rows of certificate, leaf first */
};

struct bundle_observation {
    int64_t row, endpoint;              /* endpoint: a handle; two of them may mean the same endpoint */
    int64_t chain, staple;              /* rows; 0 none */
    struct observation seen;            /* without chain and staple */
};

struct bundle_sighting {                /* see struct sighting */
    struct bundle_observation of;
    int64_t hour_us, first_us, last_us;
    uint64_t count;
};

/* The endpoint that a row's handle refers to. */
bool bundle_read_endpoint(struct bundle_reader *reader, int64_t handle, struct endpoint *endpoint, struct error *err);

struct bundle_posture {
    int64_t row, endpoint_row;
    struct posture_fact fact;
};

struct bundle_block {
    int64_t row;
    struct block_result result;         /* outcomes decoded */
};

struct bundle_name {
    int64_t row;
    struct name_result result;
};

struct bundle_file_root {
    int64_t row;
    struct file_root of;
};

struct bundle_file {                    /* file_reader.c */
    int64_t row;
    struct file_reading reading;        /* its certificates without their DER: */
    const int64_t *certificates;        /* rows of certificate, */
    const uint8_t (*hashes)[32];        /* and their SHA-256 */
};

struct bundle_counter {
    int64_t row;
    const char *name;
    int64_t value;
};

bool bundle_read_certificates(struct bundle_reader *reader, int64_t behind, int64_t max,
                              bool (*on_row)(void *context, const struct bundle_der *row), void *context,
                              struct error *err);
bool bundle_read_staples(struct bundle_reader *reader, int64_t behind, int64_t max,
                         bool (*on_row)(void *context, const struct bundle_der *row), void *context,
                         struct error *err);
bool bundle_read_chains(struct bundle_reader *reader, int64_t behind, int64_t max,
                        bool (*on_row)(void *context, const struct bundle_chain *row), void *context,
                        struct error *err);
bool bundle_read_observations(struct bundle_reader *reader, int64_t behind, int64_t max,
                              bool (*on_row)(void *context, const struct bundle_observation *row), void *context,
                              struct error *err);
bool bundle_read_sightings(struct bundle_reader *reader, int64_t behind, int64_t max,
                           bool (*on_row)(void *context, const struct bundle_sighting *row), void *context,
                           struct error *err);
bool bundle_read_postures(struct bundle_reader *reader, int64_t behind, int64_t max,
                          bool (*on_row)(void *context, const struct bundle_posture *row), void *context,
                          struct error *err);
bool bundle_read_blocks(struct bundle_reader *reader, int64_t behind, int64_t max,
                        bool (*on_row)(void *context, const struct bundle_block *row), void *context,
                        struct error *err);
bool bundle_read_names(struct bundle_reader *reader, int64_t behind, int64_t max,
                       bool (*on_row)(void *context, const struct bundle_name *row), void *context,
                       struct error *err);
bool bundle_read_counters(struct bundle_reader *reader, int64_t behind, int64_t max,
                          bool (*on_row)(void *context, const struct bundle_counter *row), void *context,
                          struct error *err);
bool bundle_read_file_roots(struct bundle_reader *reader, int64_t behind, int64_t max,
                            bool (*on_row)(void *context, const struct bundle_file_root *row), void *context,
                            struct error *err);
bool bundle_read_files(struct bundle_reader *reader, int64_t behind, int64_t max,
                       bool (*on_row)(void *context, const struct bundle_file *row), void *context, struct error *err);
bool bundle_read_target_lines(struct bundle_reader *reader, int64_t behind, int64_t max,
                              bool (*on_row)(void *context, int64_t line, const char *text), void *context,
                              struct error *err);

struct bundle_account {                 /* rows of each table */
    int64_t certificates, chains, staples, observations, sightings, postures, blocks, names, counters,
        target_lines, file_roots, files;
};

/* Computes one hash over all sightings of a capture: SHA-256 over them, sorted, those of one hour added up as the loader
 * adds them. Two captures with the same hash report the same sightings to the microsecond, so the second one brings
 * nothing new, whatever file it came from. To be called after bundle_reader_check(). */
bool bundle_reader_told(struct bundle_reader *reader, uint8_t sha256[32], struct error *err);

/* What the positions of its blocks mean; yours: target_space_destroy(). NULL and true if it has none; false if head and space
 * do not agree. */
struct target_space;
bool bundle_reader_space(const struct bundle_reader *reader, struct target_space **space, struct error *err);

/* Reads everything once: true if every row is valid, and the head. account may be NULL. */
bool bundle_reader_check(struct bundle_reader *reader, struct bundle_account *account, struct error *err);

/* The same, and shows chains, then observations as they pass, before it is known whether the rest is valid. They return false where they fail. */
struct bundle_visitor {
    bool (*on_chain)(void *context, const struct bundle_chain *row, struct error *err);
    bool (*on_observation)(void *context, const struct bundle_observation *row, struct error *err);
    void *context;
};
bool bundle_reader_check_with(struct bundle_reader *reader, const struct bundle_visitor *visitor, struct bundle_account *account,
                              struct error *err);

/* The bundle: the SQLite file that a scan or capture writes, safe on disk before anything else happens. Beside one
 * pipe it is the only link between worker and keeper. Rows are only appended; endpoints, chains and certificates
 * are interned with local ids. WAL, synchronous FULL; a kill can lose only the blocks that are not finished.
 *
 * This header: the head of a bundle, and how one is written. bundle_reader.h: how the loader reads one, as foreign
 * input. Schema: bundle.sql. */
#pragma once
#include "inventory/bundle/file_reading.h"
#include "probes/base/error.h"
#include "probes/base/observation.h"

#define SCAN_ID_SIZE    37          /* a UUID as text, lower case */
#define BLOCK_POSITIONS 4096        /* consecutive positions of the permutation: the unit of progress */

enum bundle_kind { BUNDLE_SCAN = 1, BUNDLE_CAPTURE = 2, BUNDLE_FILES = 3, BUNDLE_IMPORT = 4 };

/* The head of a bundle. bundle_create() borrows the strings; an opened bundle owns them. */
struct bundle_head {
    uint8_t bundle_id[16];          /* identifies this file; bundle_create() draws it and ignores what the caller set */
    enum bundle_kind kind;
    char scan_id[SCAN_ID_SIZE];     /* made by the keeper; a capture has one too */
    char site[SITE_SIZE];
    int64_t started_us;
    const char *plan;               /* JSON document: options as given, for people and for --resume */
    const char *space;              /* target_space_format(): what positions mean; "" without a space */
    uint8_t permutation_key[16];
    uint64_t space_size;            /* positions in the whole space */
    uint32_t shard, shard_count;    /* shard 0 of 1: all; a shard is the blocks with block % count == shard */
    bool is_passing;                /* bundle_create(): see bundle_spare_syncs(); not kept in the file */
    const char *known_names;        /* lines "address name" and "address *" (known_names.h), from the keeper for the worker; may be "" */
};

struct block_result {               /* the quiet row of one finished block */
    uint64_t block;                 /* positions block * 4096 ... */
    int64_t from_us, to_us;
    uint32_t count;                 /* 4096, fewer in the last block */
    const uint8_t *outcomes;        /* count bytes, an enum outcome per position, answered ones too */
};

struct name_result {                /* one finished line of the name list */
    uint64_t line;                  /* from 1 */
    int64_t time_us;
    const char *name;
    enum outcome outcome;           /* certificate: it resolved and all its addresses have ended */
    const char *detail;             /* nxdomain ...; "" none */
    uint32_t address_count;
};

struct sighting {                   /* one hour's delta for one chain at one endpoint; merged by the loader */
    int64_t hour_us;                /* start of the hour, packet time */
    int64_t first_us, last_us;
    uint64_t count;
    int64_t chain;                  /* of bundle_add_chain(); 0: seen.chain is looked up */
    struct observation seen;        /* endpoint, role, peer, version, suite, chain, outcome; METHOD_PASSIVE */
};

struct posture_fact {               /* what an endpoint accepts beyond what it prefers; see probes/tls/posture.h */
    struct endpoint endpoint;
    int64_t time_us;
    const char *item;               /* "tls10", "rc4", "dh_bits" ... */
    const char *value;              /* "accepted", "refused", "untested", or a number as text */
    const char *detail;             /* the suite's name ...; "" none */
};

struct bundle_writer;

/* For a process in which only one thread at a time uses bundles; to be called before the first one. SQLite then takes
 * no locks and counts no memory, which saves a tenth of the cost of a row. */
void bundle_one_thread(void);

/* Creates the file. Refused if it exists, unless a kill left it half made (bundle_birth.h). A bundle has one writer at a
 * time (bundle_lock.h). The caller must be able to write to the directory until the end: SQLite keeps two files
 * beside the bundle ("-wal", "-shm"), which bundle_seal() removes. */
struct bundle_writer *bundle_create(const char *path, const struct bundle_head *head, struct error *err);

/* Opens an unsealed bundle of ours to continue it (--resume). Refused if its -wal is gone, if it is half made, and if
 * another process writes it. */
struct bundle_writer *bundle_reopen(const char *path, struct error *err);
const struct bundle_head *bundle_head(const struct bundle_writer *writer);      /* borrowed */

/* For a bundle that is removed after the run: it survives a kill, but no power cut, and the disk is not waited for. */
bool bundle_spare_syncs(struct bundle_writer *writer, struct error *err);

/* Marks the bundle as complete enough for a worker to start from it: from now on it can be resumed. Commits. */
bool bundle_mark_made(struct bundle_writer *writer, struct error *err);

/* Append a row to the open transaction; bundle_commit() makes it durable. They return false only for a failed write
 * (ERROR_IO), after which the writer accepts no more rows. The writer itself commits every
 * 1,000 rows (sightings do not count: they come in bursts); the caller calls bundle_commit() at least every 250 ms. */
bool bundle_add_target_line(struct bundle_writer *writer, uint64_t line, const char *text, struct error *err);
bool bundle_add_observation(struct bundle_writer *writer, const struct observation *observation,
                            struct error *err);
bool bundle_add_posture(struct bundle_writer *writer, const struct posture_fact *fact, struct error *err);
/* For a caller that keeps the ids of its chains: the writer then caches no copy of the chain. */
bool bundle_add_chain(struct bundle_writer *writer, const struct der *chain, size_t count, int64_t *id,
                      struct error *err);
bool bundle_add_sighting(struct bundle_writer *writer, const struct sighting *sighting, struct error *err);
bool bundle_finish_block(struct bundle_writer *writer, const struct block_result *result, struct error *err);
bool bundle_finish_name(struct bundle_writer *writer, const struct name_result *result, struct error *err);
/* file_writer.c. A reading that a kill cuts is not there at all. Texts are cut at their limits. */
bool bundle_add_file_root(struct bundle_writer *writer, const struct file_root *root, struct error *err);
bool bundle_add_file(struct bundle_writer *writer, const struct file_reading *reading, struct error *err);
/* Adds marks to readings: to those that were written since bundle_last_file() gave this number, what marks_of() says (enum file_mark).
 * An archive may tell at its end what its files are. */
int64_t bundle_last_file(struct bundle_writer *writer);
bool bundle_mark_files(struct bundle_writer *writer, int64_t since, unsigned (*marks_of)(void *context, const char *path, const char *inside),
                       void *context, struct error *err);
bool bundle_add_counter(struct bundle_writer *writer, const char *name, uint64_t value, struct error *err);
bool bundle_commit(struct bundle_writer *writer, struct error *err);

/* The SHA-256 of each certificate in the chain that was added last, leaf first (for the JSON line of the same
 * observation: a known chain is not hashed again). Borrowed until the next add; count 0 if it had none. */
const uint8_t (*bundle_last_chain(const struct bundle_writer *writer, size_t *count))[32];

/* Bytes of DER (certificates, staples) that this writer has added; those in the bundle before are not counted. */
uint64_t bundle_added_der_bytes(const struct bundle_writer *writer);

/* For --resume: which blocks and lines are finished. */
bool bundle_block_is_finished(struct bundle_writer *writer, uint64_t block);
bool bundle_name_is_finished(struct bundle_writer *writer, uint64_t line);

/* For --resume: the addresses of the endpoints for which this posture item was noted. */
bool bundle_each_posture_address(struct bundle_writer *writer, const char *item,
                                 void (*on_address)(void *context, const struct address *address), void *context,
                                 struct error *err);

/* Passes all target lines in order, each with whether its name is finished. on_line returns false to stop; that is
 * reported as an error with its errno. */
bool bundle_each_target_line(struct bundle_writer *writer,
                             bool (*on_line)(void *context, uint64_t line, const char *text, bool is_finished),
                             void *context, struct error *err);

/* Checkpoint, journal mode DELETE, done mark. Destroys the writer, also on failure. */
bool bundle_seal(struct bundle_writer *writer, struct error *err);
void bundle_close(struct bundle_writer *writer);        /* commits, leaves it unsealed; NULL is fine */

/* Seals a bundle that its writer left open. If its -wal is gone, rows may be missing: then it is refused unless partial
 * is set, which the seal records. */
bool bundle_seal_file(const char *path, bool partial, struct error *err);

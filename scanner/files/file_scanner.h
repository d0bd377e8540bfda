/* Scans one file after the other: recognises its kind, finds what it contains, and descends into archives. Findings
 * go into the bundle, one reading per place; what cannot be read is recorded there too, and the scan goes on.
 *
 *     source ─► its head ─┬─► a container ─► each entry is a source (containers.c)
 *                         ├─► a key store ─► inventory/formats
 *                         └─► anything else ─► found_scan(), whole or in windows
 *
 * Parses foreign bytes, so it runs in a confined process and opens no file itself. */
#pragma once
#include "inventory/bundle/bundle.h"
#include "inventory/formats/format.h"
#include "scanner/files/path_globs.h"
#include "scanner/files/source.h"

#define SCANNER_DEPTH_MAX   8                   /* containers in containers */
#define SCANNER_ENTRIES_MAX 5000000             /* of one file */
#define SCANNER_BYTES_MAX   (64ull << 30)       /* that one file may unpack to */
#define SCANNER_RATIO_MAX   1000                /* unpacked to packed, once more than SCANNER_RATIO_FROM came out */
#define SCANNER_RATIO_FROM  (256u << 20)
#define SCANNER_WHOLE_MAX   (256u << 10)        /* a file up to this size is scanned in one piece, a larger one in windows */
#define SCANNER_STORE_MAX   (64u << 20)         /* of a key store, or an archive in an archive that must be read from its end */

struct scanner_counts {
    uint64_t files, bytes, entries, places, certificates, keys, uses, faults, unreadable;
};

struct file_scanner_options {
    struct bundle_writer *writer;
    const char *host;
    struct format_options formats;              /* passwords; borrowed */
    struct path_globs include, exclude;         /* of what a repository held; the walk has its own */
    /* Called for each place that could not be read; may be NULL. */
    void (*on_fault)(void *context, const char *place, const char *detail);
    /* True to stop; called between the pieces of a file. NULL: never. */
    bool (*is_stopped)(void *context);
    void *context;
};

struct file_status {                            /* of a file or of an entry */
    const char *path;                           /* as bytes, NUL at the end */
    int mode;                                   /* permission bits; -1 unknown, as below */
    int64_t uid, gid, size, modified_us;
    int64_t changed_us;                             /* of the inode (ctime); 0 unknown */
    unsigned marks;
};

#define SCANNER_WAIT_MS 200                     /* for a stream, between calls of is_stopped */

/* Loads libraries, which a confined process cannot. Before anything else of this header. */
void file_scanner_prepare(void);

struct file_scanner;
struct file_scanner *file_scanner_create(const struct file_scanner_options *options);
void file_scanner_destroy(struct file_scanner *scanner);
const struct scanner_counts *file_scanner_counts(const struct file_scanner *scanner);

/* One file. False only for an error of the bundle. */
bool file_scanner_file(struct file_scanner *scanner, const struct file_status *status, int fd, struct error *err);

/* An archive whose entries are the files themselves ("tar c /etc" of another machine): their paths are made
 * absolute. An image's tar gives its layers, as it does in a file; their path is "/standard input". *roots gets the paths below which all entries
 * are: the first path of each subtree. Yours. */
struct tar_roots {
    char **paths;
    size_t count;
    bool is_whole;                              /* it was read to its end */
};
bool file_scanner_stream(struct file_scanner *scanner, int fd, struct tar_roots *roots, struct error *err);

/* An image as a folder (OCI layout), whose place is that folder: names from there, and an open file of each. */
bool file_scanner_layout(struct file_scanner *scanner, const struct file_status *status, const char *const *names, const int *fds, unsigned count,
                         struct error *err);

/* A file or folder that could not even be opened. */
bool file_scanner_tell(struct file_scanner *scanner, const struct file_status *status, enum file_outcome outcome, const char *detail,
                       struct error *err);

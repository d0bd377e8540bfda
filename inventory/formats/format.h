/* Reads files of any kind, and gives the certificates and tables in them. The kind of a file is recognised by its
 * bytes (format_read.c); archives, compressed files and folders are opened, within limits. Independent of records
 * and database, so that any code that searches files for certificates can use it. */
#pragma once
#include "inventory/formats/private_keys.h"
#include "inventory/formats/table.h"
#include "probes/base/error.h"

/* Limits of what one named file may unpack to: an archive is foreign, and may be a bomb. */
#define FORMAT_DEPTH_MAX   6                    /* archives in archives */
#define FORMAT_ENTRIES_MAX 200000
#define FORMAT_BYTES_MAX   (4ull << 30)         /* unpacked, in all */
#define FORMAT_ENTRY_MAX   (512u << 20)         /* unpacked, of one entry */
#define FORMAT_RATIO_MAX   1000                 /* unpacked to packed, once more than FORMAT_RATIO_FROM came out */
#define FORMAT_RATIO_FROM  (64u << 20)

struct format_options {
    const char *const *passwords;       /* of key stores, tried in this order; then none, "" and "changeit" */
    size_t password_count;
};

/* Where something was found: file is "folder/a.zip!inside/b.pem" for a file inside another one. */
struct format_sink {
    void (*certificate)(void *context, const char *file, size_t line, const uint8_t *der, size_t len);
    /* False with an error if the table is useless; the reader reports it as the file's fault. */
    bool (*table)(void *context, const char *file, const struct table *table, struct error *err);
    /* What the key store calls the certificate that is given next: alias, friendly name; NULL: not needed. */
    void (*label)(void *context, const char *label);
    /* What renews the certificates that are given next by itself, "certbot" (renews: unless its settings say that it shall not); the name
     * NULL: nothing that is known. The member NULL: not needed. */
    void (*renewer)(void *context, const char *name, bool renews);
    /* A key in a key store; NULL: not needed. */
    void (*key)(void *context, const char *file, const struct private_key *key);
    void (*fault)(void *context, const char *file, size_t line, const char *text);
    void (*note)(void *context, const char *file, const char *text);
    void *context;
};

/* The state of one named file while it is read. */
struct format_reader {
    const struct format_options *options;
    const struct format_sink *sink;
    /* The reader of an archive passes its entries to these: format_read() and format_read_inner(), set by format_read(). */
    bool (*read)(struct format_reader *reader, const char *file, struct byte_reader bytes, struct error *err);
    bool (*read_inner)(struct format_reader *reader, const char *file, struct byte_reader bytes, struct error *err);
    int depth;
    uint64_t packed;                    /* bytes of the file that was named */
    uint64_t bytes, entries;            /* unpacked so far */
    size_t others;                      /* files inside that hold no certificate */
    bool has_keys_only;                 /* the file is sound, and holds no certificate: a key, a request */
};

/* False with an error (ERROR_INPUT, ERROR_USAGE of a table) where nothing of it can be read. */
bool format_read(struct format_reader *reader, const char *file, struct byte_reader bytes, struct error *err);

/* A file or a folder with all below it (links out of it and other file systems are not followed). Inside a folder, a file without
 * a certificate is counted, not reported as a fault. *others (NULL is fine): how many. */
bool format_read_path(const char *path, const struct format_options *options, const struct format_sink *sink, size_t *others,
                      struct error *err);

/* What one reading of a file found: certificates, keys, and what points to files of certificates. The collector
 * writes it into a bundle, the loader carries it to the database. All pointers are borrowed. Numbers are stored:
 * never changed, never reused.
 *
 * A place is site, host, path and the path inside: "" for the file itself, else "a.jar!b/c.pem". Both are UTF-8; a
 * byte that is not UTF-8, a control character and the backslash are written as \xNN, so that every file name can be
 * restored (scanner/files/path_text.h). */
#pragma once
#include "probes/base/observation.h"

#define FILE_HOST_MAX  255
#define FILE_PATH_MAX  65536        /* bytes, of path and of path inside */
#define FILE_KIND_MAX  31
#define FILE_ITEMS_MAX 200000       /* certificates of one file; and keys; and uses */
#define FILE_TEXT_MAX  4096         /* detail, label, directive */

enum file_outcome {
    FILE_READ = 1,
    FILE_UNREADABLE = 2,            /* no permission, or a disk error; also of a folder */
    FILE_ENCRYPTED = 3,             /* no password that we were given opens it */
    FILE_DAMAGED = 4,
    FILE_LIMIT = 5,                 /* too deep, too large, a bomb */
    FILE_CHANGED = 6,               /* while it was read */
    FILE_EXPORT_FIRST = 7,          /* another tool must open it; detail has the command */
};
#define FILE_OUTCOME_LAST FILE_EXPORT_FIRST

enum file_mark {
    FILE_MARK_TRUST_STORE = 1,      /* more than ten CA certificates, no key */
    FILE_MARK_SAMPLE = 2,           /* test data, an example, documentation */
    FILE_MARK_PACKAGE = 4,          /* it came with an installed package */
    FILE_MARK_REPOSITORY = 8,       /* it lies in a repository (git) */
    FILE_MARK_PROGRAM = 16,         /* an executable or library: what it holds is hard-coded */
};
#define FILE_MARKS_ALL 31

enum file_key_kind { FILE_KEY_PRIVATE = 1, FILE_KEY_REQUEST = 2, FILE_KEY_SSH_HOST = 3 };
#define FILE_KEY_KIND_LAST FILE_KEY_SSH_HOST

struct file_certificate {
    struct der der;
    int64_t offset;                 /* in the file as it was read; -1 unknown (encoded, packed) */
    const char *label;              /* the alias in a key store; "" none */
};

/* The key itself is never stored. */
struct file_key {
    enum file_key_kind kind;
    const uint8_t *spki_sha256;     /* 32 bytes, over the public key as a certificate holds it; NULL unknown (encrypted) */
    const char *algorithm;          /* as certificates' facts name it: "RSA", "EC P-256"; "" unknown */
    int bits;                       /* 0 unknown */
    bool is_encrypted;
    int64_t offset;                 /* -1 unknown */
};

struct file_use {                   /* configuration that names a file */
    const char *service;            /* "nginx" */
    const char *directive;
    const char *path;               /* of the file that it names, absolute where it can be known */
    int64_t line;
};

struct file_reading {
    int64_t time_us;
    const char *host, *path, *inside;
    const char *kind;               /* what the bytes were: "pem", "der", "pkcs12", "jks" ... */
    enum file_outcome outcome;
    const char *detail;             /* why it could not be read; "" none */
    int64_t size;                   /* -1 unknown */
    int64_t modified_us;            /* INT64_MIN unknown */
    int mode;                       /* permission bits; -1 unknown */
    int64_t uid, gid;               /* -1 unknown */
    unsigned marks;                 /* enum file_mark */
    const struct file_certificate *certificates;
    size_t certificate_count;
    const struct file_key *keys;
    size_t key_count;
    const struct file_use *uses;
    size_t use_count;
};

struct file_root {                  /* what was walked */
    const char *host, *path;
    const char *settings;           /* what else decides which files are read; only a walk with equal settings shows that a file is gone */
    bool is_complete;
    int64_t from_us, to_us;
};

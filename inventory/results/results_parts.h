/* What the readers of this folder share (result.c). */
#pragma once
#include "inventory/results/results.h"
#include "probes/base/byte_reader.h"

#define RESULT_CHAIN_MAX 32

/* One answer, as it is gathered. Its certificates are borrowed until results_add() returns. */
struct result {
    struct observation seen;
    struct der chain[RESULT_CHAIN_MAX];
    size_t count;
};

struct results {
    const struct results_request *request;
    struct bundle_writer *writer;   /* NULL: only counted (fuzzing) */
    struct results_account *account;
    const char *file;
    int64_t file_time_us;           /* of the file's last change: where a result has no time */
    struct zeek *zeek;              /* certificates by their hash, over all files; NULL: not Zeek's */
    struct error *err;
    bool failed;                    /* of our own trouble: stop */
};

void result_init(struct result *result, const struct results *results);

/* Address, port and name as texts; NULL: none. The name is left out where it is an address or no host name. False where the address is none. */
bool result_place(struct result *result, const char *address, long port, const char *name);
void result_version(struct result *result, const char *text);       /* "tls13", "TLSv1.2", "TLSv12" ... */
void result_time(struct result *result, const char *text);          /* any usual form; left alone where it is none */

/* Adds the answer, or counts it as bare where it has no certificate. */
void results_add(struct results *results, struct result *result);
void results_fault(struct results *results, size_t line, const char *text);

/* One file of each tool; bytes are text. */
void results_read_json(struct results *results, struct byte_reader text);
/* A certificate of a CT log as it is: no text. */
bool results_is_der(const struct results *results, struct byte_reader bytes);
void results_read_nmap(struct results *results, struct byte_reader text);
void results_read_zeek(struct results *results, struct byte_reader text);
void zeek_finish(struct results *results);      /* after the last file: connections wait for their certificates */

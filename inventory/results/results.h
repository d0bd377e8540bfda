/* Converts results of other tools into a bundle. What a tool saw is an observation of method `import` and variant `seen`; certificates of
 * a CT log have no place, and are kept as certificates alone. */
#pragma once
#include "inventory/bundle/bundle.h"

struct results_account {
    uint64_t answers;               /* observations with their chain */
    uint64_t certificates;          /* without a place (CT) */
    uint64_t bare;                  /* results that name a certificate, but do not hold it */
    uint64_t faults;                /* lines that could not be read */
};

struct results_request {
    const char *tool;               /* "tlsx", "nmap" ...: results_tools */
    const char *const *files;
    size_t file_count;
    const char *site;
    const char *bundle;             /* the path of the bundle to make */
    void (*fault)(void *context, const char *file, size_t line, const char *text);
    void *context;
};

extern const char *const results_tools[];       /* NULL at the end */

/* What is expected of the tool so that its results hold certificates: "what tlsx -json -cert writes". NULL: no such tool. */
const char *results_advice(const char *tool);

/* The id of the scan that these files make: the same files of the same site give the same, so that they are not loaded twice. */
bool results_scan_id(const struct results_request *request, char id[SCAN_ID_SIZE], struct error *err);

/* Makes the bundle, sealed. Lines that cannot be read are reported, and the others are still read; false where a file cannot be
 * read at all or nothing is in it. */
bool results_convert(const struct results_request *request, struct results_account *account, struct error *err);

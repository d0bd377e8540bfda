/* A folder that proves what was found: the document, the lists as CSV, JSON and a workbook, the certificates with findings, plans and accounts of
 * the runs, policy, rules and decisions, who wrote it where and when, SHA256SUMS over all of it, and, if asked for, a signature and a
 * time stamp query. */
#pragma once
#include "reports/document/document.h"
#include "reports/document/folder.h"

struct evidence_options {
    struct document_options document;
    const char *version;            /* of certsweep */
    const char *certificate, *key;  /* PEM files of the signer; NULL: not signed */
};

bool evidence_write(const struct evidence_options *options, struct db *db, struct folder *folder, struct error *err);

struct evidence_account {
    bool is_whole;                  /* every file is as it was, none is missing, none was added, and no seal is bad */
};

/* Writes to `out` which files are unchanged. roots: a PEM file of CAs for the seals' certificates; NULL: the signers are not verified. */
bool evidence_verify(const char *folder, const char *roots, FILE *out, struct evidence_account *account, struct error *err);

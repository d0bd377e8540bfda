/* `certsweep report discovery`: the document in one file, letters for every owner, or a folder of evidence; and PDF of every report. */
#pragma once
#include "scanner/cli/command.h"

struct db;

/* The rows of the option table for the head of every page. */
#define REPORT_HEAD_OPTIONS \
    {"organization", 0, "NAME", "Pages: the organisation, for the head.", false, false}, \
    {"author", 0, "TEXT", "Pages: who answers for it, for the head: a name, an address. Owners are asked to answer there.", false, false}, \
    {"classification", 0, "TEXT", "Pages: for the head and, in documents, the foot of each printed page.", false, false}, \
    {"reference", 0, "TEXT", "Pages: a number of yours, for the head.", false, false}

/* Those that only documents have; for report's own table. */
#define REPORT_DOCUMENT_OPTIONS \
    {"split", 0, "owner", "discovery: a letter, lists and a calendar (of today alone) for each owner, in the folder of -o, with an index. " \
                         "What an earlier run wrote there for owners who have nothing now is removed.", false, false}, \
    {"evidence", 0, "FOLDER", "discovery: write a folder that proves what was found: document, lists, certificates, plans, policy, rules, " \
     "decisions, SHA256SUMS, a time stamp query.", false, false}, \
    {"sign-cert", 0, "FILE", "With --evidence: the signer's certificate in PEM, followed by others of its chain.", false, false}, \
    {"sign-key", 0, "FILE", "With --evidence: the signer's key in PEM, without a passphrase; SHA256SUMS is signed with it.", false, false}

struct report_head;
struct report_head report_head_of(const struct options *options);

bool report_document_write(const struct options *options, struct db *db, struct error *err);

/* Where --format pdf is asked for: the page that is written to report_page_file() becomes PDF at its end; other formats go where they
 * are. */
struct report_page;
struct report_page *report_page_open(const struct options *options, struct error *err);
FILE *report_page_file(struct report_page *page);
bool report_page_close(struct report_page *page, bool whole, struct error *err);
bool report_page_is_pdf(const struct options *options);

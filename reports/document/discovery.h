/* The discovery document: first for a manager how serious it is, whose and by when, then for owners and auditors
 * what is wrong and where. It contains what needs action; full lists are the CSV reports. Self-contained: it can be
 * mailed, opened without a network, and printed. */
#pragma once
#include "reports/document/document.h"

bool discovery_write(const struct document_options *options, struct db *db, FILE *out, struct error *err);

/* The same within an open document that is filled. */
bool discovery_write_filled(struct document *document, FILE *out, struct error *err);

/* Its parts (discovery_summary.c, discovery_charts.c, discovery_findings.c, discovery_method.c), in their order. */
bool discovery_summary(struct document *document, struct error *err);
bool discovery_managed(struct document *document, struct error *err);
bool discovery_expiry(struct document *document, struct error *err);
bool discovery_mix(struct document *document, struct error *err);
bool discovery_trend(struct document *document, struct error *err);
bool discovery_findings(struct document *document, struct error *err);
bool discovery_action(struct document *document, struct error *err);
bool discovery_coverage(struct document *document, struct error *err);
bool discovery_exceptions(struct document *document, struct error *err);
bool discovery_method(struct document *document, struct error *err);
bool discovery_glossary(struct document *document, struct error *err);

/* The parts of a load, in the order in which loader.c runs them. */
#pragma once
#include "inventory/load/loader_batch.h"

/* bundle_reader_check(); finds the chains that are known, and copies answers on the way. */
bool loader_check(struct loader *loader, struct bundle_account *account, struct error *err);
/* Does in_answer hold the first answers behind the progress, at most max? Then *count of them, and the batch's times; once. */
bool loader_early_take(struct loader *loader, int64_t max, int64_t *count, int64_t *last);

/* Certificates, chains, staples; loader_certificates is its part: the rows `needed` of the bundle, growing, or all (NULL). */
bool loader_certificates(struct loader *loader, const int64_t *needed, size_t count, struct error *err);
bool loader_dictionaries(struct loader *loader, const struct bundle_account *account, struct error *err);
bool loader_answers(struct loader *loader, struct error *err);          /* observations */
bool loader_sightings(struct loader *loader, struct error *err);
bool loader_postures(struct loader *loader, struct error *err);
bool loader_names(struct loader *loader, struct error *err);
bool loader_counters(struct loader *loader, struct error *err);
bool loader_space_open(struct loader *loader, struct error *err);       /* before anything is loaded */
bool loader_blocks(struct loader *loader, struct error *err);
bool loader_files(struct loader *loader, const struct bundle_account *account, struct error *err);

/* An observation of a bundle as a row: the digest by which it is compared, its columns, and how some rows are read again. */
#pragma once
#include "inventory/load/loader_batch.h"

/* What makes two answers of an endpoint the same: all fields but times, SCTs and the bytes of a staple. 0: never the same. */
int64_t answer_digest(const struct loader *loader, const struct bundle_observation *row);

/* A row of answers_copy.sql: what the class of an answer depends on. */
bool answer_class_copy(struct db_copy *copy, const struct loader *loader, const struct bundle_observation *row, struct error *err);

/* The last columns of in_full and observation, from digest to alpn. */
#define ANSWER_COLUMNS 23
void answer_columns_copy(struct db_copy *copy, const struct loader *loader, const struct bundle_observation *row);

/* One column: NULL for 0, for `none`, for ''. */
void answer_id_copy(struct db_copy *copy, int64_t id);
void answer_int_copy(struct db_copy *copy, int64_t value, int64_t none);
void answer_text_copy(struct db_copy *copy, const char *text);
void answer_proven_copy(struct db_copy *copy, enum key_proven proven);

/* Reads the observations whose rows stand in the first column (binary, growing); at: which of them. on_row returns false if it failed. */
bool answer_rows_read(struct loader *loader, const struct db_result *wanted,
                      bool (*on_row)(void *context, size_t at, const struct bundle_observation *row), void *context, struct error *err);

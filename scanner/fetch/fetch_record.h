/* The messages between keeper and fetching worker. A job is a file: the scope, its label, then the questions.
 * Answers are a stream:
 *
 *     job        text scope ("" none) | text label | question...
 *     question   text URL | octets body (empty: GET)
 *     answer     u32 number of the question | text fault ("" none) | octets body
 *
 * A text or octets: u32 length (network order), then the bytes. Both are read with the lengths checked. */
#pragma once
#include "probes/base/byte_buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FETCH_LIST_OCTETS_MAX   (64u << 20)     /* a revocation list from the network; those of public CAs are below 10 MiB */
#define FETCH_ANSWER_OCTETS_MAX 65536u          /* an OCSP answer; the limit of ocsp.h */
#define FETCH_FAULT_MAX         256u            /* octets of a fault's text */
#define FETCH_URL_MAX           2048u

/* Appends; also with len 0. */
void fetch_record_add(struct byte_buffer *buffer, const void *bytes, size_t len);
void fetch_record_add_text(struct byte_buffer *buffer, const char *text);

/* The next field; false if it is longer than limit or than what is left. */
bool fetch_record_take(struct byte_reader *reader, size_t limit, struct byte_reader *field);

enum fetch_take { FETCH_TAKE_DONE, FETCH_TAKE_MORE, FETCH_TAKE_WRONG };
struct fetch_answer {
    uint32_t number;
    struct byte_reader fault, body;
};
/* Takes one answer from the head of the received bytes. MORE: it is incomplete; WRONG: it is malformed. */
enum fetch_take fetch_record_answer(struct byte_reader *reader, struct fetch_answer *answer);

/* Records of TLS 1.3 opened and sealed (RFC 8446, section 5.2). EVP contexts are made once per cipher and kept: making
 * one costs more than a record. One tls_aead serves one thread. */
#pragma once
#include "probes/tls/key_schedule.h"
#include "probes/base/byte_reader.h"
#include "probes/base/byte_writer.h"

struct tls_aead;

struct tls_aead *tls_aead_create(void);
void tls_aead_destroy(struct tls_aead *aead);

/* Can a record of this suite be opened here? AES-GCM, ChaCha20-Poly1305, CCM, CCM_8. */
bool tls_aead_knows(const struct tls_suite *suite);

/* Opens one record: its header is the additional data. out (as long as body) gets the TLSInnerPlaintext without
 * padding and type; *type its content type. False if the tag is wrong. */
bool tls_aead_open(struct tls_aead *aead, const struct tls_suite *suite, struct tls_traffic *traffic,
                   const uint8_t header[5], struct byte_reader body, uint8_t *out, size_t *out_len, uint8_t *type);

/* Writes one whole record that holds bytes as content of type. */
bool tls_aead_seal(struct tls_aead *aead, const struct tls_suite *suite, struct tls_traffic *traffic, uint8_t type,
                   const uint8_t *bytes, size_t len, struct byte_writer *out);

/* Opens the records of one direction with secrets that the user has: TLS 1.3 (RFC 8446, section 7) and 1.0 to 1.2
 * (RFC 5246, section 6.3). It does not authenticate: the MAC of CBC suites is cut off, not checked. */
#pragma once
#include "probes/tls/record_reader.h"
#include "scanner/passive/handshake/hello_facts.h"
#include "scanner/passive/handshake/key_log.h"

struct tls_opener;

/* NULL where there is no secret for this handshake, or its suite is not known here. */
struct tls_opener *tls_opener_create(const struct key_log *keys, const struct client_hello_facts *client,
                                     const struct server_hello_facts *server, bool is_client);
void tls_opener_destroy(struct tls_opener *opener);

bool tls_opener_is_active(const struct tls_opener *opener);
void tls_opener_change_cipher_spec(struct tls_opener *opener);      /* up to TLS 1.2: active from here */
void tls_opener_next_stage(struct tls_opener *opener);              /* TLS 1.3: after Finished */

/* A whole record. NULL if it cannot be decrypted; what is returned lives until the next call. type: its content type. */
const uint8_t *tls_opener_open(struct tls_opener *opener, const struct tls_record *record, uint8_t *type, size_t *len);

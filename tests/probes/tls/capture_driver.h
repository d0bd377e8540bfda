/* Runs one capture against a memory server, the flight given in pieces. */
#pragma once
#include "probes/tls/capture.h"
#include "probes/tls/client_hello.h"
#include "tests/probes/tls/memory_server.h"

/* Asks the server with this offer; the answer comes in pieces of at most piece bytes (0: at once). The capture has ended
 * or waits for more when it returns. */
enum tls_capture_result capture_drive(struct tls_capture *capture, const struct tls_offer *offer,
                                      struct memory_server *server, size_t piece);

/* Gives bytes in one piece, from a block of their own, so that a sanitizer sees what is read beyond. */
enum tls_capture_result capture_give(struct tls_capture *capture, const uint8_t *bytes, size_t len,
                                     struct byte_writer *out);

/* What the scanner would call such an end. */
enum outcome capture_outcome(enum tls_capture_result result, const struct tls_facts *facts);

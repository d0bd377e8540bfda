/* The last resort: a handshake by libssl itself, over memory, whose messages are passed on as they arrive. It costs
 * fifty times as much as a capture, and is used only when a server answers none of our hellos. */
#pragma once
#include "probes/base/byte_reader.h"
#include "probes/base/byte_writer.h"

#include <stdbool.h>
#include <stdint.h>

struct libssl_session;

/* content_type is 21 (alert: level and description) or 22 (one handshake message with its header). It runs inside
 * libssl_session_step(). */
typedef void (*libssl_on_received)(void *arg, uint8_t content_type, struct byte_reader bytes);

/* server_name '' or NULL sends none. */
struct libssl_session *libssl_session_create(const char *server_name, libssl_on_received on_received, void *arg);
void libssl_session_destroy(struct libssl_session *session);

/* Takes all of in, writes libssl's output. False when the handshake has ended, complete or not. */
bool libssl_session_step(struct libssl_session *session, struct byte_reader *in, struct byte_writer *out);

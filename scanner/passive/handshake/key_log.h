/* TLS secrets that the user has: NSS key log lines (draft-ietf-tls-keylogfile) from SSLKEYLOGFILE or from a pcapng
 * file, found by the ClientHello's random. Never printed, wiped at the end. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum key_log_label {
    KEY_LOG_MASTER_SECRET,              /* CLIENT_RANDOM: up to TLS 1.2 */
    KEY_LOG_CLIENT_HANDSHAKE,
    KEY_LOG_SERVER_HANDSHAKE,
    KEY_LOG_CLIENT_APPLICATION,
    KEY_LOG_SERVER_APPLICATION,
    KEY_LOG_LABELS
};

struct key_log_secret {
    uint8_t len;                        /* 0: none */
    uint8_t bytes[64];
};

struct key_log;

struct key_log *key_log_create(void);
void key_log_destroy(struct key_log *log);
void key_log_add(struct key_log *log, const char *text, size_t len);     /* any lines; other ones are skipped */
bool key_log_add_fd(struct key_log *log, int fd, const char *name, struct error *err);      /* closes fd */
size_t key_log_count(const struct key_log *log);        /* of secrets */
const struct key_log_secret *key_log_find(const struct key_log *log, const uint8_t client_random[32],
                                          enum key_log_label label);     /* NULL unknown */

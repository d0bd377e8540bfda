/* Sends a message: by SMTP with TLS, or as signed JSON to a webhook; libcurl does both. Each address is one the
 * user named. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct deliver_mail {
    const char *url;                /* smtp://HOST:PORT (STARTTLS is required) or smtps://HOST */
    const char *user, *password;    /* NULL: no login */
    const char *roots;              /* PEM file by which the server is trusted; NULL: the system's */
};

/* Delivers one message; false with the server's reply. */
bool deliver_mail(const struct deliver_mail *mail, const char *from, const char *to, const char *message, size_t len, struct error *err);

/* POST of a JSON body. secret: the header X-Certsweep-Signature has "sha256=" and the HMAC of the body in hex; NULL: none. */
bool deliver_hook(const char *url, const char *roots, const char *secret, const char *body, struct error *err);

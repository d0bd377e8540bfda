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

struct deliver_hook {
    const char *url;                /* https://..., or http:// to an address of this machine */
    const char *roots;
    const char *secret;             /* the header X-Certsweep-Signature has "sha256=" and the HMAC of the body in hex; NULL: none */
    const char *headers;            /* more headers, a line each; NULL: none */
};

/* An address that may be used: its scheme is one of ours, a host is named, and no password stands in it, since other users see a
 * command line. Both functions below expect one. */
bool deliver_mail_url_check(const char *url, struct error *err);
bool deliver_hook_url_check(const char *url, struct error *err);

/* Lines of "Name: value", none of which is one of ours. */
bool deliver_headers_check(const char *headers, const char *path, struct error *err);

/* Delivers one message; false with the server's reply; of the address only the server is named, since the rest may be a secret. */
bool deliver_mail(const struct deliver_mail *mail, const char *from, const char *to, const char *message, size_t len, struct error *err);

/* POST of a JSON body; false unless the server says that it took it (2xx). */
bool deliver_hook(const struct deliver_hook *hook, const char *body, struct error *err);

/* A cursor is base64url of: six bytes of SHA-256 over the report's name and what follows, the number of rows, a space, the values. */
#include "reports/report_cursor.h"

#include "probes/base/memory.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

enum { CHECK_SIZE = 6, CURSOR_MAX = 1 << 16 };

/* It keeps damaged text and other reports' values from the statement; it is no secret. */
static void check_of(const struct report *report, const char *body, unsigned char check[SHA256_DIGEST_LENGTH])
{
    char *all = xasprintf("%s %s", report->name, body);
    SHA256((const unsigned char *)all, strlen(all), check);
    free(all);
}

static void translate(char *text, const char *from, const char *to)
{
    for (char *at = text; *at != '\0'; at++) {
        const char *found = strchr(from, *at);
        if (found != NULL)
            *at = to[found - from];
    }
}

char *report_cursor_write(const struct report *report, const char *key, size_t rows)
{
    unsigned char check[SHA256_DIGEST_LENGTH];
    char *body = xasprintf("%zu %s", rows, key);
    size_t len = CHECK_SIZE + strlen(body);
    unsigned char *bytes = xcalloc(1, len + 1);
    char *text = xcalloc(1, (len + 2) / 3 * 4 + 1);
    check_of(report, body, check);
    memcpy(bytes, check, CHECK_SIZE);
    memcpy(bytes + CHECK_SIZE, body, strlen(body));
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);
    text[strcspn(text, "=")] = '\0';
    translate(text, "+/", "-_");
    free(bytes);
    free(body);
    return text;
}

/* The bytes behind the check, with a NUL; NULL: it is no text of ours. */
static char *body_of(const struct report *report, const char *text)
{
    unsigned char check[SHA256_DIGEST_LENGTH];
    size_t len = strlen(text), padding = (4 - len % 4) % 4;
    if (len > CURSOR_MAX || padding == 3 || text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")] != '\0')
        return NULL;
    char *padded = xasprintf("%s%.*s", text, (int)padding, "==");
    unsigned char *bytes = xcalloc(1, len + 4);
    translate(padded, "-_", "+/");
    int decoded = EVP_DecodeBlock(bytes, (const unsigned char *)padded, (int)(len + padding));
    free(padded);
    size_t size = decoded < 0 ? 0 : (size_t)decoded - padding;
    char *body = size <= CHECK_SIZE ? NULL : xstrndup((const char *)bytes + CHECK_SIZE, size - CHECK_SIZE);
    if (body != NULL)
        check_of(report, body, check);
    if (body != NULL && memcmp(check, bytes, CHECK_SIZE) != 0) {
        free(body);
        body = NULL;
    }
    free(bytes);
    return body;
}

json_t *report_cursor_read(const struct report *report, const char *text, size_t *rows, struct error *err)
{
    char *body = body_of(report, text), *rest = NULL;
    *rows = body == NULL ? 0 : strtoull(body, &rest, 10);
    json_t *key = rest == NULL ? NULL : json_loads(rest, 0, NULL);
    free(body);
    if (key == NULL)
        error_set(err, ERROR_USAGE, "--after %.40s: no page of report %s ends there; each page tells at its end where the next begins", text, report->name);
    return key;
}

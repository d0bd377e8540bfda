#include "inventory/store/named_subject.h"

#include "probes/base/address.h"
#include "probes/base/memory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define HASH_DIGITS_MIN 8           /* fewer digits may be a word */

void named_subject_clear(struct named_subject *subject)
{
    free(subject->hash);
    free(subject->address);
    free(subject->port);
    free(subject->name);
    free(subject->site);
    free(subject->host);
    free(subject->path);
    *subject = (struct named_subject){0};
}

/* "10.1.2.3", "10.1.2.3:443", "[2001:db8::1]:443", "::ffff:10.1.2.3:443" */
static bool place_parse(const char *text, size_t len, struct named_subject *subject)
{
    char *copy = xstrndup(text, len), *host = copy, *port = NULL, *last = strrchr(copy, ':');
    struct address address;
    if (copy[0] == '[' && strchr(copy, ']') != NULL) {
        host = copy + 1;
        char *end = strchr(copy, ']');
        *end = '\0';
        port = end[1] == ':' ? end + 2 : NULL;
    } else if (last != NULL && strchr(last, '.') == NULL && memchr(copy, '.', (size_t)(last - copy)) != NULL) {
        port = last + 1;
        *last = '\0';
    }
    bool ok = address_parse(host, &address) && (port == NULL || (*port != '\0' && strspn(port, "0123456789") == strlen(port) && strlen(port) < 6));
    if (ok) {
        char plain[ADDRESS_TEXT_SIZE];      /* as it is stored, IPv4-mapped IPv6 as IPv4 */
        address_format(&address, plain);
        subject->address = xstrdup(plain);
        subject->is_mapped = address.len == 4 && strchr(host, ':') != NULL;
        subject->port = port == NULL ? NULL : xstrdup(port);
    }
    free(copy);
    return ok;
}

/* "web1:/etc/ssl/a.pem", also with what stands inside of it after "!", and with the site in front. Paths may have blanks. */
static bool file_parse(const char *text, struct named_subject *subject)
{
    const char *colon = strstr(text, ":/"), *blank = memchr(text, ' ', colon == NULL ? 0 : (size_t)(colon - text));
    if (colon == NULL || colon == text || text[0] == '[')
        return false;
    const char *host = blank == NULL ? text : blank + 1;
    if (blank != NULL)
        subject->site = xstrndup(text, (size_t)(blank - text));
    subject->host = xstrndup(host, (size_t)(colon - host));
    subject->path = xstrndup(colon + 1, strcspn(colon + 1, "!"));
    return true;
}

void named_subject_parse(const char *text, struct named_subject *subject)
{
    size_t first = strcspn(text, " "), digits = strspn(text, "0123456789abcdefABCDEF");
    const char *second = text[first] == ' ' ? text + first + 1 : NULL, *open = strstr(text, " (");
    if (text[digits] == '\0' && digits >= HASH_DIGITS_MIN && digits <= 64) {
        subject->hash = xstrdup(text);
        for (char *at = subject->hash; *at != '\0'; at++)
            *at = (char)tolower((unsigned char)*at);
        return;
    }
    if (file_parse(text, subject))
        return;
    bool is_place = place_parse(text, first, subject);
    if (!is_place && second != NULL && place_parse(second, strcspn(second, " "), subject)) {
        is_place = true;
        subject->site = xstrndup(text, first);
    }
    if (!is_place)
        subject->name = xstrdup(text);
    else if (open != NULL)
        subject->name = xstrndup(open + 2, strcspn(open + 2, ")"));
}

char *named_subject_place(const struct named_subject *subject)
{
    if (subject->address == NULL)
        return NULL;
    bool is_v6 = strchr(subject->address, ':') != NULL;
    return xasprintf("%s%s%s%s%s", is_v6 ? "[" : "", subject->address, is_v6 ? "]" : "", subject->port == NULL ? "" : ":",
                     subject->port == NULL ? "" : subject->port);
}

#include "inventory/policy/policy_dn.h"

#include "probes/base/memory.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Other spellings of a type, and the one that facts have (certificate/oid.c). */
static const struct { const char *other, *type; } types[] = {
    {"commonName", "CN"}, {"2.5.4.3", "CN"}, {"organizationName", "O"}, {"organization", "O"}, {"2.5.4.10", "O"},
    {"organizationalUnitName", "OU"}, {"organizationalUnit", "OU"}, {"2.5.4.11", "OU"}, {"countryName", "C"},
    {"country", "C"}, {"2.5.4.6", "C"}, {"stateOrProvinceName", "ST"}, {"state", "ST"}, {"S", "ST"}, {"2.5.4.8", "ST"},
    {"localityName", "L"}, {"locality", "L"}, {"2.5.4.7", "L"}, {"E", "emailAddress"}, {"email", "emailAddress"},
    {"1.2.840.113549.1.9.1", "emailAddress"}, {"domainComponent", "DC"}, {"0.9.2342.19200300.100.1.25", "DC"},
    {"userId", "UID"}, {"0.9.2342.19200300.100.1.1", "UID"}, {"2.5.4.5", "serialNumber"}, {"streetAddress", "street"},
    {"2.5.4.9", "street"}, {"surname", "SN"}, {"givenName", "GN"}, {"2.5.4.97", "organizationIdentifier"},
};

/* Where the value begins, if an attribute does here ("O=", " 2.5.4.10 = "); sets the type's bounds. */
static const char *attribute_begin(const char *at, const char **type, size_t *len)
{
    at += strspn(at, " \t");
    if (strncasecmp(at, "OID.", 4) == 0)
        at += 4;
    *type = at;
    while (isalnum((unsigned char)*at) || *at == '.' || *at == '-')
        at++;
    *len = (size_t)(at - *type);
    at += strspn(at, " \t");
    return *len > 0 && *at == '=' ? at + 1 : NULL;
}

static void type_add(char *out, const char *type, size_t len)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strlen(types[i].other) == len && strncasecmp(types[i].other, type, len) == 0) {
            strcat(out, types[i].type);
            return;
        }
    strncat(out, type, len);
}

/* Folds blanks, as when names are compared (RFC 5280, 7.1). Returns the position of the next attribute's separator. */
static const char *value_add(char *out, const char *at)
{
    const char *type;
    size_t len, end = strlen(out), start = end;
    bool quoted = false, blank = false;
    for (; *at != '\0'; at++) {
        if (!quoted && strchr(",;/+", *at) != NULL && attribute_begin(at + 1, &type, &len) != NULL)
            break;
        if (*at == '"') {
            quoted = !quoted;
            continue;
        }
        if (*at == ' ' || *at == '\t') {
            blank = end > start;
            continue;
        }
        if (*at == '\\' && at[1] != '\0')
            at++;
        if (blank)
            out[end++] = ' ';
        blank = false;
        out[end++] = *at;
    }
    out[end] = '\0';
    return at;
}

char *policy_dn_attributes(const char *text)
{
    const char *type, *value;
    size_t len;
    const char *at = text + strspn(text, " \t/");
    char *out = xcalloc(8 * strlen(text) + 64, 1);      /* "e=" becomes "emailAddress=", the longest growth */
    while ((value = attribute_begin(at, &type, &len)) != NULL) {
        if (out[0] != '\0')
            strcat(out, "\n");
        type_add(out, type, len);
        strcat(out, "=");
        at = value_add(out, value);
        at += *at != '\0';
    }
    if (out[0] != '\0')
        return out;
    free(out);
    return NULL;
}

#include "probes/base/observation.h"

#include <string.h>

const char *method_name(enum method method)
{
    switch (method) {
    case METHOD_ACTIVE: return "active";
    case METHOD_PASSIVE: return "passive";
    case METHOD_FILE: return "file";
    case METHOD_IMPORT: return "import";
    }
    return "?";
}

const char *role_name(enum role role)
{
    return role == ROLE_CLIENT ? "client" : "server";
}

const char *variant_name(enum variant variant)
{
    switch (variant) {
    case VARIANT_DEFAULT: return "default";
    case VARIANT_TLS12: return "tls12";
    case VARIANT_RSA: return "rsa";
    case VARIANT_ECDSA: return "ecdsa";
    case VARIANT_EDDSA: return "eddsa";
    case VARIANT_FALLBACK: return "fallback";
    case VARIANT_LEGACY: return "legacy";
    case VARIANT_SEEN: return "seen";
    case VARIANT_PQ: return "pq";
    }
    return "?";
}

const char *name_source_name(enum name_source source)
{
    switch (source) {
    case NAME_SOURCE_NONE: return "none";
    case NAME_SOURCE_GIVEN: return "given";
    case NAME_SOURCE_PTR: return "ptr";
    case NAME_SOURCE_CERTIFICATE: return "certificate";
    case NAME_SOURCE_KNOWN: return "known";
    case NAME_SOURCE_OPTION: return "option";
    }
    return "?";
}

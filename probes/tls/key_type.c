#include "probes/tls/key_type.h"

#include "probes/tls/names.h"

enum variant key_type_of_scheme(int32_t scheme)
{
    switch (scheme) {
    case 0x0201: case 0x0301: case 0x0401: case 0x0501: case 0x0601:
    case 0x0804: case 0x0805: case 0x0806: case 0x0809: case 0x080a: case 0x080b: return VARIANT_RSA;
    case 0x0203: case 0x0303: case 0x0403: case 0x0503: case 0x0603:
    case 0x081a: case 0x081b: case 0x081c: return VARIANT_ECDSA;
    case 0x0807: case 0x0808: return VARIANT_EDDSA;
    case 0x0904: case 0x0905: case 0x0906: return VARIANT_PQ;
    default: return 0;
    }
}

enum variant key_type(const struct tls_facts *facts)
{
    const struct tls_suite *suite = facts->cipher_suite < 0 ? NULL : tls_suite_find((uint32_t)facts->cipher_suite);
    enum variant type = key_type_of_scheme(facts->scheme);
    if (type != 0 || suite == NULL || suite->is_tls13)
        return type;
    return suite->auth == TLS_AUTH_RSA ? VARIANT_RSA : suite->auth == TLS_AUTH_ECDSA ? VARIANT_ECDSA : 0;
}

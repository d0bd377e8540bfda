#include "scanner/passive/handshake/null_suites.h"

#include "probes/tls/names.h"

#include <stddef.h>

uint8_t null_suite_mac_len(uint16_t cipher_suite)
{
    const struct tls_suite *suite = tls_suite_find(cipher_suite);
    if (suite == NULL || suite->enc != TLS_ENC_NULL || suite->is_tls13)
        return 0;
    switch (suite->mac) {
    case TLS_MAC_MD5: return 16;
    case TLS_MAC_SHA: return 20;
    case TLS_MAC_SHA256: return 32;
    case TLS_MAC_SHA384: return 48;
    default: return 0;          /* TLS_NULL_WITH_NULL_NULL has no MAC, so a wrong guess would go unnoticed */
    }
}

#include "probes/base/outcome.h"

#include <string.h>

static const char *const names[OUTCOME_COUNT] = {
    [OUTCOME_CERTIFICATE] = "certificate",
    [OUTCOME_NO_CERTIFICATE] = "no_certificate",
    [OUTCOME_HIDDEN] = "hidden",
    [OUTCOME_INCOMPLETE] = "incomplete",
    [OUTCOME_TLS_ALERT] = "tls_alert",
    [OUTCOME_TLS_ERROR] = "tls_error",
    [OUTCOME_NOT_TLS] = "not_tls",
    [OUTCOME_STARTTLS_REFUSED] = "starttls_refused",
    [OUTCOME_TOO_LARGE] = "too_large",
    [OUTCOME_REFUSED] = "refused",
    [OUTCOME_UNREACHABLE] = "unreachable",
    [OUTCOME_TIMEOUT_CONNECT] = "timeout_connect",
    [OUTCOME_TIMEOUT_HANDSHAKE] = "timeout_handshake",
    [OUTCOME_RESET] = "reset",
    [OUTCOME_CLOSED] = "closed",
    [OUTCOME_DNS_FAILED] = "dns_failed",
    [OUTCOME_EXCLUDED] = "excluded",
    [OUTCOME_OUT_OF_SCOPE] = "out_of_scope",
    [OUTCOME_ABORTED] = "aborted",
};

const char *outcome_name(enum outcome outcome)
{
    if ((int)outcome <= 0 || (int)outcome >= OUTCOME_COUNT)
        return "?";
    return names[outcome];
}

bool outcome_is_answer(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_REFUSED:
    case OUTCOME_UNREACHABLE:
    case OUTCOME_TIMEOUT_CONNECT:
    case OUTCOME_DNS_FAILED:
    case OUTCOME_EXCLUDED:
    case OUTCOME_OUT_OF_SCOPE:
    case OUTCOME_ABORTED: return false;
    default: return true;
    }
}

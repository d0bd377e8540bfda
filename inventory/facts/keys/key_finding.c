#include "inventory/facts/keys/key_finding.h"

#include "probes/base/memory.h"

#include <stdlib.h>

const char *key_weakness_name(enum key_weakness weakness)
{
    static const char *const names[KEY_WEAKNESS_COUNT] = {
        [KEY_MODULUS_ZERO] = "modulus_zero", [KEY_MODULUS_NEGATIVE] = "modulus_negative", [KEY_MODULUS_EVEN] = "modulus_even",
        [KEY_MODULUS_SQUARE] = "modulus_square", [KEY_MODULUS_PRIME] = "modulus_prime",
        [KEY_EXPONENT_NOT_POSITIVE] = "exponent_not_positive", [KEY_EXPONENT_ONE] = "exponent_one",
        [KEY_EXPONENT_EVEN] = "exponent_even", [KEY_EXPONENT_BEYOND_MODULUS] = "exponent_beyond_modulus",
        [KEY_SMALL_FACTOR] = "small_factor", [KEY_ROCA] = "roca", [KEY_CLOSE_PRIMES] = "close_primes",
        [KEY_SMALL_PRIVATE_EXPONENT] = "small_private_exponent", [KEY_PATTERN] = "pattern", [KEY_BIT_BIAS] = "bit_bias",
        [KEY_SHARED_PRIME] = "shared_prime", [KEY_MULTIPLE] = "multiple", [KEY_POINT_OFF_CURVE] = "point_off_curve",
        [KEY_POINT_INFINITY] = "point_infinity", [KEY_EXPLICIT_PARAMETERS] = "explicit_parameters",
        [KEY_FALSE_GENERATOR] = "false_generator", [KEY_KNOWN] = "known_key",
    };
    return names[weakness];
}

void key_findings_add(struct key_findings *findings, enum key_weakness weakness, char *evidence)
{
    findings->items = xreallocarray(findings->items, findings->count + 1, sizeof *findings->items);
    findings->items[findings->count++] = (struct key_finding){weakness, evidence};
}

void key_findings_clear(struct key_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        free(findings->items[i].evidence);
    free(findings->items);
    *findings = (struct key_findings){0};
}

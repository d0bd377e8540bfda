/* The weaknesses that tests find in a public key: a closed set of words, which rules judge. */
#pragma once
#include <stddef.h>

enum key_weakness {
    KEY_MODULUS_ZERO, KEY_MODULUS_NEGATIVE, KEY_MODULUS_EVEN, KEY_MODULUS_SQUARE,
    KEY_MODULUS_PRIME,              /* or a power of a prime */
    KEY_EXPONENT_NOT_POSITIVE, KEY_EXPONENT_ONE, KEY_EXPONENT_EVEN, KEY_EXPONENT_BEYOND_MODULUS,
    KEY_SMALL_FACTOR,
    KEY_ROCA,                       /* CVE-2017-15361 */
    KEY_CLOSE_PRIMES,               /* found by 100 rounds of Fermat's method */
    KEY_SMALL_PRIVATE_EXPONENT,     /* found by Wiener's method */
    KEY_PATTERN,                    /* 16 equal bytes in a row */
    KEY_BIT_BIAS,                   /* far more zeros than ones, or the reverse */
    KEY_SHARED_PRIME,               /* with another modulus of the inventory */
    KEY_MULTIPLE,                   /* another modulus of the inventory divides this one */
    KEY_POINT_OFF_CURVE, KEY_POINT_INFINITY, KEY_EXPLICIT_PARAMETERS, KEY_FALSE_GENERATOR,
    KEY_KNOWN,                      /* its private key is published */
    KEY_WEAKNESS_COUNT
};

const char *key_weakness_name(enum key_weakness weakness);      /* "close_primes" */

struct key_finding {
    enum key_weakness weakness;
    char *evidence;                 /* a JSON object; never a private number */
};

struct key_findings {
    struct key_finding *items;
    size_t count;
};

void key_findings_add(struct key_findings *findings, enum key_weakness weakness, char *evidence);    /* takes evidence */
void key_findings_clear(struct key_findings *findings);

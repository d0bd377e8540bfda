#include "inventory/facts/key_strength.h"

#include <stddef.h>
#include <string.h>

static int factoring_bits(unsigned bits)
{
    return bits >= 15360 ? 256 : bits >= 7680 ? 192 : bits >= 3072 ? 128 : bits >= 2048 ? 112 : bits >= 1024 ? 80 : 0;
}

struct key_strength key_strength_of(const char *algorithm, unsigned bits)
{
    static const struct { const char *name; struct key_strength strength; } fixed[] = {
        {"ed25519", {128, 0}}, {"ed448", {224, 0}}, {"X25519", {128, 0}}, {"X448", {224, 0}},
        {"ML-DSA-44", {128, 2}}, {"ML-DSA-65", {192, 3}}, {"ML-DSA-87", {256, 5}},
        {"ML-KEM-512", {128, 1}}, {"ML-KEM-768", {192, 3}}, {"ML-KEM-1024", {256, 5}},
        {"SLH-DSA-SHA2-128s", {128, 1}}, {"SLH-DSA-SHA2-128f", {128, 1}}, {"SLH-DSA-SHAKE-128s", {128, 1}}, {"SLH-DSA-SHAKE-128f", {128, 1}},
        {"SLH-DSA-SHA2-192s", {192, 3}}, {"SLH-DSA-SHA2-192f", {192, 3}}, {"SLH-DSA-SHAKE-192s", {192, 3}}, {"SLH-DSA-SHAKE-192f", {192, 3}},
        {"SLH-DSA-SHA2-256s", {256, 5}}, {"SLH-DSA-SHA2-256f", {256, 5}}, {"SLH-DSA-SHAKE-256s", {256, 5}}, {"SLH-DSA-SHAKE-256f", {256, 5}},
    };
    static const struct { const char *prefix; struct key_strength strength; } composite[] = {   /* draft-ietf-lamps-pq-composite-sigs */
        {"MLDSA44-", {128, 2}}, {"MLDSA65-", {192, 3}}, {"MLDSA87-", {256, 5}},
    };
    if (algorithm == NULL)
        return (struct key_strength){-1, -1};
    if (strcmp(algorithm, "rsa") == 0 || strcmp(algorithm, "rsa-pss") == 0 || strcmp(algorithm, "dsa") == 0)
        return (struct key_strength){bits == 0 ? -1 : factoring_bits(bits), 0};
    if (strcmp(algorithm, "ec") == 0)
        return (struct key_strength){bits == 0 ? -1 : bits >= 512 ? 256 : (int)bits / 2, 0};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (strcmp(algorithm, fixed[i].name) == 0)
            return fixed[i].strength;
    for (size_t i = 0; i < sizeof composite / sizeof *composite; i++)
        if (strncmp(algorithm, composite[i].prefix, strlen(composite[i].prefix)) == 0)
            return composite[i].strength;
    return (struct key_strength){-1, -1};
}

/* How strong a kind of key is: against a classical computer in bits (SP 800-57 part 1, table 2), against a quantum computer
 * in NIST's levels (FIPS 203, 204, 205; RSA and elliptic curves have level 0). */
#pragma once

struct key_strength {
    int security_bits, quantum_level;           /* -1: unknown */
};

struct key_strength key_strength_of(const char *algorithm, unsigned bits);      /* cert->key_algorithm, which may be NULL */

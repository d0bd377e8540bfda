/* Names the primes of finite-field Diffie-Hellman that many servers share: a shared prime of 1,024 bits or less is worth an
 * attacker's precomputation (LOGJAM, https://weakdh.org), a shared one of 2,048 and more is as good as its own. */
#pragma once
#include <stdint.h>

/* By the SHA-256 of the prime's big-endian bytes without leading zeros; NULL where it is none of them. Static. */
const char *dh_prime_name(const uint8_t sha256[32]);

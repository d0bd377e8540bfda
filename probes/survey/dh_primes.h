/* Names the primes of finite-field Diffie-Hellman that many servers share: a shared prime of 1,024 bits or less
 * makes precomputation worthwhile for an attacker (Logjam, https://weakdh.org); one of 2,048 bits or more is as
 * good as a server's own. */
#pragma once
#include <stdint.h>

/* By the SHA-256 of the prime's big-endian bytes without leading zeros; NULL if it is unknown. Static. */
const char *dh_prime_name(const uint8_t sha256[32]);

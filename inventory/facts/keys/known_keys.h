/* Keys whose private key is published: examples of RFCs, keys of test suites, the first multiples of a curve's generator.
 * Each entry names its source, from which it can be made again. Keys of Debian's broken generator (CVE-2008-0166) and of
 * firmware are not included: those lists have hundreds of thousands of entries. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* "RFC 8032, 7.1, test 1"; NULL where the key is not known. */
const char *known_key_source(const uint8_t spki_sha256[32]);

bool known_keys_are_in_order(void);             /* for the test: the search relies on it */

/* Suites that authenticate and do not encrypt (RFC 4346, 4785, 5246, 5487, 5489, 6209): after ChangeCipherSpec the messages stay
 * readable, each record followed by its MAC. */
#pragma once
#include <stdint.h>

uint8_t null_suite_mac_len(uint16_t cipher_suite);      /* 0: the suite encrypts */

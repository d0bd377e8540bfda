/* A gzip file that unpacks to itself, for ever (after Russ Cox, "Zip Files All The Way Down"): blocks that copy what follows and blocks that
 * repeat what was just copied, each of five bytes; its own checksum is the solution of 32 linear equations. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define GZIP_QUINE_MAX 512

/* Returns its length. */
size_t gzip_quine(uint8_t quine[GZIP_QUINE_MAX]);

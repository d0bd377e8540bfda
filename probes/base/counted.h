/* A number with its noun, as people write it: "1 contact", "2 contacts", "0 contacts". For whatever a person reads. */
#pragma once
#include <stddef.h>

#define COUNTED_SIZE 96

/* The text is in buffer, and given. */
const char *counted_into(char buffer[COUNTED_SIZE], long long number, const char *one, const char *more);

/* Good until the block ends in which it stands. COUNTED_AS() for nouns with a verb or without an "s": COUNTED_AS(n, "entry is", "entries are"). */
#define COUNTED(number, noun)           counted_into((char[COUNTED_SIZE]){0}, (long long)(number), noun, noun "s")
#define COUNTED_AS(number, one, more)   counted_into((char[COUNTED_SIZE]){0}, (long long)(number), one, more)

/* Why a stream could not be written. */
#pragma once
#include <stdio.h>

/* Of a stream whose error mark is set: whatever called the system since has overwritten the reason, so it is asked for again, by writing once
 * more: a full disk is still full. What is in the stream is of no more use afterwards. Valid until the next call. */
const char *stream_fault(FILE *stream);

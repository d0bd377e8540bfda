/* The terminal that output goes to. */
#pragma once
#include <stdio.h>

/* Columns of the terminal that `out` writes to; `otherwise` if it is none, or one too narrow for a table. */
unsigned terminal_width(FILE *out, unsigned otherwise);

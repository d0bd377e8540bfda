#include "scanner/passive/capture/capture_format.h"

#include <inttypes.h>
#include <stdio.h>

bool capture_format_end(struct capture_file *file, const char *what)
{
    const char *trouble = capture_input_trouble(file->input);
    snprintf(file->note, sizeof file->note, "%s at byte %" PRIu64 "%s%s", what,
             capture_input_offset(file->input), trouble == NULL ? "" : ": ", trouble == NULL ? "" : trouble);
    return false;
}

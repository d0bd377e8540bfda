/* Whatever a fetching worker says to its keeper. */
#include "scanner/fetch/fetch_record.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct byte_reader reader = byte_reader_of(data, size);
    struct fetch_answer answer;
    while (fetch_record_answer(&reader, &answer) == FETCH_TAKE_DONE)
        if (answer.fault.left > FETCH_FAULT_MAX || answer.body.left > FETCH_LIST_OCTETS_MAX)
            abort();
    return 0;
}

/* Packets that claim to answer a SYN, and frames that claim to be a neighbour's. */
#include "scanner/syn/frame.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct frame_answer answer;
    struct address asked = {{10, 0, 0, 2}, 4};
    uint8_t mac[FRAME_MAC_SIZE];
    frame_read_answer(byte_reader_of(bytes, len), &answer);
    if (answer.kind != FRAME_OTHER && (answer.syn.source.len == 0 || answer.syn.destination.len == 0))
        abort();
    (void)frame_read_neighbour_answer(bytes, len, &asked, mac);
    asked.len = 16;
    (void)frame_read_neighbour_answer(bytes, len, &asked, mac);
    return 0;
}

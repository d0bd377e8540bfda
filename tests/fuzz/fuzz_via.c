/* What a proxy answers: the first byte picks its kind, the second the size of the pieces in which the rest arrives. The way
 * must end or ask for more, never move backwards, keep its detail a string, and read no more than the limit. */
#include "probes/base/observation.h"
#include "probes/via.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct via via = {.kind = data[0] & 1 ? VIA_SOCKS5 : VIA_CONNECT};
    if ((data[0] & 4) != 0) {
        strcpy(via.name, "user");
        strcpy(via.password, "word");
    }
    const struct target target = {.address.len = data[0] & 2 ? 16 : 4, .port = 443};
    size_t piece = data[1] == 0 ? size : data[1], begin = 0, end = 0;
    struct via_state state = {0};
    uint8_t *bytes = malloc(size);          /* of its exact size, so that a sanitizer sees a read past its end */
    memcpy(bytes, data + 2, size - 2);
    for (;;) {
        char detail[DETAIL_SIZE] = "";
        uint8_t out[512];
        enum outcome outcome = 0;
        struct byte_writer writer = byte_writer_of(out, sizeof out);
        struct byte_reader in = byte_reader_of(bytes + begin, end - begin);
        enum via_step step = via_step(&via, &state, &target, &in, &writer, &outcome, detail);
        expect(byte_writer_ok(&writer) && in.left <= end - begin && in.at == bytes + end - in.left);
        expect(memchr(detail, '\0', sizeof detail) != NULL && (step == VIA_FAILED) == (outcome != 0));
        expect(step != VIA_MORE || in.left <= PROBE_INPUT_LIMIT);
        begin = end - in.left;
        if (step != VIA_MORE || end == size - 2)
            break;
        end = end + piece < size - 2 ? end + piece : size - 2;
    }
    free(bytes);
    return 0;
}

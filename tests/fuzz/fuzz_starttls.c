/* Drives every dialect that probes.c lists: the first byte picks the probe, the second the size of the pieces in
 * which the rest arrives. A probe must end or ask for more, never move backwards, never write more than it may,
 * keep its detail a string, and read no more than the limit. */
#include "probes/base/observation.h"
#include "probes/base/probe.h"

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
    size_t count = 0;
    while (probes_all[count] != NULL)
        count++;
    if (size < 2)
        return 0;
    const struct probe *probe = probes_all[data[0] % count];
    size_t piece = data[1] == 0 ? size : data[1];
    if (probe->tls != PROBE_TLS_STARTTLS)
        return 0;
    struct probe_target target = {"host.example", probe->default_ports[0]};
    uint64_t state[PROBE_STATE_SIZE / 8] = {0};
    uint8_t *bytes = malloc(size);          /* of its exact size, so that a sanitizer sees a read behind it */
    memcpy(bytes, data + 2, size - 2);
    size_t begin = 0, end = 0;
    enum probe_step step = PROBE_MORE;
    for (;;) {
        char detail[DETAIL_SIZE] = "";
        uint8_t out[4096];
        struct byte_writer writer = byte_writer_of(out, sizeof out);
        struct byte_reader in = byte_reader_of(bytes + begin, end - begin);
        step = probe->step(state, &target, &in, &writer, detail);
        expect(byte_writer_ok(&writer));
        expect(in.left <= end - begin && in.at == bytes + end - in.left);
        expect(memchr(detail, '\0', sizeof detail) != NULL);
        expect(step != PROBE_MORE || in.left <= PROBE_INPUT_LIMIT);
        begin = end - in.left;
        if (step != PROBE_MORE || end == size - 2)
            break;
        end = end + piece < size - 2 ? end + piece : size - 2;
    }
    free(bytes);
    return 0;
}

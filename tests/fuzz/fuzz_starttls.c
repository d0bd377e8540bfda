/* Drives every dialect that probes.c lists: the first byte picks the probe, the second the size of the pieces in
 * which the rest arrives; where TLS travels inside packets, what follows the agreement goes through unwrap. A probe must
 * end or ask for more, never move backwards, never write more than it may, keep its detail a string, and read no more
 * than the limit. */
#include "probes/base/observation.h"
#include "probes/base/probe.h"
#include "probes/starttls/openvpn_key.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

struct arrival {
    const uint8_t *bytes;
    size_t begin, end, size, piece;
};

static bool more_arrives(struct arrival *arrival)
{
    if (arrival->end == arrival->size)
        return false;
    size_t left = arrival->size - arrival->end;
    arrival->end += arrival->piece < left ? arrival->piece : left;
    return true;
}

static struct byte_reader arrived(const struct arrival *arrival)
{
    return byte_reader_of(arrival->bytes + arrival->begin, arrival->end - arrival->begin);
}

static void used(struct arrival *arrival, const struct byte_reader *in)
{
    expect(in->left <= arrival->end - arrival->begin && in->at == arrival->bytes + arrival->end - in->left);
    arrival->begin = arrival->end - in->left;
}

static enum probe_step talk(const struct probe *probe, void *state, struct arrival *arrival)
{
    static const struct openvpn_key keys[] = {
        {.guard = OPENVPN_TLS_CRYPT, .digest = "SHA256", .digest_len = 32},
        {.guard = OPENVPN_TLS_CRYPT_V2, .digest = "SHA256", .digest_len = 32, .wrapped_len = OPENVPN_WRAPPED_MAX}};
    size_t kind = arrival->piece % 4;
    const struct probe_target target = {"host.example", probe->default_ports[0], kind >= 2 ? &keys[kind - 2] : NULL};
    enum probe_step step;
    do {
        char detail[DETAIL_SIZE] = "";
        uint8_t out[4096];
        struct byte_writer writer = byte_writer_of(out, sizeof out);
        struct byte_reader in = arrived(arrival);
        step = probe->step(state, &target, &in, &writer, detail);
        expect(byte_writer_ok(&writer));
        used(arrival, &in);
        expect(memchr(detail, '\0', sizeof detail) != NULL);
        expect(step != PROBE_MORE || in.left <= PROBE_INPUT_LIMIT);
    } while (step == PROBE_MORE && more_arrives(arrival));
    return step;
}

static void unpack(const struct probe *probe, void *state, struct arrival *arrival)
{
    do {
        size_t before;
        do {
            uint8_t tls[PROBE_PACKET_MAX], out[4096];
            struct byte_writer inside = byte_writer_of(tls, sizeof tls), answers = byte_writer_of(out, sizeof out);
            struct byte_reader in = arrived(arrival);
            before = in.left;
            if (!probe->unwrap(state, &in, &inside, &answers) || !byte_writer_ok(&answers))
                return;
            expect(byte_writer_ok(&inside));
            used(arrival, &in);
        } while (arrival->begin != arrival->end && arrival->end - arrival->begin < before);
        expect(arrival->end - arrival->begin <= PROBE_PACKET_MAX + 2 + arrival->piece);      /* it waits for no more */
    } while (more_arrives(arrival));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t count = 0;
    while (probes_all[count] != NULL)
        count++;
    if (size < 2)
        return 0;
    const struct probe *probe = probes_all[data[0] % count];
    if (probe->tls != PROBE_TLS_STARTTLS)
        return 0;
    uint64_t state[PROBE_STATE_SIZE / 8] = {0};
    uint8_t *bytes = malloc(size);          /* of its exact size, so that a sanitizer sees a read past its end */
    memcpy(bytes, data + 2, size - 2);
    struct arrival arrival = {.bytes = bytes, .size = size - 2, .piece = data[1] == 0 ? size : data[1]};
    if (talk(probe, state, &arrival) == PROBE_START_TLS && probe->unwrap != NULL)
        unpack(probe, state, &arrival);
    free(bytes);
    return 0;
}

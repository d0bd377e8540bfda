/* Packets from the link layer up: the first byte says the link type, then length (two bytes), time step and bytes of
 * one packet after the other. With a key log of one line, so that opening is reached too. */
#include "scanner/passive/handshake/key_log.h"
#include "scanner/passive/listener.h"
#include "tests/fuzz/read_handshake.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const uint32_t links[] = {1, 101, 113, 276, 0, 9, 50, 51, 204, 219, 166, 104, 105, 127, 192};
    static const char line[] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET "
                               "0000000000000000000000000000000000000000000000000000000000000000 "
                               "0000000000000000000000000000000000000000000000000000000000000000\n";
    struct byte_reader in = byte_reader_of(bytes, len), body;
    struct key_log *keys = key_log_create();
    key_log_add(keys, line, sizeof line - 1);
    struct listener_options options = {.on_handshake = read_handshake, .want_ja3 = true, .keys = keys};
    struct listener *listener = listener_create(&options);
    uint8_t link = 0, step;
    int64_t time_us = 0;
    byte_reader_u8(&in, &link);
    while (byte_reader_u8(&in, &step) && byte_reader_vector16(&in, &body)) {
        struct packet packet = {.time_us = time_us += (int64_t)step << (step % 24), .bytes = body.at, .len = body.left,
                                .wire_len = body.left + (step & 1), .link_type = links[link % 15]};
        listener_packet(listener, &packet);
    }
    listener_destroy(listener);
    key_log_destroy(keys);
    return 0;
}

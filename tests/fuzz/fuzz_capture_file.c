/* A capture file of any kind, the whole way: reader, layers, flows, TLS, with the secrets that it holds. Captures that
 * others made are its seeds where they are there. */
#include "scanner/passive/capture/capture_file.h"
#include "scanner/passive/handshake/key_log.h"
#include "scanner/passive/listener.h"
#include "tests/fuzz/read_handshake.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void on_secrets(void *context, const char *text, size_t len)
{
    key_log_add(context, text, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct packet packet;
    struct error err = {0};
    volatile uint8_t sum = 0;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)
        return 0;
    struct key_log *keys = key_log_create();
    struct listener_options options = {.on_handshake = read_handshake, .want_ja3 = true, .keys = keys};
    struct listener *listener = listener_create(&options);
    struct capture_file *file = capture_file_open(fd, "fuzz", &err);
    if (file != NULL)
        capture_file_on_secrets(file, on_secrets, keys);
    while (file != NULL && capture_file_next(file, &packet)) {
        for (size_t i = 0; i < packet.len; i++)
            sum = (uint8_t)(sum + packet.bytes[i]);
        listener_packet(listener, &packet);
    }
    listener_destroy(listener);
    capture_file_close(file);
    key_log_destroy(keys);
    return 0;
}

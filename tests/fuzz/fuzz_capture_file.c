/* A capture file of any kind. */
#include "scanner/passive/capture_file.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct packet packet;
    struct error err = {0};
    volatile uint8_t sum = 0;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)
        return 0;
    struct capture_file *file = capture_file_open(fd, "fuzz", &err);
    while (file != NULL && capture_file_next(file, &packet))
        for (size_t i = 0; i < packet.len; i++)
            sum = (uint8_t)(sum + packet.bytes[i]);
    capture_file_close(file);
    return 0;
}

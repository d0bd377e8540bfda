#include "probes/base/file_bytes.h"

#include "probes/base/byte_buffer.h"
#include "probes/base/user_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_all(struct file_bytes *file, int fd, const char *path, struct error *err)
{
    struct byte_buffer buffer;
    byte_buffer_init(&buffer, FILE_BYTES_PIPE_MAX);
    for (;;) {
        uint8_t *room = byte_buffer_room(&buffer, 65536);
        ssize_t got = room == NULL ? -1 : read(fd, room, 65536);
        if (got > 0) {
            byte_buffer_added(&buffer, (size_t)got);
            continue;
        }
        if (got < 0) {
            int error = errno;
            byte_buffer_clear(&buffer);
            return error_set(err, ERROR_IO, "%s: %s", path, room == NULL ? "more than 1 GiB" : strerror(error));
        }
        *file = (struct file_bytes){.bytes = buffer.bytes, .len = byte_buffer_len(&buffer)};
        return true;
    }
}

static bool map_or_read(struct file_bytes *file, int fd, const char *path, struct error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return error_set(err, ERROR_IO, "%s: is a directory", path);
    if (!S_ISREG(status.st_mode) || status.st_size == 0)
        return read_all(file, fd, path, err);
    void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return read_all(file, fd, path, err);
    *file = (struct file_bytes){.bytes = bytes, .len = (size_t)status.st_size, .mapped = true};
    return true;
}

bool file_bytes_open(struct file_bytes *file, const char *path, struct error *err)
{
    *file = (struct file_bytes){0};
    if (strcmp(path, "-") == 0)
        return read_all(file, STDIN_FILENO, "standard input", err);
    int fd = user_file_open(path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    bool ok = map_or_read(file, fd, path, err);
    close(fd);
    return ok;
}

void file_bytes_close(struct file_bytes *file)
{
    if (file->mapped) {
        munmap(file->bytes, file->len);
    } else {
        struct byte_buffer buffer = {.bytes = file->bytes};
        byte_buffer_clear(&buffer);
    }
    *file = (struct file_bytes){0};
}

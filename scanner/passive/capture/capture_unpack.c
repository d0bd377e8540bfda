#include "scanner/passive/capture/capture_unpack.h"

#include "probes/base/memory.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_SIZE (256u << 10)

struct capture_unpack {
    int fd;
    struct archive *archive;
    uint8_t *chunk;
    size_t start_len;               /* bytes in chunk before the first read */
};

const char *capture_unpack_kind(const uint8_t *start, size_t len)
{
    static const struct {
        const char *name;
        uint8_t magic[6];
        size_t len;
    } kinds[] = {
        {"zstd", {0x28, 0xb5, 0x2f, 0xfd}, 4},                  /* RFC 8878, section 3.1.1 */
        {"xz", {0xfd, '7', 'z', 'X', 'Z', 0}, 6},
        {"bzip2", {'B', 'Z', 'h'}, 3},
        {"lz4", {0x04, 0x22, 0x4d, 0x18}, 4},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (len >= kinds[i].len && memcmp(start, kinds[i].magic, kinds[i].len) == 0)
            return kinds[i].name;
    return NULL;
}

static la_ssize_t on_read(struct archive *archive, void *context, const void **bytes)
{
    struct capture_unpack *unpack = context;
    *bytes = unpack->chunk;
    if (unpack->start_len != 0) {
        size_t len = unpack->start_len;
        unpack->start_len = 0;
        return (la_ssize_t)len;
    }
    for (;;) {
        ssize_t got = read(unpack->fd, unpack->chunk, CHUNK_SIZE);
        if (got >= 0)
            return got;
        if (errno != EINTR) {
            archive_set_error(archive, errno, "%s", strerror(errno));
            return -1;
        }
    }
}

struct capture_unpack *capture_unpack_open(int fd, const uint8_t *start, size_t len, const char *name, struct error *err)
{
    struct capture_unpack *unpack = xcalloc(1, sizeof *unpack);
    struct archive_entry *entry;
    unpack->fd = fd;
    unpack->start_len = len;
    unpack->chunk = xmalloc(len < CHUNK_SIZE ? CHUNK_SIZE : len);
    memcpy(unpack->chunk, start, len);
    unpack->archive = archive_read_new();
    /* Only filters that are linked in; others would start a program. */
    archive_read_support_filter_zstd(unpack->archive);
    archive_read_support_filter_xz(unpack->archive);
    archive_read_support_filter_bzip2(unpack->archive);
    archive_read_support_filter_lz4(unpack->archive);
    archive_read_support_format_raw(unpack->archive);
    if (archive_read_open(unpack->archive, unpack, NULL, on_read, NULL) == ARCHIVE_OK &&
        archive_read_next_header(unpack->archive, &entry) == ARCHIVE_OK)
        return unpack;
    const char *why = archive_error_string(unpack->archive);
    error_set(err, ERROR_INPUT, "%s: cannot be unpacked (%s): %s", name, capture_unpack_kind(start, len),
              why == NULL ? "nothing in it" : why);
    capture_unpack_close(unpack);
    return NULL;
}

void capture_unpack_close(struct capture_unpack *unpack)
{
    if (unpack == NULL)
        return;
    archive_read_free(unpack->archive);
    free(unpack->chunk);
    free(unpack);
}

size_t capture_unpack_read(struct capture_unpack *unpack, uint8_t *to, size_t room, const char **trouble)
{
    la_ssize_t got = archive_read_data(unpack->archive, to, room);
    if (got >= 0)
        return (size_t)got;
    *trouble = "the packed stream is damaged or ends early";
    return 0;
}

#include "scanner/passive/capture/capture_input.h"

#include "probes/base/memory.h"
#include "scanner/passive/capture/capture_unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK_SIZE (256u << 10)      /* stays in the second-level cache */

struct capture_input {
    int fd;
    uint8_t *bytes;
    size_t head, tail, capacity;
    uint64_t consumed;
    bool ended;
    const char *trouble;
    bool is_gzip;
    z_stream zlib;
    uint8_t *packed;                /* is_gzip: compressed bytes read from the file */
    struct capture_unpack *unpack;  /* compressed in another format; NULL: not compressed */
};

static size_t read_some(struct capture_input *input, uint8_t *to, size_t room)
{
    for (;;) {
        ssize_t got = read(input->fd, to, room);
        if (got >= 0)
            return (size_t)got;
        if (errno != EINTR) {
            input->trouble = strerror(errno);
            return 0;
        }
    }
}

/* Unpacks into the tail. Concatenated gzip members are one stream (RFC 1952, section 2.2). */
static size_t unpack_some(struct capture_input *input, uint8_t *to, size_t room)
{
    z_stream *zlib = &input->zlib;
    zlib->next_out = to;
    zlib->avail_out = (uInt)room;
    while (zlib->avail_out == room) {
        if (zlib->avail_in == 0) {
            zlib->next_in = input->packed;
            zlib->avail_in = (uInt)read_some(input, input->packed, CHUNK_SIZE);
            if (zlib->avail_in == 0) {
                if (input->trouble == NULL && zlib->total_in != 0)
                    input->trouble = "the gzip stream ends early";
                return 0;
            }
        }
        int status = inflate(zlib, Z_NO_FLUSH);
        if (status == Z_STREAM_END) {
            inflateReset(zlib);     /* total_in is 0 again: an end here is a clean one */
        } else if (status != Z_OK && status != Z_BUF_ERROR) {
            input->trouble = "the gzip stream is damaged";
            return room - zlib->avail_out;
        }
    }
    return room - zlib->avail_out;
}

static bool fill(struct capture_input *input, size_t len)
{
    if (input->head != 0) {
        memmove(input->bytes, input->bytes + input->head, input->tail - input->head);
        input->tail -= input->head;
        input->head = 0;
    }
    if (len > input->capacity) {
        input->capacity = len + CHUNK_SIZE;
        input->bytes = xrealloc(input->bytes, input->capacity);
    }
    while (input->tail < len && !input->ended) {
        size_t room = input->capacity - input->tail;
        uint8_t *to = input->bytes + input->tail;
        size_t got = input->is_gzip           ? unpack_some(input, to, room)
                     : input->unpack != NULL ? capture_unpack_read(input->unpack, to, room, &input->trouble)
                                              : read_some(input, to, room);
        input->tail += got;
        input->ended = got == 0 || input->trouble != NULL;
    }
    return input->tail >= len;
}

/* The bytes read so far are compressed: from here on the buffer holds what they unpack to. */
static bool begin_unpacking(struct capture_input *input, const char *name, struct error *err)
{
    input->unpack = capture_unpack_open(input->fd, input->bytes, input->tail, name, err);
    input->tail = 0;
    input->ended = false;
    return input->unpack != NULL;
}

struct capture_input *capture_input_open(int fd, const char *name, struct error *err)
{
    struct capture_input *input = xcalloc(1, sizeof *input);
    input->fd = fd;
    input->capacity = CHUNK_SIZE;
    input->bytes = xmalloc(input->capacity);
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    const uint8_t *start = capture_input_peek(input, 6);
    if (start != NULL && capture_unpack_kind(start, 6) != NULL) {
        if (begin_unpacking(input, name, err))
            return input;
        capture_input_close(input);
        return NULL;
    }
    start = capture_input_peek(input, 2);
    if (start == NULL || start[0] != 0x1f || start[1] != 0x8b)      /* RFC 1952, section 2.3.1 */
        return input;
    input->is_gzip = true;
    input->packed = xmalloc(input->capacity);
    memcpy(input->packed, input->bytes, input->tail);
    input->zlib.next_in = input->packed;
    input->zlib.avail_in = (uInt)input->tail;
    input->tail = 0;
    input->ended = false;
    if (inflateInit2(&input->zlib, 16 + MAX_WBITS) != Z_OK) {
        error_set(err, ERROR_SYSTEM, "%s: zlib does not start", name);
        input->is_gzip = false;
        capture_input_close(input);
        return NULL;
    }
    return input;
}

void capture_input_close(struct capture_input *input)
{
    if (input == NULL)
        return;
    if (input->is_gzip)
        inflateEnd(&input->zlib);
    capture_unpack_close(input->unpack);
    close(input->fd);
    free(input->packed);
    free(input->bytes);
    free(input);
}

const uint8_t *capture_input_peek(struct capture_input *input, size_t len)
{
    if (input->tail - input->head < len && (len > CAPTURE_INPUT_MAX || !fill(input, len)))
        return NULL;
    return input->bytes + input->head;
}

void capture_input_consume(struct capture_input *input, size_t len)
{
    input->head += len;
    input->consumed += len;
}

bool capture_input_skip(struct capture_input *input, uint64_t len)
{
    while (len != 0) {
        if (capture_input_peek(input, 1) == NULL)
            return false;
        size_t step = capture_input_left(input);
        if (step > len)
            step = (size_t)len;
        capture_input_consume(input, step);
        len -= step;
    }
    return true;
}

size_t capture_input_left(const struct capture_input *input)
{
    return input->tail - input->head;
}

uint64_t capture_input_offset(const struct capture_input *input)
{
    return input->consumed;
}

const char *capture_input_trouble(const struct capture_input *input)
{
    return input->trouble;
}

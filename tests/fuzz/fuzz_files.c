/* Any bytes as a file that collect looks into: the recognisers on their own, archives and stores through the scanner, with a bundle that
 * takes what is found. */
#include "inventory/formats/config_uses.h"
#include "inventory/formats/der_shapes.h"
#include "scanner/files/file_scanner.h"
#include "scanner/files/found.h"
#include "scanner/files/git_objects.h"
#include "scanner/files/image_layers.h"
#include "scanner/files/nss_store.h"
#include "scanner/files/path_text.h"
#include "tests/inventory/bundle/bundle_fixture.h"

#include "probes/base/memory.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];
static struct bundle_writer *writer;
static struct file_scanner *scanner;

static void remove_files(void)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (unsigned i = 0; i < 3; i++) {
        char name[80];
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct error err = {0};
    const struct bundle_head head = fixture_head(BUNDLE_FILES, "", 0);
    (void)argc;
    (void)argv;
    file_scanner_prepare();
    snprintf(path, sizeof path, "/dev/shm/certsweep-fuzz-files-%d", (int)getpid());
    atexit(remove_files);
    writer = bundle_create(path, &head, &err);
    if (writer == NULL)
        abort();
    const struct file_scanner_options options = {.writer = writer, .host = "fuzz"};
    scanner = file_scanner_create(&options);
    return 0;
}

static void scan_as_file(const uint8_t *data, size_t size)
{
    struct error err = {0};
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    const struct file_status status = {.path = "/etc/nginx/fuzz.conf", .mode = 0644, .size = (int64_t)size, .modified_us = 0};
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0 || !file_scanner_file(scanner, &status, fd, &err))
        abort();
    close(fd);
}

static void scan_as_stream(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct tar_roots roots;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0 || !file_scanner_stream(scanner, fd, &roots, &err))
        abort();
    for (size_t i = 0; i < roots.count; i++)
        free(roots.paths[i]);
    free(roots.paths);
    close(fd);
}

static int file_of(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    return fd;
}

/* What git lists, and what it answers, whatever it is asked. */
static void scan_as_repository(const uint8_t *data, size_t size)
{
    struct error err = {0};
    const struct file_status status = {.path = "/srv/git/fuzz", .mode = 0755, .size = 0, .modified_us = 0, .marks = FILE_MARK_REPOSITORY};
    size_t list = size > 0 ? data[0] % size : 0;
    const int pipes[GIT_PIPES] = {file_of(data, list), open("/dev/null", O_WRONLY | O_CLOEXEC), file_of(data + list, size - list)};
    if (!git_objects_read(scanner, &status, pipes, &err))
        abort();
}

static bool drop(void *context, const struct file_status *status, const char *inside, unsigned marks, struct found *found)
{
    (void)status;
    (void)marks;
    (void)found;
    *(size_t *)context += strlen(inside);
    return true;
}

/* Documents of an image, as its tar may have them. */
static void read_as_image(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"manifest.json", "index.json", "blobs/sha256/1", "blobs/sha256/2"};
    static const struct file_status status = {.path = "/srv/image.tar"};
    struct image *image = image_create("", 1);
    size_t seen = 0;
    for (unsigned i = 0; i < 4; i++) {
        struct found found;
        size_t from = i * size / 4;
        found_init(&found);
        image_begin_entry(image, names[i]);
        image_add_document(image, byte_reader_of(data + from, size - from));
        image_note_file(image, i == 2 ? "etc/.wh.a" : "etc/a");
        char *inside = xasprintf("%s!etc/a", names[i]);
        image_keep(image, &status, inside, &found);
        free(inside);
    }
    image_give(image, drop, &seen);
    image_destroy(image);
}

static void on_use(void *context, const struct config_use *use)
{
    *(size_t *)context += strlen(use->path) + use->line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct found found;
    size_t seen = 0;
    if (size < 2)
        return 0;
    struct byte_reader bytes = byte_reader_of(data + 1, size - 1);
    found_init(&found);
    switch (data[0] % 8) {
    case 0: found_scan(&found, bytes, 0, "der"); break;
    case 1: nss_store_read(bytes, &found); break;
    case 2: config_uses_each("/etc/haproxy/stunnel/dovecot.cfg", bytes, on_use, &seen); break;
    case 3: scan_as_file(data + 1, size - 1); break;
    case 4: scan_as_stream(data + 1, size - 1); break;
    case 5: scan_as_repository(data + 1, size - 1); break;
    case 6: read_as_image(data + 1, size - 1); break;
    default: free(path_text((const char *)data + 1, size - 1)); break;
    }
    if (found.work > found.work_max + (64u << 20))
        abort();
    found_clear(&found);
    return 0;
}

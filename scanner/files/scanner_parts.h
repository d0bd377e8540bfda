/* What file_scanner.c and containers.c share. Private to this folder. */
#pragma once
#include "probes/base/byte_buffer.h"
#include "scanner/files/file_scanner.h"
#include "scanner/files/found.h"
#include "scanner/files/image_layers.h"

struct place {
    const struct file_status *status;
    const char *inside;                         /* "" the file itself; text, as path_text() makes it */
    unsigned marks;                             /* besides those of the status */
};

struct file_scanner {
    /* Scans a source of any kind, and writes what it finds. False only for an error of the bundle. */
    bool (*look)(struct file_scanner *scanner, const struct place *place, struct source *source);
    /* Writes what was found in a place, if anything; false only for an error of the bundle. */
    bool (*write)(struct file_scanner *scanner, const struct place *place, struct found *found);
    struct file_scanner_options options;
    struct scanner_counts counts;
    int depth;                                  /* of containers */
    struct image *image;                        /* what is found is kept for this one; NULL: written */
    struct byte_buffer buffers[SCANNER_DEPTH_MAX + 1];  /* one per level; kept, so that their memory is reused */
    uint64_t packed, unpacked, entries;         /* of the file that was opened */
    struct error *err;                          /* of the bundle; its kind says whether it is set */
    bool failed;
};

/* One file that comes from elsewhere than a descriptor; its limits count from here. packed: its size as stored. */
bool scanner_look_at_one(struct file_scanner *scanner, const struct place *place, struct source *source, uint64_t packed);

/* memory_source.c: bytes in memory, as a file of this place, the level below the one that is being read. */
bool scanner_look_at_bytes(struct file_scanner *scanner, const struct place *place, struct byte_reader bytes);

static inline bool scanner_is_stopped(const struct file_scanner *scanner)
{
    return scanner->options.is_stopped != NULL && scanner->options.is_stopped(scanner->options.context);
}

/* containers.c: is this the head of something that holds files? */
bool container_is_head(struct byte_reader head);

/* head: what was read of the source already. found: for findings about the container itself. */
bool container_look(struct file_scanner *scanner, const struct place *place, struct byte_reader head, struct source *source, struct found *found);

/* The entries are files themselves (file_scanner_stream()); of an image they are layers. status: of the stream, for what is in layers. */
bool container_stream(struct file_scanner *scanner, const struct file_status *status, int fd, struct tar_roots *roots, struct found *found);

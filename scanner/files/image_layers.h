/* A container image in a tar (docker save, podman save, an OCI layout): which entries are layers of which image is said by documents that may
 * stand behind them, and what a layer removes or replaces, by later layers. So what is found in such a tar is kept until its end, and
 * then gets its place: "app:1.2!layer 2 of 5!etc/ssl/a.pem", or "app:1.2!layer 2 of 5, removed in layer 4!etc/key.pem": whoever has
 * the image has that file, too. */
#pragma once
#include "scanner/files/file_scanner.h"
#include "scanner/files/found.h"
#include "scanner/files/tree_marks.h"

#define IMAGE_DOCUMENT_MAX (4u << 20)
#define IMAGE_LAYERS_MAX   1000
#define IMAGE_KEPT_MAX     100000           /* readings; with more the rest is written without image and layer */

struct image;

/* A name that only the tar of an image has: "manifest.json", "blobs/sha256/...". */
bool image_is_entry(const char *name);

/* The same, but not a name that the folder of a web site has, too. */
bool image_is_only_entry(const char *name);

/* inside: of the tar itself, "" a file's. depth: of its entries. */
struct image *image_create(const char *inside, int depth);
void image_destroy(struct image *image);
int image_depth(const struct image *image);

void image_begin_entry(struct image *image, const char *name);

/* A document (JSON) that is this entry. */
void image_add_document(struct image *image, struct byte_reader bytes);

/* A file in the layer that is this entry. */
void image_note_file(struct image *image, const char *path);

/* What all layers together say of their files. */
struct tree_marks *image_marks(struct image *image);

/* Takes what was found, unless there is too much of it (false). status stays the caller's until the image is destroyed. */
bool image_keep(struct image *image, const struct file_status *status, const char *inside, struct found *found);

/* Gives all that was kept, with its place; false from write() ends it. */
bool image_give(struct image *image, bool (*write)(void *context, const struct file_status *status, const char *inside, unsigned marks, struct found *found),
                void *context);

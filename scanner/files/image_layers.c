#include "scanner/files/image_layers.h"

#include "probes/base/fast_hash.h"
#include "probes/base/memory.h"
#include "scanner/files/path_text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDEX_DEPTH_MAX 4               /* lists of lists of manifests */

struct hashes {                         /* of paths: a set of 64 bits each */
    uint64_t *items;
    size_t count, room;
    bool is_sorted;
};

struct entry {                          /* of the tar */
    char *name;
    json_t *document;                   /* NULL: none */
    struct hashes files;                /* paths in a layer */
    struct hashes whiteouts;            /* paths that it removes; with a slash at the end: what is below */
    size_t manifest, layer;             /* the first that names it; layer SIZE_MAX: none */
};

struct kept {
    const struct file_status *status;
    char *inside;
    size_t entry;
    struct found found;
};

struct manifest {                       /* of one image */
    char *name;
    size_t layers[IMAGE_LAYERS_MAX];    /* entries, the lowest first; SIZE_MAX: not in the tar */
    size_t layer_count;
};

struct image {
    char *inside;
    int depth;
    uint64_t key;
    struct tree_marks *marks;
    struct entry *entries;
    size_t entry_count, entry_room;
    struct entry **by_name;             /* once all are known; of one name the first comes first */
    struct kept *kept;
    size_t kept_count, kept_room;
    struct manifest *manifests;
    size_t manifest_count;
};

/* ---- the tar ---- */

static bool is_hex(const char *text, size_t len)
{
    return strspn(text, "0123456789abcdef") >= len;
}

static const char *plain(const char *name)
{
    while (strncmp(name, "./", 2) == 0)
        name += 2;
    return name;
}

bool image_is_entry(const char *name)
{
    static const char *const names[] = {"manifest.json", "index.json", "repositories"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(plain(name), names[i]) == 0)
            return true;
    return image_is_only_entry(name);
}

bool image_is_only_entry(const char *name)
{
    name = plain(name);
    return strcmp(name, "oci-layout") == 0 || strncmp(name, "blobs/sha256/", 13) == 0 ||
           (strlen(name) >= 65 && is_hex(name, 64) && (name[64] == '/' || name[64] == '.'));
}

struct image *image_create(const char *inside, int depth)
{
    struct image *image = xcalloc(1, sizeof *image);
    image->inside = xstrdup(inside);
    image->depth = depth;
    image->key = fast_hash_key();
    image->marks = tree_marks_create();
    return image;
}

void image_destroy(struct image *image)
{
    if (image == NULL)
        return;
    for (size_t i = 0; i < image->entry_count; i++) {
        struct entry *entry = &image->entries[i];
        json_decref(entry->document);
        free(entry->whiteouts.items);
        free(entry->files.items);
        free(entry->name);
    }
    for (size_t i = 0; i < image->kept_count; i++) {
        found_clear(&image->kept[i].found);
        free(image->kept[i].inside);
    }
    for (size_t i = 0; i < image->manifest_count; i++)
        free(image->manifests[i].name);
    free(image->manifests);
    tree_marks_destroy(image->marks);
    free(image->by_name);
    free(image->entries);
    free(image->kept);
    free(image->inside);
    free(image);
}

int image_depth(const struct image *image)
{
    return image->depth;
}

struct tree_marks *image_marks(struct image *image)
{
    return image->marks;
}

void image_begin_entry(struct image *image, const char *name)
{
    if (image->entry_count == image->entry_room) {
        image->entry_room = 2 * image->entry_room + 32;
        image->entries = xreallocarray(image->entries, image->entry_room, sizeof *image->entries);
    }
    while (strncmp(name, "./", 2) == 0)
        name += 2;
    image->entries[image->entry_count++] = (struct entry){.name = xstrdup(name), .layer = SIZE_MAX};
}

static struct entry *current(struct image *image)
{
    return image->entry_count == 0 ? NULL : &image->entries[image->entry_count - 1];
}

void image_add_document(struct image *image, struct byte_reader bytes)
{
    struct entry *entry = current(image);
    if (entry != NULL && entry->document == NULL)
        entry->document = json_loadb((const char *)bytes.at, bytes.left, JSON_DISABLE_EOF_CHECK, NULL);
}

static uint64_t hash_of(const struct image *image, const char *path, size_t len)
{
    return fast_hash(image->key, path, len);
}

static void add_hash(struct hashes *hashes, uint64_t hash)
{
    if (hashes->count == hashes->room) {
        hashes->room = 2 * hashes->room + 256;
        hashes->items = xreallocarray(hashes->items, hashes->room, sizeof *hashes->items);
    }
    hashes->items[hashes->count++] = hash;
    hashes->is_sorted = false;
}

/* Of a path as places have it. */
static void add_path(const struct image *image, struct hashes *hashes, const char *path)
{
    char *text = path_text(path, strlen(path));
    add_hash(hashes, hash_of(image, text, strlen(text)));
    free(text);
}

/* OCI image layer specification, "Whiteouts": ".wh.NAME" removes NAME, ".wh..wh..opq" all that lower layers have in the folder. */
static void note_whiteout(const struct image *image, struct entry *entry, const char *path, const char *name)
{
    bool is_opaque = strcmp(name, ".wh..wh..opq") == 0;
    char *gone = xasprintf("%.*s%s", (int)(name - path), path, is_opaque ? "" : name + 4);
    add_path(image, &entry->whiteouts, gone);
    free(gone);
}

void image_note_file(struct image *image, const char *path)
{
    struct entry *entry = current(image);
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    const char *name = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
    if (entry == NULL)
        return;
    if (strncmp(name, ".wh.", 4) == 0)
        note_whiteout(image, entry, path, name);
    else
        add_path(image, &entry->files, path);
}

bool image_keep(struct image *image, const struct file_status *status, const char *inside, struct found *found)
{
    if (image->kept_count >= IMAGE_KEPT_MAX || image->entry_count == 0)
        return false;
    if (image->kept_count == image->kept_room) {
        image->kept_room = 2 * image->kept_room + 64;
        image->kept = xreallocarray(image->kept, image->kept_room, sizeof *image->kept);
    }
    image->kept[image->kept_count++] = (struct kept){status, xstrdup(inside), image->entry_count - 1, *found};
    found_init(found);
    return true;
}

/* ---- its documents ---- */

static int compare_names(const void *a, const void *b)
{
    const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
    int names = strcmp(x->name, y->name);
    return names != 0 ? names : (x > y) - (x < y);
}

/* A manifest may name a million layers of a tar with a million entries. */
static void sort_names(struct image *image)
{
    image->by_name = xreallocarray(NULL, image->entry_count + 1, sizeof *image->by_name);
    for (size_t i = 0; i < image->entry_count; i++)
        image->by_name[i] = &image->entries[i];
    if (image->entry_count > 1)
        qsort(image->by_name, image->entry_count, sizeof *image->by_name, compare_names);
}

static size_t find_entry(const struct image *image, const char *name)
{
    size_t from = 0, to = image->entry_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (strcmp(image->by_name[middle]->name, name) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from < image->entry_count && strcmp(image->by_name[from]->name, name) == 0 ? (size_t)(image->by_name[from] - image->entries) : SIZE_MAX;
}

static const json_t *find_document(const struct image *image, const char *name)
{
    size_t at = find_entry(image, name);
    return at == SIZE_MAX ? NULL : image->entries[at].document;
}

/* "sha256:abc" is "blobs/sha256/abc". */
static size_t find_blob(const struct image *image, const json_t *descriptor)
{
    const char *digest = json_string_value(json_object_get(descriptor, "digest"));
    if (digest == NULL || strncmp(digest, "sha256:", 7) != 0)
        return SIZE_MAX;
    char *name = xasprintf("blobs/sha256/%s", digest + 7);
    size_t at = find_entry(image, name);
    free(name);
    return at;
}

static struct manifest *add_manifest(struct image *image, const char *name)
{
    image->manifests = xreallocarray(image->manifests, image->manifest_count + 1, sizeof *image->manifests);
    struct manifest *manifest = &image->manifests[image->manifest_count++];
    manifest->name = path_text(name, strlen(name));
    manifest->layer_count = 0;
    return manifest;
}

static void add_layer(struct image *image, struct manifest *manifest, size_t at)
{
    if (manifest->layer_count >= IMAGE_LAYERS_MAX)
        return;
    if (at != SIZE_MAX && image->entries[at].layer == SIZE_MAX) {
        image->entries[at].manifest = (size_t)(manifest - image->manifests);
        image->entries[at].layer = manifest->layer_count;
    }
    manifest->layers[manifest->layer_count++] = at;
}

/* manifest.json of docker save: [{"Config": ..., "RepoTags": ["app:1"], "Layers": ["abc/layer.tar", ...]}] */
static void read_docker(struct image *image, const json_t *document)
{
    size_t i, j;
    const json_t *one, *layer;
    json_array_foreach(document, i, one) {
        const char *tag = json_string_value(json_array_get(json_object_get(one, "RepoTags"), 0));
        const char *config = json_string_value(json_object_get(one, "Config"));
        const json_t *layers = json_object_get(one, "Layers");
        if (json_array_size(layers) == 0 || image->manifest_count >= IMAGE_LAYERS_MAX)
            continue;
        struct manifest *manifest = add_manifest(image, tag != NULL ? tag : config != NULL ? config : "image");
        json_array_foreach(layers, j, layer)
            add_layer(image, manifest, json_string_value(layer) == NULL ? SIZE_MAX : find_entry(image, json_string_value(layer)));
    }
}

static const char *name_of(const json_t *descriptor, const char *otherwise)
{
    const json_t *notes = json_object_get(descriptor, "annotations");
    const char *full = json_string_value(json_object_get(notes, "io.containerd.image.name"));
    const char *reference = json_string_value(json_object_get(notes, "org.opencontainers.image.ref.name"));
    return full != NULL ? full : reference != NULL ? reference : otherwise;
}

/* index.json, or a manifest list that it names: {"manifests": [{"digest": ..., "annotations": ...}]}; a manifest: {"layers": [{"digest": ...}]} */
static void read_oci(struct image *image, const json_t *document, const char *name, int depth)
{
    size_t i;
    const json_t *one;
    const json_t *layers = json_object_get(document, "layers");
    json_array_foreach(json_object_get(document, "manifests"), i, one) {
        size_t at = find_blob(image, one);
        const char *digest = json_string_value(json_object_get(one, "digest"));
        if (at != SIZE_MAX && depth < INDEX_DEPTH_MAX && image->manifest_count < IMAGE_LAYERS_MAX)
            read_oci(image, image->entries[at].document, name_of(one, name != NULL ? name : digest), depth + 1);
    }
    if (json_array_size(layers) == 0)
        return;
    struct manifest *manifest = add_manifest(image, name == NULL ? "image" : name);
    json_array_foreach(layers, i, one)
        add_layer(image, manifest, find_blob(image, one));
}

/* ---- places ---- */

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static bool has_hash(struct hashes *hashes, uint64_t hash)
{
    if (!hashes->is_sorted && hashes->count > 1)
        qsort(hashes->items, hashes->count, sizeof *hashes->items, compare);
    hashes->is_sorted = true;
    return hashes->count > 0 && bsearch(&hash, hashes->items, hashes->count, sizeof hash, compare) != NULL;
}

/* A whiteout is of the path itself, of a folder above it, or of all that such a folder holds (with the slash; "" of the root). */
static bool is_removed(const struct image *image, struct entry *entry, const char *path, size_t len)
{
    if (entry->whiteouts.count == 0)
        return false;
    if (has_hash(&entry->whiteouts, hash_of(image, path, len)) || has_hash(&entry->whiteouts, hash_of(image, path, 0)))
        return true;
    for (size_t i = 0; i < len; i++)
        if (path[i] == '/' && (has_hash(&entry->whiteouts, hash_of(image, path, i)) || (i + 1 < len && has_hash(&entry->whiteouts, hash_of(image, path, i + 1)))))
            return true;
    return false;
}

/* The later layer that takes the file away, or has another of its name; 0: none. */
static size_t later_layer(const struct image *image, const struct manifest *manifest, size_t layer, const char *path, size_t len, const char **how)
{
    for (size_t i = layer + 1; i < manifest->layer_count; i++) {
        if (manifest->layers[i] == SIZE_MAX)
            continue;
        struct entry *entry = &image->entries[manifest->layers[i]];
        *how = is_removed(image, entry, path, len) ? "removed" : has_hash(&entry->files, hash_of(image, path, len)) ? "replaced" : NULL;
        if (*how != NULL)
            return i;
    }
    return 0;
}

/* The path in the layer: behind the tar's place and the entry's name. NULL: it is the entry itself. */
static const char *path_in_layer(const struct image *image, const struct kept *kept)
{
    size_t before = image->inside[0] == '\0' ? 0 : strlen(image->inside) + 1;
    const char *name = image->entries[kept->entry].name, *rest = strlen(kept->inside) < before ? "" : kept->inside + before;
    size_t len = strlen(name);
    return strncmp(rest, name, len) == 0 && rest[len] == '!' ? rest + len + 1 : NULL;
}

/* Yours. */
static char *place_of(const struct image *image, const struct kept *kept)
{
    const struct entry *entry = &image->entries[kept->entry];
    const char *path = path_in_layer(image, kept), *how = NULL, *slash = image->inside[0] == '\0' ? "" : "!";
    if (path == NULL || entry->layer == SIZE_MAX)
        return xstrdup(kept->inside);
    const struct manifest *manifest = &image->manifests[entry->manifest];
    size_t layer = entry->layer;
    size_t later = later_layer(image, manifest, layer, path, strcspn(path, "!"), &how);
    if (later == 0)
        return xasprintf("%s%s%s!layer %zu of %zu!%s", image->inside, slash, manifest->name, layer + 1, manifest->layer_count, path);
    return xasprintf("%s%s%s!layer %zu of %zu, %s in layer %zu!%s", image->inside, slash, manifest->name, layer + 1, manifest->layer_count, how, later + 1, path);
}

bool image_give(struct image *image, bool (*write)(void *context, const struct file_status *status, const char *inside, unsigned marks, struct found *found),
                void *context)
{
    bool ok = true;
    sort_names(image);
    const json_t *docker = find_document(image, "manifest.json");
    if (json_is_array(docker))
        read_docker(image, docker);
    if (image->manifest_count == 0)
        read_oci(image, find_document(image, "index.json"), NULL, 0);
    for (size_t i = 0; i < image->kept_count && ok; i++) {
        char *inside = place_of(image, &image->kept[i]);
        const char *path = path_in_layer(image, &image->kept[i]);
        ok = write(context, image->kept[i].status, inside, path == NULL ? 0 : tree_marks_of(image->marks, path, strcspn(path, "!")), &image->kept[i].found);
        free(inside);
    }
    return ok;
}

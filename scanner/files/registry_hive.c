#include "scanner/files/registry_hive.h"

#include "inventory/formats/der_shapes.h"
#include "probes/base/libhivex.h"
#include "probes/base/memory.h"

#include <errno.h>
#include <hivex.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEPTH_MAX       256
#define NODES_MAX       5000000u
#define VALUE_MIN       128             /* bytes; no certificate is shorter */
#define PROPERTY_CERTIFICATE 32         /* CERT_CERT_PROP_ID of wincrypt.h */

/* From registry_hive_prepare() on. */
static int memory = -1;                 /* a descriptor */
static iconv_t converter = (iconv_t)-1;

struct hive {
    hive_h *handle;
    struct found *found;
    uint64_t nodes;
    char path[2048];                    /* of the current key */
};

/* libhivex turns names of Latin-1 into UTF-8, whose converter the C library would load then. It stays loaded while one is
 * open. */
void registry_hive_prepare(void)
{
    libhivex_load();
    if (converter == (iconv_t)-1)
        converter = iconv_open("UTF-8", "LATIN1");
    if (memory < 0)
        memory = memfd_create("certsweep-hive", MFD_CLOEXEC);
}

bool registry_hive_is(struct byte_reader head)
{
    return head.left > 4096 && memcmp(head.at, "regf", 4) == 0;
}

static uint32_t little(const uint8_t *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

/* Number, 1, length and bytes of each property, all numbers little-endian. */
static bool find_certificate(struct byte_reader list, struct byte_reader *der)
{
    while (list.left >= 12) {
        uint32_t number = little(list.at), len = little(list.at + 8);
        byte_reader_skip(&list, 12);
        if (!byte_reader_sub(&list, len, der))
            return false;
        if (number == PROPERTY_CERTIFICATE)
            return true;
    }
    return false;
}

static void look_at_value(struct hive *hive, hive_value_h value)
{
    hive_type type;
    size_t len = 0;
    struct byte_reader der, whole;
    if (hivex_value_type(hive->handle, value, &type, &len) != 0 || type != hive_t_REG_BINARY || len < VALUE_MIN)
        return;
    char *bytes = hivex_value_value(hive->handle, value, &type, &len);
    if (bytes == NULL)
        return;
    struct byte_reader content = byte_reader_of(bytes, len);
    if (find_certificate(content, &der) && der_is_certificate(der, &whole)) {
        found_label(hive->found, hive->path);
        found_add_certificate(hive->found, whole, -1, "registry");
    } else {
        found_scan(hive->found, content, -1, "registry");
    }
    free(bytes);
}

static void look_at_node(struct hive *hive, hive_node_h node, int depth)
{
    hive_value_h *values = hivex_node_values(hive->handle, node);
    for (size_t i = 0; values != NULL && values[i] != 0; i++)
        look_at_value(hive, values[i]);
    free(values);
    hive_node_h *children = depth < DEPTH_MAX ? hivex_node_children(hive->handle, node) : NULL;
    for (size_t i = 0; children != NULL && children[i] != 0 && ++hive->nodes < NODES_MAX; i++) {
        size_t before = strlen(hive->path);
        char *name = hivex_node_name(hive->handle, children[i]);
        snprintf(hive->path + before, sizeof hive->path - before, "%s%s", before == 0 ? "" : "/", name == NULL ? "" : name);
        free(name);
        look_at_node(hive, children[i], depth + 1);
        hive->path[before] = '\0';
    }
    free(children);
}

static bool fill_memory(struct byte_reader bytes)
{
    if (memory < 0 || ftruncate(memory, 0) != 0)
        return false;
    for (off_t at = 0; bytes.left > 0;) {
        ssize_t put = pwrite(memory, bytes.at, bytes.left, at);
        if (put <= 0)
            return false;
        at += put;
        byte_reader_skip(&bytes, (size_t)put);
    }
    return true;
}

bool registry_hive_read(struct byte_reader bytes, struct found *found)
{
    char name[64];
    struct hive *hive = xcalloc(1, sizeof *hive);
    hive->found = found;
    snprintf(name, sizeof name, "/proc/self/fd/%d", memory);
    hive->handle = fill_memory(bytes) ? hivex_open(name, 0) : NULL;
    bool ok = hive->handle != NULL;
    if (ok) {
        look_at_node(hive, hivex_root(hive->handle), 0);
        hivex_close(hive->handle);
        found_name_kind(found, "registry");
    }
    if (memory >= 0 && ftruncate(memory, 0) != 0)
        ok = false;
    free(hive);
    return ok;
}

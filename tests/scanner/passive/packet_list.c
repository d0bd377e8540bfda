#include "tests/scanner/passive/packet_list.h"

#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "scanner/passive/capture/capture_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_secrets(void *context, const char *text, size_t len)
{
    struct packet_list *list = context;
    list->secrets = xrealloc(list->secrets, list->secrets_len + len + 1);
    memcpy(list->secrets + list->secrets_len, text, len);
    list->secrets_len += len;
    list->secrets[list->secrets_len++] = '\n';
}

void packet_list_read(struct packet_list *list, const char *path)
{
    struct error err = {0};
    struct packet packet;
    *list = (struct packet_list){0};
    int fd = open(path, O_RDONLY);
    struct capture_file *file = fd < 0 ? NULL : capture_file_open(fd, path, &err);
    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, err.text);
        abort();
    }
    capture_file_on_secrets(file, on_secrets, list);
    while (capture_file_next(file, &packet))
        packet_list_add(list, &packet);
    capture_file_close(file);
}

void packet_list_clear(struct packet_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free((void *)(uintptr_t)list->packets[i].bytes);
    free(list->packets);
    free(list->secrets);
    *list = (struct packet_list){0};
}

void packet_list_add(struct packet_list *list, const struct packet *packet)
{
    if ((list->count & (list->count - 1)) == 0)
        list->packets = xreallocarray(list->packets, list->count == 0 ? 1 : list->count * 2, sizeof *list->packets);
    struct packet *copy = &list->packets[list->count++];
    *copy = *packet;
    copy->bytes = xmemdup(packet->bytes, packet->len == 0 ? 1 : packet->len);
}

void packet_list_feed(const struct packet_list *list, struct listener *listener)
{
    for (size_t i = 0; i < list->count; i++)
        listener_packet(listener, &list->packets[i]);
    listener_end(listener);
}

void packet_list_tell(const struct packet_list *list, handshake_function *on_handshake, void *context)
{
    struct listener_options options = {.on_handshake = on_handshake, .context = context, .want_ja3 = true};
    struct listener *listener = listener_create(&options);
    packet_list_feed(list, listener);
    listener_destroy(listener);
}

uint64_t test_seed(void)
{
    const char *text = getenv("CERTSWEEP_TEST_SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : (uint64_t)clock_utc_us();
    fprintf(stderr, "CERTSWEEP_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

uint64_t test_random(uint64_t *state)       /* splitmix64 */
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

/* No packet moves further than the window: each block of it is shuffled. */
void packet_list_shuffle(struct packet_list *list, size_t window, uint64_t seed)
{
    for (size_t start = 0; start < list->count; start += window) {
        size_t len = list->count - start < window ? list->count - start : window;
        for (size_t i = len; i > 1; i--) {
            size_t a = start + i - 1, b = start + test_random(&seed) % i;
            struct packet swap = list->packets[a];
            list->packets[a] = list->packets[b];
            list->packets[b] = swap;
        }
    }
}

void packet_list_duplicate(struct packet_list *list, unsigned percent, uint64_t seed)
{
    struct packet_list twice = {0};
    for (size_t i = 0; i < list->count; i++) {
        packet_list_add(&twice, &list->packets[i]);
        if (test_random(&seed) % 100 < percent)
            packet_list_add(&twice, &list->packets[i]);
    }
    twice.secrets = list->secrets;
    twice.secrets_len = list->secrets_len;
    list->secrets = NULL;
    packet_list_clear(list);
    *list = twice;
}

void packet_list_drop_pure_acks(struct packet_list *list)
{
    struct layers *layers = layers_create();
    struct layer_cursor cursor;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct packet packet = list->packets[i];
        bool is_pure_ack = layers_walk(layers, &packet, &cursor) == LAYER_TCP && cursor.bytes.left == 0 &&
                           (cursor.tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)) == 0;
        if (is_pure_ack)
            free((void *)(uintptr_t)packet.bytes);
        else
            list->packets[kept++] = packet;
    }
    list->count = kept;
    layers_destroy(layers);
}

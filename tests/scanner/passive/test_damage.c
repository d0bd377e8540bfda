/* Captures that others made (CERTSWEEP_SHARED/pcaps), damaged: bits flipped anywhere, the file cut at every byte, every packet
 * cut by a snap length. Nothing may break, whatever is reported; the sanitizers and the test's time limit judge.  What runs by
 * default is a sample that differs each time; its seed is printed. All of it, in four shards: CERTSWEEP_TEST_FLIPS=1000
 * CERTSWEEP_TEST_CUTS=all CERTSWEEP_TEST_SHARD=0/4 test_passive_damage CERTSWEEP_TEST_SEED repeats a sample, CERTSWEEP_TEST_ONLY
 * keeps to captures whose name holds that text. */
#include "tests/cmocka_all.h"

#include "probes/base/memory.h"
#include "scanner/passive/capture/capture_file.h"
#include "scanner/passive/handshake/key_log.h"
#include "tests/scanner/passive/packet_list.h"
#include "tests/scanner/passive/seen.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SAMPLE_FLIPS 4  /* of each capture; CERTSWEEP_TEST_FLIPS */
#define SAMPLE_CUTS  16 /* of each kind */
#define FLIPS_ADD_UP 8  /* this many flips meet in one file before it is whole again */
#define SNAP_LEN_MAX 1600

static char folder[512];
static unsigned flips = SAMPLE_FLIPS, shard, shard_count = 1;
static bool all_cuts;
static uint64_t seed;

static void read_settings(void)
{
    const char *shared = getenv("CERTSWEEP_SHARED"), *text;
    snprintf(folder, sizeof folder, "%s/pcaps", shared != NULL ? shared : CERTSWEEP_SHARED);
    if ((text = getenv("CERTSWEEP_TEST_FLIPS")) != NULL)
        flips = (unsigned)atoi(text);
    if ((text = getenv("CERTSWEEP_TEST_CUTS")) != NULL)
        all_cuts = strcmp(text, "all") == 0;
    if ((text = getenv("CERTSWEEP_TEST_SHARD")) != NULL && sscanf(text, "%u/%u", &shard, &shard_count) != 2)
        shard = 0, shard_count = 1;
    seed = test_seed();
}

/* --- the captures ----------------------------------------------------------------------------------------
 */

static int is_capture(const struct dirent *entry)
{
    const char *only = getenv("CERTSWEEP_TEST_ONLY");
    return strstr(entry->d_name, ".pcap") != NULL && (only == NULL || strstr(entry->d_name, only) != NULL);
}

static uint8_t *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *len = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = xmalloc(*len);
    assert_int_equal(fread(bytes, 1, *len, file), *len);
    fclose(file);
    return bytes;
}

static void each_capture(void (*on_capture)(const char *path, uint8_t *bytes, size_t len, uint64_t *random))
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_capture, alphasort);
    if (count < 0) {
        fprintf(stderr, "SKIP: no captures in %s: set CERTSWEEP_SHARED\n", folder);
        skip();
    }
    assert_true(count > 0);
    for (unsigned i = 0; i < (unsigned)count; i++) {
        if (i % shard_count == shard) {
            char path[1024];
            size_t len;
            uint64_t random = seed + i;
            snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
            uint8_t *bytes = read_file(path, &len);
            on_capture(path, bytes, len, &random);
            free(bytes);
        }
        free(entries[i]);
    }
    free(entries);
}

/* --- the whole way, with everything on --------------------------------------------------------------------
 */

struct reading {
    struct seen seen;
    struct key_log *keys;
    struct listener *listener;
};

static void reading_begin(struct reading *reading)
{
    *reading = (struct reading){.keys = key_log_create()};
    struct listener_options options = {.on_handshake = seen_on_handshake,
                                       .context = &reading->seen,
                                       .want_ja3 = true,
                                       .keys = reading->keys};
    reading->listener = listener_create(&options);
}

static void reading_end(struct reading *reading)
{
    listener_destroy(reading->listener);
    key_log_destroy(reading->keys);
    seen_clear(&reading->seen);
}

static void on_secrets(void *context, const char *text, size_t len)
{
    struct reading *reading = context;
    key_log_add(reading->keys, text, len);
}

static int make_file(const uint8_t *bytes, size_t len)
{
    int fd = memfd_create("capture", MFD_CLOEXEC);
    assert_true(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
    return fd;
}

/* fd is the file's from then on. */
static struct capture_file *open_file(int fd)
{
    struct error err = {0};
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    struct capture_file *file = capture_file_open(fd, "test", &err);
    assert_true(file != NULL || err.text[0] != '\0');
    return file;
}

static void read_bytes(const uint8_t *bytes, size_t len)
{
    struct packet packet;
    struct reading reading;
    struct capture_file *file = open_file(make_file(bytes, len));
    if (file == NULL)
        return;
    reading_begin(&reading);
    capture_file_on_secrets(file, on_secrets, &reading);
    while (capture_file_next(file, &packet))
        listener_packet(reading.listener, &packet);
    reading_end(&reading);
    capture_file_close(file);
}

static void flip(const char *path, uint8_t *bytes, size_t len, uint64_t *random)
{
    uint8_t *damaged = xmalloc(len);
    (void)path;
    for (unsigned i = 0; i < flips; i++) {
        if (i % FLIPS_ADD_UP == 0)
            memcpy(damaged, bytes, len);
        uint64_t bit = test_random(random) % (len * 8);
        damaged[bit / 8] ^= (uint8_t)(1u << bit % 8);
        read_bytes(damaged, len);
    }
    free(damaged);
}

static void flipped_bits_break_nothing(void **state)
{
    (void)state;
    each_capture(flip);
}

/* --- cuts -------------------------------------------------------------------------------------------------
 *
 * A file of n bytes has n cuts, and to read all of them whole is quadratic. So the reader alone reads each
 * cut and must give out the whole file's first packets and nothing else; the listener is then ended behind
 * each packet. */

static size_t step_of(size_t count, uint64_t *random)
{
    size_t step = all_cuts || count <= SAMPLE_CUTS ? 1 : count / SAMPLE_CUTS;
    return step == 1 ? 1 : step - test_random(random) % (step / 2);
}

static void check_cut(const struct packet_list *whole, int fd)
{
    struct packet packet;
    size_t count = 0;
    struct capture_file *file = open_file(dup(fd));
    while (file != NULL && capture_file_next(file, &packet)) {
        assert_true(count < whole->count);
        assert_int_equal(packet.len, whole->packets[count].len);
        assert_int_equal(packet.time_us, whole->packets[count].time_us);
        count++;
    }
    capture_file_close(file);
}

static void cut_file(const char *path, uint8_t *bytes, size_t len, uint64_t *random)
{
    struct packet_list whole;
    int fd = make_file(bytes, len);
    packet_list_read(&whole, path);
    for (size_t step = step_of(len, random), cut = len; cut >= step;) {
        cut -= step;
        assert_int_equal(ftruncate(fd, (off_t)cut), 0);
        check_cut(&whole, fd);
    }
    packet_list_clear(&whole);
    close(fd);
}

static void cut_files_give_their_first_packets_only(void **state)
{
    (void)state;
    each_capture(cut_file);
}

static void end_early(const char *path, uint8_t *bytes, size_t len, uint64_t *random)
{
    struct packet_list list;
    (void)bytes;
    (void)len;
    packet_list_read(&list, path);
    for (size_t step = step_of(list.count, random), end = all_cuts ? 0 : test_random(random) % step;
         end < list.count; end += step) {
        struct reading reading;
        reading_begin(&reading);
        key_log_add(reading.keys, list.secrets == NULL ? "" : list.secrets, list.secrets_len);
        for (size_t i = 0; i < end; i++)
            listener_packet(reading.listener, &list.packets[i]);
        reading_end(&reading);
    }
    packet_list_clear(&list);
}

static void an_end_behind_any_packet_breaks_nothing(void **state)
{
    (void)state;
    each_capture(end_early);
}

static void snap(const char *path, uint8_t *bytes, size_t len, uint64_t *random)
{
    struct packet_list list;
    (void)bytes;
    (void)len;
    packet_list_read(&list, path);
    for (size_t step = step_of(SNAP_LEN_MAX, random), snap_len = all_cuts ? 0 : test_random(random) % step;
         snap_len < SNAP_LEN_MAX; snap_len += step) {
        struct reading reading;
        reading_begin(&reading);
        key_log_add(reading.keys, list.secrets == NULL ? "" : list.secrets, list.secrets_len);
        for (size_t i = 0; i < list.count; i++) {
            struct packet packet = list.packets[i];
            packet.len = packet.len < snap_len ? packet.len : (uint32_t)snap_len;
            packet.bytes = xmemdup(packet.bytes, packet.len); /* so that a read past its end is seen */
            listener_packet(reading.listener, &packet);
            free((void *)(uintptr_t)packet.bytes);
        }
        reading_end(&reading);
    }
    packet_list_clear(&list);
}

static void any_snap_length_breaks_nothing(void **state)
{
    (void)state;
    each_capture(snap);
}

int main(void)
{
    read_settings();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flipped_bits_break_nothing),
        cmocka_unit_test(cut_files_give_their_first_packets_only),
        cmocka_unit_test(an_end_behind_any_packet_breaks_nothing),
        cmocka_unit_test(any_snap_length_breaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Capture files of every kind, whole, cut and damaged. */
#include "tests/cmocka_all.h"

#include "probes/base/byte_writer.h"
#include "probes/base/memory.h"
#include "scanner/passive/capture/capture_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

struct numbers {                    /* written in one of the byte orders */
    uint8_t bytes[8192];
    size_t len;
    bool big;
};

static void put(struct numbers *n, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        n->bytes[n->len++] = (uint8_t)(value >> 8 * (n->big ? size - 1 - i : i));
}

static void put_bytes(struct numbers *n, const char *text, size_t len)
{
    memcpy(n->bytes + n->len, text, len);
    n->len += len;
}

static int file_of(const uint8_t *bytes, size_t len)
{
    int fd = memfd_create("capture", 0);
    assert_true(fd >= 0 && write(fd, bytes, len) == (ssize_t)len && lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

static size_t count_packets(const uint8_t *bytes, size_t len, struct packet *last, const char **note, struct error *err)
{
    static char kept[256];
    struct packet packet;
    size_t count = 0;
    struct capture_file *file = capture_file_open(file_of(bytes, len), "test", err);
    if (file == NULL)
        return 0;
    while (capture_file_next(file, &packet)) {
        count++;
        *last = packet;
    }
    const char *text = capture_file_note(file);
    snprintf(kept, sizeof kept, "%s", text == NULL ? "" : text);
    *note = text == NULL ? NULL : kept;
    capture_file_close(file);
    return count;
}

static void make_pcap(struct numbers *n, bool big, bool nanoseconds)
{
    *n = (struct numbers){.big = big};
    put(n, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, 4);
    put(n, 2, 2);
    put(n, 4, 2);
    put(n, 0, 8);
    put(n, 65535, 4);
    put(n, 1, 4);
    for (unsigned i = 0; i < 3; i++) {
        put(n, 1000 + i, 4);
        put(n, nanoseconds ? 5000 : 5, 4);
        put(n, 4, 4);
        put(n, 9, 4);
        put_bytes(n, "abcd", 4);
    }
}

static void pcap_is_read_in_both_orders_and_resolutions(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct numbers n;
        struct packet last;
        struct error err = {0};
        const char *note;
        make_pcap(&n, i & 1, i & 2);
        assert_int_equal(count_packets(n.bytes, n.len, &last, &note, &err), 3);
        assert_null(note);
        assert_true(last.time_us == 1002000005);
        assert_int_equal(last.len, 4);
        assert_int_equal(last.wire_len, 9);
        assert_int_equal(last.link_type, 1);
    }
}

static void a_file_that_is_cut_is_read_as_far_as_it_goes(void **state)
{
    struct numbers n;
    (void)state;
    make_pcap(&n, false, false);
    for (size_t len = 24; len <= n.len; len++) {
        struct packet last;
        struct error err = {0};
        const char *note;
        size_t count = count_packets(n.bytes, len, &last, &note, &err);
        assert_int_equal(count, (len - 24) / 20);
        assert_int_equal(note == NULL, (len - 24) % 20 == 0);
    }
}

static void a_packet_too_long_is_damage_not_memory(void **state)
{
    struct numbers n;
    struct packet last;
    struct error err = {0};
    const char *note;
    (void)state;
    make_pcap(&n, false, false);
    memset(n.bytes + 24 + 20 + 8, 0xff, 4);
    assert_int_equal(count_packets(n.bytes, n.len, &last, &note, &err), 1);
    assert_non_null(strstr(note, "damaged"));
}

static void gzip_is_unpacked_and_its_end_is_checked(void **state)
{
    struct numbers n;
    struct packet last;
    struct error err = {0};
    const char *note;
    uint8_t packed[8192];
    z_stream zlib = {0};
    (void)state;
    make_pcap(&n, true, true);
    assert_int_equal(deflateInit2(&zlib, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    zlib.next_in = n.bytes;
    zlib.avail_in = (uInt)n.len;
    zlib.next_out = packed;
    zlib.avail_out = sizeof packed;
    assert_int_equal(deflate(&zlib, Z_FINISH), Z_STREAM_END);
    size_t len = zlib.total_out;
    deflateEnd(&zlib);
    assert_int_equal(count_packets(packed, len, &last, &note, &err), 3);
    assert_null(note);
    assert_true(count_packets(packed, len - 12, &last, &note, &err) <= 3);
    assert_non_null(note);
    assert_non_null(strstr(note, "gzip"));
}

static size_t pack(int (*filter)(struct archive *), const struct numbers *n, uint8_t *packed, size_t size)
{
    size_t len = 0;
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    assert_int_equal(filter(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_set_format_raw(archive), ARCHIVE_OK);
    archive_write_set_bytes_per_block(archive, 0);
    assert_int_equal(archive_write_open_memory(archive, packed, size, &len), ARCHIVE_OK);
    archive_entry_set_filetype(entry, AE_IFREG);
    assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
    assert_int_equal(archive_write_data(archive, n->bytes, n->len), (la_ssize_t)n->len);
    archive_entry_free(entry);
    assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
    return len;
}

static void what_other_tools_pack_is_unpacked(void **state)
{
    int (*const filters[])(struct archive *) = {archive_write_add_filter_zstd, archive_write_add_filter_xz,
                                                archive_write_add_filter_bzip2, archive_write_add_filter_lz4};
    (void)state;
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        struct numbers n;
        struct packet last;
        struct error err = {0};
        const char *note;
        uint8_t packed[16384];
        make_pcap(&n, false, false);
        size_t len = pack(filters[i], &n, packed, sizeof packed);
        assert_int_equal(count_packets(packed, len, &last, &note, &err), 3);
        assert_null(note);
        for (size_t cut = 6; cut < len; cut += 3)           /* fewer packets, or an error: never a crash */
            assert_true(count_packets(packed, cut, &last, &note, &err) <= 3);
        packed[len / 2] ^= 0xff;
        assert_true(count_packets(packed, len, &last, &note, &err) <= 3);
    }
}

static void block(struct numbers *n, uint32_t type, const struct numbers *body)
{
    size_t padded = (body->len + 3) & ~(size_t)3;
    put(n, type, 4);
    put(n, padded + 12, 4);
    put_bytes(n, (const char *)body->bytes, padded);
    put(n, padded + 12, 4);
}

static void add_interface(struct numbers *n, uint16_t link_type, uint8_t resolution)
{
    struct numbers body = {.big = n->big};
    put(&body, link_type, 2);
    put(&body, 0, 2);
    put(&body, 0, 4);
    put(&body, 9, 2);
    put(&body, 1, 2);
    put(&body, resolution, 1);
    put(&body, 0, 3);
    put(&body, 0, 4);
    block(n, 1, &body);
}

static void add_packet(struct numbers *n, uint32_t interface_id, uint64_t ticks)
{
    struct numbers body = {.big = n->big};
    put(&body, interface_id, 4);
    put(&body, ticks >> 32, 4);
    put(&body, ticks & 0xffffffff, 4);
    put(&body, 5, 4);
    put(&body, 5, 4);
    put_bytes(&body, "hello", 5);
    block(n, 6, &body);
}

static void make_pcapng(struct numbers *n, bool big)
{
    struct numbers section = {.big = big}, secrets = {.big = big}, simple = {.big = big};
    *n = (struct numbers){.big = big};
    put(&section, 0x1a2b3c4d, 4);
    put(&section, 1, 2);
    put(&section, 0, 2);
    put(&section, UINT64_MAX, 8);
    block(n, 0x0a0d0d0a, &section);
    add_interface(n, 1, 6);
    add_interface(n, 113, 9);
    add_interface(n, 101, 0x80 | 10);
    put(&secrets, 0x544c534b, 4);
    put(&secrets, 11, 4);
    put_bytes(&secrets, "KEYS 1 2\n\n\n", 11);
    block(n, 10, &secrets);
    add_packet(n, 0, 1000000);
    add_packet(n, 1, 2000000000);
    put(&simple, 3, 4);
    put_bytes(&simple, "abc", 3);
    block(n, 3, &simple);
    add_packet(n, 2, 3 * 1024);
}

static void on_secrets(void *context, const char *text, size_t len)
{
    size_t *total = context;
    assert_memory_equal(text, "KEYS", 4);
    *total += len;
}

static void pcapng_has_interfaces_clocks_and_secrets_of_its_own(void **state)
{
    static const uint32_t link_types[4] = {1, 113, 1, 101};
    static const int64_t times[4] = {1000000, 2000000, 2000000, 3000000};
    (void)state;
    for (unsigned big = 0; big < 2; big++) {
        struct numbers n;
        struct packet packet;
        struct error err = {0};
        size_t secrets = 0;
        make_pcapng(&n, big);
        struct capture_file *file = capture_file_open(file_of(n.bytes, n.len), "test", &err);
        assert_non_null(file);
        capture_file_on_secrets(file, on_secrets, &secrets);
        for (unsigned i = 0; i < 4; i++) {
            assert_true(capture_file_next(file, &packet));
            assert_int_equal(packet.link_type, link_types[i]);
            assert_true(packet.time_us == times[i]);
        }
        assert_false(capture_file_next(file, &packet));
        assert_null(capture_file_note(file));
        assert_int_equal(secrets, 11);
        capture_file_close(file);
    }
}

static void flipped_and_cut_pcapng_ends_with_a_word(void **state)
{
    struct numbers n;
    (void)state;
    make_pcapng(&n, false);
    for (size_t at = 0; at < n.len; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            struct packet last;
            struct error err = {0};
            const char *note;
            n.bytes[at] ^= (uint8_t)(1u << bit);
            count_packets(n.bytes, n.len, &last, &note, &err);
            n.bytes[at] ^= (uint8_t)(1u << bit);
            count_packets(n.bytes, at, &last, &note, &err);
        }
}

static void what_is_no_capture_is_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *why;
    } cases[] = {{"", 0, "empty"}, {"ab", 2, "too short"}, {"#!/bin/sh\n", 10, "neither pcap nor pcapng"},
                 {"\xd4\xc3\xb2\xa1\2\0", 6, "ends inside the header"}, {"\x1f\x8bgarbage", 9, ""}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        assert_null(capture_file_open(file_of((const uint8_t *)cases[i].bytes, cases[i].len), "test", &err));
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_non_null(strstr(err.text, cases[i].why));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcap_is_read_in_both_orders_and_resolutions),
        cmocka_unit_test(a_file_that_is_cut_is_read_as_far_as_it_goes),
        cmocka_unit_test(a_packet_too_long_is_damage_not_memory),
        cmocka_unit_test(gzip_is_unpacked_and_its_end_is_checked),
        cmocka_unit_test(what_other_tools_pack_is_unpacked),
        cmocka_unit_test(pcapng_has_interfaces_clocks_and_secrets_of_its_own),
        cmocka_unit_test(flipped_and_cut_pcapng_ends_with_a_word),
        cmocka_unit_test(what_is_no_capture_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

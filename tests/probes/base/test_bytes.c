/* byte_reader, byte_writer, byte_buffer, hex: every step is length-checked. */
#include "probes/base/byte_buffer.h"
#include "probes/base/byte_reader.h"
#include "probes/base/byte_writer.h"
#include "probes/base/error.h"
#include "probes/base/hex.h"
#include "tests/cmocka_all.h"

#include <string.h>

static void a_vector_that_is_not_whole_leaves_its_window_alone(void **state)
{
    static const uint8_t bytes[] = {0, 9, 1, 2};
    struct byte_reader reader = byte_reader_of(bytes, sizeof bytes), sub = {0};
    (void)state;
    assert_false(byte_reader_vector16(&reader, &sub));
    assert_int_equal(sub.left, 0);
    assert_int_equal(reader.left, 4);
}

static void a_read_that_does_not_fit_moves_nothing(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x00, 0x05, 1, 2};
    struct byte_reader reader = byte_reader_of(bytes, sizeof bytes), sub;
    uint64_t wide;
    assert_false(byte_reader_u64(&reader, &wide));
    assert_false(byte_reader_vector16(&reader, &sub));    /* says 5, holds 2 */
    assert_int_equal(reader.left, 4);
    uint32_t value;
    assert_true(byte_reader_u32(&reader, &value));
    assert_int_equal(value, 0x00050102);
    assert_int_equal(reader.left, 0);
}

static void vectors_written_are_vectors_read(void **state)
{
    (void)state;
    uint8_t bytes[64];
    struct byte_writer writer = byte_writer_of(bytes, sizeof bytes);
    size_t outer = byte_writer_vector_begin(&writer, 3);
    size_t inner = byte_writer_vector_begin(&writer, 1);
    byte_writer_text(&writer, "h2");
    byte_writer_vector_end(&writer, inner, 1);
    byte_writer_vector_end(&writer, outer, 3);
    assert_true(byte_writer_ok(&writer));
    struct byte_reader reader = byte_reader_of(bytes, writer.len), a, b;
    assert_true(byte_reader_vector24(&reader, &a));
    assert_true(byte_reader_vector8(&a, &b));
    assert_int_equal(b.left, 2);
    assert_memory_equal(b.at, "h2", 2);
}

static void a_writer_that_is_full_says_so(void **state)
{
    (void)state;
    uint8_t bytes[300];
    struct byte_writer writer = byte_writer_of(bytes, 3);
    byte_writer_u32(&writer, 7);
    assert_false(byte_writer_ok(&writer));
    writer = byte_writer_of(bytes, sizeof bytes);
    size_t mark = byte_writer_vector_begin(&writer, 1);
    assert_non_null(byte_writer_room(&writer, 256));    /* one more than a length byte can say */
    byte_writer_vector_end(&writer, mark, 1);
    assert_false(byte_writer_ok(&writer));
}

static void a_buffer_keeps_order_and_its_limit(void **state)
{
    (void)state;
    struct byte_buffer buffer;
    byte_buffer_init(&buffer, 1000);
    uint8_t next_in = 0, next_out = 0;
    for (int round = 0; round < 500; round++) {
        for (int i = 0; i < 7; i++, next_in++)
            assert_true(byte_buffer_append(&buffer, &next_in, 1));
        for (int i = 0; i < 6; i++, next_out++) {
            struct byte_reader reader = byte_buffer_reader(&buffer);
            assert_int_equal(reader.at[0], next_out);
            byte_buffer_consume(&buffer, 1);
        }
    }
    assert_int_equal(byte_buffer_len(&buffer), 500);
    uint8_t more[501] = {0};
    assert_false(byte_buffer_append(&buffer, more, sizeof more));
    assert_true(byte_buffer_append(&buffer, more, 500));
    byte_buffer_clear(&buffer);
}

static void hex_reads_only_what_it_writes(void **state)
{
    (void)state;
    uint8_t bytes[3];
    char text[7];
    assert_true(hex_parse("00fFa5", bytes, 3));
    hex_format(bytes, 3, text);
    assert_string_equal(text, "00ffa5");
    assert_false(hex_parse("00ffa", bytes, 3));
    assert_false(hex_parse("00ffa5b", bytes, 3));
    assert_false(hex_parse("00ffg5", bytes, 3));
}

static void a_long_error_is_cut_and_marked(void **state)
{
    (void)state;
    struct error err = {0};
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_false(error_set(&err, ERROR_IO, "%s", text));
    assert_string_equal(err.text + strlen(err.text) - 3, "...");
    assert_false(error_add_context(&err, "file.csv:3"));
    assert_memory_equal(err.text, "file.csv:3: xxx", 15);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_int_equal(error_exit_code(&err), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vector_that_is_not_whole_leaves_its_window_alone),
        cmocka_unit_test(a_read_that_does_not_fit_moves_nothing),
        cmocka_unit_test(vectors_written_are_vectors_read),
        cmocka_unit_test(a_writer_that_is_full_says_so),
        cmocka_unit_test(a_buffer_keeps_order_and_its_limit),
        cmocka_unit_test(hex_reads_only_what_it_writes),
        cmocka_unit_test(a_long_error_is_cut_and_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

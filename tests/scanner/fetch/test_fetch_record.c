/* What a fetching worker says is read in any pieces, and never beyond its limits. */
#include "scanner/fetch/fetch_record.h"
#include "tests/cmocka_all.h"

#include <string.h>

static void an_answer_is_whole_or_waited_for(void **state)
{
    (void)state;
    struct byte_buffer buffer;
    struct fetch_answer answer;
    byte_buffer_init(&buffer, 0);
    byte_buffer_append(&buffer, "\0\0\0\7", 4);
    fetch_record_add_text(&buffer, "HTTP status: 404");
    fetch_record_add(&buffer, "body", 4);
    size_t whole = byte_buffer_len(&buffer);
    for (size_t len = 0; len < whole; len++) {
        struct byte_reader reader = byte_reader_of(buffer.bytes, len);
        assert_int_equal(fetch_record_answer(&reader, &answer), FETCH_TAKE_MORE);
        assert_int_equal(reader.left, len);
    }
    struct byte_reader reader = byte_reader_of(buffer.bytes, whole);
    assert_int_equal(fetch_record_answer(&reader, &answer), FETCH_TAKE_DONE);
    assert_int_equal(reader.left, 0);
    assert_int_equal(answer.number, 7);
    assert_int_equal(answer.fault.left, 16);
    assert_int_equal(answer.body.left, 4);
    assert_memory_equal(answer.body.at, "body", 4);
    byte_buffer_clear(&buffer);
}

static void a_length_beyond_the_limit_is_not_waited_for(void **state)
{
    (void)state;
    static const uint8_t long_fault[] = {0, 0, 0, 1, 0, 0, 1, 1}, long_body[] = {0, 0, 0, 1, 0, 0, 0, 0, 4, 0, 0, 1};
    struct fetch_answer answer;
    struct byte_reader reader = byte_reader_of(long_fault, sizeof long_fault);
    assert_int_equal(fetch_record_answer(&reader, &answer), FETCH_TAKE_WRONG);
    reader = byte_reader_of(long_body, sizeof long_body);
    assert_int_equal(fetch_record_answer(&reader, &answer), FETCH_TAKE_WRONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_whole_or_waited_for),
        cmocka_unit_test(a_length_beyond_the_limit_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

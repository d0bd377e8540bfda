#include "tests/cmocka_all.h"

#include "probes/base/json_line.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* What a strict reader makes of {"value":"<bytes>"}; yours. */
static json_t *read_back(const char *bytes, size_t len)
{
    struct json_line line;
    json_error_t error;
    json_line_init(&line);
    json_line_begin(&line);
    json_line_text_len(&line, "value", bytes, len);
    json_line_end(&line);
    assert_int_equal(line.text[line.len - 1], '\n');
    assert_null(memchr(line.text, '\n', line.len - 1));
    json_t *read = json_loadb(line.text, line.len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    assert_non_null(read);
    json_line_clear(&line);
    return read;
}

static void assert_text(const char *bytes, size_t len, const char *expected, size_t expected_len)
{
    json_t *read = read_back(bytes, len), *value = json_object_get(read, "value");
    assert_int_equal(json_string_length(value), expected_len);
    assert_memory_equal(json_string_value(value), expected, expected_len);
    json_decref(read);
}

#define BAD "\xef\xbf\xbd"

static void what_is_not_utf8_becomes_the_replacement_character(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *expected;
    } cases[] = {
        {"plain", "plain"},
        {"quote \" slash \\ line\nreturn\rtab\tbell\a", "quote \" slash \\ line\nreturn\rtab\tbell\a"},
        {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\x92", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\x92"},
        {"\xe9t\xe9", BAD "t" BAD},                         /* Latin-1 */
        {"\xc0\xaf", BAD BAD},                              /* overlong */
        {"\xe0\x80\xaf", BAD BAD BAD},
        {"\xf0\x80\x80\x80", BAD BAD BAD BAD},
        {"\xed\xa0\x80", BAD BAD BAD},                      /* a surrogate */
        {"\xf4\x90\x80\x80", BAD BAD BAD BAD},              /* above U+10FFFF */
        {"\xf5\xff\xfe", BAD BAD BAD},
        {"\xe2\x82", BAD BAD},                              /* cut */
        {"\xe2\x82z", BAD BAD "z"},
        {"\x7f\x1b[31m", "\x7f\x1b[31m"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_text(cases[i].bytes, strlen(cases[i].bytes), cases[i].expected, strlen(cases[i].expected));
    assert_text("a\0b", 3, "a\0b", 3);
    assert_text("", 0, "", 0);
}

static void what_a_screen_hides_is_written_as_an_escape(void **state)
{
    (void)state;
    struct json_line line;
    json_line_init(&line);
    json_line_begin(&line);
    json_line_text(&line, "a", "\xc2\x9b" "31m\xe2\x80\xae\x7f\xf3\xa0\x81\x81\xc3\xa9");
    json_line_end(&line);
    assert_int_equal(line.len, strlen("{\"a\":\"\\u009b31m\\u202e\\u007f\\udb40\\udc41\xc3\xa9\"}\n"));
    assert_memory_equal(line.text, "{\"a\":\"\\u009b31m\\u202e\\u007f\\udb40\\udc41\xc3\xa9\"}\n", line.len);
    json_line_clear(&line);
    assert_text("\xe2\x80\xae\xf3\xa0\x81\x81", 7, "\xe2\x80\xae\xf3\xa0\x81\x81", 7);
}

static void any_two_bytes_give_valid_json(void **state)
{
    (void)state;
    for (unsigned pair = 0; pair < 65536; pair += 7) {
        char bytes[] = {(char)(pair >> 8), (char)pair};
        json_decref(read_back(bytes, sizeof bytes));
    }
}

static void values_of_every_kind_are_read_back(void **state)
{
    (void)state;
    struct json_line line;
    static const uint8_t bytes[] = {0, 0xab, 0xff};
    static const char expected[] =
        "{\"none\":null,\"empty\":[],\"low\":-9223372036854775808,\"yes\":true,\"no\":false,"
        "\"list\":[\"00abff\",null,3],\"inner\":{\"a\":0,\"b\":0.001,\"c\":1.25,\"d\":15000},\"last\":\"x\"}\n";
    json_line_init(&line);
    for (int round = 0; round < 2; round++) {       /* the buffer is used again */
        json_line_begin(&line);
        json_line_text(&line, "none", NULL);
        json_line_array_begin(&line, "empty");
        json_line_array_end(&line);
        json_line_int(&line, "low", INT64_MIN);
        json_line_bool(&line, "yes", true);
        json_line_bool(&line, "no", false);
        json_line_array_begin(&line, "list");
        json_line_hex(&line, NULL, bytes, sizeof bytes);
        json_line_null(&line, NULL);
        json_line_int(&line, NULL, 3);
        json_line_array_end(&line);
        json_line_object_begin(&line, "inner");
        json_line_milliseconds(&line, "a", 0);
        json_line_milliseconds(&line, "b", 1);
        json_line_milliseconds(&line, "c", 1250);
        json_line_milliseconds(&line, "d", 15000000);
        json_line_object_end(&line);
        json_line_text(&line, "last", "x");
        json_line_end(&line);
        assert_int_equal(line.len, sizeof expected - 1);
        assert_memory_equal(line.text, expected, sizeof expected - 1);
    }
    json_line_clear(&line);
}

static void a_number_is_what_json_takes_for_one(void **state)
{
    (void)state;
    static const struct {
        const char *digits, *expected;
    } cases[] = {{"0", "{\"n\":0}\n"},       {"-12", "{\"n\":-12}\n"},   {"3.50", "{\"n\":3.50}\n"}, {"007", "{\"n\":null}\n"}, {"NaN", "{\"n\":null}\n"},
                 {"1.", "{\"n\":null}\n"},  {".5", "{\"n\":null}\n"},  {"-", "{\"n\":null}\n"},   {"", "{\"n\":null}\n"},    {"1,\"x\":2", "{\"n\":null}\n"}};
    struct json_line line;
    json_line_init(&line);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_line_begin(&line);
        json_line_number(&line, "n", cases[i].digits);
        json_line_end(&line);
        assert_int_equal(line.len, strlen(cases[i].expected));
        assert_memory_equal(line.text, cases[i].expected, line.len);
    }
    json_line_clear(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_utf8_becomes_the_replacement_character),
        cmocka_unit_test(what_a_screen_hides_is_written_as_an_escape),
        cmocka_unit_test(any_two_bytes_give_valid_json),
        cmocka_unit_test(values_of_every_kind_are_read_back),
        cmocka_unit_test(a_number_is_what_json_takes_for_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

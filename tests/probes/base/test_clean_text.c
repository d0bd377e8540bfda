/* Foreign bytes cannot move the cursor, hide, or reorder the text around them. */
#include "probes/base/clean_text.h"
#include "probes/base/error.h"
#include "probes/base/log.h"
#include "probes/base/utf8.h"
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void check(const char *text, const char *expected)
{
    char *clean = clean_text(text);
    assert_string_equal(clean, expected);
    free(clean);
}

static void letters_stay_and_what_hides_is_escaped(void **state)
{
    (void)state;
    check("", "");
    check("plain \\ text, 100%", "plain \\ text, 100%");
    check("M\xc3\xbcnchen \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x94\x92", "M\xc3\xbcnchen \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x94\x92");
    check("\x1b[31mred\x1b]0;t\x07", "\\x1b[31mred\\x1b]0;t\\x07");
    check("a\tb\rc\x7f", "a\\x09b\\x0dc\\x7f");
    check("one\ntwo", "one\ntwo");
    check("\xc2\x9b" "31m", "\\u009b31m");                                     /* C1: another CSI */
    check("moc.elpmaxe\xe2\x80\xae", "moc.elpmaxe\\u202e");                     /* right-to-left override */
    check("\xe2\x81\xa6x\xe2\x81\xa9", "\\u2066x\\u2069");                      /* isolates */
    check("pay\xe2\x80\x8bpal\xef\xbb\xbf", "pay\\u200bpal\\ufeff");            /* zero width */
    check("a\xe2\x80\xa8" "b", "a\\u2028b");                                    /* line separator */
    check("x\xf3\xa0\x81\x81", "x\\U000e0041");                                 /* a tag */
    check("a\xef\xbf\xbe\xef\xbf\xbf", "a\\ufffe\\uffff");                      /* noncharacters: XML has none of them */
    check("\xef\xb7\x90\xf4\x8f\xbf\xbf", "\\ufdd0\\U0010ffff");
    check("\xe3\x85\xa4", "\\u3164");                                           /* Hangul filler: an empty letter */
}

static void bytes_that_are_no_utf8_cost_one_escape_each(void **state)
{
    (void)state;
    check("caf\xe9 ok", "caf\\xe9 ok");
    check("\xc0\xaf\xed\xa0\x80", "\\xc0\\xaf\\xed\\xa0\\x80");
    check("\xe2\x82", "\\xe2\\x82");
}

/* Every length of text against every size of room. */
static void what_does_not_fit_is_cut_between_characters(void **state)
{
    (void)state;
    static const char text[] = "ab\xc3\xbc\x1b" "c\xe2\x80\xae" "de\xf0\x9f\x94\x92\x80xyz";
    char whole[128], to[128];
    size_t whole_len = clean_text_into(whole, sizeof whole, text, sizeof text - 1);
    for (size_t size = 8; size < sizeof to; size++) {
        memset(to, 'Z', sizeof to);
        size_t len = clean_text_into(to, size, text, sizeof text - 1);
        assert_true(len < size);
        assert_int_equal(strlen(to), len);
        assert_true(size == sizeof to || to[size] == 'Z');
        if (whole_len < size) {
            assert_string_equal(to, whole);
            continue;
        }
        assert_string_equal(to + len - 3, "...");
        assert_memory_equal(to, whole, len - 3);
        for (size_t at = 0, used; at < len; at += used)
            assert_true((used = utf8_character(to + at, len - at)) != 0);
    }
}

static void long_lines_are_cut_and_tell_their_length(void **state)
{
    (void)state;
    char *name = malloc(65537), *text;
    memset(name, 'n', 65536);
    name[65536] = '\0';
    text = clean_text_lines(name, 10);
    assert_string_equal(text, "nnnnnnnnnn... (cut, 65536 bytes)");
    free(text);
    free(name);
    assert_true(clean_text_is_plain("five5\nfive5\n", 5));
    assert_false(clean_text_is_plain("five5\nsixsix", 5));
    assert_false(clean_text_is_plain("caf\xc3\xa9", 99));
    text = clean_text_lines("short\nmuch longer\n", 6);
    assert_string_equal(text, "short\nmuch l... (cut, 11 bytes)\n");
    free(text);
    text = clean_text_lines("abc\x1b[0m", 4);                                    /* an escape is never cut in two */
    assert_string_equal(text, "abc... (cut, 7 bytes)");
    free(text);
}

/* Random bytes, with what matters more often than chance would have it. */
static void whatever_comes_is_shown_as_printable_utf8(void **state)
{
    (void)state;
    static const char *const pieces[] = {"\xe2\x80", "\xae", "\xc2", "\x9b", "\xf3\xa0\x81\x81", "\x1b[", "\n", "a", "\\", "\xef\xbb"};
    uint32_t seed = 1;
    for (unsigned run = 0; run < 20000; run++) {
        char text[64];
        size_t len = 0;
        while (len < 40) {
            seed = seed * 1664525 + 1013904223;
            if ((seed >> 16) % 3 == 0) {
                text[len] = (char)(seed >> 24);
                len += text[len] != '\0';
                continue;
            }
            const char *piece = pieces[(seed >> 20) % 10];
            memcpy(text + len, piece, strlen(piece));
            len += strlen(piece);
        }
        text[len] = '\0';
        char *clean = clean_text(text), *again = clean_text(clean);
        assert_string_equal(clean, again);
        if (clean_text_is_plain(text, SIZE_MAX))
            assert_string_equal(clean, text);
        for (size_t at = 0, used, left = strlen(clean); at < left; at += used) {
            used = utf8_character(clean + at, left - at);
            assert_true(used != 0);
            assert_true(clean[at] == '\n' || !clean_text_hides(utf8_code_point(clean + at, used)));
        }
        free(again);
        free(clean);
    }
}

static void an_error_quotes_nothing_raw(void **state)
{
    (void)state;
    struct error err = {0};
    char longest[3000];
    error_set(&err, ERROR_INPUT, "the heading \"%s\"", "\x1b[31mEVIL\x1b]0;t\x07G");
    assert_string_equal(err.text, "the heading \"\\x1b[31mEVIL\\x1b]0;t\\x07G\"");
    error_add_context(&err, "%s:%d", "owners\xe2\x80\xae.csv", 1);
    assert_string_equal(err.text, "owners\\u202e.csv:1: the heading \"\\x1b[31mEVIL\\x1b]0;t\\x07G\"");
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    error_set(&err, ERROR_INPUT, "%s", longest);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_string_equal(err.text + sizeof err.text - 4, "...");
    error_set(&err, ERROR_INPUT, "%s again", err.text);      /* its own text may be an argument */
    assert_int_equal(strncmp(err.text, "xxx", 3), 0);
}

/* What the log writes while function(context) runs. Yours: free(). */
static char *logged(void (*function)(const char *text), const char *text)
{
    int ends[2], kept = dup(STDERR_FILENO);
    char *got = calloc(1, 8192);
    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    function(text);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    close(kept);
    close(ends[1]);
    ssize_t len = read(ends[0], got, 8191);
    close(ends[0]);
    assert_true(len >= 0);
    return got;
}

static void log_foreign(const char *text)
{
    log_warning("the server says %s", text);
}

static void log_of_worker(const char *text)
{
    log_raw(text, strlen(text));
}

static void the_log_takes_no_escape_and_no_forged_line(void **state)
{
    (void)state;
    char *got = logged(log_foreign, "\x1b[2Jhi\ncertsweep: error: forged\xe2\x80\xae");
    assert_string_equal(got, "certsweep: warning: the server says \\x1b[2Jhi\n    certsweep: error: forged\\u202e\n");
    free(got);
    got = logged(log_of_worker, "certsweep: \x1b]0;taken over\x07\xff");
    assert_string_equal(got, "certsweep: \\x1b]0;taken over\\x07\\xff\n");
    free(got);
    char *lines = malloc(6001);
    for (size_t i = 0; i < 6000; i++)
        lines[i] = i % 2 == 0 ? '\n' : 'x';
    lines[6000] = '\0';
    got = logged(log_foreign, lines);
    assert_true(strlen(got) < 2048);
    assert_int_equal(got[strlen(got) - 1], '\n');
    free(lines);
    free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_stay_and_what_hides_is_escaped),
        cmocka_unit_test(bytes_that_are_no_utf8_cost_one_escape_each),
        cmocka_unit_test(what_does_not_fit_is_cut_between_characters),
        cmocka_unit_test(long_lines_are_cut_and_tell_their_length),
        cmocka_unit_test(whatever_comes_is_shown_as_printable_utf8),
        cmocka_unit_test(an_error_quotes_nothing_raw),
        cmocka_unit_test(the_log_takes_no_escape_and_no_forged_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

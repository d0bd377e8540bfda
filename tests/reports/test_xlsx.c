/* A workbook, read back by another library (openpyxl): strings stay strings, dates are dates, a full sheet goes on in the next,
 * a cell that is too long is cut with a mark, and the same rows are the same bytes. */
#include "probes/base/memory.h"
#include "reports/render.h"
#include "reports/xlsx_book.h"
#include "tests/cmocka_all.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct report things = {
    .name = "things",
    .columns = {{"name", "Name", COLUMN_TEXT, false, false},
                {"days", "Days", COLUMN_NUMBER, false, false},
                {"until", "Until", COLUMN_TIME, false, false},
                {"places", "Places", COLUMN_LIST, false, false}},
};

static const char *const rows[][4] = {
    {"=cmd|'/c calc'!A1", "-5", "2026-01-31 12:30:00+00", "127.0.0.1:443\n127.0.0.2:443"},
    {"https://example.test/", "7", NULL, NULL},
    {"\x01\xe2\x80\xaegpj\xef\xbf\xbe\xef\xbf\xbf", "x", "infinity", "@SUM(1)"},
};

/* Yours: free(). */
static char *write_book(size_t count, uint32_t sheet_rows, size_t *len)
{
    char *bytes = NULL;
    struct error err = {0};
    struct xlsx_book *book = xlsx_book_create(sheet_rows, &err);
    assert_non_null(book);
    xlsx_book_sheet(book, &things);
    for (size_t i = 0; i < count; i++)
        xlsx_book_row(book, rows[i]);
    const struct render_end end = {.unjudged = 3, .reason = "there is no managed source"};
    xlsx_book_note(book, &end);
    FILE *out = open_memstream(&bytes, len);
    if (!xlsx_book_close(book, out, &err))
        fail_msg("%s", err.text);
    fclose(out);
    return bytes;
}

/* As tests/reports/read_xlsx.py prints it; yours. Skips the test where openpyxl is not installed. */
static char *read_back(const char *bytes, size_t len)
{
    char path[] = "/tmp/certsweep-test-xlsx.XXXXXX", command[512], *text = xcalloc(1, 65536);
    if (system("/usr/bin/python3 -c 'import openpyxl' 2> /dev/null") != 0) {
        free(text);
        skip();
    }
    int fd = mkstemp(path);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
    snprintf(command, sizeof command, "/usr/bin/python3 %s/tests/reports/read_xlsx.py %s", CERTSWEEP_SOURCE_DIR, path);
    FILE *pipe = popen(command, "r");
    size_t used = fread(text, 1, 65535, pipe);
    text[used] = '\0';
    assert_int_equal(pclose(pipe), 0);
    unlink(path);
    return text;
}

static void strings_are_strings_and_dates_are_dates(void **state)
{
    (void)state;
    size_t len;
    char *bytes = write_book(3, XLSX_ROWS, &len), *text = read_back(bytes, len);
    assert_string_equal(text, "created 2020-01-01T00:00:00\n"
                              "sheet things\n"
                              "s:name|s:days|s:until|s:places\n"
                              "s:=cmd|'/c calc'!A1|n:-5|date:2026-01-31T12:30:00|s:127.0.0.1:443\\n127.0.0.2:443\n"
                              "s:https://example.test/|n:7|-|-\n"
                              "s:\\x01\\u202egpj\\ufffe\\uffff|s:x|s:infinity|s:@SUM(1)\n"
                              "s:# not judged: 3 certificates, since there is no managed source|-|-|-\n");
    free(text);
    free(bytes);
}

static void a_full_sheet_goes_on_in_the_next(void **state)
{
    (void)state;
    size_t len;
    char *bytes = write_book(3, 3, &len), *text = read_back(bytes, len);
    const char *second = strstr(text, "sheet things 2\ns:name|s:days|s:until|s:places\ns:\\x01");
    assert_non_null(second);
    assert_non_null(strstr(text, "n:7"));
    assert_true(strstr(text, "n:7") < second);
    free(text);
    free(bytes);
}

static void a_long_cell_is_cut_with_a_mark(void **state)
{
    (void)state;
    struct error err = {0};
    char *bytes = NULL, *name = xcalloc(1, 40001);
    size_t len;
    for (size_t i = 0; i < 40000; i += 2)
        memcpy(name + i, "\xc3\xbc", 2);            /* 20,000 characters: fits */
    const char *values[] = {name, NULL, NULL, NULL};
    struct xlsx_book *book = xlsx_book_create(XLSX_ROWS, &err);
    xlsx_book_sheet(book, &things);
    xlsx_book_row(book, values);
    memset(name, 'n', 40000);
    xlsx_book_row(book, values);
    FILE *out = open_memstream(&bytes, &len);
    assert_true(xlsx_book_close(book, out, &err));
    fclose(out);
    char *text = read_back(bytes, len);
    assert_non_null(strstr(text, "s:20000..."));
    assert_non_null(strstr(text, "... ... (cut)"));
    free(text);
    free(bytes);
    free(name);
}

static void the_same_rows_are_the_same_bytes(void **state)
{
    (void)state;
    size_t first_len, len;
    char *first = write_book(3, XLSX_ROWS, &first_len), *again = write_book(3, XLSX_ROWS, &len);
    assert_int_equal(first_len, len);
    assert_memory_equal(first, again, len);
    free(first);
    free(again);
}

/* libxlsxwriter reads back what it could not write, and its own word for the rest is "zip error". A limit of file sizes fails as a
 * full disk does. */
static void a_full_disk_is_told_with_its_folder_and_cause(void **state)
{
    (void)state;
    static const rlim_t sizes[] = {10, 5000, 40000};
    char folder[] = "/tmp/certsweep-xlsx-test.XXXXXX", name[2001];
    const char *values[] = {name, NULL, NULL, NULL};
    signal(SIGXFSZ, SIG_IGN);
    assert_non_null(mkdtemp(folder));
    setenv("TMPDIR", folder, 1);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct error err = {0};
        struct rlimit limit;
        char *bytes = NULL;
        size_t len;
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
        limit.rlim_cur = sizes[i];
        struct xlsx_book *book = xlsx_book_create(XLSX_ROWS, &err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        for (int sheet = 0; sheet < 2; sheet++) {
            xlsx_book_sheet(book, &things);
            for (int row = 0; row < 100 * (1 - sheet); row++) {     /* what does not fit is of a sheet that is no longer open */
                for (size_t k = 0; k < sizeof name - 1; k++)
                    name[k] = (char)('a' + (k * k + (size_t)row) % 26);
                name[sizeof name - 1] = '\0';
                xlsx_book_row(book, values);
            }
        }
        FILE *out = open_memstream(&bytes, &len);
        assert_false(xlsx_book_close(book, out, &err));
        fclose(out);
        limit.rlim_cur = RLIM_INFINITY;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        free(bytes);
        if (strstr(err.text, folder) == NULL || strstr(err.text, ": File too large") == NULL)
            fail_msg("at %u octets: %s", (unsigned)sizes[i], err.text);
    }
    unsetenv("TMPDIR");
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_strings_and_dates_are_dates),
        cmocka_unit_test(a_full_sheet_goes_on_in_the_next),
        cmocka_unit_test(a_long_cell_is_cut_with_a_mark),
        cmocka_unit_test(the_same_rows_are_the_same_bytes),
        cmocka_unit_test(a_full_disk_is_told_with_its_folder_and_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

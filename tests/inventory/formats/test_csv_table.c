/* CSV tables: one bad row is reported with its line, and the others are read. */
#include "inventory/formats/csv_table.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct seen {
    char rows[1024], faults[1024];
    bool refuse;
};

static bool on_heading(void *context, const struct csv_row *row, struct error *err)
{
    struct seen *seen = context;
    snprintf(seen->rows, sizeof seen->rows, "[%s/%zu]", row->fields[0], row->count);
    return !seen->refuse || error_set(err, ERROR_INPUT, "refused");
}

static void on_row(void *context, const struct csv_row *row)
{
    struct seen *seen = context;
    size_t used = strlen(seen->rows);
    snprintf(seen->rows + used, sizeof seen->rows - used, " %zu:%.20s", row->line, row->fields[0]);
}

static void on_fault(void *context, size_t line, const char *text)
{
    struct seen *seen = context;
    size_t used = strlen(seen->faults);
    (void)text;
    snprintf(seen->faults + used, sizeof seen->faults - used, "%zu ", line);
}

static bool read_text(struct seen *seen, const char *text, size_t len)
{
    struct csv_table table = {
        .file = "t.csv", .heading = on_heading, .row = on_row, .fault = on_fault, .context = seen};
    struct error err = {0};
    return csv_table_read(&table, byte_reader_of(text, len), &err);
}

static void tables_of_every_habit_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text, *rows, *faults;
    } cases[] = {
        {"a,b\n1,2\n3,4\n", "[a/2] 2:1 3:3", ""},
        {"\xef\xbb\xbf" "a;b\r\n1;2\r\n\r\n 3 ;4", "[a/2] 2:1 4:3", ""},
        {"a\tb\n1\t2\n", "[a/2] 2:1", ""},
        {"\n\na,b\n1,2\n", "[a/2] 4:1", ""},
        {"a,b\n\"two\nlines\",2\n5,6\n", "[a/2] 2:two\nlines 4:5", ""},
        {"a,b\n1,\"x\"\"y\"\n", "[a/2] 2:1", ""},
        {"a,b\nwrong\"quote,2\n3,4\n", "[a/2] 3:3", "2 "},
        {"a,b\n\"never closed,2\n3,4\n5,6\n", "[a/2] 3:3 4:5", "2 "},
        {"a,b\n1,2\n\"last", "[a/2] 2:1", "3 "},
        {"a,b\n1,\"last\"", "[a/2] 2:1", ""},
        {"a,b\n1,2,,\n3\n4,x,y\n5,6\n", "[a/2] 2:1 3:3 5:5", "4 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct seen seen = {0};
        assert_true(read_text(&seen, cases[i].text, strlen(cases[i].text)));
        assert_string_equal(seen.rows, cases[i].rows);
        assert_string_equal(seen.faults, cases[i].faults);
    }
}

static void a_nul_byte_is_a_fault_of_its_line(void **state)
{
    (void)state;
    struct seen seen = {0};
    static const char text[] = "a,b\n1,\0\n3,4\n";
    assert_true(read_text(&seen, text, sizeof text - 1));
    assert_string_equal(seen.rows, "[a/2] 3:3");
    assert_string_equal(seen.faults, "2 ");
}

static void a_line_of_many_megabytes_is_a_fault_and_the_next_is_read(void **state)
{
    (void)state;
    size_t len = 20u << 20;
    char *text = xmalloc(len);
    memset(text, 'x', len);
    memcpy(text, "a,b\n", 4);
    memcpy(text + len - 5, "\n3,4\n", 5);
    struct seen seen = {0};
    assert_true(read_text(&seen, text, len));
    assert_string_equal(seen.rows, "[a/2] 3:3");
    assert_string_equal(seen.faults, "2 ");
    free(text);
}

static void a_file_without_a_heading_is_refused(void **state)
{
    (void)state;
    struct seen seen = {0}, refused = {.refuse = true};
    assert_false(read_text(&seen, "\n\n", 2));
    assert_false(read_text(&refused, "a,b\n1,2\n", 8));
    assert_string_equal(refused.rows, "[a/2]");
}

/* As spreadsheets and databases write it: UTF-16 of both orders, also without a mark; a line for Excel; a bar; text kept by a formula. */
static void tables_of_other_programs_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *rows;
    } cases[] = {
        {"\xff\xfe" "a\0,\0b\0\n\0001\0,\0002\0\n\0", 18, "[a/2] 2:1"},
        {"\xfe\xff" "\0a\0,\0b\0\n\0001\0,\0002\0\n", 18, "[a/2] 2:1"},
        {"a\0,\0b\0\n\0001\0,\0002\0\n\0", 16, "[a/2] 2:1"},
        {"sep=;\na;b\n1;2\n", 14, "[a/2] 3:1"},
        {"a|b\n1|2\n", 8, "[a/2] 2:1"},
        {"name;dn\nx;CN=a,O=b,C=us\ny;CN=b,O=b,C=us\n", 40, "[name/2] 2:x 3:y"},
        {"a,b\n=\"0012\",2\n", 14, "[a/2] 2:0012"},
        {"a,b\n\"=\"\"0012\"\"\",2\n", 18, "[a/2] 2:0012"},
        {"a,b\n\"=\"\"\",2\n", 12, "[a/2] 2:=\""},
        {"a,b\nK\xf6ln,2\n", 11, "[a/2] 2:K\xc3\xb6ln"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct seen seen = {0};
        assert_true(read_text(&seen, cases[i].text, cases[i].len));
        assert_string_equal(seen.rows, cases[i].rows);
        assert_string_equal(seen.faults, "");
    }
}

static void headings_are_known_however_they_are_written(void **state)
{
    (void)state;
    assert_true(csv_heading_is("Serial_Number", "serial number"));
    assert_true(csv_heading_is("SHA-256", "sha256"));
    assert_true(csv_heading_is("Subject Alternative Name(s):", "subject alternative names"));
    assert_true(csv_heading_is("Order #", "order"));
    assert_false(csv_heading_is("serial numbers", "serial number"));
    assert_false(csv_heading_is("", "serial"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_of_every_habit_are_read),
        cmocka_unit_test(a_nul_byte_is_a_fault_of_its_line),
        cmocka_unit_test(a_line_of_many_megabytes_is_a_fault_and_the_next_is_read),
        cmocka_unit_test(a_file_without_a_heading_is_refused),
        cmocka_unit_test(tables_of_other_programs_are_read),
        cmocka_unit_test(headings_are_known_however_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

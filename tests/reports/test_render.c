/* Renderers: every value is a stranger's words, and no format may be broken by one. */
#include "reports/render.h"
#include "tests/cmocka_all.h"

#include <csv.h>
#include <jansson.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const struct report things = {
    .name = "things",
    .title = "Things",
    .question = "Which things are there?",
    .columns = {{"name", "Name", COLUMN_TEXT, false},
                {"days", "Days", COLUMN_NUMBER, false},
                {"until", "Until", COLUMN_TIME, false},
                {"severity", "Severity", COLUMN_SEVERITY, false},
                {"names", "Names", COLUMN_LIST, false},
                {"sha256", "SHA-256", COLUMN_HASH, true}},
};

#define HASH "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
static const char *const plain[] = {"www.example.ca.gov", "12", "2026-12-04 10:00:00+00", "high", "a.test\nb.test",
                                    HASH};
static const char *const hostile[] = {"\"><script>alert('1')</script>, \x1b[2J\x01", NULL, NULL, "critical",
                                      "=cmd|'/c calc'!A1", HASH};

static char *render(const struct renderer *renderer, size_t repeat, size_t more, const char *const *a,
                    const char *const *b)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    void *state = renderer->begin(&things, out);
    for (size_t i = 0; i < repeat; i++)
        renderer->row(state, a);
    if (b != NULL)
        renderer->row(state, b);
    renderer->end(state, more);
    fclose(out);
    return text;
}

static void json_is_read_back_whole(void **state)
{
    (void)state;
    char *text = render(&render_json, 1, 3, plain, hostile);
    json_error_t error;
    json_t *document = json_loads(text, 0, &error);
    assert_non_null(document);
    json_t *rows = json_object_get(document, "rows");
    assert_int_equal(json_array_size(rows), 2);
    assert_int_equal(json_integer_value(json_object_get(document, "more")), 3);
    json_t *first = json_array_get(rows, 0), *second = json_array_get(rows, 1);
    assert_int_equal(json_integer_value(json_object_get(first, "days")), 12);
    assert_int_equal(json_array_size(json_object_get(first, "names")), 2);
    assert_string_equal(json_string_value(json_object_get(first, "sha256")), HASH);
    assert_string_equal(json_string_value(json_object_get(second, "name")), hostile[0]);
    assert_true(json_is_null(json_object_get(second, "days")));
    json_decref(document);
    free(text);
}

struct fields {
    char *at[64];
    size_t count, rows;
};

static void on_field(void *value, size_t len, void *context)
{
    struct fields *fields = context;
    fields->at[fields->count++] = strndup(value, len);
}

static void on_record(int c, void *context)
{
    (void)c;
    ((struct fields *)context)->rows++;
}

static void csv_is_read_back_and_runs_no_formula(void **state)
{
    (void)state;
    char *text = render(&render_csv, 1, 0, plain, hostile);
    struct csv_parser parser;
    struct fields fields = {0};
    csv_init(&parser, CSV_STRICT);
    assert_int_equal(csv_parse(&parser, text, strlen(text), on_field, on_record, &fields), strlen(text));
    csv_fini(&parser, on_field, on_record, &fields);
    csv_free(&parser);
    assert_int_equal(fields.rows, 3);
    assert_int_equal(fields.count, 18);
    assert_string_equal(fields.at[0], "name");
    assert_string_equal(fields.at[10], "a.test\nb.test");
    assert_string_equal(fields.at[12], hostile[0]);
    assert_string_equal(fields.at[16], "'=cmd|'/c calc'!A1");
    for (size_t i = 0; i < fields.count; i++)
        free(fields.at[i]);
    free(text);
}

static void html_holds_no_markup_of_a_strangers(void **state)
{
    (void)state;
    char *text = render(&render_html_table, 1, 0, plain, hostile);
    assert_null(strstr(text, "<script"));
    assert_non_null(strstr(text, "&lt;script&gt;"));
    assert_null(strchr(text, '\x1b'));
    assert_non_null(strstr(text, "a.<wbr>test<br>b.<wbr>test"));
    assert_non_null(strstr(text, "data-label=\"Until\">2026-12-04<"));
    free(text);
}

static void a_long_name_is_parted_at_its_dots_and_an_address_is_not(void **state)
{
    (void)state;
    static const char *const row[] = {"host.a.example:443 (O=Agency)", "1", "2026-12-04", "high", "127.0.0.12:8443\nb.test",
                                      HASH};
    char *text = render(&render_html_table, 1, 0, row, NULL);
    assert_non_null(strstr(text, ">host.<wbr>a.<wbr>example:<wbr>443 (O=<wbr>Agency)<"));
    assert_non_null(strstr(text, ">127.0.0.12:8443<br>"));
    free(text);
}

static void an_empty_html_table_is_no_table(void **state)
{
    (void)state;
    char *text = render(&render_html_table, 0, 0, plain, NULL);
    assert_null(strstr(text, "<table"));
    free(text);
}

static void the_terminal_gets_no_control_character(void **state)
{
    (void)state;
    char *text = render(&render_table, 1, 0, plain, hostile);
    for (const char *at = text; *at != '\0'; at++)
        assert_true((unsigned char)*at >= 0x20 || *at == '\n');
    assert_null(strstr(text, HASH));    /* a detail column is not shown */
    free(text);
}

static void a_long_value_wraps_and_loses_nothing(void **state)
{
    (void)state;
    static const char *const wide[] = {
        "a-very-long-host-name-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-end.example", "7",
        NULL, "low", "x", HASH};
    char *text = render(&render_table, 1, 0, wide, NULL);
    char joined[256] = "";
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        if (strncmp(line, "Name", 4) != 0 && line[0] != '-')
            strncat(joined, line, strcspn(line, " "));
    assert_string_equal(joined, wide[0]);
    free(text);
}

static void more_rows_than_are_held_back_all_come(void **state)
{
    (void)state;
    char *text = render(&render_table, 1000, 5, plain, NULL);
    size_t lines = 0;
    for (const char *at = text; (at = strstr(at, "www.example.ca.gov")) != NULL; at++)
        lines++;
    assert_int_equal(lines, 1000);
    assert_non_null(strstr(text, "... and 5 more"));
    free(text);
}

static void c1_controls_are_cleaned_and_letters_kept(void **state)
{
    (void)state;
    char *clean = render_clean("\xc2\x9b" "31m M\xc3\xbcnchen\x7f");
    assert_string_equal(clean, "?31m M\xc3\xbcnchen?");
    free(clean);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_read_back_whole),
        cmocka_unit_test(csv_is_read_back_and_runs_no_formula),
        cmocka_unit_test(html_holds_no_markup_of_a_strangers),
        cmocka_unit_test(a_long_name_is_parted_at_its_dots_and_an_address_is_not),
        cmocka_unit_test(an_empty_html_table_is_no_table),
        cmocka_unit_test(the_terminal_gets_no_control_character),
        cmocka_unit_test(a_long_value_wraps_and_loses_nothing),
        cmocka_unit_test(more_rows_than_are_held_back_all_come),
        cmocka_unit_test(c1_controls_are_cleaned_and_letters_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Renderers: every value is a stranger's words, and no format may be broken by one. */
#include "probes/base/clean_text.h"
#include "probes/base/memory.h"
#include "probes/base/utf8.h"
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
    .columns = {{"name", "Name", COLUMN_TEXT, false, false},
                {"days", "Days", COLUMN_NUMBER, false, false},
                {"until", "Until", COLUMN_TIME, false, false},
                {"severity", "Severity", COLUMN_SEVERITY, false, false},
                {"names", "Names", COLUMN_LIST, false, false},
                {"sha256", "SHA-256", COLUMN_HASH, true, false}},
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
    renderer->end(state, &(struct render_end){.more = more});
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

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;
    for (; (text = strstr(text, word)) != NULL; text++)
        count++;
    return count;
}

static void a_row_of_a_table_does_not_fill_the_screen(void **state)
{
    (void)state;
    char *list = calloc(5000, 16), *prose = calloc(5000, 16);
    for (unsigned i = 0; i < 5000; i++)
        sprintf(list + strlen(list), "%sh%u.test", i == 0 ? "" : "\n", i);
    memset(prose, 'x', 5000);
    const char *const many[] = {prose, "12", "2026-12-04 10:00:00+00", "high", list, HASH};
    char *text = render(&render_table, 1, 0, many, plain);
    assert_true(count_of(text, "\n") <= 2 + 20 + 2);
    assert_non_null(strstr(text, "... +4981"));
    assert_non_null(strstr(text, "h18.test"));
    assert_null(strstr(text, "h19.test"));
    assert_non_null(strstr(text, "b.test"));        /* the next row is whole */
    free(text);
    text = render(&render_json, 1, 0, many, NULL);
    assert_non_null(strstr(text, "h4999.test"));
    free(text);
    free(list);
    free(prose);
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
    assert_string_equal(fields.at[12], "\"><script>alert('1')</script>, \\x1b[2J\\x01");
    assert_string_equal(fields.at[16], "'=cmd|'/c calc'!A1");
    for (size_t i = 0; i < fields.count; i++)
        free(fields.at[i]);
    free(text);
}

static void csv_that_is_gathered_is_written_whole(void **state)
{
    (void)state;
    char *text = render(&render_csv, 2000, 0, plain, NULL);
    static const char row[] = "\"www.example.ca.gov\",\"12\",\"2026-12-04T10:00:00Z\",\"high\",\"a.test\nb.test\",\"" HASH "\"\r\n";
    size_t at = strcspn(text, "\n") + 1;
    for (size_t i = 0; i < 2000; i++, at += strlen(row))
        assert_int_equal(strncmp(text + at, row, strlen(row)), 0);
    assert_string_equal(text + at, "");
    free(text);
}

/* As spreadsheets of East Asian languages read them. */
static void csv_guards_full_width_signs(void **state)
{
    (void)state;
    static const char *const signs[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    for (size_t i = 0; i < 4; i++) {
        char *name = xasprintf("%s1+1", signs[i]), *guarded = xasprintf("\"'%s\"", name);
        const char *const row[] = {name, "1", NULL, NULL, NULL, HASH};
        char *text = render(&render_csv, 1, 0, row, NULL);
        assert_non_null(strstr(text, guarded));
        free(text);
        free(guarded);
        free(name);
    }
}

static size_t count_in(const char *text, const char *word)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word))
        count++;
    return count;
}

/* Rows of one rule whose next steps differ: the rule stands once, and each step above its rows. */
static void a_rule_is_a_heading_once_whatever_its_steps_are(void **state)
{
    (void)state;
    static const struct report found = {
        .name = "found", .title = "Found", .question = "?", .none = "none",
        .columns = {{"severity", "Severity", COLUMN_SEVERITY, false, true}, {"finding", "Finding", COLUMN_PROSE, false, true}, {"name", "Name", COLUMN_TEXT, false, false},
                    {"next_step", "Next step", COLUMN_PROSE, false, true}, {"source", "Source", COLUMN_TEXT, false, true}}};
    static const char *const rows[][5] = {{"high", "No path leads there", "atest", "Replace it.", "RFC 5280"}, {"high", "No path leads there", "btest", "Replace it.", "RFC 5280"},
                                          {"high", "No path leads there", "ctest", "Name its root.", "RFC 5280"}, {"low", "Old suites", "dtest", "Name its root.", "RFC 9325"}};
    static const struct renderer *const renderers[] = {&render_table, &render_html};
    for (size_t i = 0; i < 2; i++) {
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);
        void *context = renderers[i]->begin(&found, out);
        for (size_t row = 0; row < 4; row++)
            renderers[i]->row(context, rows[row]);
        renderers[i]->end(context, &(struct render_end){0});
        fclose(out);
        assert_int_equal(count_in(text, i == 0 ? "high  No path leads there" : "No path leads there</h3>"), 1);
        assert_int_equal(count_in(text, i == 0 ? "low  Old suites" : "Old suites</h3>"), 1);
        assert_int_equal(count_in(text, i == 0 ? "    Next step: Replace it." : "<p>Replace it.</p>"), 1);
        assert_int_equal(count_in(text, i == 0 ? "    Next step: Name its root." : "<p>Name its root.</p>"), 2);
        assert_int_equal(count_in(text, "Source: RFC 5280"), 1);
        assert_true(strstr(text, "btest") < strstr(text, "Name its root.") && strstr(text, "Name its root.") < strstr(text, "ctest"));
        assert_int_equal(count_in(text, "<section"), count_in(text, "</section>"));
        assert_int_equal(count_in(text, "<table"), count_in(text, "</table>"));
        free(text);
    }
}

static void html_holds_no_markup_of_a_strangers(void **state)
{
    (void)state;
    char *text = render(&render_html, 1, 0, plain, hostile);
    assert_null(strstr(text, "<script>alert"));
    assert_non_null(strstr(text, "&lt;script&gt;"));
    assert_null(strchr(text, '\x1b'));
    assert_non_null(strstr(text, "a.<wbr>test<br>b.<wbr>test"));
    assert_non_null(strstr(text, ">4 Dec 2026<"));
    free(text);
}

static void a_long_name_is_parted_at_its_dots_and_an_address_is_not(void **state)
{
    (void)state;
    static const char *const row[] = {"host.a.example:443 (O=Agency)", "1", "2026-12-04", "high", "127.0.0.12:8443\nb.test",
                                      HASH};
    char *text = render(&render_html, 1, 0, row, NULL);
    assert_non_null(strstr(text, ">host.<wbr>a.<wbr>example:<wbr>443 (O=<wbr>Agency)<"));
    assert_non_null(strstr(text, ">127.0.0.12:8443<br>"));
    free(text);
}

/* Of many columns the sentences are opened at the name, so that a row is one line; a title stays, and so does an address. */
static void many_columns_fold_their_sentences(void **state)
{
    (void)state;
    static const struct report many = {
        .name = "many", .title = "Many", .question = "?", .none = "none",
        .columns = {{.key = "severity", .heading = "Severity", .kind = COLUMN_SEVERITY}, {.key = "finding", .heading = "Finding", .kind = COLUMN_PROSE},
                    {.key = "name", .heading = "Name"}, {.key = "places", .heading = "Served at", .kind = COLUMN_LIST}, {.key = "owner", .heading = "Owner"},
                    {.key = "because", .heading = "Because", .kind = COLUMN_PROSE}, {.key = "next_step", .heading = "Next step", .kind = COLUMN_PROSE},
                    {.key = "source", .heading = "Source"}}};
    static const char *const row[] = {"high", "A title", "a.example", "east 10.0.0.1:443 (a.example)\n10.0.0.2:443", "Web", "key bits 1024", "Replace it.", "RFC 1"};
    char *page = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&page, &len);
    void *context = render_html.begin(&many, out);
    render_html.row(context, row);
    render_html.end(context, NULL);
    fclose(out);
    const char *text = strstr(page, "<tbody>");
    assert_non_null(text);
    assert_non_null(strstr(page, "<th scope=\"col\" class=\"prose\">Finding</th>"));
    assert_null(strstr(page, ">Because</th>"));
    assert_null(strstr(page, ">Source</th>"));
    assert_non_null(strstr(text, "<dt>Because</dt><dd>key bits 1024</dd><dt>Next step</dt><dd>Replace it.</dd><dt>Source</dt><dd>RFC 1</dd>"));
    assert_non_null(strstr(text, ">east 10.0.0.1:443 (a.example)<br>10.0.0.2:443</td>"));
    free(page);
}

static void an_empty_html_report_has_no_table(void **state)
{
    (void)state;
    char *text = render(&render_html, 0, 0, plain, NULL);
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
        if (strncmp(line, "Name", 4) != 0 && strncmp(line, "---", 3) != 0)
            strncat(joined, line, strcspn(line, " "));
    assert_string_equal(joined, wide[0]);
    free(text);
}

/* Addresses are never cut: where they leave no room beside one another, each value has its own line. */
static void what_does_not_fit_beside_stands_below(void **state)
{
    (void)state;
    static const struct report places = {
        .name = "places", .title = "Places", .question = "?", .none = "none",
        .columns = {{.key = "a", .heading = "First", .kind = COLUMN_PLACE}, {.key = "b", .heading = "Second", .kind = COLUMN_PLACE},
                    {.key = "c", .heading = "The third", .kind = COLUMN_PLACE}, {.key = "owner", .heading = "Owner"}}};
    static const char place[] = "[2001:db8:1111:2222:3333:4444:5555:6666]:8443";
    static const char *const row[] = {place, "", "[2001:db8:1111:2222:3333:4444:5555:6666]:8443\n[::1]:443", "Web team"};
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    void *context = render_table.begin(&places, out);
    for (int i = 0; i < 2; i++)
        render_table.row(context, i == 0 ? row : (const char *const[]){place, place, place, "x"});
    render_table.end(context, NULL);
    fclose(out);
    assert_string_equal(text, "First      [2001:db8:1111:2222:3333:4444:5555:6666]:8443\n"
                              "The third  [2001:db8:1111:2222:3333:4444:5555:6666]:8443\n"
                              "           [::1]:443\n"
                              "Owner      Web team\n"
                              "\n"
                              "First      [2001:db8:1111:2222:3333:4444:5555:6666]:8443\n"
                              "Second     [2001:db8:1111:2222:3333:4444:5555:6666]:8443\n"
                              "The third  [2001:db8:1111:2222:3333:4444:5555:6666]:8443\n"
                              "Owner      x\n"
                              "\n");
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

/* A name that reads as another one, a name that is not there, a name of 64 KB: in every format, in every column. */
static void what_is_shown_cannot_lie(void **state)
{
    (void)state;
    static const char bad[] = "\xc2\x9b" "31m\xe2\x80\xaegpj.exe\xe2\x81\xa6\xe2\x80\x8b\x7f M\xc3\xbcnchen<b>";
    static const char *const row[] = {bad, NULL, bad, bad, bad, bad};
    const struct renderer *const shown[] = {&render_table, &render_csv, &render_html, &render_json};
    for (size_t i = 0; i < 4; i++) {
        char *text = render(shown[i], 1, 0, row, NULL);
        for (size_t at = 0, used, left = strlen(text); at < left; at += used) {
            used = utf8_character(text + at, left - at);
            assert_true(used != 0);
            assert_true(text[at] == '\n' || text[at] == '\r' || !clean_text_hides(utf8_code_point(text + at, used)));
        }
        assert_non_null(strstr(text, "\\u202e"));
        assert_true(shown[i] == &render_table || strstr(text, "M\xc3\xbcnchen") != NULL);
        assert_true(shown[i] != &render_html || strstr(text, "<b>") == NULL);
        free(text);
    }
}

static void a_name_of_64_kilobytes_is_cut_but_in_json(void **state)
{
    (void)state;
    char *name = malloc(65537);
    memset(name, 'n', 65536);
    name[65536] = '\0';
    const char *const row[] = {name, "1", NULL, "low", name, HASH};
    const struct renderer *const cut[] = {&render_table, &render_csv, &render_html};
    for (size_t i = 0; i < 3; i++) {
        char *text = render(cut[i], 1, 0, row, NULL), *empty = render(cut[i], 0, 0, row, NULL);
        assert_true(strlen(text) < 12000 + strlen(empty));
        assert_non_null(strstr(text, "65536"));
        free(text);
        free(empty);
    }
    char *text = render(&render_json, 1, 0, row, NULL);
    json_t *document = json_loads(text, 0, NULL);
    const json_t *first = json_array_get(json_object_get(document, "rows"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "name")), name);
    assert_string_equal(json_string_value(json_array_get(json_object_get(first, "names"), 0)), name);
    json_decref(document);
    free(text);
    free(name);
}

static void json_escapes_are_read_back_as_what_they_were(void **state)
{
    (void)state;
    static const char bad[] = "\x7f\xc2\x85\xe2\x80\xae\xf3\xa0\x81\x81\xf0\x9f\x94\x92";
    static const char *const row[] = {bad, "1.5", NULL, "low", bad, HASH};
    char *text = render(&render_json, 1, 0, row, NULL);
    assert_non_null(strstr(text, "\\u007f\\u0085\\u202e\\udb40\\udc41\xf0\x9f\x94\x92"));
    json_t *document = json_loads(text, 0, NULL);
    const json_t *first = json_array_get(json_object_get(document, "rows"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "name")), bad);
    json_decref(document);
    free(text);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_of_a_table_does_not_fill_the_screen),
        cmocka_unit_test(json_is_read_back_whole),
        cmocka_unit_test(csv_is_read_back_and_runs_no_formula),
        cmocka_unit_test(csv_that_is_gathered_is_written_whole),
        cmocka_unit_test(csv_guards_full_width_signs),
        cmocka_unit_test(a_rule_is_a_heading_once_whatever_its_steps_are),
        cmocka_unit_test(html_holds_no_markup_of_a_strangers),
        cmocka_unit_test(a_long_name_is_parted_at_its_dots_and_an_address_is_not),
        cmocka_unit_test(many_columns_fold_their_sentences),
        cmocka_unit_test(an_empty_html_report_has_no_table),
        cmocka_unit_test(the_terminal_gets_no_control_character),
        cmocka_unit_test(what_does_not_fit_beside_stands_below),
        cmocka_unit_test(a_long_value_wraps_and_loses_nothing),
        cmocka_unit_test(more_rows_than_are_held_back_all_come),
        cmocka_unit_test(what_is_shown_cannot_lie),
        cmocka_unit_test(a_name_of_64_kilobytes_is_cut_but_in_json),
        cmocka_unit_test(json_escapes_are_read_back_as_what_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* hook_template.h: the shapes that the packages carry become JSON whatever a certificate is called, and say who must do what. */
#include "probes/base/memory.h"
#include "reports/notices/digest.h"
#include "reports/notices/hook_template.h"
#include "tests/cmocka_all.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *const shipped[] = {"ticket-servicenow.json", "ticket-jira.json", "chat-text.json", "chat-adaptive-card.json"};

static const struct hook_fields hostile = {
    .subject = "\"},{\"x\":\"\\ {{json}} caf\xc3\xa9.example: renew by 3 Dec 2026", .text = "line one\nline \"two\"\t{{contact}}",
    .contact = "tls@example.gov", .id = "0123abcd", .json = "{\"notices\":[]}"};

static char *read_shipped(const char *name)
{
    char *path = xasprintf("%s/reports/notices/templates/%s", CERTSWEEP_SOURCE_DIR, name), *text = xcalloc(1, 8192);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s is not there", path);
    assert_true(fread(text, 1, 8191, file) < 8191);
    fclose(file);
    free(path);
    return text;
}

static void shipped_shapes_are_json_whatever_goes_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shipped / sizeof shipped[0]; i++) {
        struct error err = {0};
        char *template = read_shipped(shipped[i]), *filled = hook_template_fill(template, &hostile);
        if (!hook_template_check(template, shipped[i], &err))
            fail_msg("%s", err.text);
        json_t *document = json_loads(filled, 0, NULL);
        if (document == NULL)
            fail_msg("%s is no JSON: %s", shipped[i], filled);
        char *again = json_dumps(document, JSON_SORT_KEYS);
        assert_non_null(strstr(again, "renew by 3 Dec 2026"));
        assert_non_null(strstr(again, "tls@example.gov"));
        assert_non_null(strstr(again, "line one\\nline \\\"two\\\""));
        assert_null(strstr(again, "{\"notices\""));             /* a field in a field is text */
        free(again);
        json_decref(document);
        free(filled);
        free(template);
    }
}

static void all_fields_go_where_they_stand(void **state)
{
    (void)state;
    char *filled = hook_template_fill("{\"a\":\"{{id}} {{unknown}}\",\"b\":{{json}}}", &hostile);
    assert_string_equal(filled, "{\"a\":\"0123abcd {{unknown}}\",\"b\":{\"notices\":[]}}");
    free(filled);
}

static void what_becomes_no_json_is_refused_by_its_line(void **state)
{
    (void)state;
    struct error err = {0};
    assert_false(hook_template_check("{\"text\":\n{{text}}}", "chat.json", &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.text, "chat.json"));
    assert_non_null(strstr(err.text, "line 2"));
}

static void the_senders_name_is_one_line(void **state)
{
    (void)state;
    const struct digest_item item = {.key = "00", .sha256 = "00", .step = "30 days", .owner = "", .name = "www.example",
                                     .not_after = "2026-12-01", .act_by = "2026-11-20",
                                     .places = "", .next_step = "", .days = 3};
    const struct digest digest = {.contact = "a@x.example", .from = "b@x.example", .organization = "Agency\r\nBcc: c@x.example", .items = &item, .count = 1};
    size_t len;
    char *message = digest_message(&digest, &len);
    assert_non_null(strstr(message, "Agency  Bcc: "));
    assert_null(strstr(message, "=0D"));
    assert_null(strstr(message, "\nBcc:"));
    free(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_shapes_are_json_whatever_goes_in),
        cmocka_unit_test(all_fields_go_where_they_stand),
        cmocka_unit_test(what_becomes_no_json_is_refused_by_its_line),
        cmocka_unit_test(the_senders_name_is_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

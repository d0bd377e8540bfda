/* Targets, ports, scopes, spaces and plans as text: the first byte chooses the reader. What is read must be
 * written to the same text that reads again. */
#include "probes/base/memory.h"
#include "probes/base/ports.h"
#include "scanner/targets/scope.h"
#include "scanner/targets/target_words.h"
#include "scanner/pacing/window.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_same(char *first, char *second)
{
    if (strcmp(first, second) != 0)
        abort();
    free(first);
    free(second);
}

static void drive_spec(const char *text, bool pattern)
{
    struct target_text spec, again;
    bool (*parse)(const char *, struct target_text *, struct error *) =
        pattern ? target_text_parse_pattern : target_text_parse;
    struct error err = {0};
    if (parse(text, &spec, &err)) {
        char *formatted = target_text_format(&spec);
        if (!parse(formatted, &again, NULL))
            abort();
        check_same(formatted, target_text_format(&again));
        target_text_clear(&again);
    }
    target_text_clear(&spec);
}

static void drive_words(const char *text)
{
    struct target_words words, again;
    struct error err = {0};
    if (!target_words_parse(text, false, &words, &err))
        return;
    for (size_t i = 0; i < words.count; i++) {          /* each alone is what it was among the others */
        char *formatted = target_text_format(&words.specs[i]);
        if (!target_words_parse(formatted, false, &again, &err) || again.count != 1)
            abort();
        check_same(formatted, target_text_format(&again.specs[0]));
        target_words_clear(&again);
    }
    target_words_clear(&words);
}

static void drive_ports(const char *text)
{
    struct port_set *set = port_set_parse(text, NULL);
    if (set == NULL)
        return;
    char *formatted = port_set_format(set);
    struct port_set *again = port_set_parse(formatted, NULL);
    check_same(formatted, port_set_format(again));
    port_set_destroy(again);
    port_set_destroy(set);
}

static void drive_space(const char *text)
{
    struct error err;
    struct target_space *space = target_space_parse(text, &err);
    if (space == NULL)
        return;
    char *formatted = target_space_format(space);
    struct target_space *again = target_space_parse(formatted, &err);
    check_same(formatted, target_space_format(again));
    for (uint64_t i = 0; i < target_space_count(space) && i < 64; i++) {
        struct target target;
        uint64_t index;
        target_space_get(space, i, &target);
        if (!target_space_find(space, &target, &index) || index != i)
            abort();
    }
    target_space_destroy(again);
    target_space_destroy(space);
}

static void drive_scope(const char *text)
{
    struct error err;
    struct scope *scope = scope_create(text, "fuzz", "", &err);
    struct target target = {.address = {{10, 0, 0, 1}, 4}, .transport = TRANSPORT_TCP, .port = 443};
    struct scope_question question = {.target = &target, .server_name = "a.example"};
    if (scope != NULL)
        (void)scope_judge(scope, &question, NULL);
    scope_destroy(scope);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct window window;
    if (len == 0)
        return 0;
    char *text = xstrndup((const char *)bytes + 1, len - 1);
    switch (bytes[0] % 7) {
    case 0: drive_spec(text, false); break;
    case 1: drive_spec(text, true); break;
    case 2: drive_ports(text); break;
    case 3: drive_space(text); break;
    case 4: drive_scope(text); break;
    case 5: drive_words(text); break;
    default: (void)window_parse(text, &window, NULL); break;
    }
    free(text);
    return 0;
}

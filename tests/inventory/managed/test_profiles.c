/* Golden files: for each profile an export as its source writes it (profiles/NAME.csv, .json, .yaml) and what must come out of it
 * (profiles/NAME.golden): the profile's name, then the records, field by field. CERTSWEEP_GOLDEN=write writes what comes out now. */
#include "inventory/managed/reader.h"
#include "probes/base/byte_buffer.h"
#include "probes/base/clock.h"
#include "probes/base/file_bytes.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say(struct byte_buffer *out, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    char *line = xasprintf("    %s = %s\n", name, value);
    byte_buffer_append(out, line, strlen(line));
    free(line);
}

static void say_time(struct byte_buffer *out, const char *name, int64_t time_us)
{
    char text[CLOCK_TEXT_SIZE];
    if (time_us == RECORD_NO_TIME)
        return;
    clock_format_us(time_us, text);
    say(out, name, text);
}

static void say_hash(struct byte_buffer *out, const char *name, bool has, const uint8_t *hash, size_t len)
{
    char text[65];
    if (!has)
        return;
    hex_format(hash, len, text);
    say(out, name, text);
}

static void on_record(void *context, struct managed_record *record)
{
    struct byte_buffer *out = context;
    char bits[16] = "", *head = xasprintf("record of line %zu\n", record->line);
    byte_buffer_append(out, head, strlen(head));
    free(head);
    say_hash(out, "sha256", record->has_sha256, record->sha256, 32);
    say_hash(out, "sha1", record->has_sha1, record->sha1, 20);
    say(out, "serial_number", record->serial_number);
    say(out, "subject", record->subject);
    say(out, "common_name", record->common_name);
    for (size_t i = 0; i < record->name_count; i++)
        say(out, "name", record->names[i]);
    say(out, "issuer", record->issuer);
    say_time(out, "not_before", record->not_before_us);
    say_time(out, "not_after", record->not_after_us);
    const struct {
        const char *name, *value;
    } texts[] = {{"status", record_status_name(record->status)},
                 {"status_told", record->status_reported},
                 {"revocation_reason", record->revocation_reason},
                 {"order_number", record->order_number},
                 {"request_number", record->request_number},
                 {"replaces", record->replaces},
                 {"replaced_by", record->replaced_by},
                 {"type", record_type_name(record->type)},
                 {"product", record->product},
                 {"validation", record->validation},
                 {"term", record->term},
                 {"requester", record->requester},
                 {"contacts", record->contacts},
                 {"owner", record->owner},
                 {"department", record->department},
                 {"application", record->application},
                 {"environment", record->environment},
                 {"cost_center", record->cost_center},
                 {"servers", record->servers},
                 {"location", record->location},
                 {"auto_renewal", record->auto_renewal},
                 {"key_algorithm", record->key_algorithm}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        say(out, texts[i].name, texts[i].value);
    say_time(out, "revoked_at", record->revoked_at_us);
    if (record->key_bits > 0)
        snprintf(bits, sizeof bits, "%d", record->key_bits);
    say(out, "key_bits", bits);
    managed_record_clear(record);
}

static void on_fault(void *context, const char *file, size_t line, const char *text)
{
    char *told = xasprintf("fault of line %zu: %s\n", line, text);
    (void)file;
    byte_buffer_append(context, told, strlen(told));
    free(told);
}

static void on_story(void *context, const struct managed_story *story)
{
    char *told = xasprintf("read as %s; contacts from %s; %s; not used: %s\n", story->profile, story->contacts,
                           story->dates_because == NULL ? "no date in doubt" : story->dates_because, story->unused);
    byte_buffer_append(context, told, strlen(told));
    free(told);
}

static void compare(const char *folder, const char *name, const struct profiles *profiles)
{
    char *path = xasprintf("%s/%s", folder, name), *golden = xasprintf("%s/%.*s.golden", folder, (int)strcspn(name, "."), name);
    struct file_bytes file;
    struct byte_buffer out;
    struct error err = {0};
    struct managed_reader_options options = {.profiles = profiles};
    struct managed_sink sink = {.record = on_record, .fault = on_fault, .story = on_story, .context = &out};
    byte_buffer_init(&out, 0);
    if (!file_bytes_open(&file, path, &err) || !managed_read_bytes(name, byte_reader_of(file.bytes, file.len), &options, &sink, &err))
        fail_msg("%s", err.text);
    file_bytes_close(&file);
    byte_buffer_append(&out, "", 1);
    const char *text = (const char *)byte_buffer_reader(&out).at;
    const char *mode = getenv("CERTSWEEP_GOLDEN");
    if (mode != NULL && strcmp(mode, "write") == 0) {
        FILE *to = fopen(golden, "w");
        assert_non_null(to);
        fputs(text, to);
        assert_int_equal(fclose(to), 0);
    }
    if (!file_bytes_open(&file, golden, &err))
        fail_msg("%s", err.text);
    char *expected = xstrndup((const char *)file.bytes, file.len);
    file_bytes_close(&file);
    assert_string_equal(text, expected);
    free(expected);
    byte_buffer_clear(&out);
    free(golden);
    free(path);
}

static void every_profile_reads_its_source(void **state)
{
    struct profiles profiles;
    struct error err = {0};
    size_t count = 0;
    (void)state;
    if (!profiles_read(&profiles, NULL, &err))
        fail_msg("%s", err.text);
    DIR *folder = opendir(PROFILE_EXAMPLES);
    assert_non_null(folder);
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.' || strstr(entry->d_name, ".golden") != NULL || strcmp(entry->d_name, "README.md") == 0)
            continue;
        compare(PROFILE_EXAMPLES, entry->d_name, &profiles);
        count++;
    }
    closedir(folder);
    assert_int_equal(count, profiles.count - 1);            /* "general" has examples in test_managed_reader.c */
    profiles_clear(&profiles);
}

/* A profile of the user's own goes ahead of the built-in ones, and a bad one is refused by its line. */
static void a_profile_may_be_a_file_of_the_users(void **state)
{
    (void)state;
    char path[] = "/tmp/certsweep-profile.XXXXXX";
    struct profiles profiles;
    struct error err = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    fputs("[profile]\nname = Ours\nneeds = Host Label\n[columns]\ncommon_name = Host Label\n[status]\nrevoked = dead\n", file);
    fclose(file);
    assert_true(profiles_read(&profiles, path, &err));
    assert_string_equal(profiles.items[0].name, "Ours");
    assert_int_equal(profile_word_value(profiles.items[0].statuses, profiles.items[0].status_count, "DEAD"), STATUS_REVOKED);
    profiles_clear(&profiles);
    file = fopen(path, "w");
    fputs("[columns]\ncolour = red\n", file);
    fclose(file);
    assert_false(profiles_read(&profiles, path, &err));
    assert_non_null(strstr(err.text, ":2: [columns] colour"));
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_profile_reads_its_source),
        cmocka_unit_test(a_profile_may_be_a_file_of_the_users),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* File places: bundles of files against a real database, in any order, and what "gone" needs. */
#include "inventory/load/loader.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/load/load_fixture.h"

#include "probes/base/memory.h"

#define DAY INT64_C(86400000000)

/* A walk of /etc on one day: which chain (by seed) each of two files held; 0 not there, -1 there but unreadable. */
struct walk {
    unsigned day;
    int files[2];
    const char *settings;
    bool is_cut;
};

static const char *const names[2] = {"/etc/ssl/a.pem", "/etc/ssl/b.jks"};

static void check(bool ok, const struct error *err)
{
    if (!ok)
        fail_msg("%s", err->text);
}

static void add_file(struct bundle_writer *writer, const struct walk *walk, int file)
{
    struct error err = {0};
    struct fixture_chain chain;
    fixture_chain_init(&chain, (unsigned)abs(walk->files[file]), 1);
    const struct file_certificate certificate = {.der = chain.ders[0], .offset = 27, .label = "web"};
    static const uint8_t spki[32] = {7};
    const struct file_key key = {.kind = FILE_KEY_PRIVATE, .spki_sha256 = spki, .algorithm = "RSA", .bits = 2048, .offset = 1700};
    const struct file_use use = {.service = "nginx", .directive = "ssl_certificate", .path = "/etc/ssl/a.pem", .line = 3};
    bool is_read = walk->files[file] > 0;
    const struct file_reading reading = {.time_us = FIXTURE_TIME + walk->day * DAY + file, .host = "web1", .path = names[file],
                                         .inside = file == 1 ? "web" : "", .kind = file == 0 ? "pem" : "jks",
                                         .outcome = is_read ? FILE_READ : FILE_UNREADABLE,
                                         .detail = is_read ? "" : "Permission denied", .size = 2000, .modified_us = INT64_MIN,
                                         .mode = 0640, .uid = 0, .gid = 42, .certificates = &certificate,
                                         .certificate_count = is_read, .keys = &key, .key_count = is_read && file == 0,
                                         .uses = &use, .use_count = is_read && file == 0};
    check(bundle_add_file(writer, &reading, &err), &err);
}

static char *walk_write(const struct walk *walk, unsigned order)
{
    struct error err = {0};
    struct bundle_head head = fixture_head(BUNDLE_FILES, "", 0);
    snprintf(head.scan_id, sizeof head.scan_id, "%08x-89ab-4def-8123-%012x", walk->day, order);
    char *path = xasprintf("%s/%s.bundle", folder, head.scan_id);
    unlink(path);
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    check(writer != NULL, &err);
    for (int file = 0; file < 2; file++)
        if (walk->files[file] != 0)
            add_file(writer, walk, file);
    const struct file_root root = {.host = "web1", .path = "/etc", .settings = walk->settings == NULL ? "" : walk->settings,
                                   .is_complete = !walk->is_cut, .from_us = FIXTURE_TIME + walk->day * DAY,
                                   .to_us = FIXTURE_TIME + walk->day * DAY + 1000};
    check(bundle_add_file_root(writer, &root, &err) && bundle_seal(writer, &err), &err);
    return path;
}

static void load(const char *path)
{
    struct error err = {0};
    check(loader_load(cluster->db, path, NULL, &err), &err);
}

/* Loads walks in the order of their numbers in `order` ("201"). */
static void load_walks(const struct walk *walks, const char *order)
{
    test_cluster_empty(cluster);
    for (const char *at = order; *at != '\0'; at++) {
        char *path = walk_write(&walks[*at - '0'], 1);
        load(path);
        free(path);
    }
}

/* Numbers of rows depend on the order of loading, so states are shown by what they hold. */
static const char history_sql[] =
    "SELECT p.path, p.inside, date_part('day', s.from_at - '2026-01-01'), date_part('day', s.to_at - '2026-01-01'), "
    "coalesce((SELECT left(encode(c.sha256, 'hex'), 8) FROM file_state_certificate f JOIN certificate c ON c.id = f.certificate "
    "WHERE f.state = s.state), CASE WHEN s.state IS NULL THEN 'absent' ELSE 'unread' END) "
    "FROM file_span s JOIN file_place p ON p.id = s.place ORDER BY p.path, s.from_at";

static void a_reading_becomes_a_place_with_what_it_holds(void **state)
{
    (void)state;
    const struct walk walks[] = {{.day = 1, .files = {1, 2}}};
    load_walks(walks, "0");
    char *rows = test_rows(cluster->db, "SELECT host, path, inside, kind, at_offset, label, mode, uid, gid, marks FROM "
                                        "file_certificate_now ORDER BY path");
    assert_string_equal(rows, "web1|/etc/ssl/a.pem||pem|27|web|416|0|42|0\nweb1|/etc/ssl/b.jks|web|jks|27|web|416|0|42|0\n");
    free(rows);
    rows = test_rows(cluster->db, "SELECT k.kind, encode(spki_sha256, 'hex') LIKE '07000%', algorithm, bits, is_encrypted, service, "
                                  "directive, path, line FROM file_state_key k JOIN file_state_use u USING (state)");
    assert_string_equal(rows, "1|t|RSA|2048|f|nginx|ssl_certificate|/etc/ssl/a.pem|3\n");
    free(rows);
    assert_int_equal(test_number(cluster->db, "SELECT count(DISTINCT id) FROM dirty WHERE kind = 1"), 2);
}

static void loading_again_changes_nothing(void **state)
{
    (void)state;
    const struct walk walks[] = {{.day = 1, .files = {1, 2}}};
    load_walks(walks, "0");
    test_number(cluster->db, "WITH gone AS (DELETE FROM dirty RETURNING 1) SELECT count(*) FROM gone");
    char *path = walk_write(&walks[0], 1), *before = test_rows(cluster->db, history_sql);
    free(path);
    path = walk_write(&walks[0], 1);
    load(path);
    char *after = test_rows(cluster->db, history_sql);
    assert_string_equal(before, after);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM dirty"), 0);
    free(before);
    free(after);
    free(path);
}

static void only_a_whole_walk_with_the_same_settings_says_gone(void **state)
{
    (void)state;
    const struct {
        struct walk second;
        int gone;
    } cases[] = {
        {{.day = 2, .files = {1, 0}}, 1},
        {{.day = 2, .files = {1, 0}, .is_cut = true}, 0},
        {{.day = 2, .files = {1, 0}, .settings = "exclude *.jks"}, 0},
        {{.day = 2, .files = {1, -1}}, 0},              /* there, but unreadable */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct walk walks[] = {{.day = 1, .files = {1, 2}}, cases[i].second};
        load_walks(walks, "01");
        if (test_number(cluster->db, "SELECT count(*) FROM file_now WHERE gone_at IS NOT NULL") != cases[i].gone)
            fail_msg("case %zu", i);
        assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM file_certificate_now"), 2 - cases[i].gone);
    }
}

static void the_order_of_loading_does_not_matter(void **state)
{
    (void)state;
    const struct walk walks[] = {{.day = 1, .files = {1, 2}}, {.day = 2, .files = {3, 2}}, {.day = 3, .files = {3, -1}},
                                 {.day = 4, .files = {3, 0}}};
    static const char *const orders[] = {"3210", "0213", "2031", "1302"};
    load_walks(walks, "0123");
    char *right = test_rows(cluster->db, history_sql);
    char *now = test_rows(cluster->db, "SELECT path, since, first_at, last_at, gone_at FROM file_now n JOIN file_place p ON p.id = place ORDER BY 1");
    assert_non_null(strstr(right, "/etc/ssl/a.pem||2|4|"));
    assert_non_null(strstr(right, "/etc/ssl/b.jks|web|4|4|absent"));
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        load_walks(walks, orders[i]);
        char *rows = test_rows(cluster->db, history_sql);
        if (i > 0)          /* the first order sees the empty walk before it knows the place */
            assert_string_equal(rows, right);
        free(rows);
    }
    free(right);
    free(now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reading_becomes_a_place_with_what_it_holds),
        cmocka_unit_test(loading_again_changes_nothing),
        cmocka_unit_test(only_a_whole_walk_with_the_same_settings_says_gone),
        cmocka_unit_test(the_order_of_loading_does_not_matter),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

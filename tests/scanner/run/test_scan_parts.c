/* Scans in parts and in pieces, as a user runs them: shards, one writer for a bundle, JSON lines of a scan that goes on. */
#include "tests/cmocka_all.h"
#include "tests/scanner/scan_fixture.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PORT "30531"

static int setup(void **state)
{
    static const char *const argv[] = {REPLAY_PROGRAM, "-p", PORT, "-v", "1.2", NULL};
    if (fixture_setup(state) != 0)
        return -1;
    fixture_start(argv, "replay.out", 0);
    assert_true(fixture_wait_port("127.31.0.1", (uint16_t)atoi(PORT)));
    return 0;
}

struct asked {
    uint8_t last_octets[65536];     /* of 127.31.0.0/16 without a name: how often */
    unsigned names[10];             /* n0.example ... */
    char scan[40];                  /* of all lines; "" none yet */
};

static void count_line(struct asked *asked, const char *text)
{
    json_t *line = json_loads(text, 0, NULL);
    assert_non_null(line);
    const char *scan = json_string_value(json_object_get(line, "scan"));
    const char *name = json_string_value(json_object_get(line, "server_name"));
    unsigned c, d, number;
    assert_true(asked->scan[0] == '\0' || strcmp(asked->scan, scan) == 0);
    snprintf(asked->scan, sizeof asked->scan, "%s", scan);
    if (name != NULL && sscanf(name, "n%u.example", &number) == 1 && number < 10)
        asked->names[number]++;
    else if (sscanf(json_string_value(json_object_get(line, "address")), "127.31.%u.%u", &c, &d) == 2)
        asked->last_octets[c << 8 | d]++;
    json_decref(line);
}

static void count_lines(struct asked *asked, const char *path)
{
    char *text = fixture_read(path), *state = NULL;
    for (char *line = strtok_r(text, "\n", &state); line != NULL; line = strtok_r(NULL, "\n", &state))
        count_line(asked, line);
    free(text);
}

static char *option(const char *name, const char *file)
{
    char *text = malloc(500);
    snprintf(text, 500, "%s=%s", name, fixture_path(file));
    return text;
}

static char *file(const char *name)
{
    return strdup(fixture_path(name));
}

static void assert_log(const char *expected)
{
    char *log = fixture_read(fixture_path("log"));
    if (strstr(log, expected) == NULL)
        fail_msg("\"%s\" in \"%s\"", expected, log);
    free(log);
}

#define NAMES "n0.example@127.31.200.1, n1.example@127.31.200.1, n2.example@127.31.200.1, n3.example@127.31.200.1", \
              "n4.example@127.31.200.1"

/* Each as on a machine of its own: the first two know the name, the third has the first one's bundle. */
static void three_parts_ask_each_target_and_name_once(void **state)
{
    (void)state;
    struct asked asked = {.scan = ""};
    char *bundles[] = {file("b1"), file("b2"), file("b3")}, *lines[] = {option("--jsonl-all", "l1"),
                                                                     option("--jsonl-all", "l2"), option("--jsonl-all", "l3")};
    const char *const shards[] = {"1/3", "2/3", "3/3"};
    for (int i = 0; i < 3; i++) {
        bool knows = i < 2;
        assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT, "--depth", "cert", "--rate", "max", "-o", bundles[i],
                                           "--shard", shards[i], knows ? "--shard-name" : "--shard-of",
                                           knows ? "night 7" : bundles[0], lines[i], "127.31.0.0/18", NAMES, NULL),
                         0);
        count_lines(&asked, lines[i] + strlen("--jsonl-all="));
    }
    for (unsigned i = 0; i < 1 << 14; i++)
        assert_int_equal(asked.last_octets[i], 1);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(asked.names[i], 1);
    assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT, "-o", fixture_path("b4"), "--shard", "2/3", "--shard-of",
                                       bundles[0], "127.31.0.0/17", NAMES, NULL),
                     2);
    assert_log("its part asks something else");
    assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT, "-o", fixture_path("b4"), "--shard", "2/4", "--shard-of",
                                       bundles[0], "--depth", "cert", "127.31.0.0/18", NAMES, NULL),
                     2);
    assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT, "-o", fixture_path("b4"), "--shard-name", "x", "127.31.0.1",
                                       NULL),
                     2);
    assert_int_equal(access(fixture_path("b4"), F_OK), -1);
    for (int i = 0; i < 3; i++) {
        free(bundles[i]);
        free(lines[i]);
    }
}

/* Two sensors that were told nothing but their part are one scan on the same day. */
static void parts_of_a_day_are_one_scan(void **state)
{
    (void)state;
    for (int tries = 0; tries < 2; tries++) {       /* once more where midnight fell between the two */
        struct asked asked = {.scan = ""};
        char *lines[] = {option("--jsonl-all", "l1"), option("--jsonl-all", "l2")};
        char day[2][16];
        for (int i = 0; i < 2; i++) {
            unlink(fixture_path(i == 0 ? "b1" : "b2"));
            assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT, "--depth", "cert", "--rate", "max", "-o",
                                               fixture_path(i == 0 ? "b1" : "b2"), "--shard", i == 0 ? "1/2" : "2/2",
                                               lines[i], "127.31.0.0/19", NULL),
                             0);
            char *log = fixture_read(fixture_path("log")), *at = strstr(log, "--shard-name ");
            assert_non_null(at);
            snprintf(day[i], sizeof day[i], "%.10s", at + strlen("--shard-name "));
            free(log);
        }
        bool same_day = strcmp(day[0], day[1]) == 0;
        for (int i = 0; i < 2; i++) {
            if (same_day)
                count_lines(&asked, lines[i] + strlen("--jsonl-all="));
            free(lines[i]);
        }
        if (!same_day)
            continue;
        for (unsigned i = 0; i < 1 << 13; i++)
            assert_int_equal(asked.last_octets[i], 1);
        return;
    }
}

#define SLOW_SIZE 16384

static pid_t start_slow(const char *bundle, const char *lines, const char *range)
{
    pid_t keeper = fixture_certsweep_start(0, "scan", "-p", PORT, "-o", bundle, "--depth", "cert", "--rate", "max",
                                           "--connections", "2", "--loops", "1", lines, range, NULL);
    struct fixture_result result = {.missing = UINT64_MAX};
    for (int i = 0; i < 1000 && fixture_worker_of(keeper) == 0; i++)
        usleep(10000);
    for (int i = 0; i < 500 && (result.missing == UINT64_MAX || result.missing + 4096 > result.positions); i++) {
        usleep(20000);
        fixture_read_bundle(bundle, &result);
    }
    return keeper;
}

static void a_bundle_has_one_writer(void **state)
{
    (void)state;
    char *bundle = file("b"), *lines = option("--jsonl-all", "lines");
    pid_t keeper = start_slow(bundle, lines, "127.176.0.0/12");     /* far from its end when it is stopped */
    assert_int_equal(fixture_certsweep(0, "scan", "--resume", bundle, NULL), 5);
    assert_log("another certsweep is writing it");
    assert_int_equal(fixture_certsweep(0, "bundle", "seal", bundle, NULL), 5);
    assert_log("another certsweep is writing it");
    assert_int_equal(fixture_certsweep(0, "scan", "-o", bundle, "127.31.0.1:" PORT, NULL), 5);
    kill(keeper, SIGTERM);
    assert_int_equal(fixture_wait(keeper), 4);
    free(lines);
    free(bundle);
}

/* Killed hard, with half a line at the end: nothing that was written is lost, and every target has its line in the end. */
static void lines_of_a_killed_scan_are_gone_on_with(void **state)
{
    (void)state;
    struct asked before = {.scan = ""}, after = {.scan = ""};
    char *bundle = file("b"), *lines = option("--jsonl-all", "lines"), *path = file("lines");
    pid_t keeper = start_slow(bundle, lines, "127.31.0.0/18");
    pid_t worker = fixture_worker_of(keeper);
    kill(keeper, SIGKILL);
    fixture_wait(keeper);
    for (int i = 0; i < 500 && kill(worker, 0) == 0; i++)
        usleep(10000);
    char *text = fixture_read(path), *end = strrchr(text, '\n');
    assert_non_null(end);
    assert_int_equal(truncate(path, end + 1 - text), 0);
    free(text);
    count_lines(&before, path);
    FILE *torn = fopen(path, "a");
    fputs("{\"schema\":\"certsweep/observation/1\",\"scan\":\"", torn);
    fclose(torn);
    assert_int_equal(fixture_certsweep(0, "scan", "--resume", bundle, lines, NULL), 0);
    count_lines(&after, path);
    assert_string_equal(before.scan, after.scan);
    for (unsigned i = 0; i < SLOW_SIZE; i++)
        assert_true(after.last_octets[i] >= 1 && after.last_octets[i] >= before.last_octets[i]);
    free(path);
    free(lines);
    free(bundle);
}

static void a_file_without_its_last_newline_gets_one(void **state)
{
    (void)state;
    char *bundle = file("b"), *lines = option("--jsonl", "lines"), *path = file("lines");
    pid_t keeper = start_slow(bundle, lines, "127.31.0.0/18");
    kill(keeper, SIGTERM);
    assert_int_equal(fixture_wait(keeper), 4);
    assert_log("up to ");
    FILE *other = fopen(path, "w");
    fputs("somebody's notes", other);
    fclose(other);
    assert_int_equal(fixture_certsweep(0, "scan", "--resume", bundle, lines, NULL), 0);
    char *text = fixture_read(path);
    assert_int_equal(strncmp(text, "somebody's notes\n{", 18), 0);
    free(text);
    free(path);
    free(lines);
    free(bundle);
}

static void what_a_kill_leaves_at_birth_is_overwritten(void **state)
{
    (void)state;
    char *bundle = file("half.bundle");
    FILE *empty = fopen(bundle, "w");
    fclose(empty);
    assert_int_equal(fixture_certsweep(0, "scan", "--resume", bundle, NULL), 5);
    assert_log("killed while it was");
    assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT, "--depth", "cert", "-o", bundle, "127.31.0.1", NULL), 0);
    assert_int_equal(fixture_certsweep(0, "scan", "-p", PORT, "--depth", "cert", "-o", bundle, "127.31.0.1", NULL), 5);
    assert_log("a bundle is never overwritten");
    free(bundle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(three_parts_ask_each_target_and_name_once, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(parts_of_a_day_are_one_scan, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_bundle_has_one_writer, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(lines_of_a_killed_scan_are_gone_on_with, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_file_without_its_last_newline_gets_one, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(what_a_kill_leaves_at_birth_is_overwritten, setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

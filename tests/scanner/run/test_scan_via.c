/* A proxy that may not be asked is not asked: not even where its bundle, made elsewhere or before the exclusion, sends us there. It
 * is judged for each connection, beside the target. */
#include "inventory/bundle/bundle.h"
#include "probes/base/memory.h"
#include "probes/base/ports.h"
#include "probes/base/target_space.h"
#include "scanner/sweep/scan_settings.h"
#include "tests/cmocka_all.h"
#include "tests/scanner/scan_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROXY "127.30.99.1"
#define PROXY_PORT 30777

static struct target_space *two_targets(void)
{
    struct error err = {0};
    struct address_range range;
    struct target_space_builder *builder = target_space_builder_create();
    struct port_set *ports = port_set_parse("443", &err);
    assert_true(address_range_parse("127.30.1.0/31", &range));
    target_space_add(builder, &range, ports);
    struct target_space *space = target_space_build(builder, &err);
    assert_non_null(space);
    port_set_destroy(ports);
    target_space_builder_destroy(builder);
    return space;
}

static void make_bundle(const char *path, const char *exclusions)
{
    struct error err = {0};
    struct scan_settings settings;
    struct target_space *space = two_targets();
    scan_settings_init(&settings);
    settings.depth = TLS_DEPTH_CERT;
    settings.bundle_only = true;
    settings.via = xasprintf("http://%s:%d", PROXY, PROXY_PORT);
    settings.exclusions = xstrdup(exclusions);
    char *plan = scan_settings_format(&settings), *text = target_space_format(space);
    const struct bundle_head head = {.kind = BUNDLE_SCAN, .site = "default", .plan = plan, .space = text, .known_names = "",
                                     .scan_id = "00000000-0000-4000-8000-000000000000", .space_size = target_space_count(space),
                                     .shard_count = 1};
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    if (writer == NULL || !bundle_mark_made(writer, &err))
        fail_msg("%s", err.text);
    bundle_close(writer);
    target_space_destroy(space);
    scan_settings_clear(&settings);
    free(plan);
    free(text);
}

/* How many connections have come to the proxy, each of which is closed. */
static unsigned count_connections(int listener)
{
    unsigned count = 0;
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0; count++)
        close(fd);
    assert_int_equal(errno, EAGAIN);
    return count;
}

static int listen_as_proxy(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(PROXY_PORT)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, PROXY, &at.sin_addr);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 16), 0);
    return fd;
}

static void the_proxy_is_judged_for_each_connection(void **state)
{
    (void)state;
    static const struct {
        const char *exclusions, *outcome;
        unsigned connections;
    } cases[] = {{"", "\"timeout_connect\"", 2}, {PROXY, "\"excluded\",\"detail\":\"proxy: ", 0}, {"127.30.1.1", NULL, 1}};
    int listener = listen_as_proxy();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[16], lines[300];
        size_t certificates;
        snprintf(name, sizeof name, "b%zu", i);
        snprintf(lines, sizeof lines, "--jsonl-all=%s", fixture_path("lines"));
        unlink(fixture_path("lines"));
        make_bundle(fixture_path(name), cases[i].exclusions);
        assert_int_equal(fixture_certsweep(0, "scan", "--resume", fixture_path(name), lines, NULL), 0);
        assert_int_equal(fixture_check_lines(fixture_path("lines"), &certificates), 2);
        assert_int_equal(count_connections(listener), cases[i].connections);
        char *text = fixture_read(fixture_path("lines"));
        char *first = cases[i].outcome == NULL ? text : strstr(text, cases[i].outcome);
        assert_non_null(first);
        assert_true(cases[i].outcome == NULL || strstr(first + 1, cases[i].outcome) != NULL);      /* of both targets */
        free(text);
    }
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(the_proxy_is_judged_for_each_connection, fixture_setup, fixture_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

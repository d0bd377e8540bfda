/* Each recorded client's hello, sent to real servers: they must choose the version, the suite and (up to TLS 1.2) the group that the simulation says, or refuse
 * where it says so. The servers are OpenSSL's, each with another face; its facts come from a scan of depth deep. */
#include "inventory/server_test/clients.h"
#include "probes/base/memory.h"
#include "probes/tls/capture.h"
#include "probes/tls/client_hello.h"
#include "tests/cmocka_all.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOST "127.42.7.1"

static char folder[] = "/tmp/certsweep-clients-XXXXXX";

/* ---- programs ---- */

static pid_t start(const char *const *argv)
{
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        setenv("OPENSSL_CONF", "/dev/null", 1);
        prctl(PR_SET_PDEATHSIG, SIGTERM);       /* also where a case fails */
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    return pid;
}

static void run(const char *const *argv)
{
    int status = 0;
    assert_int_equal(waitpid(start(argv), &status, 0) > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
}

static int dial(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, HOST, &at.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    close(fd);
    return -1;
}

static void wait_for(uint16_t port)
{
    for (int i = 0; i < 3000; i++) {
        int fd = dial(port);
        if (fd >= 0) {
            close(fd);
            return;
        }
        poll(NULL, 0, 10);
    }
    fail_msg("no server at port %u", port);
}

/* ---- one client's hello ---- */

static bool send_all(int fd, const uint8_t *bytes, size_t len)
{
    return len == 0 || send(fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* The server's choice: version 0 where it refused. */
static void ask(const struct client *client, uint16_t port, struct tls_facts *choice)
{
    uint8_t out[TLS_OUT_MAX], in[20000];
    uint16_t shares[2] = {0, 0};
    bool has_13 = client->versions != NULL && client->versions[0] == 0x0304;
    for (const uint16_t *group = client->groups; has_13 && group != NULL && *group != 0 && shares[0] == 0; group++)
        if (*group == 0x001d || *group == 0x0017)
            shares[0] = *group;
    struct tls_offer offer = {.version = client->version, .versions = client->versions, .suites = client->suites, .groups = client->groups,
                              .schemes = client->schemes, .shares = has_13 ? shares : NULL, .want = has_13 ? TLS_WANT_HELLO : TLS_WANT_KEY_EXCHANGE};
    struct tls_hello_plan plan = {.name = client->name, .variant = VARIANT_LEGACY, .send_server_name = true, .is_posture = true, .offer = &offer};
    struct tls_capture *capture = tls_capture_create(NULL);
    struct byte_writer writer = byte_writer_of(out, sizeof out);
    size_t held = 0;
    int fd = dial(port);
    assert_true(fd >= 0);
    tls_capture_begin(capture, &plan, "leaf.example", &writer);
    enum tls_capture_result result = TLS_CAPTURE_MORE;
    while (result == TLS_CAPTURE_MORE && send_all(fd, out, writer.len)) {
        ssize_t got = recv(fd, in + held, sizeof in - held, 0);
        if (got <= 0)
            break;
        held += (size_t)got;
        struct byte_reader reader = byte_reader_of(in, held);
        writer = byte_writer_of(out, sizeof out);
        result = tls_capture_read(capture, &reader, &writer);
        memmove(in, reader.at, reader.left);
        held = reader.left;
    }
    *choice = *tls_capture_facts(capture);
    close(fd);
    tls_capture_destroy(capture);
}

/* ---- servers ---- */

static void scan(uint16_t port, struct server_test *test)
{
    struct error err = {0};
    char target[64], bundle[80];
    snprintf(target, sizeof target, "leaf.example@" HOST ":%u", port);
    snprintf(bundle, sizeof bundle, "%s/%u.bundle", folder, port);
    run((const char *const[]){CERTSWEEP_PROGRAM, "scan", "-q", "--rate", "max", "--depth", "deep", "-o", bundle, target, NULL});
    if (!server_test_read(bundle, test, &err))
        fail_msg("%s", err.text);
    unlink(bundle);
    assert_int_equal(test->count, 1);
}

static void compare(uint16_t port, const char *const *extra, const char *key)
{
    char accept_at[40], cert[80], private_key[80];
    const char *argv[24] = {"openssl", "s_server", "-accept", accept_at, "-cert", cert, "-key", private_key, "-www", "-quiet"};
    struct server_test test;
    struct client_result results[CLIENTS_MAX];
    snprintf(accept_at, sizeof accept_at, HOST ":%u", port);
    snprintf(cert, sizeof cert, "%s/%s.pem", folder, key);
    snprintf(private_key, sizeof private_key, "%s/%s.key", folder, key);
    for (size_t i = 0; extra[i] != NULL; i++)
        argv[10 + i] = extra[i];
    pid_t server = start(argv);
    wait_for(port);
    scan(port, &test);
    size_t count = clients_simulate(&test.servers[0], results);
    assert_true(count >= 40);
    for (size_t i = 0; i < count; i++) {
        struct tls_facts choice;
        assert_true(results[i].is_known);
        ask(results[i].client, port, &choice);
        uint16_t version = choice.version;
        const char *chosen = version == 0 ? "nothing" : tls_suite_name((uint32_t)choice.cipher_suite);
        if (version != 0 && version < 0x0304 && choice.group > 0 && results[i].group != NULL)
            assert_string_equal(results[i].group, tls_group_name((uint32_t)choice.group));
        if (version != (results[i].connects ? results[i].version : 0) || (version != 0 && strcmp(results[i].suite, chosen) != 0))
            fail_msg("port %u, %s: the server chose %s %s, the simulation says %s %s", port, results[i].client->name,
                     version == 0 ? "" : tls_version_name(version), chosen,
                     results[i].connects ? tls_version_name(results[i].version) : results[i].why_not,
                     results[i].connects ? results[i].suite : "");
    }
    server_test_clear(&test);
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
}

static void servers_choose_what_the_simulation_says(void **state)
{
    (void)state;
    compare(9001, (const char *const[]){NULL}, "rsa");
    compare(9002, (const char *const[]){"-serverpref", "-cipher", "HIGH:!aNULL:!CAMELLIA:!ARIA:@SECLEVEL=0", NULL}, "rsa");
    compare(9003, (const char *const[]){"-tls1_2", "-cipher", "ECDHE+AESGCM", "-serverpref", NULL}, "ec");
    compare(9004, (const char *const[]){"-tls1_3", NULL}, "ec");
    compare(9005, (const char *const[]){"-tls1_2", "-cipher", "AES128-SHA", NULL}, "rsa");
    compare(9007, (const char *const[]){"-tls1_2", "-serverpref", "-groups", "P-384:P-256:X25519", NULL}, "rsa");
    compare(9006, (const char *const[]){"-tls1", "-cipher", "DHE:@SECLEVEL=0", NULL}, "rsa");
}

static void make_key(const char *name, const char *const *kind)
{
    char cert[80], key[80];
    snprintf(cert, sizeof cert, "%s/%s.pem", folder, name);
    snprintf(key, sizeof key, "%s/%s.key", folder, name);
    run((const char *const[]){"openssl", "req", "-x509", "-nodes", "-newkey", kind[0], "-pkeyopt", kind[1], "-keyout", key, "-out", cert, "-subj",
                              "/CN=leaf.example", "-days", "10", "-config", "/etc/ssl/openssl.cnf", NULL});
}

static int setup(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL || chmod(folder, 0777) != 0)
        return -1;
    make_key("rsa", (const char *const[]){"rsa", "rsa_keygen_bits:2048"});
    make_key("ec", (const char *const[]){"ec", "ec_paramgen_curve:P-256"});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    run((const char *const[]){"rm", "-r", folder, NULL});
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(servers_choose_what_the_simulation_says)};
    return cmocka_run_group_tests(tests, setup, teardown);
}

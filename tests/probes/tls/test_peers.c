/* The capture against servers that we did not write, over loopback: what it finds is what libssl's own client finds at
 * the same endpoint (chain, version, suite). Servers that are not installed are skipped, loudly. */
#include "probes/base/memory.h"
#include "probes/tls/names.h"
#include "probes/tls/offers.h"
#include "probes/tls/strategy.h"
#include "tests/cmocka_all.h"
#include "tests/farm/oracle.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static uint16_t port = 4460;
static char folder[] = "/tmp/test_tls_peers.XXXXXX";

/* ---- processes ---- */

static pid_t process_start(const char *const *argv)
{
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);       /* a failed assertion leaves no server behind */
        int log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600), nothing[2];
        if (pipe(nothing) != 0)             /* an input that never ends: a server would stop at its end */
            _exit(126);
        dup2(nothing[0], 0);
        dup2(log, 1);
        dup2(log, 2);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    return pid;
}

static void process_stop(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static bool process_run(const char *const *argv)
{
    int status;
    return waitpid(process_start(argv), &status, 0) > 0 && status == 0;
}

static bool is_installed(const char *program)
{
    char path[256];
    static const char *const folders[] = {"/usr/bin", "/usr/sbin", "/usr/local/go/bin", "/usr/lib/go/bin"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folders[i], program);
        if (access(path, X_OK) == 0)
            return true;
    }
    print_message("SKIP: %s is not installed\n", program);
    return false;
}

/* ---- the network ---- */

static int connect_to(const char *address)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval timeout = {.tv_sec = 5};
    inet_pton(AF_INET, address, &to.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool wait_until_listening(const char *address)
{
    for (unsigned i = 0; i < 600; i++) {          /* a JVM on a busy machine takes its time */
        int fd = connect_to(address);
        if (fd >= 0)
            return close(fd), true;
        poll(NULL, 0, 50);
    }
    return false;
}

static enum outcome capture_once(struct tls_capture *capture, const struct tls_hello_plan *plan, const char *address)
{
    uint8_t bytes[TLS_OUT_MAX], got[16384];
    struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
    enum tls_capture_result result = TLS_CAPTURE_MORE;
    int fd = connect_to(address);
    assert_true(fd >= 0);
    tls_capture_begin(capture, plan, "leaf.example", &out);
    enum outcome outcome = OUTCOME_CLOSED;
    while (result == TLS_CAPTURE_MORE) {
        if (out.len != 0 && send(fd, bytes, out.len, MSG_NOSIGNAL) < 0)
            break;
        out.len = 0;
        ssize_t len = recv(fd, got, sizeof got, 0);
        if (len <= 0)
            break;
        struct byte_reader in = byte_reader_of(got, (size_t)len);
        result = tls_capture_read(capture, &in, &out);
    }
    if (tls_capture_facts(capture)->chain_count != 0)
        outcome = OUTCOME_CERTIFICATE;
    else if (result == TLS_CAPTURE_ALERT)
        outcome = OUTCOME_TLS_ALERT;
    else if (result == TLS_CAPTURE_DONE)
        outcome = OUTCOME_NO_CERTIFICATE;
    else if (result == TLS_CAPTURE_ERROR)
        outcome = OUTCOME_TLS_ERROR;
    if (outcome == OUTCOME_CERTIFICATE) {
        out.len = 0;
        tls_capture_farewell(capture, &out);
        (void)!send(fd, bytes, out.len, MSG_NOSIGNAL);
    }
    close(fd);
    return outcome;
}

static void assert_oracle_agrees(const struct tls_facts *facts, const char *address)
{
    struct oracle_answer answer;
    char *chain = oracle_chain_text(facts->chain, facts->chain_count);
    assert_true(oracle_ask(address, port, "leaf.example", &answer));
    assert_non_null(answer.chain);
    assert_int_equal(facts->version, answer.version);
    assert_int_equal(facts->cipher_suite, answer.cipher_suite);
    assert_string_equal(chain, answer.chain);
    oracle_answer_clear(&answer);
    free(chain);
}

/* ---- peers ---- */

struct peer {
    const char *name, *address;
    const char *argv[24];
    uint16_t version;           /* 0: any */
    int32_t group;              /* 0: any */
    unsigned connections;
    bool no_oracle;             /* this OpenSSL's client cannot speak what is asked for */
};

static void peer_check(const struct peer *peer)
{
    pid_t pid = process_start(peer->argv);
    bool listens = wait_until_listening(peer->address);
    struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_CERT, "leaf.example");
    struct tls_capture *capture = tls_capture_create(NULL);
    struct tls_hello_plan plan;
    unsigned connections = 0;
    enum outcome outcome = OUTCOME_REFUSED;
    while (listens && tls_strategy_next(strategy, &plan)) {
        outcome = capture_once(capture, &plan, peer->address);
        tls_strategy_note(strategy, &plan, outcome, tls_capture_facts(capture));
        connections++;
    }
    const struct tls_facts *facts = tls_capture_facts(capture);
    bool is_version = peer->version == 0 || facts->version == peer->version;
    if (outcome != OUTCOME_CERTIFICATE || !is_version || connections != peer->connections)
        print_error("%s: %s %s, version %04x, %u connections (%s/log)\n", peer->name, outcome_name(outcome),
                    facts->detail, facts->version, connections, folder);
    assert_int_equal(outcome, OUTCOME_CERTIFICATE);
    assert_true(is_version);
    assert_int_equal(connections, peer->connections);
    if (peer->group != 0)
        assert_int_equal(facts->group, peer->group);
    if (!peer->no_oracle)
        assert_oracle_agrees(facts, peer->address);
    tls_capture_destroy(capture);
    tls_strategy_destroy(strategy);
    process_stop(pid);
}

/* A hello that brings a share of the hybrid group is answered at once. */
static void hybrid_share_check(const struct peer *peer)
{
    const uint16_t share[] = {(uint16_t)peer->group, 0};
    struct tls_offer offer = offer_rest;
    offer.shares = share;
    struct tls_hello_plan plan = {.name = "direct", .variant = VARIANT_DEFAULT, .offer = &offer};
    struct tls_capture *capture = tls_capture_create(NULL);
    pid_t pid = process_start(peer->argv);
    assert_true(wait_until_listening(peer->address));
    assert_int_equal(capture_once(capture, &plan, peer->address), OUTCOME_CERTIFICATE);
    assert_int_equal(tls_capture_facts(capture)->group, peer->group);
    assert_false(tls_capture_facts(capture)->hello_retry_request);
    tls_capture_destroy(capture);
    process_stop(pid);
}

static void peers_check(const char *program, const struct peer *peers, size_t count)
{
    if (!is_installed(program))
        return;
    for (size_t i = 0; i < count; i++)
        peer_check(&peers[i]);
}

#define S_SERVER(address, ...)                                                                                        \
    {"openssl", "s_server", "-quiet", "-accept", address ":4460", __VA_ARGS__}
#define PAIR "-cert", "ec.pem", "-key", "ec.key"
#define RSA_PAIR "-cert", "rsa.pem", "-key", "rsa.key"

static void openssl_s_server(void **state)
{
    (void)state;
    static const struct peer peers[] = {
        {"1.3", "127.20.1.1", S_SERVER("127.20.1.1", PAIR), 0x0304, 29, 1, false},
        {"1.2", "127.20.1.2", S_SERVER("127.20.1.2", PAIR, "-tls1_2"), 0x0303, 0, 1, false},
        {"1.0", "127.20.1.3", S_SERVER("127.20.1.3", RSA_PAIR, "-tls1", "-cipher", "ALL:@SECLEVEL=0"), 0x0301, 0, 1, false},
        {"P-384", "127.20.1.4", S_SERVER("127.20.1.4", PAIR, "-tls1_3", "-groups", "P-384"), 0x0304, 24, 1, false},
        {"P-521", "127.20.1.5", S_SERVER("127.20.1.5", PAIR, "-tls1_3", "-groups", "P-521"), 0x0304, 25, 1, false},
        {"X448", "127.20.1.6", S_SERVER("127.20.1.6", PAIR, "-tls1_3", "-groups", "X448"), 0x0304, 30, 1, false},
        {"mutual", "127.20.1.7", S_SERVER("127.20.1.7", RSA_PAIR, "-Verify", "1"), 0x0304, 0, 1, false},
        {"stateless", "127.20.1.8", S_SERVER("127.20.1.8", PAIR, "-tls1_3", "-groups", "P-521", "-stateless"), 0x0304, 25,
         1, false},
        {"ccm8", "127.20.1.9", S_SERVER("127.20.1.9", PAIR, "-ciphersuites", "TLS_AES_128_CCM_8_SHA256", "-cipher", "ALL:@SECLEVEL=0"),
         0x0304, 0, 1, true},
        {"chain", "127.20.1.10", S_SERVER("127.20.1.10", PAIR, "-cert_chain", "many.pem"), 0x0304, 0, 1, false},
    };
    peers_check("openssl", peers, sizeof peers / sizeof peers[0]);
}

/* RFC 9150: OpenSSL has these suites from 3.4 on, as Debian 13 does. */
static void openssl_integrity_alone(void **state)
{
    (void)state;
    static const char *const has_them[] = {"openssl", "ciphers", "-s", "-tls1_3", "-ciphersuites", "TLS_SHA256_SHA256", "ALL:@SECLEVEL=0", NULL};
    static const struct peer peers[] = {
        {"SHA-256", "127.20.1.11", S_SERVER("127.20.1.11", PAIR, "-tls1_3", "-ciphersuites", "TLS_SHA256_SHA256", "-cipher", "ALL:@SECLEVEL=0"),
         0x0304, 0, 2, true},
        {"SHA-384", "127.20.1.12", S_SERVER("127.20.1.12", PAIR, "-tls1_3", "-ciphersuites", "TLS_SHA384_SHA384", "-cipher", "ALL:@SECLEVEL=0"),
         0x0304, 0, 2, true},
    };
    if (!process_run(has_them)) {
        print_message("SKIP: this OpenSSL has no suites of integrity alone\n");
        return;
    }
    peers_check("openssl", peers, sizeof peers / sizeof peers[0]);
}

#define GNUTLS(address, priority)                                                                                     \
    {"gnutls-serv", "--quiet", "--port", "4459", "--x509certfile", "rsa.pem", "--x509keyfile", "rsa.key",             \
     "--priority", priority, "--sni-hostname", "leaf.example"}

static void gnutls(void **state)
{
    (void)state;
    /* gnutls-serv listens on every address: each row has one of its own all the same. */
    static const struct peer peers[] = {
        {"1.3", "127.20.2.1", GNUTLS("", "NORMAL"), 0x0304, 0, 1, false},
        {"P-521", "127.20.2.2", GNUTLS("", "NORMAL:-GROUP-ALL:+GROUP-SECP521R1"), 0x0304, 25, 1, false},
        {"ffdhe3072", "127.20.2.3", GNUTLS("", "NORMAL:-GROUP-ALL:+GROUP-FFDHE3072"), 0x0304, 257, 1, false},
        {"1.2", "127.20.2.4", GNUTLS("", "NORMAL:-VERS-ALL:+VERS-TLS1.2"), 0x0303, 0, 1, false},
        {"rc4", "127.20.2.5", GNUTLS("", "LEGACY:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+ARCFOUR-128:+RSA"), 0x0301, 0, 1, true},
        {"3des", "127.20.2.6", GNUTLS("", "LEGACY:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+3DES-CBC"), 0x0301, 0, 1, true},
        {"chacha", "127.20.2.7", GNUTLS("", "NORMAL:-CIPHER-ALL:+CHACHA20-POLY1305"), 0x0304, 0, 1, false},
    };
    port = 4459;
    peers_check("gnutls-serv", peers, sizeof peers / sizeof peers[0]);
    port = 4460;
}

#define GO(address, groups, min, max)                                                                                 \
    {"./go_peer", "-listen", address ":4460", "-cert", "ec.pem", "-key", "ec.key", "-groups", groups, "-min", min,    \
     "-max", max}

static void go_crypto_tls(void **state)
{
    (void)state;
    static const char *const build[] = {"go", "build", "-C", PEERS_FOLDER, "-o", folder, ".", NULL};
    static const struct peer peers[] = {
        {"default", "127.20.3.1", GO("127.20.3.1", "", "769", "772"), 0x0304, 29, 1, false},
        {"x25519", "127.20.3.2", GO("127.20.3.2", "29", "772", "772"), 0x0304, 29, 1, false},
        {"P-256", "127.20.3.3", GO("127.20.3.3", "23", "772", "772"), 0x0304, 23, 1, false},
        {"P-384", "127.20.3.4", GO("127.20.3.4", "24", "772", "772"), 0x0304, 24, 1, false},
        {"P-521", "127.20.3.5", GO("127.20.3.5", "25", "772", "772"), 0x0304, 25, 1, false},
        {"1.2", "127.20.3.6", GO("127.20.3.6", "", "769", "771"), 0x0303, 0, 1, false},
        {"1.0", "127.20.3.7", GO("127.20.3.7", "", "769", "769"), 0x0301, 0, 1, false},
    };
    static const struct peer hybrid[] = {
        {"X25519MLKEM768", "127.20.3.8", GO("127.20.3.8", "0x11ec", "772", "772"), 0x0304, 0x11ec, 2, true},
        {"SecP256r1MLKEM768", "127.20.3.9", GO("127.20.3.9", "0x11eb", "772", "772"), 0x0304, 0x11eb, 2, true},
        {"SecP384r1MLKEM1024", "127.20.3.10", GO("127.20.3.10", "0x11ed", "772", "772"), 0x0304, 0x11ed, 2, true},
    };
    if (!is_installed("go"))
        return;
    if (!process_run(build)) {
        print_message("SKIP: this Go does not build the peer (see %s/log)\n", folder);
        return;
    }
    assert_int_equal(rename("peers", "go_peer"), 0);
    for (size_t i = 0; i < sizeof peers / sizeof peers[0]; i++)
        peer_check(&peers[i]);
    static const char *const probe[] = {"./go_peer", "-has-hybrid", NULL};
    setenv("GODEBUG", "tlsmlkem=1,tlssecpmlkem=1", 1);      /* which a module of an older Go has off */
    if (!process_run(probe)) {
        print_message("SKIP: this Go has no hybrid groups\n");
        return;
    }
    for (size_t i = 0; i < sizeof hybrid / sizeof hybrid[0]; i++) {
        peer_check(&hybrid[i]);                             /* by HelloRetryRequest */
        hybrid_share_check(&hybrid[i]);
    }
}

static void nss_selfserv(void **state)
{
    (void)state;
    static const struct peer peers[] = {
        {"1.3", "127.20.4.1", {"selfserv", "-d", "sql:nss", "-n", "leaf", "-p", "4461", "-V", "tls1.2:tls1.3", "-H", "1"},
         0x0304, 0, 1, false},
        {"1.2", "127.20.4.2", {"selfserv", "-d", "sql:nss", "-n", "leaf", "-p", "4462", "-V", "tls1.2:tls1.2"}, 0x0303, 0,
         1, false},
    };
    static const char *const create[] = {"certutil", "-N", "-d", "sql:nss", "--empty-password", NULL};
    static const char *const import[] = {"pk12util", "-i", "rsa.p12", "-d", "sql:nss", "-W", "p", NULL};
    if (!is_installed("selfserv") || !is_installed("certutil"))
        return;
    assert_int_equal(system("mkdir nss"), 0);
    if (!process_run(create) || !process_run(import)) {
        print_message("SKIP: NSS takes no certificate (see %s/log)\n", folder);
        return;
    }
    for (size_t i = 0; i < sizeof peers / sizeof peers[0]; i++) {
        port++;                                 /* it does not take a port again while old connections linger */
        peer_check(&peers[i]);
    }
}

#define JSSE(address, protocol, option)                                                                              \
    {"java", option, PEERS_FOLDER "/JsseServer.java", address, "4470", "rsa.p12", "p", protocol}

static void jsse(void **state)
{
    (void)state;
    static const struct peer peers[] = {
        {"1.3", "127.20.5.1", JSSE("127.20.5.1", "TLSv1.3", "-Da=b"), 0x0304, 29, 1, false},
        {"P-256", "127.20.5.2", JSSE("127.20.5.2", "TLSv1.3", "-Djdk.tls.namedGroups=secp256r1"), 0x0304, 23, 1, false},
        {"P-521", "127.20.5.3", JSSE("127.20.5.3", "TLSv1.3", "-Djdk.tls.namedGroups=secp521r1"), 0x0304, 25, 1, false},
        {"ffdhe2048", "127.20.5.4", JSSE("127.20.5.4", "TLSv1.3", "-Djdk.tls.namedGroups=ffdhe2048"), 0x0304, 256, 1,
         false},
        {"1.2", "127.20.5.5", JSSE("127.20.5.5", "TLSv1.2", "-Da=b"), 0x0303, 0, 1, true},      /* has its own order */
    };
    port = 4470;
    peers_check("java", peers, sizeof peers / sizeof peers[0]);
}

#define WOLFSSL(address, version, pair, ...)                                                                            \
    {"./wolfssl_peer", address, "4480", pair ".pem", pair ".key", version, __VA_ARGS__}

static void wolfssl(void **state)
{
    (void)state;
    static const char *const build[] = {"cc", "-D_GNU_SOURCE", "-o", "wolfssl_peer", PEERS_FOLDER "/wolfssl/wolfssl_peer.c",
                                        "-lwolfssl", NULL};
    static const struct peer peers[] = {
        {"1.3", "127.20.6.1", WOLFSSL("127.20.6.1", "1.3", "rsa", NULL), 0x0304, 0, 1, false},
        {"X25519", "127.20.6.2", WOLFSSL("127.20.6.2", "1.3", "ec", "X25519"), 0x0304, 29, 1, false},
        {"P-256", "127.20.6.3", WOLFSSL("127.20.6.3", "1.3", "ec", "P-256"), 0x0304, 23, 1, false},
        {"P-384", "127.20.6.4", WOLFSSL("127.20.6.4", "1.3", "ec", "P-384"), 0x0304, 24, 1, false},
        {"P-521", "127.20.6.5", WOLFSSL("127.20.6.5", "1.3", "ec", "P-521"), 0x0304, 25, 1, false},
        {"X448", "127.20.6.6", WOLFSSL("127.20.6.6", "1.3", "ec", "X448"), 0x0304, 30, 1, false},
        {"ffdhe2048", "127.20.6.7", WOLFSSL("127.20.6.7", "1.3", "ec", "ffdhe2048"), 0x0304, 256, 1, false},
        {"ccm", "127.20.6.8", WOLFSSL("127.20.6.8", "1.3", "ec", "TLS13-AES128-CCM-SHA256"), 0x0304, 0, 1, false},
        {"ccm8", "127.20.6.9", WOLFSSL("127.20.6.9", "1.3", "ec", "TLS13-AES128-CCM8-SHA256"), 0x0304, 0, 1, false},
        {"chacha", "127.20.6.10", WOLFSSL("127.20.6.10", "1.3", "rsa", "TLS13-CHACHA20-POLY1305-SHA256"), 0x0304, 0, 1,
         false},
        {"1.2", "127.20.6.11", WOLFSSL("127.20.6.11", "1.2", "ec", NULL), 0x0303, 0, 1, false},
        {"1.2 dhe", "127.20.6.12", WOLFSSL("127.20.6.12", "1.2", "rsa", "DHE-RSA-AES256-SHA256"), 0x0303, 0, 1, false},
    };
    if (!process_run(build)) {
        print_message("SKIP: no wolfSSL to build the peer with: libwolfssl-dev is not installed (see %s/log)\n", folder);
        return;
    }
    port = 4480;
    for (size_t i = 0; i < sizeof peers / sizeof peers[0]; i++)
        peer_check(&peers[i]);
}

#define MBEDTLS(address, version) {"./mbedtls_peer", address, "4481", "ec.pem", "ec.key", version}

/* Debian 12 has mbedTLS 2.28, which knows no TLS 1.3; Debian 13 has 3.6. */
static void mbedtls(void **state)
{
    (void)state;
    static const char *const build[] = {"cc", "-o", "mbedtls_peer", PEERS_FOLDER "/mbedtls/mbedtls_peer.c", "-lmbedtls", "-lmbedx509",
                                        "-lmbedcrypto", NULL};
    static const char *const has_13[] = {"./mbedtls_peer", "none", "0", "ec.pem", "ec.key", "1.3", NULL};
    static const struct peer peers[] = {
        {"1.2", "127.20.8.1", MBEDTLS("127.20.8.1", "1.2"), 0x0303, 0, 1, false},
        {"1.3", "127.20.8.2", MBEDTLS("127.20.8.2", "1.3"), 0x0304, 0, 1, false},
    };
    int status;
    if (!process_run(build)) {
        print_message("SKIP: no mbedTLS to build the peer with: libmbedtls-dev is not installed (see %s/log)\n", folder);
        return;
    }
    port = 4481;
    peer_check(&peers[0]);
    assert_true(waitpid(process_start(has_13), &status, 0) > 0 && WIFEXITED(status));
    if (WEXITSTATUS(status) == 3)
        print_message("SKIP: this mbedTLS has no TLS 1.3\n");
    else
        peer_check(&peers[1]);
}

static void botan(void **state)
{
    (void)state;
    static const struct peer peer = {        /* 2.19 of Debian 12 speaks TLS 1.2, 3 of Debian 13 prefers 1.3 */
        "botan", "127.20.9.1", {"botan", "tls_server", "ec.pem", "ec.key", "--port=4482"}, 0, 0, 1, false};
    port = 4482;
    if (is_installed("botan"))
        peer_check(&peer);
}

#define ERLANG(address, version) {"escript", PEERS_FOLDER "/erlang_peer.escript", address, "4483", "ec.pem", "ec.key", version}

static void erlang(void **state)
{
    (void)state;
    static const struct peer peers[] = {
        {"1.2", "127.20.10.1", ERLANG("127.20.10.1", "tlsv1.2"), 0x0303, 0, 1, false},
        {"1.3", "127.20.10.2", ERLANG("127.20.10.2", "tlsv1.3"), 0x0304, 0, 1, false},
    };
    port = 4483;
    peers_check("escript", peers, sizeof peers / sizeof peers[0]);
}

#define BOUNCY_JARS "/usr/share/java/bcprov.jar:/usr/share/java/bcutil.jar:/usr/share/java/bcpkix.jar:/usr/share/java/bctls.jar"
#define BOUNCY(address, version) \
    {"java", "-Dpeer=bouncycastle", "-cp", BOUNCY_JARS, PEERS_FOLDER "/JsseServer.java", address, "4484", "rsa.p12", "p", version}

static void bouncy_castle(void **state)
{
    (void)state;
    static const struct peer peers[] = {
        {"1.2", "127.20.11.1", BOUNCY("127.20.11.1", "TLSv1.2"), 0x0303, 0, 1, true},        /* has its own order */
        {"1.3", "127.20.11.2", BOUNCY("127.20.11.2", "TLSv1.3"), 0x0304, 0, 1, false},
    };
    if (access("/usr/share/java/bctls.jar", R_OK) != 0) {
        print_message("SKIP: Bouncy Castle (libbctls-java) is not installed\n");
        return;
    }
    port = 4484;
    peers_check("java", peers, sizeof peers / sizeof peers[0]);
}

/* ---- what no server should accept ---- */

struct weak_peer {
    const char *name, *address;
    const char *argv[24];
    uint16_t version;           /* of the first chain */
    const char *items;          /* "item=value ..." */
};

static const char *item(struct tls_strategy *strategy, const char *name)
{
    const struct tls_posture_item *items;
    size_t count = tls_strategy_posture(strategy, &items);
    for (size_t i = 0; i < count; i++)
        if (strcmp(items[i].item, name) == 0)
            return items[i].value;
    return "(none)";
}

static void weak_check(const struct weak_peer *peer)
{
    pid_t pid = process_start(peer->argv);
    assert_true(wait_until_listening(peer->address));
    struct tls_strategy *strategy = tls_strategy_create(TLS_DEPTH_POSTURE, "leaf.example");
    struct tls_capture *capture = tls_capture_create(NULL);
    struct tls_hello_plan plan;
    uint16_t version = 0;
    while (tls_strategy_next(strategy, &plan)) {
        enum outcome outcome = capture_once(capture, &plan, peer->address);
        if (version == 0 && outcome == OUTCOME_CERTIFICATE)
            version = tls_capture_facts(capture)->version;
        tls_strategy_note(strategy, &plan, outcome, tls_capture_facts(capture));
    }
    if (version != peer->version)
        print_error("%s: version %04x\n", peer->name, version);
    assert_int_equal(version, peer->version);
    char text[256], *rest = text, *word;
    snprintf(text, sizeof text, "%s", peer->items);
    while ((word = strsep(&rest, " ")) != NULL) {
        char *value = strchr(word, '=');
        *value++ = '\0';
        if (strcmp(item(strategy, word), value) != 0)
            print_error("%s: %s is %s, not %s\n", peer->name, word, item(strategy, word), value);
        assert_string_equal(item(strategy, word), value);
    }
    tls_capture_destroy(capture);
    tls_strategy_destroy(strategy);
    process_stop(pid);
}

#define JSSE_OLD(address, protocols, suites)                                                                          \
    {"java", PEERS_FOLDER "/JsseServer.java", address, "4490", "rsa.p12", "p", protocols, suites}

static void weak_servers(void **state)
{
    (void)state;
    static const struct weak_peer jsse_peers[] = {
        {"every suite", "127.20.7.1", JSSE_OLD("127.20.7.1", "SSLv3,TLSv1,TLSv1.1,TLSv1.2", ".*"), 0x0303,
         "sslv3=accepted tls10=accepted tls11=accepted tls12=accepted tls13=refused rc4=accepted 3des=accepted export=accepted "
         "null=accepted anonymous=accepted static_rsa=accepted cbc_only=refused"},
        {"SSLv3 alone", "127.20.7.2", JSSE_OLD("127.20.7.2", "SSLv3", "SSL_RSA_WITH_(RC4_128|3DES).*"), 0x0300,
         "sslv3=accepted tls10=refused tls11=refused tls12=refused tls13=refused"},
        {"EXPORT alone", "127.20.7.3", JSSE_OLD("127.20.7.3", "TLSv1", "SSL_(RSA|DHE_RSA)_EXPORT.*"), 0x0301,
         "export=accepted rc4=accepted null=refused anonymous=refused tls10=accepted tls12=refused"},
        {"NULL alone", "127.20.7.4", JSSE_OLD("127.20.7.4", "TLSv1.2", ".*RSA_WITH_NULL_.*"), 0x0303,
         "null=accepted export=refused rc4=refused tls12=accepted tls10=refused"},
    };
    static const struct weak_peer openssl_peers[] = {
        {"openssl", "127.20.7.5",
         {"openssl", "s_server", "-quiet", "-accept", "127.20.7.5:4490", "-cert", "rsa.pem", "-key", "rsa.key", "-tls1_2",
          "-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"},
         0x0303, "null=accepted anonymous=accepted rc4=refused export=refused static_rsa=accepted tls11=refused"},
        {"openssl, NULL alone", "127.20.7.6",
         {"openssl", "s_server", "-quiet", "-accept", "127.20.7.6:4490", "-cert", "rsa.pem", "-key", "rsa.key", "-tls1_2",
          "-cipher", "eNULL:@SECLEVEL=0"},
         0x0303, "null=accepted anonymous=accepted rc4=refused 3des=refused"},
    };
    static const struct weak_peer gnutls_peer = {
        "gnutls", "127.20.7.7",
        {"gnutls-serv", "--quiet", "--port", "4491", "--x509certfile", "rsa.pem", "--x509keyfile", "rsa.key", "--priority",
         "LEGACY:-VERS-TLS1.3:+NULL:+ARCFOUR-128:+3DES-CBC:+ANON-DH:+ANON-ECDH:+RSA:+SIGN-ALL:+MD5:%VERIFY_ALLOW_BROKEN"},
        0x0303, "tls10=accepted tls11=accepted tls12=accepted tls13=refused sslv3=refused rc4=accepted 3des=accepted "
                "null=accepted anonymous=accepted export=refused static_rsa=accepted"};
    port = 4490;
    for (size_t i = 0; is_installed("openssl") && i < sizeof openssl_peers / sizeof openssl_peers[0]; i++)
        weak_check(&openssl_peers[i]);
    for (size_t i = 0; is_installed("java") && i < sizeof jsse_peers / sizeof jsse_peers[0]; i++)
        weak_check(&jsse_peers[i]);
    port = 4491;
    if (is_installed("gnutls-serv"))
        weak_check(&gnutls_peer);
}

/* ---- raw public keys (RFC 7250) ---- */

/* The raw key is reported by its hash at each depth, and posture works as with a certificate. */
static void raw_key_check(const char *address, const char *const *argv, unsigned connections_cert, const char *tls12, const char *tls13)
{
    pid_t pid = process_start(argv);
    assert_true(wait_until_listening(address));
    char found[2][DETAIL_SIZE] = {"", ""};
    for (unsigned depth = TLS_DEPTH_CERT; depth <= TLS_DEPTH_POSTURE; depth++) {
        struct tls_strategy *strategy = tls_strategy_create((enum tls_depth)depth, "leaf.example");
        struct tls_capture *capture = tls_capture_create(NULL);
        struct tls_hello_plan plan;
        unsigned connections = 0;
        while (tls_strategy_next(strategy, &plan)) {
            enum outcome outcome = capture_once(capture, &plan, address);
            const struct tls_facts *facts = tls_capture_facts(capture);
            if (outcome == OUTCOME_NO_CERTIFICATE && facts->raw_public_key)
                snprintf(found[depth], sizeof found[depth], "%s", facts->detail);
            tls_strategy_note(strategy, &plan, outcome, facts);
            connections++;
        }
        if (depth == TLS_DEPTH_CERT) {
            assert_int_equal(connections, connections_cert);
        } else {
            assert_true(connections <= tls_strategy_connections_max(TLS_DEPTH_POSTURE, 0));
            assert_string_equal(item(strategy, "tls12"), tls12);
            assert_string_equal(item(strategy, "tls13"), tls13);
            assert_string_equal(item(strategy, "tls10"), "refused");
        }
        tls_capture_destroy(capture);
        tls_strategy_destroy(strategy);
    }
    char expected[DETAIL_SIZE] = "";
    FILE *file = fopen("raw.hash", "r");
    assert_non_null(file);
    assert_non_null(fgets(expected, sizeof expected, file));
    fclose(file);
    expected[strcspn(expected, "\n")] = '\0';
    assert_string_equal(found[0], expected);
    assert_string_equal(found[1], expected);
    process_stop(pid);
}

#define GNUTLS_RAW(priority)                                                                                          \
    {"gnutls-serv", "--quiet", "--port", "4492", "--rawpkkeyfile", "ec.key", "--rawpkfile", "raw.pem", "--priority", priority, NULL}

/* GnuTLS answers handshake_failure to a client that wants a certificate, as to one without a common suite. */
static void gnutls_raw_public_keys(void **state)
{
    (void)state;
    static const char *const usual[] = GNUTLS_RAW("NORMAL:-VERS-TLS1.0:-VERS-TLS1.1:+CTYPE-SRV-RAWPK"),
                      *const tls12[] = GNUTLS_RAW("NORMAL:-VERS-ALL:+VERS-TLS1.2:+CTYPE-SRV-RAWPK"),
                      *const tls13[] = GNUTLS_RAW("NORMAL:-VERS-ALL:+VERS-TLS1.3:+CTYPE-SRV-RAWPK");
    if (!is_installed("gnutls-serv"))
        return;
    assert_int_equal(system("openssl ec -in ec.key -pubout -out raw.pem 2>>log && openssl pkey -pubin -in raw.pem -outform DER |"
                            " sha256sum | sed 's/^/raw public key, SHA-256 /; s/ *-$//' > raw.hash"), 0);
    port = 4492;
    raw_key_check("127.20.12.1", usual, 4, "accepted", "accepted");
    raw_key_check("127.20.12.2", tls12, 4, "accepted", "refused");
    raw_key_check("127.20.12.3", tls13, 4, "refused", "accepted");
}

/* A server that has both, and would rather show the raw key, does not lose its chain to the hello that takes either. */
static void openssl_raw_public_keys(void **state)
{
    (void)state;
    static const struct peer peers[] = {
        {"both", "127.20.12.4", {"openssl", "s_server", "-quiet", "-accept", "127.20.12.4:4493", PAIR, "-enable_server_rpk"}, 0x0304, 0, 1, false},
        {"both, and a suite of the second hello", "127.20.12.5",
         {"openssl", "s_server", "-quiet", "-accept", "127.20.12.5:4493", PAIR, "-enable_server_rpk", "-tls1_2", "-cipher",
          "ECDHE-ECDSA-CAMELLIA128-SHA256"}, 0x0303, 0, 3, false},
    };
    if (system("openssl s_server -help 2>&1 | grep -q enable_server_rpk") != 0) {
        print_message("SKIP: this OpenSSL's s_server has no raw public keys (3.2 has)\n");
        return;
    }
    port = 4493;
    peers_check("openssl", peers, sizeof peers / sizeof peers[0]);
}

static int setup(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return -1;
    return system("{ openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ec.key -out ec.pem"
                  " -subj /CN=leaf.example -addext subjectAltName=DNS:leaf.example -days 5 &&"
                  " openssl req -x509 -newkey rsa:2048 -nodes -keyout rsa.key -out rsa.pem -subj /CN=leaf.example"
                  " -addext subjectAltName=DNS:leaf.example -days 5 &&"
                  " openssl pkcs12 -export -in rsa.pem -inkey rsa.key -name leaf -passout pass:p -out rsa.p12 &&"
                  " for i in 1 2 3 4 5 6 7 8 9; do cat rsa.pem; done > many.pem; } 2>>log");
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") == 0 ? system(command) : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_s_server),
        cmocka_unit_test(openssl_integrity_alone),
        cmocka_unit_test(gnutls),
        cmocka_unit_test(go_crypto_tls),
        cmocka_unit_test(nss_selfserv),
        cmocka_unit_test(jsse),
        cmocka_unit_test(wolfssl),
        cmocka_unit_test(mbedtls),
        cmocka_unit_test(botan),
        cmocka_unit_test(erlang),
        cmocka_unit_test(bouncy_castle),
        cmocka_unit_test(weak_servers),
        cmocka_unit_test(gnutls_raw_public_keys),
        cmocka_unit_test(openssl_raw_public_keys),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

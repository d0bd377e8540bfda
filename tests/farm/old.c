/* A server of the days of OpenSSL 1.0: it answers a ClientHello with its first flight and no more, in versions and with suites
 * that no library of today speaks (DES, SEED, IDEA, EXPORT, SSLv2). A version that it lacks ends the stream without an alert, as
 * OpenSSL 1.0 does; a hello without a suite of its own gets handshake_failure.
 *
 *     old -p PORT [-v 0300-0303] [-s 0009,0015] [-k 060040,020080]      versions, suites, SSLv2's kinds
 *
 * One process a connection. Prints the certificate's SHA-256, then "ready". */
#include "probes/base/byte_reader.h"
#include "probes/base/byte_writer.h"
#include "tests/farm/identity.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define LIST_MAX 32

struct old {
    uint16_t lowest, highest;
    uint32_t suites[LIST_MAX], kinds[LIST_MAX];
    size_t suite_count, kind_count;
    uint8_t *certificate;
    int certificate_len;
};

static size_t parse_list(char *text, uint32_t *list)
{
    size_t count = 0;
    for (char *word; count < LIST_MAX && (word = strsep(&text, ",")) != NULL;)
        list[count++] = (uint32_t)strtoul(word, NULL, 16);
    return count;
}

static size_t message_begin(struct byte_writer *out, uint8_t type)
{
    byte_writer_u8(out, type);
    return byte_writer_vector_begin(out, 3);
}

static bool is_dhe(uint16_t suite)
{
    return (suite >= 0x0011 && suite <= 0x0016) || suite == 0x0033 || suite == 0x0039 || suite == 0x009a || suite == 0x0099;
}

static bool is_rsa_export(uint16_t suite)
{
    return suite == 0x0003 || suite == 0x0006 || suite == 0x0008;
}

/* Parameters of 512 bits, and an invalid signature. */
static void key_exchange_write(struct byte_writer *out, uint16_t version, uint16_t suite)
{
    uint8_t number[64];
    size_t message = message_begin(out, 12);
    memset(number, 0xb5, sizeof number);
    byte_writer_u16(out, sizeof number);
    byte_writer_bytes(out, number, sizeof number);          /* p, or the temporary key's modulus */
    byte_writer_u16(out, 1);
    byte_writer_u8(out, 2);                                 /* g, or its exponent */
    if (is_dhe(suite)) {
        byte_writer_u16(out, sizeof number);
        byte_writer_bytes(out, number, sizeof number);
    }
    if (version == 0x0303)
        byte_writer_u16(out, 0x0201);                       /* rsa_pkcs1_sha1 */
    byte_writer_u16(out, sizeof number);
    byte_writer_bytes(out, number, sizeof number);
    byte_writer_vector_end(out, message, 3);
}

static void flight_write(const struct old *old, uint16_t version, uint16_t suite, struct byte_writer *out)
{
    byte_writer_u8(out, 22);
    byte_writer_u16(out, version);
    size_t record = byte_writer_vector_begin(out, 2);
    size_t message = message_begin(out, 2);
    byte_writer_u16(out, version);
    uint8_t *random = byte_writer_room(out, 32);
    if (random != NULL)
        memset(random, 7, 32);
    byte_writer_u8(out, 0);
    byte_writer_u16(out, suite);
    byte_writer_u8(out, 0);
    byte_writer_vector_end(out, message, 3);
    message = message_begin(out, 11);
    size_t list = byte_writer_vector_begin(out, 3), entry = byte_writer_vector_begin(out, 3);
    byte_writer_bytes(out, old->certificate, (size_t)old->certificate_len);
    byte_writer_vector_end(out, entry, 3);
    byte_writer_vector_end(out, list, 3);
    byte_writer_vector_end(out, message, 3);
    if (is_dhe(suite) || is_rsa_export(suite))
        key_exchange_write(out, version, suite);
    message = message_begin(out, 14);
    byte_writer_vector_end(out, message, 3);
    byte_writer_vector_end(out, record, 2);
}

static void answer_tls(const struct old *old, struct byte_reader hello, struct byte_writer *out)
{
    static const uint8_t refusal[] = {21, 3, 0, 0, 2, 2, 40};
    struct byte_reader session_id, suites;
    uint16_t version, suite;
    if (!byte_reader_skip(&hello, 5 + 4) || !byte_reader_u16(&hello, &version) || !byte_reader_skip(&hello, 32) ||
        !byte_reader_vector8(&hello, &session_id) || !byte_reader_vector16(&hello, &suites) || version < old->lowest)
        return;
    version = version < old->highest ? version : old->highest;
    while (byte_reader_u16(&suites, &suite))
        for (size_t i = 0; i < old->suite_count; i++)
            if (old->suites[i] == suite) {
                flight_write(old, version, suite, out);
                return;
            }
    byte_writer_bytes(out, refusal, sizeof refusal);
}

static void answer_sslv2(const struct old *old, struct byte_writer *out)
{
    if (old->kind_count == 0)
        return;
    size_t len = 11 + (size_t)old->certificate_len + 3 * old->kind_count + 16;
    byte_writer_u16(out, 0x8000 | (unsigned)len);
    byte_writer_bytes(out, "\4\0\1\0\2", 5);
    byte_writer_u16(out, (unsigned)old->certificate_len);
    byte_writer_u16(out, (unsigned)(3 * old->kind_count));
    byte_writer_u16(out, 16);
    byte_writer_bytes(out, old->certificate, (size_t)old->certificate_len);
    for (size_t i = 0; i < old->kind_count; i++)
        byte_writer_u24(out, old->kinds[i]);
    byte_writer_bytes(out, "0123456789abcdef", 16);
}

/* A hello comes in one segment on loopback, or in a few that the next read brings. */
static void serve(const struct old *old, int fd)
{
    uint8_t in[4096], bytes[8192];
    size_t len = 0, wanted = 5;
    struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = 5}, sizeof(struct timeval));
    while (len < wanted) {
        ssize_t got = recv(fd, in + len, sizeof in - len, 0);
        if (got <= 0)
            return;
        len += (size_t)got;
        if (len >= 5)
            wanted = (in[0] & 0x80) != 0 ? 2 + ((in[0] & 0x7fu) << 8 | in[1]) : 5u + ((unsigned)in[3] << 8 | in[4]);
        if (wanted > sizeof in)
            return;
    }
    if ((in[0] & 0x80) != 0)
        answer_sslv2(old, &out);
    else if (in[0] == 22)
        answer_tls(old, byte_reader_of(in, len), &out);
    if (out.len == 0 || send(fd, bytes, out.len, MSG_NOSIGNAL) < 0)
        return;
    if (recv(fd, in, sizeof in, 0) > 0)         /* what it says then is not for us */
        shutdown(fd, SHUT_RDWR);
}

int main(int argc, char **argv)
{
    struct old old = {.lowest = 0x0300, .highest = 0x0303};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
    for (int option; (option = getopt(argc, argv, "p:v:s:k:")) != -1;) {
        char *end = NULL;
        switch (option) {
        case 'p': at.sin_port = htons((uint16_t)atoi(optarg)); break;
        case 'v':
            old.lowest = (uint16_t)strtoul(optarg, &end, 16);
            old.highest = (uint16_t)strtoul(end + (*end == '-'), NULL, 16);
            break;
        case 's': old.suite_count = parse_list(optarg, old.suites); break;
        case 'k': old.kind_count = parse_list(optarg, old.kinds); break;
        default: return 2;
        }
    }
    struct identity identity;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGCHLD, SIG_IGN);
    if (at.sin_port == 0 || !identity_init(&identity, "rsa2048", "old.example", 1, 0) ||
        (old.certificate_len = i2d_X509(identity.leaf, &old.certificate)) <= 0 ||
        bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 64) != 0)
        return fprintf(stderr, "usage: old -p PORT [-v LOWEST-HIGHEST] [-s SUITE,...] [-k KIND,...]\n"), 2;
    char *hash = identity_hashes(&identity);
    printf("%s\nready\n", hash);
    fflush(stdout);
    free(hash);
    for (;;) {
        int client = accept(fd, NULL, NULL);
        if (client >= 0 && fork() == 0) {
            serve(&old, client);
            _exit(0);
        }
        close(client);
    }
}

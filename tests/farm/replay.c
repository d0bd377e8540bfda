/* The replaying server: a first flight that costs no crypto worth the name, so that a benchmark measures the client.
 *
 *     replay -p PORT [-v 1.2|1.3] [-c CERTIFICATES] [-b BYTES] [-r RECORD] [-d MS]
 *
 * TLS 1.2: the same bytes for everybody. TLS 1.3: our private key is 1, so our share is the group's generator and the
 * secret is the client's share as it came; what is left is the key schedule (RFC 8446, section 7.1) and one AEAD, with
 * contexts kept. Large flights leave as the client reads them, and with -d each answer waits so many milliseconds: so
 * thousands of connections are in flight at once. A record of TLS 1.3 that did not fit the socket is sealed again when it
 * does: nothing but keys and a position is kept. Signatures and Finished are made of zeros: a client that verifies refuses
 * us. One process, one epoll, 0.0.0.0:PORT, and so every address of 127.0.0.0/8. */
#define OPENSSL_SUPPRESS_DEPRECATED     /* SHA256_*: the fast way, and a test's server may take it */
#include "probes/base/byte_reader.h"
#include "probes/base/byte_writer.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "tests/farm/identity.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define FD_MAX     65536
#define FLIGHT_MAX (2u << 20)
#define BYTES_MAX  (FLIGHT_MAX / 4 * 3)
#define SEND_BUFFER 65536       /* ten thousand half-sent flights leave room for whom they are sent to */
#define SEALED     22         /* bytes that a record has beside its content: header, type, tag */
#define PIECE      5          /* records sealed at once */

enum { X25519 = 29, P256 = 23 };

/* A flight being sent. */
struct flight {
    bool answered;
    size_t sent, len;                   /* bytes of it; as many as len: nothing is left */
    uint8_t head[256];                  /* 1.3: ServerHello and ChangeCipherSpec, before the sealed records */
    size_t head_len;
    uint8_t key[16], iv[12];
};

struct replay {
    bool tls13;
    size_t record;                      /* bytes of a record's content */
    uint8_t *messages, *flight;         /* 1.2: the flight; 1.3: messages after ServerHello, then a piece of one flight */
    size_t messages_len, flight_len;
    uint8_t derived[32];                /* RFC 8446, section 7.1: the salt of the handshake secret */
    EVP_CIPHER_CTX *aead;
    int poll;
    struct flight *flights;             /* by descriptor */
    int64_t delay_us;
    struct {                            /* whom an answer is due to, in the order of their hellos */
        int fd;
        int64_t at_us;
    } due[FD_MAX];
    unsigned due_head, due_tail;
};

static const uint8_t p256_generator[65] = {
    4,    0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
    0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f,
    0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce,
    0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
static const uint8_t x25519_generator[32] = {9};

static void hmac(const uint8_t key[32], const uint8_t *bytes, size_t len, uint8_t out[32])
{
    SHA256_CTX hash;
    uint8_t pad[64];
    memset(pad, 0x36, sizeof pad);
    for (size_t i = 0; i < 32; i++)
        pad[i] ^= key[i];
    SHA256_Init(&hash);
    SHA256_Update(&hash, pad, sizeof pad);
    SHA256_Update(&hash, bytes, len);
    SHA256_Final(out, &hash);
    for (size_t i = 0; i < sizeof pad; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    SHA256_Init(&hash);
    SHA256_Update(&hash, pad, sizeof pad);
    SHA256_Update(&hash, out, 32);
    SHA256_Final(out, &hash);
}

/* HKDF-Expand-Label of at most 32 bytes (RFC 8446, section 7.1). */
static void expand(const uint8_t secret[32], const char *label, const uint8_t *context, size_t context_len, size_t len,
                   uint8_t out[32])
{
    uint8_t info[80];
    struct byte_writer writer = byte_writer_of(info, sizeof info);
    byte_writer_u16(&writer, (unsigned)len);
    byte_writer_u8(&writer, (unsigned)(6 + strlen(label)));
    byte_writer_text(&writer, "tls13 ");
    byte_writer_text(&writer, label);
    byte_writer_u8(&writer, (unsigned)context_len);
    byte_writer_bytes(&writer, context, context_len);
    byte_writer_u8(&writer, 1);
    hmac(secret, info, writer.len, out);
}

static void write_signature(struct byte_writer *out)
{
    static const uint8_t zeros[72];
    byte_writer_u16(out, 0x0403);       /* ecdsa_secp256r1_sha256 */
    byte_writer_u16(out, sizeof zeros);
    byte_writer_bytes(out, zeros, sizeof zeros);
}

static size_t message_begin(struct byte_writer *out, unsigned type)
{
    byte_writer_u8(out, type);
    return byte_writer_vector_begin(out, 3);
}

static void write_certificate(struct byte_writer *out, const struct identity *identity, bool tls13)
{
    size_t message = message_begin(out, 11);
    if (tls13)
        byte_writer_u8(out, 0);         /* certificate_request_context */
    size_t list = byte_writer_vector_begin(out, 3);
    for (int i = -1; i < sk_X509_num(identity->rest); i++) {
        uint8_t *der = NULL;
        int len = i2d_X509(i < 0 ? identity->leaf : sk_X509_value(identity->rest, i), &der);
        byte_writer_u24(out, (uint32_t)len);
        byte_writer_bytes(out, der, (size_t)len);
        if (tls13)
            byte_writer_u16(out, 0);
        OPENSSL_free(der);
    }
    byte_writer_vector_end(out, list, 3);
    byte_writer_vector_end(out, message, 3);
}

/* ServerHello (RFC 8446, section 4.1.3; RFC 5246, section 7.4.1.3). group 0: TLS 1.2. */
static void write_server_hello(struct byte_writer *out, const struct byte_reader *session_id, unsigned group)
{
    static const uint8_t random[32] = "the replaying server's random";
    size_t message = message_begin(out, 2);
    byte_writer_u16(out, 0x0303);
    byte_writer_bytes(out, random, sizeof random);
    byte_writer_u8(out, session_id == NULL ? 0 : (unsigned)session_id->left);
    if (session_id != NULL)
        byte_writer_bytes(out, session_id->at, session_id->left);
    byte_writer_u16(out, group != 0 ? 0x1301 : 0xc02b);
    byte_writer_u8(out, 0);
    if (group == 0) {
        byte_writer_bytes(out, "\0\x05\xff\x01\0\x01\0", 7);    /* renegotiation_info (RFC 5746), empty */
    } else {
        size_t extensions = byte_writer_vector_begin(out, 2);
        byte_writer_u32(out, 43u << 16 | 2);
        byte_writer_u16(out, 0x0304);
        byte_writer_u16(out, 51);
        size_t share = byte_writer_vector_begin(out, 2);
        byte_writer_u16(out, group);
        size_t key = byte_writer_vector_begin(out, 2);
        byte_writer_bytes(out, group == X25519 ? x25519_generator : p256_generator, group == X25519 ? 32 : 65);
        byte_writer_vector_end(out, key, 2);
        byte_writer_vector_end(out, share, 2);
        byte_writer_vector_end(out, extensions, 2);
    }
    byte_writer_vector_end(out, message, 3);
}

static void write_records(struct byte_writer *out, const uint8_t *bytes, size_t len, size_t record)
{
    for (size_t at = 0; at < len; at += record) {
        size_t part = len - at < record ? len - at : record;
        byte_writer_u24(out, 0x160303);
        byte_writer_u16(out, (unsigned)part);
        byte_writer_bytes(out, bytes + at, part);
    }
}

static void prepare(struct replay *replay, const struct identity *identity)
{
    struct byte_writer out = byte_writer_of(replay->messages, FLIGHT_MAX);
    if (replay->tls13) {
        byte_writer_u32(&out, 8u << 24 | 2);                /* EncryptedExtensions, empty */
        byte_writer_u16(&out, 0);
        write_certificate(&out, identity, true);
        size_t verify = message_begin(&out, 15);
        write_signature(&out);
        byte_writer_vector_end(&out, verify, 3);
        byte_writer_u32(&out, 20u << 24 | 32);              /* Finished */
        memset(byte_writer_room(&out, 32), 0, 32);
    } else {
        write_server_hello(&out, NULL, 0);
        write_certificate(&out, identity, false);
        size_t exchange = message_begin(&out, 12);
        byte_writer_u8(&out, 3);                            /* named_curve */
        byte_writer_u16(&out, X25519);
        byte_writer_u8(&out, 32);
        byte_writer_bytes(&out, x25519_generator, 32);
        write_signature(&out);
        byte_writer_vector_end(&out, exchange, 3);
        byte_writer_u32(&out, 14u << 24);                   /* ServerHelloDone */
    }
    replay->messages_len = out.len;
    struct byte_writer flight = byte_writer_of(replay->flight, FLIGHT_MAX);
    if (!replay->tls13)
        write_records(&flight, replay->messages, replay->messages_len, replay->record);
    replay->flight_len = flight.len;
    static const uint8_t zeros[32];
    uint8_t early[32], empty[32];
    hmac(zeros, zeros, 32, early);
    SHA256(zeros, 0, empty);
    expand(early, "derived", empty, 32, 32, replay->derived);
}

struct hello {
    struct byte_reader message, session_id, share;      /* message: with its head of 4 bytes */
    unsigned group;
};

static bool read_shares(struct byte_reader shares, struct hello *hello)
{
    struct byte_reader list, key;
    uint16_t group;
    if (!byte_reader_vector16(&shares, &list))
        return false;
    while (byte_reader_u16(&list, &group) && byte_reader_vector16(&list, &key)) {
        if (group == X25519 && key.left == 32)
            return hello->share = key, hello->group = group, true;
        if (group == P256 && key.left == 65 && hello->group == 0)
            hello->share = (struct byte_reader){key.at + 1, 32}, hello->group = group;
    }
    return hello->group != 0;
}

static bool read_hello(struct byte_reader in, struct hello *hello)
{
    struct byte_reader body, ignored, extensions, extension;
    uint16_t type;
    *hello = (struct hello){0};
    if (!byte_reader_skip(&in, 3) || !byte_reader_vector16(&in, &hello->message))
        return false;
    body = hello->message;
    if (!byte_reader_skip(&body, 4 + 2 + 32) || !byte_reader_vector8(&body, &hello->session_id) ||
        !byte_reader_vector16(&body, &ignored) || !byte_reader_vector8(&body, &ignored) ||
        !byte_reader_vector16(&body, &extensions))
        return false;
    while (byte_reader_u16(&extensions, &type) && byte_reader_vector16(&extensions, &extension))
        if (type == 51)
            return read_shares(extension, hello);
    return false;
}

/* One encrypted record (RFC 8446, section 5.2). */
static void seal(struct replay *replay, struct byte_writer *out, const uint8_t *bytes, size_t len, const uint8_t nonce[12])
{
    uint8_t head[5] = {23, 3, 3, (uint8_t)((len + 17) >> 8), (uint8_t)(len + 17)};
    byte_writer_bytes(out, head, sizeof head);
    uint8_t *sealed = byte_writer_room(out, len + 17);
    int done, type_done;
    EVP_EncryptInit_ex(replay->aead, NULL, NULL, NULL, nonce);
    EVP_EncryptUpdate(replay->aead, NULL, &done, head, sizeof head);
    EVP_EncryptUpdate(replay->aead, sealed, &done, bytes, (int)len);
    EVP_EncryptUpdate(replay->aead, sealed + done, &type_done, (const uint8_t *)"\x16", 1);
    EVP_EncryptFinal_ex(replay->aead, sealed + len + 1, &done);
    EVP_CIPHER_CTX_ctrl(replay->aead, EVP_CTRL_AEAD_GET_TAG, 16, sealed + len + 1);
}

/* Keys and what comes in the clear. */
static void flight_begin13(struct replay *replay, const struct hello *hello, struct flight *flight)
{
    uint8_t server_hello[200], transcript[32], secret[32], traffic[32], key[32], iv[32];
    struct byte_writer writer = byte_writer_of(server_hello, sizeof server_hello);
    struct byte_writer head = byte_writer_of(flight->head, sizeof flight->head);
    write_server_hello(&writer, &hello->session_id, hello->group);
    SHA256_CTX hash;
    SHA256_Init(&hash);
    SHA256_Update(&hash, hello->message.at, hello->message.left);
    SHA256_Update(&hash, server_hello, writer.len);
    SHA256_Final(transcript, &hash);
    hmac(replay->derived, hello->share.at, 32, secret);
    expand(secret, "s hs traffic", transcript, 32, 32, traffic);
    expand(traffic, "key", NULL, 0, 16, key);
    expand(traffic, "iv", NULL, 0, 12, iv);
    memcpy(flight->key, key, sizeof flight->key);
    memcpy(flight->iv, iv, sizeof flight->iv);
    write_records(&head, server_hello, writer.len, 16384);
    byte_writer_bytes(&head, "\x14\x03\x03\0\x01\x01", 6);  /* ChangeCipherSpec, for middleboxes */
    flight->head_len = head.len;
    size_t records = (replay->messages_len + replay->record - 1) / replay->record;
    flight->len = head.len + replay->messages_len + records * SEALED;
}

/* The next part of a TLS 1.3 flight, from the record that was perhaps sent in part. */
static struct byte_reader next_piece13(struct replay *replay, const struct flight *flight)
{
    struct byte_writer out = byte_writer_of(replay->flight, FLIGHT_MAX);
    size_t begun = flight->sent < flight->head_len ? 0 : (flight->sent - flight->head_len) / (replay->record + SEALED);
    size_t skip = flight->sent;
    if (flight->sent < flight->head_len)
        byte_writer_bytes(&out, flight->head, flight->head_len);
    else
        skip = flight->sent - flight->head_len - begun * (replay->record + SEALED);
    EVP_EncryptInit_ex(replay->aead, NULL, NULL, flight->key, NULL);
    for (size_t i = begun; i < begun + PIECE && i * replay->record < replay->messages_len; i++) {
        size_t at = i * replay->record, left = replay->messages_len - at;
        uint8_t nonce[12];
        memcpy(nonce, flight->iv, sizeof nonce);
        nonce[11] ^= (uint8_t)i;
        nonce[10] ^= (uint8_t)(i >> 8);
        seal(replay, &out, replay->messages + at, left < replay->record ? left : replay->record, nonce);
    }
    return byte_reader_of(out.bytes + skip, out.len - skip);
}

static struct byte_reader next_piece(struct replay *replay, const struct flight *flight)
{
    return replay->tls13 ? next_piece13(replay, flight)
                         : byte_reader_of(replay->flight + flight->sent, replay->flight_len - flight->sent);
}

/* As much as the socket takes. Has the connection ended? */
static bool flight_send(struct replay *replay, int fd)
{
    struct flight *flight = &replay->flights[fd];
    bool waited = flight->sent != 0;
    while (flight->sent < flight->len) {
        struct byte_reader piece = next_piece(replay, flight);
        ssize_t sent = send(fd, piece.at, piece.left, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return true;
        flight->sent += sent < 0 ? 0 : (size_t)sent;
        if (sent == (ssize_t)piece.left)
            continue;
        epoll_ctl(replay->poll, EPOLL_CTL_MOD, fd, &(struct epoll_event){.events = EPOLLIN | EPOLLOUT, .data.fd = fd});
        return false;
    }
    if (waited)
        epoll_ctl(replay->poll, EPOLL_CTL_MOD, fd, &(struct epoll_event){.events = EPOLLIN, .data.fd = fd});
    return false;
}

static bool on_writable(struct replay *replay, int fd)
{
    return replay->flights[fd].sent < replay->flights[fd].len && flight_send(replay, fd);
}

/* A hello has come: what is to be answered, now or later. */
static bool on_hello(struct replay *replay, int fd, const uint8_t *bytes, size_t len)
{
    static const uint8_t refusal[] = {21, 3, 3, 0, 2, 2, 40};       /* handshake_failure */
    struct flight *flight = &replay->flights[fd];
    struct hello hello;
    flight->answered = true;
    flight->len = replay->flight_len;
    if (replay->tls13 && !read_hello(byte_reader_of(bytes, len), &hello)) {
        flight->len = 0;
        return send(fd, refusal, sizeof refusal, MSG_NOSIGNAL) < 0;
    }
    if (replay->tls13)
        flight_begin13(replay, &hello, flight);
    if (replay->delay_us == 0)
        return flight_send(replay, fd);
    replay->due[replay->due_tail % FD_MAX].fd = fd;
    replay->due[replay->due_tail++ % FD_MAX].at_us = clock_monotonic_us() + replay->delay_us;
    return false;
}

/* Has the connection ended? */
static bool on_readable(struct replay *replay, int fd)
{
    uint8_t bytes[8192];
    ssize_t len = recv(fd, bytes, sizeof bytes, 0);
    if (len < 0 && errno == EAGAIN)
        return false;
    if (len <= 0 || replay->flights[fd].answered)
        return true;
    return on_hello(replay, fd, bytes, (size_t)len);
}

/* Sends the answers that are due; returns milliseconds to the next one, -1 none. */
static int answer_due(struct replay *replay)
{
    for (; replay->due_head != replay->due_tail; replay->due_head++) {
        int fd = replay->due[replay->due_head % FD_MAX].fd;
        int64_t left = replay->due[replay->due_head % FD_MAX].at_us - clock_monotonic_us();
        if (left > 0)
            return (int)(left / 1000 + 1);
        if (replay->flights[fd].sent == 0 && flight_send(replay, fd))
            close(fd);
    }
    return -1;
}

static void on_acceptable(struct replay *replay, int listener)
{
    for (int fd, n = 0; n < 64 && (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0; n++) {
        replay->flights[fd].answered = false;
        replay->flights[fd].sent = replay->flights[fd].len = 0;
        epoll_ctl(replay->poll, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.fd = fd});
        if (on_readable(replay, fd))
            close(fd);
    }
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &(int){1}, sizeof(int));      /* accepted with its hello there */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));           /* inherited, as the next */
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){SEND_BUFFER}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 65535) == 0)
        return fd;
    perror("replay: listen");
    exit(1);
}

static void serve(struct replay *replay, uint16_t port)
{
    int listener = listen_on(port);
    struct epoll_event events[256];
    replay->poll = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(replay->poll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        int count = epoll_wait(replay->poll, events, 256, answer_due(replay));
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener)
                on_acceptable(replay, listener);
            else if ((events[i].events & ~(unsigned)EPOLLOUT && on_readable(replay, fd)) || on_writable(replay, fd))
                close(fd);
        }
    }
}

int main(int argc, char **argv)
{
    struct replay *replay = xcalloc(1, sizeof *replay);
    uint16_t port = 0;
    unsigned certificates = 3;
    size_t bytes = 4300;
    replay->record = 16384;
    for (int option; (option = getopt(argc, argv, "p:v:c:b:r:d:")) != -1;) {
        switch (option) {
        case 'p': port = (uint16_t)atoi(optarg); break;
        case 'v': replay->tls13 = strcmp(optarg, "1.3") == 0; break;
        case 'c': certificates = (unsigned)atoi(optarg); break;
        case 'b': bytes = (size_t)atol(optarg); break;
        case 'r': replay->record = (size_t)atol(optarg); break;
        case 'd': replay->delay_us = atol(optarg) * 1000; break;
        default: return 2;
        }
    }
    if (port == 0 || certificates == 0 || bytes > BYTES_MAX || replay->record == 0 || replay->record > 16384)
        return fprintf(stderr, "usage: replay -p PORT [-v 1.2|1.3] [-c CERTIFICATES] [-b BYTES] [-r RECORD] [-d MS]\n"), 2;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max < FD_MAX ? files.rlim_max : FD_MAX;
    setrlimit(RLIMIT_NOFILE, &files);
    struct identity identity;
    identity_init(&identity, "p256", "replay.example", certificates, bytes);
    replay->messages = xmalloc(FLIGHT_MAX);
    replay->flight = xmalloc(FLIGHT_MAX);
    replay->flights = xcalloc(FD_MAX, sizeof *replay->flights);
    replay->aead = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(replay->aead, EVP_aes_128_gcm(), NULL, NULL, NULL);
    prepare(replay, &identity);
    serve(replay, port);
}

/*     socket --> in --> [dialect] --> OpenSSL (memory BIOs) --> out --> as much as `allowed` --> socket
 *
 * How a face behaves is mostly when `out` may leave: at once, in two writes, a byte a second, half and no more. */
#include "tests/farm/conn.h"

#include "probes/base/byte_buffer.h"
#include "probes/base/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONN_IN_MAX  (1u << 17)
#define HALF_A_HELLO 40

struct conn {
    struct event_base *base;
    const struct face *face;
    evutil_socket_t fd;
    struct event *readable, *writable, *timer;
    struct byte_buffer in, out;
    SSL *ssl;
    BIO *from_peer, *to_peer;
    unsigned turn;              /* of the dialect */
    bool has_greeted;
    size_t preamble;            /* bytes of out before the first flight */
    size_t sent;
    size_t allowed;             /* how much of all output may leave so far */
    bool in_tls, saw_hello, end_when_sent, half_closed;
};

static void conn_destroy(struct conn *conn)
{
    event_free(conn->readable);
    event_free(conn->writable);
    event_free(conn->timer);
    evutil_closesocket(conn->fd);
    byte_buffer_clear(&conn->in);
    byte_buffer_clear(&conn->out);
    SSL_free(conn->ssl);
    free(conn);
}

static void conn_reset(struct conn *conn)
{
    setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    conn_destroy(conn);
}

static void arm(struct conn *conn, long ms)
{
    event_add(conn->timer, &(struct timeval){ms / 1000, ms % 1000 * 1000});
}

/* Sends what may leave. False: conn is gone. */
static bool conn_flush(struct conn *conn)
{
    for (;;) {
        struct byte_reader out = byte_buffer_reader(&conn->out);
        size_t may = conn->allowed > conn->sent ? conn->allowed - conn->sent : 0;
        size_t len = out.left < may ? out.left : may;
        if (len == 0)
            break;
        ssize_t written = send(conn->fd, out.at, len, MSG_NOSIGNAL);
        if (written < 0 && (errno == EAGAIN || errno == EINTR))
            return event_add(conn->writable, NULL), true;
        if (written < 0)
            return conn_destroy(conn), false;
        conn->sent += (size_t)written;
        byte_buffer_consume(&conn->out, (size_t)written);
    }
    bool empty = byte_buffer_len(&conn->out) == 0;
    if (conn->face->behave == BEHAVE_CUT && conn->in_tls && conn->sent >= conn->allowed)
        return conn_destroy(conn), false;
    if (empty && conn->end_when_sent && !conn->half_closed) {
        shutdown(conn->fd, SHUT_WR);            /* what the peer has still to say is read, or it gets a reset */
        conn->half_closed = true;
    }
    return true;
}

static const uint8_t warning[] = {21, 3, 3, 0, 2, 1, 90};           /* user_canceled, again and again */

static void flood(struct conn *conn)
{
    while (byte_buffer_len(&conn->out) < 65536)
        byte_buffer_append(&conn->out, warning, sizeof warning);
    event_add(conn->writable, NULL);
}

static void greet(struct conn *conn)
{
    conn->has_greeted = true;
    byte_buffer_append(&conn->out, conn->face->dialect->greeting, conn->face->dialect->greeting_len);
}

/* The rhythm of a face; also what never ends gets its next part here. */
static void on_timer(evutil_socket_t fd, short what, void *opaque)
{
    (void)fd;
    (void)what;
    struct conn *conn = opaque;
    static const uint8_t zeros[1024];
    if (conn->face->dialect != NULL && !conn->has_greeted)
        greet(conn);
    switch (conn->face->behave) {
    case BEHAVE_DRIP:
        conn->allowed++;
        arm(conn, 1000);
        break;
    case BEHAVE_ENDLESS:
        if (byte_buffer_len(&conn->out) < 65536)
            byte_buffer_append(&conn->out, zeros, sizeof zeros);
        arm(conn, 5);
        break;
    case BEHAVE_ENDLESS_RECORDS:
        if (byte_buffer_len(&conn->out) < 65536)
            byte_buffer_append(&conn->out, warning, sizeof warning);
        arm(conn, 20);
        break;
    case BEHAVE_ENDLESS_MESSAGE:
        if (byte_buffer_len(&conn->out) < 65536) {
            byte_buffer_append(&conn->out, "\x16\x03\x03\x04\0", 5);
            byte_buffer_append(&conn->out, zeros, sizeof zeros);
        }
        arm(conn, 5);
        break;
    default: conn->allowed = SIZE_MAX; break;   /* the second part of a split flight */
    }
    conn_flush(conn);
}

/* Where the first flight is cut, counted from its first byte. */
static size_t split_of(const struct conn *conn)
{
    if (!conn->face->split_by_address)
        return conn->face->split;
    struct sockaddr_in local;
    socklen_t len = sizeof local;
    if (getsockname(conn->fd, (struct sockaddr *)&local, &len) != 0)
        return 0;
    struct address address = address_from_bytes((const uint8_t *)&local.sin_addr, 4);
    return (size_t)(address_value(&address) - address_value(&conn->face->first)) + 1;
}

/* The first flight is about to leave: how much of it, and when the rest. */
static void first_flight(struct conn *conn)
{
    size_t before = conn->sent + conn->preamble, split = split_of(conn);
    if (conn->face->behave == BEHAVE_HALF || conn->face->behave == BEHAVE_CUT) {
        conn->allowed = before + HALF_A_HELLO;
    } else if (conn->face->behave == BEHAVE_DRIP) {
        conn->allowed = before + 1;
        arm(conn, 1000);
    } else if (split > 0) {
        conn->allowed = before + split;
        arm(conn, 2);
    }
}

/* Does a key_share of this ClientHello (RFC 8446, section 4.2.8) hold a generator? Found by its bytes: the
 * base points are so particular that a search of the message is enough for a test's server. */
static bool shares_a_generator(const struct byte_reader *hello)
{
    static const uint8_t x25519[] = {0, 29, 0, 32, 9, 0, 0, 0, 0, 0, 0, 0}, x448[] = {0, 30, 0, 56, 5, 0, 0, 0, 0, 0};
    static const uint8_t p256[] = {4, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47},
                         p384[] = {4, 0xaa, 0x87, 0xca, 0x22, 0xbe, 0x8b, 0x05, 0x37},
                         p521[] = {4, 0x00, 0xc6, 0x85, 0x8e, 0x06, 0xb7, 0x04, 0x04};
    return memmem(hello->at, hello->left, x25519, sizeof x25519) != NULL ||
           memmem(hello->at, hello->left, x448, sizeof x448) != NULL ||
           memmem(hello->at, hello->left, p256, sizeof p256) != NULL ||
           memmem(hello->at, hello->left, p384, sizeof p384) != NULL ||
           memmem(hello->at, hello->left, p521, sizeof p521) != NULL;
}

static bool drain_ssl(struct conn *conn)
{
    uint8_t bytes[16384];
    bool first = false;
    for (int len; (len = BIO_read(conn->to_peer, bytes, sizeof bytes)) > 0;) {
        first |= !conn->saw_hello;
        conn->saw_hello = true;
        byte_buffer_append(&conn->out, bytes, (size_t)len);
    }
    if (first)
        first_flight(conn);
    return conn_flush(conn);
}

static void run_ssl(struct conn *conn)
{
    struct byte_reader in = byte_buffer_reader(&conn->in);
    if (conn->ssl == NULL) {
        static const uint8_t refusal[] = {21, 3, 3, 0, 2, 2, SSL3_AD_ILLEGAL_PARAMETER};
        bool whole = in.left >= 5 && in.left >= 5u + (size_t)(in.at[3] << 8 | in.at[4]);
        if (conn->face->refuse_generator && in.left < 5000 && !whole)
            return;                             /* the hello is judged whole */
        if (conn->face->refuse_generator && shares_a_generator(&in)) {
            byte_buffer_append(&conn->out, refusal, sizeof refusal);
            byte_buffer_consume(&conn->in, in.left);
            conn->end_when_sent = true;
            conn_flush(conn);
            return;
        }
        conn->ssl = SSL_new(conn->face->names[0].context);
        conn->from_peer = BIO_new(BIO_s_mem());
        conn->to_peer = BIO_new(BIO_s_mem());
        SSL_set_bio(conn->ssl, conn->from_peer, conn->to_peer);
        SSL_set_accept_state(conn->ssl);
    }
    BIO_write(conn->from_peer, in.at, (int)in.left);
    byte_buffer_consume(&conn->in, in.left);
    uint8_t bytes[4096];
    int done = SSL_is_init_finished(conn->ssl) ? 1 : SSL_do_handshake(conn->ssl), got;
    while (done == 1 && (got = SSL_read(conn->ssl, bytes, sizeof bytes)) > 0)
        ;
    if (done != 1 || got <= 0) {
        int error = SSL_get_error(conn->ssl, done == 1 ? got : done);
        conn->end_when_sent |= error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
    }
    ERR_clear_error();
    drain_ssl(conn);
}

/* The client has spoken. */
static void answer(struct conn *conn)
{
    static const char http[] = "HTTP/1.1 400 Bad Request\r\nServer: farm\r\nConnection: close\r\n\r\n";
    static const uint8_t message[] = {22, 3, 3, 0, 4, 11, 0xff, 0xff, 0xff};
    struct byte_reader in = byte_buffer_reader(&conn->in);
    switch (conn->face->behave) {
    case BEHAVE_SILENCE: break;
    case BEHAVE_RESET_HELLO: conn_reset(conn); return;
    case BEHAVE_CLOSE_HELLO: conn->end_when_sent = true; break;
    case BEHAVE_HTTP:
        byte_buffer_append(&conn->out, http, sizeof http - 1);
        conn->end_when_sent = true;
        break;
    case BEHAVE_ECHO: byte_buffer_append(&conn->out, in.at, in.left); break;
    case BEHAVE_ENDLESS_MESSAGE:
        if (!conn->saw_hello)
            byte_buffer_append(&conn->out, message, sizeof message);
        conn->saw_hello = true;
        arm(conn, 1);
        break;
    case BEHAVE_GARBAGE:
        byte_buffer_append(&conn->out, "\xde\xad\xbe\xef\x00\x17garbage\xff\xfe", 15);
        break;
    case BEHAVE_ENDLESS:
    case BEHAVE_ENDLESS_RECORDS: arm(conn, 1); break;
    case BEHAVE_FLOOD: flood(conn); break;
    default: run_ssl(conn); return;
    }
    byte_buffer_consume(&conn->in, in.left);
    conn_flush(conn);
}

static void on_readable(evutil_socket_t fd, short what, void *opaque)
{
    (void)what;
    struct conn *conn = opaque;
    uint8_t bytes[16384];
    ssize_t len = recv(fd, bytes, sizeof bytes, 0);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len <= 0 || !byte_buffer_append(&conn->in, bytes, (size_t)len)) {
        conn_destroy(conn);
        return;
    }
    if (conn->end_when_sent) {
        byte_buffer_consume(&conn->in, byte_buffer_len(&conn->in));
        return;
    }
    if (conn->face->dialect != NULL && !conn->has_greeted) {
        conn_reset(conn);
        return;
    }
    if (conn->face->dialect != NULL && !conn->in_tls) {
        size_t before = byte_buffer_len(&conn->out);
        conn->in_tls = dialect_talk(conn->face->dialect, &conn->turn, &conn->in, &conn->out);
        conn->preamble = byte_buffer_len(&conn->out);
        if (byte_buffer_len(&conn->out) != before && !conn_flush(conn))
            return;
        conn->preamble = byte_buffer_len(&conn->out);
        if (byte_buffer_len(&conn->in) == 0)
            return;
    }
    conn->in_tls |= conn->face->dialect == NULL;
    if (conn->in_tls)
        answer(conn);
}

static void on_writable(evutil_socket_t fd, short what, void *opaque)
{
    (void)fd;
    (void)what;
    struct conn *conn = opaque;
    if (conn_flush(conn) && conn->face->behave == BEHAVE_FLOOD)
        flood(conn);
}

void conn_accept(struct event_base *base, const struct face *face, evutil_socket_t fd)
{
    struct conn *conn = xcalloc(1, sizeof *conn);
    *conn = (struct conn){.base = base, .face = face, .fd = fd, .allowed = SIZE_MAX};
    byte_buffer_init(&conn->in, CONN_IN_MAX);
    byte_buffer_init(&conn->out, 0);
    conn->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, conn);
    conn->writable = event_new(base, fd, EV_WRITE, on_writable, conn);
    conn->timer = evtimer_new(base, on_timer, conn);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    event_add(conn->readable, NULL);
    if (face->behave == BEHAVE_RESET_ACCEPT) {
        conn_reset(conn);
        return;
    }
    if (face->behave == BEHAVE_SSH)
        byte_buffer_append(&conn->out, "SSH-2.0-farm_1.0\r\n", 18);
    if (face->dialect != NULL && face->greet_ms != 0)
        arm(conn, face->greet_ms);
    else if (face->dialect != NULL)
        greet(conn);
    conn_flush(conn);
}

#include "scanner/sweep/conn.h"

#include "probes/tls/pool.h"

#include "probes/base/clock.h"
#include "probes/base/memory.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum step {
    STEP_AGAIN,
    STEP_WANT_READ,
    STEP_WANT_WRITE,
    STEP_REST, /* conn_resume() goes on: until then no bytes, and its deadlines rest */
};

/* --- states -------------------------------------------------------------------------------------------- */

/* Absolute: a state's time runs from its beginning, whatever bytes arrive. Hello and capture share one. */
static void start_deadline(struct conn *conn, enum conn_state state)
{
    switch (state) {
    case CONN_CONNECT:
    case CONN_VIA: event_add(&conn->deadline, conn->shared->connect_time); break;
    case CONN_PREAMBLE:
    case CONN_HELLO:
        event_add(&conn->deadline, conn->shared->handshake_time);
        conn->deadline_rested_us = conn_rested_us(conn);
        break;
    case CONN_CAPTURE:
    case CONN_FAREWELL:
    case CONN_DONE: break;
    }
}

/* postscreen and other tarpits greet after many seconds and reject clients that speak first. */
static void begin_greeting(struct conn *conn)
{
    conn->greets = true;
    conn->rest_began_us = clock_monotonic_us();
    event_add(&conn->deadline, conn->shared->greeting_time);
}

static void end_greeting(struct conn *conn)
{
    if (!conn->greets)
        return;
    conn->rested_us = conn_rested_us(conn);
    conn->greets = false;
}

static enum step conn_enter(struct conn *conn, enum conn_state state)
{
    conn->state = state;
    start_deadline(conn, state);
    return STEP_AGAIN;
}

/* An outcome of the proxy itself says nothing about the target. */
static enum outcome through_via(struct conn *conn, enum outcome outcome)
{
    if (conn->state == CONN_VIA && outcome == OUTCOME_TIMEOUT_HANDSHAKE)
        return OUTCOME_TIMEOUT_CONNECT;         /* it is still waiting for the target, as we would */
    if (outcome != OUTCOME_ABORTED && (conn->state == CONN_CONNECT || outcome == OUTCOME_RESET || outcome == OUTCOME_CLOSED)) {
        snprintf(conn->detail, sizeof conn->detail, "proxy: %s", outcome_name(outcome));
        return OUTCOME_UNREACHABLE;
    }
    return outcome;
}

static enum step conn_end(struct conn *conn, enum outcome outcome)
{
    if (conn->shared->via != NULL && conn->state <= CONN_VIA)
        outcome = through_via(conn, outcome);
    if (conn->outcome == 0)
        conn->outcome = outcome;
    return conn_enter(conn, CONN_DONE);
}

static enum step conn_end_detail(struct conn *conn, enum outcome outcome, const char *detail)
{
    snprintf(conn->detail, sizeof conn->detail, "%s", detail);
    return conn_end(conn, outcome);
}

/* The network's outcome for a socket error. */
static enum step conn_end_errno(struct conn *conn, int error)
{
    bool connecting = !conn->is_connected;
    switch (error) {
    case ECONNREFUSED: return conn_end(conn, connecting ? OUTCOME_REFUSED : OUTCOME_RESET);
    case ECONNRESET: /* a RST in answer to a SYN is ECONNREFUSED: this one came after the SYN-ACK */
    case EPIPE: return conn_end(conn, OUTCOME_RESET);
    case ETIMEDOUT: return conn_end(conn, connecting ? OUTCOME_TIMEOUT_CONNECT : OUTCOME_TIMEOUT_HANDSHAKE);
    case ENETUNREACH: return conn_end_detail(conn, OUTCOME_UNREACHABLE, "network unreachable");
    case EHOSTUNREACH: return conn_end_detail(conn, OUTCOME_UNREACHABLE, "host unreachable");
    case ENOPROTOOPT: return conn_end_detail(conn, OUTCOME_UNREACHABLE, "protocol unreachable");
    case EHOSTDOWN: return conn_end_detail(conn, OUTCOME_UNREACHABLE, "host down");
    case ENONET: return conn_end_detail(conn, OUTCOME_UNREACHABLE, "host isolated");
    case EACCES: return conn_end_detail(conn, OUTCOME_UNREACHABLE, "broadcast address, or prohibited here");
    default: return conn_end_detail(conn, OUTCOME_UNREACHABLE, strerror(error));
    }
}

/* Did this machine lack resources (descriptors, buffers, ports ...)? Then the outcome says nothing about the target. */
static bool is_local_limit(int error)
{
    switch (error) {
    case EMFILE:  /* descriptors of the process */
    case ENFILE:  /* descriptors of the machine */
    case ENOBUFS: /* socket buffers; a full neighbour table */
    case ENOMEM:
    case ENOSPC: /* watches of epoll */
    case EADDRNOTAVAIL: /* ephemeral ports */
    case EADDRINUSE:
    case EAGAIN:   /* routing cache */
    case ENETDOWN: /* our own interface */
    case EPERM: /* connection tracking is full, or our own firewall */ return true;
    }
    return false;
}

/* --- bytes --------------------------------------------------------------------------------------------- */

static bool send_now(struct conn *conn, const uint8_t *bytes, size_t len, int flags)
{
    ssize_t sent = 0;
    if (byte_buffer_len(&conn->out) == 0)
        sent = send(conn->fd, bytes, len, MSG_NOSIGNAL | flags);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        return false;
    if (sent < 0)
        sent = 0;
    return byte_buffer_append(&conn->out, bytes + sent, len - (size_t)sent);
}

/* Sends what was written; through the probe where TLS travels inside its packets. */
static bool send_tls(struct conn *conn, const struct byte_writer *tls, int flags)
{
    if (tls->len == 0)
        return true;
    if (conn->probe->wrap == NULL)
        return send_now(conn, tls->bytes, tls->len, flags);
    uint8_t wrapped[2 * TLS_OUT_MAX];
    struct byte_reader inside = byte_reader_of(tls->bytes, tls->len);
    struct byte_writer out = byte_writer_of(wrapped, sizeof wrapped);
    return conn->probe->wrap(conn->probe_state, &inside, &out) && byte_writer_ok(&out) &&
           send_now(conn, out.bytes, out.len, flags);
}

static bool flush(struct conn *conn, int *error)
{
    while (byte_buffer_len(&conn->out) != 0) {
        struct byte_reader left = byte_buffer_reader(&conn->out);
        ssize_t sent = send(conn->fd, left.at, left.left, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            *error = errno;
            return errno == EAGAIN;
        }
        byte_buffer_consume(&conn->out, (size_t)sent);
    }
    return true;
}

#define READS_AT_ONCE 16
#define READS_MAX     8192 /* a flight of 8,000 bytes may come byte by byte; above, the server only keeps us busy */
#define CROWDED_READ 256  /* enough for a ServerHello and the length of what follows */
#define CROWDED_MORE 18432 /* a record */

/* One read into the shared buffer: > 0 bytes, 0 the end, < 0 with errno. While the pool is filling up, reads are
 * small: a connection that must then wait for room holds these bytes, and thousands may wait. */
static ssize_t receive(struct conn *conn)
{
    size_t most = sizeof conn->shared->buffer;
    if (conn->has_begun && tls_pool_is_crowded(conn->shared->pool))
        most = tls_capture_has_room(conn->capture) ? CROWDED_MORE : CROWDED_READ;
    ssize_t got;
    conn->all_reads++;
    do
        got = recv(conn->fd, conn->shared->buffer, most, 0);
    while (got < 0 && errno == EINTR);
    return got;
}

/* --- steps --------------------------------------------------------------------------------------------- */

static bool speaks_first(const struct conn *conn)
{
    return conn->probe->tls != PROBE_TLS_STARTTLS;
}

static enum step talk(struct conn *conn)
{
    return conn_enter(conn, speaks_first(conn) ? CONN_HELLO : CONN_PREAMBLE);
}

/* If we speak first, the result of sending the hello shows how the connection went; that saves a getsockopt(). */
static enum step connect_step(struct conn *conn)
{
    int error = 0;
    socklen_t len = sizeof error;
    conn->connected_us = clock_monotonic_us();
    if (conn->shared->via == NULL && speaks_first(conn))
        return conn_enter(conn, CONN_HELLO);
    if (getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    if (error != 0)
        return conn_end_errno(conn, error);
    conn->is_connected = true;
    return conn_enter(conn, conn->shared->via == NULL ? CONN_PREAMBLE : CONN_VIA);
}

/* The socket may hold more, and epoll (edge-triggered) reports it only once. So we run again, but after the others: an endless
 * server must not take their turn. */
static enum step read_on(struct conn *conn)
{
    if (conn->reads++ < READS_AT_ONCE)
        return STEP_AGAIN;
    event_active(&conn->soon, EV_TIMEOUT, 0);
    return STEP_WANT_READ;
}

static void note_words(struct conn *conn, struct byte_reader bytes, bool is_cleartext)
{
    conn->words_len = bytes.left < sizeof conn->words ? bytes.left : sizeof conn->words;
    if (conn->words_len != 0)
        memcpy(conn->words, bytes.at, conn->words_len);
    conn->is_cleartext = is_cleartext;
}

/* The server agreed, and what it says next is TLS, in answer to our hello. What lies here already was sent before that: somebody
 * injected it (CVE-2011-0411), and it is never parsed as TLS. */
static enum step begin_tls(struct conn *conn)
{
    struct byte_reader early = byte_buffer_reader(&conn->in);
    conn->detail[0] = '\0';
    if (early.left != 0)
        note_words(conn, early, true);
    byte_buffer_consume(&conn->in, early.left);
    return conn_enter(conn, CONN_HELLO);
}

static enum step run_probe(struct conn *conn)
{
    uint8_t bytes[TLS_OUT_MAX];
    struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
    struct byte_reader in = byte_buffer_reader(&conn->in);
    size_t before = in.left;
    enum probe_step step = conn->probe->step(conn->probe_state, &conn->probe_target, &in, &out, conn->detail);
    byte_buffer_consume(&conn->in, before - in.left);
    if (!byte_writer_ok(&out))
        return conn_end_detail(conn, OUTCOME_NOT_TLS, "our part of the preamble has no room");
    if (out.len != 0 && !send_now(conn, out.bytes, out.len, 0))
        return conn_end_errno(conn, errno);
    if (conn->greets && (out.len != 0 || step != PROBE_MORE)) {
        end_greeting(conn);
        start_deadline(conn, CONN_PREAMBLE);
    }
    switch (step) {
    case PROBE_MORE: return byte_buffer_len(&conn->out) != 0 ? STEP_WANT_WRITE : read_on(conn);
    case PROBE_START_TLS: return begin_tls(conn);
    case PROBE_REFUSED: return conn_end(conn, OUTCOME_STARTTLS_REFUSED);
    case PROBE_NOT_SPOKEN: return conn_end(conn, OUTCOME_NOT_TLS);
    }
    abort(); /* no other value exists */
}

/* Sends what is left, and reads into conn->in. STEP_AGAIN: something has come. */
static enum step take_bytes(struct conn *conn)
{
    int error = 0;
    if (!flush(conn, &error))
        return conn_end_errno(conn, error);
    if (byte_buffer_len(&conn->out) != 0)
        return STEP_WANT_WRITE;
    ssize_t got = receive(conn);
    if (got < 0)
        return errno == EAGAIN ? STEP_WANT_READ : conn_end_errno(conn, errno);
    if (got == 0)
        return conn_end(conn, OUTCOME_CLOSED);
    conn->preamble_len += (size_t)got;
    if (conn->all_reads > READS_MAX || conn->preamble_len > PROBE_INPUT_LIMIT ||
        !byte_buffer_append(&conn->in, conn->shared->buffer, (size_t)got))
        return conn_end_detail(conn, OUTCOME_NOT_TLS, "a preamble without end");
    return STEP_AGAIN;
}

static enum step run_via(struct conn *conn)
{
    uint8_t bytes[512];
    struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
    struct byte_reader in = byte_buffer_reader(&conn->in);
    size_t before = in.left;
    enum outcome outcome = 0;
    enum via_step step = via_step(conn->shared->via, &conn->via_state, &conn->target, &in, &out, &outcome, conn->detail);
    byte_buffer_consume(&conn->in, before - in.left);
    if (out.len != 0 && !send_now(conn, out.bytes, out.len, 0))
        return conn_end_errno(conn, errno);
    switch (step) {
    case VIA_MORE: return byte_buffer_len(&conn->out) != 0 ? STEP_WANT_WRITE : read_on(conn);
    case VIA_OPEN: return talk(conn);
    case VIA_FAILED: return conn_end(conn, outcome);
    }
    abort(); /* no other value exists */
}

static enum step way_step(struct conn *conn)
{
    if (!conn->via_asked) {
        conn->via_asked = true;
        return run_via(conn);
    }
    enum step step = take_bytes(conn);
    return step == STEP_AGAIN && conn->state == CONN_VIA ? run_via(conn) : step;
}

static enum step preamble_step(struct conn *conn)
{
    if (conn->probe_state == NULL) { /* the first time: it may speak first */
        conn->probe_state = xcalloc(1, conn->probe->state_size == 0 ? 1 : conn->probe->state_size);
        note_words(conn, byte_buffer_reader(&conn->in), false);         /* that came with the proxy's answer */
        begin_greeting(conn);           /* until the probe sends something */
        return run_probe(conn);
    }
    enum step step = take_bytes(conn);
    if (step != STEP_AGAIN || conn->state != CONN_PREAMBLE)
        return step;
    if (conn->words_len == 0)
        note_words(conn, byte_buffer_reader(&conn->in), false);
    return run_probe(conn);
}

static enum step hello_step(struct conn *conn)
{
    uint8_t bytes[TLS_OUT_MAX];
    struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
    const char *name = conn->plan->send_server_name ? conn->probe_target.server_name : "";
    tls_capture_begin(conn->capture, conn->plan, name, &out);
    conn->has_begun = true;
    conn->retry = byte_buffer_len(&conn->in) != 0;
    assert(byte_writer_ok(&out));
    if (!send_tls(conn, &out, 0))
        return conn_end_errno(conn, errno);
    conn->is_connected = true;
    conn_enter(conn, CONN_CAPTURE);
    return conn->retry || byte_buffer_len(&conn->out) != 0 ? STEP_AGAIN : STEP_WANT_READ; /* no answer can be there yet */
}

static enum step captured(struct conn *conn, enum tls_capture_result result)
{
    const struct tls_facts *facts = tls_capture_facts(conn->capture);
    switch (result) {
    case TLS_CAPTURE_MORE: return byte_buffer_len(&conn->out) != 0 ? STEP_WANT_WRITE : read_on(conn);
    case TLS_CAPTURE_DONE:
        conn->outcome = facts->chain_count != 0 ? OUTCOME_CERTIFICATE : OUTCOME_NO_CERTIFICATE;
        return conn_enter(conn, CONN_FAREWELL);
    case TLS_CAPTURE_ALERT: return conn_end(conn, OUTCOME_TLS_ALERT);
    case TLS_CAPTURE_NOT_TLS: return conn_end(conn, OUTCOME_NOT_TLS);
    case TLS_CAPTURE_ERROR: return conn_end(conn, OUTCOME_TLS_ERROR);
    case TLS_CAPTURE_TOO_LARGE: return conn_end(conn, OUTCOME_TOO_LARGE);
    case TLS_CAPTURE_WAIT:
        conn->rest_began_us = clock_monotonic_us();
        conn->rests = true;
        conn->rests_for = tls_capture_waits_for(conn->capture);
        conn->shared->on_wait(conn, conn->shared->owner);
        return STEP_REST;
    }
    abort(); /* no other value exists */
}

/* Unwraps TLS from the probe's packets into conn->inside, for the capture; the protocol's own answers are queued to be sent. */
static bool unwrap(struct conn *conn)
{
    struct byte_reader in = byte_buffer_reader(&conn->in);
    size_t before;
    do {
        uint8_t answers[TLS_OUT_MAX];
        struct byte_writer out = byte_writer_of(answers, sizeof answers);
        struct byte_writer tls = byte_writer_of(conn->shared->inside, sizeof conn->shared->inside);
        before = in.left;
        if (!conn->probe->unwrap(conn->probe_state, &in, &tls, &out) || !byte_writer_ok(&tls) || !byte_writer_ok(&out) ||
            !byte_buffer_append(&conn->inside, tls.bytes, tls.len) || !send_now(conn, out.bytes, out.len, 0))
            return false;
    } while (in.left != 0 && in.left < before);
    byte_buffer_consume(&conn->in, byte_buffer_len(&conn->in) - in.left);
    return true;
}

/* Passes bytes to the capture: those left from before, then `fresh` bytes in the shared buffer. */
static enum step read_tls(struct conn *conn, size_t fresh)
{
    uint8_t bytes[TLS_OUT_MAX];
    struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
    bool packed = conn->probe->unwrap != NULL, direct = byte_buffer_len(&conn->in) == 0 && !packed;
    struct byte_buffer *held = packed ? &conn->inside : &conn->in;
    struct byte_reader in = byte_reader_of(conn->shared->buffer, fresh);
    if (!direct && !byte_buffer_append(&conn->in, conn->shared->buffer, fresh))
        return conn_end_detail(conn, OUTCOME_TLS_ERROR, "more bytes than any flight has");
    if (packed && !unwrap(conn))
        return conn_end_detail(conn, OUTCOME_TLS_ERROR, "TLS is not inside the protocol's packets");
    if (!direct)
        in = byte_buffer_reader(held);
    struct byte_reader all = in;
    enum tls_capture_result result = tls_capture_read(conn->capture, &in, &out);
    if (result == TLS_CAPTURE_NOT_TLS)          /* plaintext again, although it had agreed to TLS */
        note_words(conn, all, conn->words_len != 0);
    if (direct)
        byte_buffer_append(&conn->in, in.at, in.left);
    else
        byte_buffer_consume(held, all.left - in.left);
    if (!send_tls(conn, &out, 0))
        return conn_end_errno(conn, errno);
    return captured(conn, result);
}

static enum step capture_step(struct conn *conn)
{
    int error = 0;
    if (!flush(conn, &error))
        return conn_end_errno(conn, error);
    if (byte_buffer_len(&conn->out) != 0)
        return STEP_WANT_WRITE;
    if (conn->retry) {
        conn->retry = false;
        return read_tls(conn, 0);
    }
    ssize_t got = receive(conn);
    if (got < 0)
        return errno == EAGAIN ? STEP_WANT_READ : conn_end_errno(conn, errno);
    if (got == 0)
        return conn_end(conn, OUTCOME_CLOSED);
    if (conn->all_reads > READS_MAX)
        return conn_end_detail(conn, OUTCOME_TOO_LARGE, "bytes one by one without end");
    return read_tls(conn, (size_t)got);
}

/* We do not wait to say goodbye: what the socket does not take at once is dropped. The alert goes in one segment with the FIN of
 * the close() that follows. */
static enum step farewell_step(struct conn *conn)
{
    uint8_t bytes[TLS_OUT_MAX];
    struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
    if (!conn->shared->reset_end) {
        tls_capture_farewell(conn->capture, &out);
        send_tls(conn, &out, MSG_MORE);
    }
    return conn_end(conn, conn->outcome);
}

static enum step (*const steps[])(struct conn *) = {
    [CONN_CONNECT] = connect_step,   /* TCP, RFC 9293 */
    [CONN_VIA] = way_step,           /* the proxy's part, RFC 9110 or RFC 1928 */
    [CONN_PREAMBLE] = preamble_step, /* the probe's plaintext, up to STARTTLS */
    [CONN_HELLO] = hello_step,       /* our ClientHello, RFC 8446 section 4.1.2 */
    [CONN_CAPTURE] = capture_step,   /* the server's flight, until the chain is whole */
    [CONN_FAREWELL] = farewell_step, /* an alert that says why we leave */
};

/* --- life ---------------------------------------------------------------------------------------------- */

static void conn_close(struct conn *conn)
{
    event_del(&conn->soon);
    event_del(&conn->deadline);
    if (conn->fd >= 0) {
        struct linger reset = {.l_onoff = 1, .l_linger = 0};
        if (conn->shared->reset_end)
            setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(conn->fd);
        conn->fd = -1;
    }
    byte_buffer_clear(&conn->in);
    byte_buffer_clear(&conn->inside);
    byte_buffer_clear(&conn->out);
    free(conn->probe_state);
    conn->probe_state = NULL;
}

int64_t conn_rested_us(const struct conn *conn)
{
    return conn->rested_us + (conn->rests || conn->greets ? clock_monotonic_us() - conn->rest_began_us : 0);
}

static void end_rest(struct conn *conn)
{
    if (!conn->rests)
        return;
    conn->rested_us = conn_rested_us(conn);
    conn->rests = false;
    conn->shared->on_wait_end(conn, conn->shared->owner);
}

static void conn_finish(struct conn *conn)
{
    conn->ended_us = clock_monotonic_us();
    if (!conn->is_connected)
        conn->connected_us = 0;
    end_rest(conn);
    end_greeting(conn);
    conn_close(conn);
    conn->on_end(conn, conn->context); /* may open the next connection, or free this one */
}

static void conn_run(struct conn *conn)
{
    conn->reads = 0;
    while (conn->state != CONN_DONE) {
        enum step step = steps[conn->state](conn);
        if (step != STEP_AGAIN)
            return; /* the socket is watched for both, from the beginning to the end */
    }
    conn_finish(conn); /* the only end; conn is gone after this line */
}

void conn_on_socket(struct conn *conn)
{
    if (!conn->rests)
        conn_run(conn);
}

static void on_soon(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    conn_on_socket(context);
}

/* connect() does not tell that a SYN has not left this machine: its neighbour table or connection tracking
 * was full, or a queue, or its own firewall was in the way. The kernel repeats the SYN after a second; where
 * the last repetition has not left either, the silence is our own. */
static bool syn_stayed_here(int fd)
{
    struct tcp_info info;
    socklen_t len = sizeof info;
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 && info.tcpi_total_retrans != 0 &&
           info.tcpi_retrans == 0;
}

static void on_deadline(evutil_socket_t fd, short what, void *context)
{
    struct conn *conn = context;
    (void)fd, (void)what;
    int64_t owed_us = conn_rested_us(conn) - conn->deadline_rested_us;
    if (conn->state != CONN_CONNECT && !conn->greets && owed_us > 0) {
        struct timeval owed = {.tv_sec = owed_us / 1000000, .tv_usec = owed_us % 1000000};
        conn->deadline_rested_us += owed_us;
        event_add(&conn->deadline, &owed);
        return;
    }
    conn->stayed_here = conn->state == CONN_CONNECT && syn_stayed_here(conn->fd);
    conn_end(conn, conn->stayed_here             ? OUTCOME_ABORTED
                   : conn->state == CONN_CONNECT ? OUTCOME_TIMEOUT_CONNECT
                                                 : OUTCOME_TIMEOUT_HANDSHAKE);
    conn_run(conn);
}

void conn_resume(struct conn *conn)
{
    end_rest(conn);
    conn->retry = true;
    conn_run(conn);
}

void conn_init(struct conn *conn, struct conn_shared *shared, void (*on_end)(struct conn *conn, void *context),
               void *context)
{
    *conn = (struct conn){.shared = shared, .fd = -1, .state = CONN_DONE, .on_end = on_end, .context = context};
    evtimer_assign(&conn->deadline, shared->base, on_deadline, conn);
    evtimer_assign(&conn->soon, shared->base, on_soon, conn);
    byte_buffer_init(&conn->in, PROBE_INPUT_LIMIT + sizeof shared->buffer);
    byte_buffer_init(&conn->inside, PROBE_INPUT_LIMIT + sizeof shared->buffer);
    byte_buffer_init(&conn->out, 4 * TLS_OUT_MAX);
}

static socklen_t socket_address(const struct target *target, struct sockaddr_storage *storage)
{
    memset(storage, 0, sizeof *storage);
    if (target->address.len == 4) {
        struct sockaddr_in *in = (struct sockaddr_in *)storage;
        in->sin_family = AF_INET;
        in->sin_port = htons(target->port);
        memcpy(&in->sin_addr, target->address.bytes, 4);
        return sizeof *in;
    }
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)storage;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(target->port);
    memcpy(&in6->sin6_addr, target->address.bytes, 16);
    return sizeof *in6;
}

/* A connection that fails at once ends by the loop, too, so that on_end() is never called from inside conn_open(). */
static void end_soon(struct conn *conn)
{
    event_active(&conn->soon, EV_TIMEOUT, 0);
}

/* Registered once, for reading and writing, edge-triggered; close() removes it. */
static bool watch(struct conn *conn)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = conn};
    return epoll_ctl(conn->shared->sockets_fd, EPOLL_CTL_ADD, conn->fd, &event) == 0;
}

/* What servers send before we read it lies in the kernel, of whose memory TCP gets a sixteenth: ten thousand windows of
 * 128 KiB are more, and it drops what came. So in a crowd each connection takes little at a time: a usual chain still
 * comes in one window. */
#define CROWD_WINDOW 16384

enum conn_opened conn_open(struct conn *conn, const struct target *target, const struct probe *probe,
                           const char *server_name, struct tls_capture *capture,
                           const struct tls_hello_plan *plan)
{
    struct sockaddr_storage storage;
    const struct via *via = conn->shared->via;
    socklen_t len = socket_address(via == NULL ? target : &via->proxy, &storage);
    conn->stayed_here = false;
    conn->opened_us = clock_monotonic_us();
    int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (fd < 0)
        return CONN_LOCAL_LIMIT;
    conn->fd = fd;
    if (via != NULL) {
        conn->target = *target;
        conn->via_state = (struct via_state){0};
        conn->via_asked = false;
    }
    conn->probe = probe;
    conn->probe_target = (struct probe_target){server_name, target->port, conn->shared->openvpn_key};
    conn->capture = capture;
    conn->plan = plan;
    conn->outcome = 0;
    conn->has_begun = conn->is_connected = false;
    conn->retry = false;
    conn->all_reads = 0;
    conn->preamble_len = 0;
    conn->detail[0] = '\0';
    conn->words_len = 0;
    conn->is_cleartext = false;
    conn->connected_us = conn->ended_us = 0;
    conn->state = CONN_CONNECT;
    if (conn->shared->is_crowded)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){CROWD_WINDOW}, sizeof(int));
    if (via == NULL && speaks_first(conn)) /* the handshake's ACK goes with the hello */
        setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &(int){0}, sizeof(int));
    if (connect(fd, (const struct sockaddr *)&storage, len) == 0 || errno == EINPROGRESS || errno == EINTR) {
        if (watch(conn)) {
            start_deadline(conn, CONN_CONNECT);
            return CONN_OPENED;
        }
    }
    int error = errno;
    if (is_local_limit(error)) {
        close(fd);
        conn->fd = -1;
        conn->state = CONN_DONE;
        errno = error;
        return CONN_LOCAL_LIMIT;
    }
    if (error == ENETUNREACH || error == EHOSTUNREACH)
        conn_end_detail(conn, OUTCOME_UNREACHABLE, "no route");
    else
        conn_end_errno(conn, error);
    end_soon(conn);
    return CONN_OPENED;
}

void conn_abort(struct conn *conn, enum outcome outcome)
{
    if (conn->fd < 0 && conn->state == CONN_DONE)
        return;
    conn_end(conn, outcome);
    conn_finish(conn);
}

#include "tests/scanner/counting_relay.h"

#include "probes/base/memory.h"
#include "tests/cmocka_all.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE_S 10

struct counting_relay {
    struct sockaddr_in at, behind;
    enum relay_manner manner;
    int listener;
    unsigned number; /* of connections since the start */
    pthread_t thread;
    pthread_mutex_t lock;
    struct relay_counts counts;
};

static const uint8_t handshake_failure[] = {21, 3, 1, 0, 2, 2, 40}, internal_error[] = {21, 3, 1, 0, 2, 2, 80};

static struct sockaddr_in address_of(const char *address, uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    assert_int_equal(inet_pton(AF_INET, address, &at.sin_addr), 1);
    return at;
}

static int connect_to(const struct sockaddr_in *to)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)to, sizeof *to) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool send_all(int fd, const uint8_t *bytes, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t sent = send(fd, bytes + done, len - done, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        done += (size_t)sent;
    }
    return true;
}

static void count(struct counting_relay *relay, unsigned *number)
{
    pthread_mutex_lock(&relay->lock);
    (*number)++;
    pthread_mutex_unlock(&relay->lock);
}

/* Before the client can see the answer, so that what it has seen is counted. */
static void count_answer(struct counting_relay *relay, bool is_handshake)
{
    count(relay, is_handshake ? &relay->counts.answered : &relay->counts.refused);
}

/* Until one of them ends. Our own last connection says nothing, so it is no answer. */
static void pass(struct counting_relay *relay, int client, int server)
{
    uint8_t bytes[16384];
    bool has_asked = false, is_answered = false;
    struct pollfd ends[] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
    while (poll(ends, 2, PATIENCE_S * 1000) > 0) {
        for (int i = 0; i < 2; i++) {
            if (ends[i].revents == 0)
                continue;
            ssize_t len = recv(ends[i].fd, bytes, sizeof bytes, 0);
            if (i == 1 && !is_answered && has_asked)
                count_answer(relay, len > 0 && bytes[0] == 22);
            has_asked |= i == 0 && len > 0;
            is_answered |= i == 1;
            if (len <= 0 || !send_all(ends[1 - i].fd, bytes, (size_t)len))
                return;
        }
    }
}

static void answer_alert(struct counting_relay *relay, int client, const uint8_t alert[7])
{
    uint8_t bytes[16384];
    if (recv(client, bytes, sizeof bytes, 0) <= 0)
        return;
    count_answer(relay, false);
    send_all(client, alert, 7);
}

/* An alert that is on its way would be lost if the stream ended with bytes unread. */
static void close_gently(int client)
{
    uint8_t bytes[16384];
    shutdown(client, SHUT_WR);
    while (recv(client, bytes, sizeof bytes, 0) > 0)
        ;
    close(client);
}

static void serve(struct counting_relay *relay, int client)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    unsigned turn = relay->manner == RELAY_TROUBLE ? relay->number++ % 3 : 0;
    if (relay->manner == RELAY_ALERTS) {
        answer_alert(relay, client, handshake_failure);
    } else if (turn == 1) {
        uint8_t bytes[16384];
        if (recv(client, bytes, sizeof bytes, 0) > 0)
            count_answer(relay, false);
        setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close(client);
        return;
    } else if (turn == 2) {
        answer_alert(relay, client, internal_error);
    } else {
        int server = connect_to(&relay->behind);
        if (server >= 0) {
            pass(relay, client, server);
            close(server);
        }
    }
    close_gently(client);
}

static void *run(void *opaque)
{
    struct counting_relay *relay = opaque;
    for (int client; (client = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0;) {
        count(relay, &relay->counts.connections);
        serve(relay, client);
    }
    return NULL;
}

struct counting_relay *counting_relay_start(const char *address, uint16_t port, enum relay_manner manner, uint16_t behind)
{
    struct counting_relay *relay = xcalloc(1, sizeof *relay);
    relay->manner = manner;
    relay->at = address_of(address, port);
    relay->behind = address_of(address, behind);
    relay->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(relay->listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    assert_int_equal(bind(relay->listener, (struct sockaddr *)&relay->at, sizeof relay->at), 0);
    assert_int_equal(listen(relay->listener, 64), 0);
    assert_int_equal(pthread_mutex_init(&relay->lock, NULL), 0);
    assert_int_equal(pthread_create(&relay->thread, NULL, run, relay), 0);
    return relay;
}

void counting_relay_stop(struct counting_relay *relay)
{
    shutdown(relay->listener, SHUT_RDWR); /* ends accept() */
    pthread_join(relay->thread, NULL);
    close(relay->listener);
    pthread_mutex_destroy(&relay->lock);
    free(relay);
}

struct relay_counts counting_relay_take(struct counting_relay *relay)
{
    uint8_t byte;
    int last = connect_to(&relay->at);
    assert_true(last >= 0);
    shutdown(last, SHUT_WR);
    while (recv(last, &byte, 1, 0) > 0)
        ;
    close(last);
    pthread_mutex_lock(&relay->lock);
    struct relay_counts counts = relay->counts;
    relay->counts = (struct relay_counts){0};
    relay->number = 0;
    pthread_mutex_unlock(&relay->lock);
    assert_true(counts.connections != 0); /* ours */
    counts.connections--;
    return counts;
}

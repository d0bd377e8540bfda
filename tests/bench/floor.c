/* The floor: the least that a client can do for a chain, the kernel's work and nothing of its own. Connects, sends the same
 * ClientHello each time, reads the first flight, closes. The length of a flight is given (-F) or learned from a first one;
 * signatures differ by a few bytes, so a flight counts as whole 16 bytes before that. Prints how many answered, and the length. */
#include "tests/bench/sweep.h"

#include "probes/base/memory.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct floor_client {
    uint8_t hello[4096], flight[1u << 16];
    size_t hello_len, flight_len;
    struct {
        size_t got;
        bool sent;
    } *slots;
};

static bool floor_step(void *owner, unsigned slot, int fd, uint32_t events, bool *answered)
{
    struct floor_client *client = owner;
    if (events & (EPOLLERR | EPOLLHUP) && !(events & EPOLLIN))
        return true;
    if (!client->slots[slot].sent) {
        if ((events & EPOLLOUT) == 0)
            return false;
        client->slots[slot].sent = true;
        return send(fd, client->hello, client->hello_len, MSG_NOSIGNAL) != (ssize_t)client->hello_len;
    }
    ssize_t len = recv(fd, client->flight, sizeof client->flight, 0);
    if (len < 0 && errno == EAGAIN)
        return false;
    if (len <= 0)
        return true;
    client->slots[slot].got += (size_t)len;
    *answered = client->slots[slot].got + 16 >= client->flight_len;
    return *answered;
}

static void floor_end(void *owner, unsigned slot)
{
    struct floor_client *client = owner;
    client->slots[slot].got = 0;
    client->slots[slot].sent = false;
}

/* One connection by hand: all that comes within 300 ms of silence is the flight. */
static size_t learn_flight(struct floor_client *client, const struct sweep_options *options)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(options->port)};
    address.sin_addr.s_addr = htonl(options->first);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t total = 0;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        send(fd, client->hello, client->hello_len, MSG_NOSIGNAL) < 0) {
        perror("floor: connect");
        exit(1);
    }
    for (ssize_t len; poll(&(struct pollfd){fd, POLLIN, 0}, 1, 300) == 1 &&
                      (len = recv(fd, client->flight, sizeof client->flight, 0)) > 0;)
        total += (size_t)len;
    close(fd);
    return total;
}

int main(int argc, char **argv)
{
    struct sweep_options options = sweep_options(argc, argv);
    struct floor_client *client = xcalloc(1, sizeof *client);
    FILE *file = options.hello == NULL ? NULL : fopen(options.hello, "rb");
    if (file == NULL)
        return fprintf(stderr, "floor: -H FILE: a ClientHello as it was sent\n"), 2;
    client->hello_len = fread(client->hello, 1, sizeof client->hello, file);
    fclose(file);
    client->slots = xcalloc(options.at_once, sizeof *client->slots);
    client->flight_len = options.flight_len != 0 ? options.flight_len : learn_flight(client, &options);
    if (client->flight_len < 100)
        return fprintf(stderr, "floor: the server answers with %zu bytes: no flight\n", client->flight_len), 1;
    struct sweep_client sweep = {floor_step, floor_end, client};
    printf("%u %zu\n", sweep_run(&options, &sweep), client->flight_len);
    return 0;
}

#include "scanner/syn/sender.h"

#include "probes/base/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEND_BUFFER (4 << 20)

/* The three ways out, each a socket with a batch of its own. */
enum way { WAY_PACKET, WAY_IPV4, WAY_IPV6, WAY_COUNT };

union where {
    struct sockaddr_ll link;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

struct batch {
    int socket;
    unsigned count;
    struct mmsghdr messages[SENDER_BATCH];
    struct iovec pieces[SENDER_BATCH];
    union where where[SENDER_BATCH];
    uint8_t bytes[SENDER_BATCH][FRAME_SIZE];
    uint64_t tokens[SENDER_BATCH];
};

struct sender {
    unsigned count;
    struct batch batches[WAY_COUNT];
};

/* Names the program's own file, so that the line can be pasted. */
static bool refuse(struct error *err)
{
    char program[512] = "";
    if (errno != EPERM && errno != EACCES)
        return error_set(err, ERROR_SYSTEM, "a raw socket: %s", strerror(errno));
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    return error_set(
        err, ERROR_SYSTEM,
        "SYN scanning needs the capability CAP_NET_RAW: give it to the program once, as root, with "
        "\"setcap cap_net_raw+ep %s\", or scan without --syn",
        len > 0 ? program : "/usr/bin/certsweep");
}

struct sender *sender_open(struct error *err)
{
    static const int kinds[WAY_COUNT][3] = {
        {AF_PACKET, SOCK_RAW, 0},         /* protocol 0: it receives nothing */
        {AF_INET, SOCK_RAW, IPPROTO_RAW}, /* we write the IP header */
        {AF_INET6, SOCK_RAW, IPPROTO_RAW},
    };
    struct sender *sender = xcalloc(1, sizeof *sender);
    const int size = SEND_BUFFER, yes = 1;
    for (size_t i = 0; i < WAY_COUNT; i++)
        sender->batches[i].socket = -1;
    for (size_t i = 0; i < WAY_COUNT; i++) {
        struct batch *batch = &sender->batches[i];
        batch->socket = socket(kinds[i][0], kinds[i][1] | SOCK_CLOEXEC | SOCK_NONBLOCK, kinds[i][2]);
        if (batch->socket < 0 && !(i == WAY_IPV6 && errno == EAFNOSUPPORT)) {
            refuse(err);
            sender_close(sender);
            return NULL;
        }
        if (batch->socket >= 0)
            setsockopt(batch->socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof size); /* as much as it gives */
    }
    /* without these a full neighbour table loses packets silently; a socket of IPPROTO_RAW receives no ICMP errors */
    setsockopt(sender->batches[WAY_IPV4].socket, IPPROTO_IP, IP_RECVERR, &yes, sizeof yes);
    if (sender->batches[WAY_IPV6].socket >= 0)
        setsockopt(sender->batches[WAY_IPV6].socket, IPPROTO_IPV6, IPV6_RECVERR, &yes, sizeof yes);
    return sender;
}

void sender_close(struct sender *sender)
{
    if (sender == NULL)
        return;
    for (size_t i = 0; i < WAY_COUNT; i++) {
        if (sender->batches[i].socket >= 0)
            close(sender->batches[i].socket);
    }
    free(sender);
}

static socklen_t fill_where(union where *where, enum way way, const struct route *route,
                            const struct frame_syn *syn)
{
    memset(where, 0, sizeof *where);
    switch (way) {
    case WAY_PACKET:
        where->link.sll_family = AF_PACKET;
        where->link.sll_protocol = htons(syn->source.len == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6);
        where->link.sll_ifindex = route->interface_index;
        where->link.sll_halen = FRAME_MAC_SIZE;
        memcpy(where->link.sll_addr, route->gateway_mac, FRAME_MAC_SIZE);
        return sizeof where->link;
    case WAY_IPV4:
        where->ipv4.sin_family = AF_INET;
        memcpy(&where->ipv4.sin_addr, syn->destination.bytes, 4);
        return sizeof where->ipv4;
    default:
        where->ipv6.sin6_family = AF_INET6;
        memcpy(&where->ipv6.sin6_addr, syn->destination.bytes, 16);
        return sizeof where->ipv6;
    }
}

void sender_add(struct sender *sender, const struct route *route, const struct frame_syn *syn, uint64_t token)
{
    enum way way = route->kind == ROUTE_ETHERNET ? WAY_PACKET : syn->source.len == 4 ? WAY_IPV4 : WAY_IPV6;
    struct batch *batch = &sender->batches[way];
    unsigned at = batch->count++;
    uint8_t *bytes = batch->bytes[at];
    size_t link_len = 0;
    if (way == WAY_PACKET) {
        frame_write_link(route->own_mac, route->gateway_mac,
                         syn->source.len == 4 ? ETHERTYPE_IP : ETHERTYPE_IPV6, bytes);
        link_len = FRAME_LINK_SIZE;
    }
    batch->tokens[at] = token;
    batch->pieces[at] =
        (struct iovec){.iov_base = bytes, .iov_len = link_len + frame_write_syn(syn, bytes + link_len)};
    batch->messages[at].msg_hdr =
        (struct msghdr){.msg_name = &batch->where[at],
                        .msg_namelen = fill_where(&batch->where[at], way, route, syn),
                        .msg_iov = &batch->pieces[at],
                        .msg_iovlen = 1};
    sender->count++;
}

unsigned sender_count(const struct sender *sender)
{
    return sender->count;
}

static bool is_full(int code)
{
    return code == ENOBUFS || code == EAGAIN || code == EWOULDBLOCK || code == ENOMEM;
}

static unsigned flush_batch(struct batch *batch, const struct sender_callbacks *callbacks)
{
    unsigned at = 0, went = 0;
    while (at < batch->count) {
        int sent =
            batch->socket < 0 ? -1 : sendmmsg(batch->socket, batch->messages + at, batch->count - at, 0);
        if (sent > 0) {
            at += (unsigned)sent;
            went += (unsigned)sent;
        } else if (sent < 0 && errno == EINTR) {
            continue;
        } else if (batch->socket >= 0 && is_full(errno)) {
            for (; at < batch->count; at++)
                callbacks->on_refused(callbacks->context, batch->tokens[at]);
        } else if (batch->socket >= 0 && errno == EPERM) {
            callbacks->on_kept_back(callbacks->context, batch->tokens[at++]);
        } else {
            callbacks->on_impossible(callbacks->context, batch->tokens[at++]);
        }
    }
    batch->count = 0;
    return went;
}

unsigned sender_flush(struct sender *sender, const struct sender_callbacks *callbacks)
{
    unsigned went = 0;
    sender->count = 0;
    for (size_t i = 0; i < WAY_COUNT; i++) {
        if (sender->batches[i].count != 0)
            went += flush_batch(&sender->batches[i], callbacks);
    }
    return went;
}

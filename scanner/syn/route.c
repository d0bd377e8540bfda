#include "scanner/syn/route.h"

#include "probes/base/clock.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uthash.h>

#define REMEMBERED_MAX  65536 /* prefixes; above, the table is emptied */
#define GATEWAY_TRIES   3
#define GATEWAY_WAIT_US 300000

struct remembered {
    struct address prefix; /* the key: first address of the /24 or /64 */
    bool uniform;          /* one route for all of it */
    struct route route;
    UT_hash_handle hh;
};

struct gateway {
    struct address address;
    int interface_index;
    bool answered;
    uint8_t mac[FRAME_MAC_SIZE];
    struct gateway *next;
};

struct route_table {
    int netlink;
    int packet; /* asks for link addresses */
    uint32_t sequence;
    struct remembered *remembered;
    struct gateway *gateways;
    struct route single; /* of an address that is asked for itself */
};

/* ---- rtnetlink */

struct route_request {
    struct nlmsghdr head;
    struct rtmsg message;
    uint8_t attributes[RTA_SPACE(16)];
};

static void read_attribute(const struct rtattr *attribute, uint8_t len, struct route *route,
                           struct address *gateway)
{
    const uint8_t *data = RTA_DATA(attribute);
    size_t data_len = RTA_PAYLOAD(attribute);
    if (attribute->rta_type == RTA_OIF && data_len == sizeof(int))
        memcpy(&route->interface_index, data, sizeof(int));
    else if (attribute->rta_type == RTA_PREFSRC && data_len == len)
        route->source = address_from_bytes(data, len);
    else if (attribute->rta_type == RTA_GATEWAY && data_len == len)
        *gateway = address_from_bytes(data, len);
}

/* False where the kernel has no way to it. */
static bool ask_kernel(struct route_table *table, const struct address *destination, struct route *route,
                       struct address *gateway)
{
    struct route_request request = {.head = {.nlmsg_len = (uint32_t)(NLMSG_LENGTH(sizeof(struct rtmsg)) +
                                                                     RTA_LENGTH(destination->len)),
                                             .nlmsg_type = RTM_GETROUTE,
                                             .nlmsg_flags = NLM_F_REQUEST,
                                             .nlmsg_seq = ++table->sequence},
                                    .message = {.rtm_family = destination->len == 4 ? AF_INET : AF_INET6,
                                                .rtm_dst_len = (unsigned char)(destination->len * 8)}};
    struct rtattr attribute = {.rta_len = (unsigned short)RTA_LENGTH(destination->len), .rta_type = RTA_DST};
    memcpy(request.attributes, &attribute, sizeof attribute);
    memcpy(request.attributes + sizeof attribute, destination->bytes, destination->len);
    _Alignas(struct nlmsghdr) uint8_t answer[4096];
    if (send(table->netlink, &request, request.head.nlmsg_len, 0) < 0)
        return false;
    for (;;) {
        ssize_t got = recv(table->netlink, answer, sizeof answer, 0);
        const struct nlmsghdr *head = (const struct nlmsghdr *)(const void *)answer;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || !NLMSG_OK(head, (uint32_t)got))
            return false;
        if (head->nlmsg_seq != table->sequence)
            continue;
        if (head->nlmsg_type != RTM_NEWROUTE)
            return false;
        const struct rtmsg *message = NLMSG_DATA(head);
        if (message->rtm_type != RTN_UNICAST && message->rtm_type != RTN_LOCAL)
            return false;
        unsigned left = (unsigned)RTM_PAYLOAD(head);
        for (const struct rtattr *a = RTM_RTA(message); RTA_OK(a, left); a = RTA_NEXT(a, left))
            read_attribute(a, destination->len, route, gateway);
        return route->interface_index != 0;
    }
}

/* ---- link addresses */

/* The interface's own; false where it is not Ethernet. */
static bool own_mac(const struct route_table *table, int interface_index, uint8_t mac[FRAME_MAC_SIZE])
{
    struct ifreq request = {.ifr_ifindex = interface_index};
    if (ioctl(table->packet, SIOCGIFNAME, &request) != 0 ||
        ioctl(table->packet, SIOCGIFHWADDR, &request) != 0 || request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
        return false;
    memcpy(mac, request.ifr_hwaddr.sa_data, FRAME_MAC_SIZE);
    return true;
}

static bool wait_for_answer(struct route_table *table, const struct gateway *gateway,
                            uint8_t mac[FRAME_MAC_SIZE])
{
    int64_t until_us = clock_monotonic_us() + GATEWAY_WAIT_US, left_us;
    while ((left_us = until_us - clock_monotonic_us()) > 0) {
        struct pollfd poll_fd = {.fd = table->packet, .events = POLLIN};
        uint8_t frame[2048];
        if (poll(&poll_fd, 1, (int)(left_us / 1000) + 1) <= 0)
            continue;
        ssize_t got = recv(table->packet, frame, sizeof frame, MSG_DONTWAIT);
        if (got > 0 && frame_read_neighbour_answer(frame, (size_t)got, &gateway->address, mac))
            return true;
    }
    return false;
}

/* Between two questions the kernel hands nothing over: a filter that drops everything. */
static void be_deaf(const struct route_table *table)
{
    struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {.len = 1, .filter = &drop};
    if (setsockopt(table->packet, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
        log_debug("route: filter: %s", strerror(errno));
}

static void listen_to(const struct route_table *table, int interface_index, uint16_t ether_type)
{
    int nothing = 0;
    setsockopt(table->packet, SOL_SOCKET, SO_DETACH_FILTER, &nothing, sizeof nothing); /* none yet is fine */
    struct sockaddr_ll where = {.sll_family = AF_PACKET,
                                .sll_protocol = htons(ether_type),
                                .sll_ifindex = interface_index};
    if (bind(table->packet, (const struct sockaddr *)&where, sizeof where) != 0)
        log_debug("route: bind: %s", strerror(errno));
}

static bool ask_gateway(struct route_table *table, struct gateway *gateway, const struct route *route)
{
    uint8_t frame[FRAME_ASK_SIZE];
    struct sockaddr_ll where = {.sll_family = AF_PACKET,
                                .sll_ifindex = gateway->interface_index,
                                .sll_halen = 6};
    size_t len = frame_write_neighbour_ask(route->own_mac, &route->source, &gateway->address, frame);
    memcpy(where.sll_addr, frame, FRAME_MAC_SIZE);
    where.sll_protocol = htons(gateway->address.len == 4 ? ETHERTYPE_ARP : ETHERTYPE_IPV6);
    bool answered = false;
    listen_to(table, gateway->interface_index, gateway->address.len == 4 ? ETHERTYPE_ARP : ETHERTYPE_IPV6);
    for (unsigned i = 0; i < GATEWAY_TRIES && !answered; i++) {
        if (sendto(table->packet, frame, len, 0, (const struct sockaddr *)&where, sizeof where) < 0)
            log_debug("route: asking for a gateway: %s", strerror(errno));
        answered = wait_for_answer(table, gateway, gateway->mac);
    }
    be_deaf(table);
    if (answered)
        return true;
    char text[ADDRESS_TEXT_SIZE];
    struct ifreq request = {.ifr_ifindex = gateway->interface_index};
    address_format(&gateway->address, text);
    if (ioctl(table->packet, SIOCGIFNAME, &request) != 0)
        request.ifr_name[0] = '\0';
    log_warning("the gateway %s on %s does not answer with its link address, so addresses behind it are unreachable",
                text, request.ifr_name);
    return false;
}

static const struct gateway *gateway_find(struct route_table *table, const struct address *address,
                                          const struct route *route)
{
    for (struct gateway *gateway = table->gateways; gateway != NULL; gateway = gateway->next) {
        if (gateway->interface_index == route->interface_index &&
            address_compare(&gateway->address, address) == 0)
            return gateway;
    }
    struct gateway *gateway = xcalloc(1, sizeof *gateway);
    *gateway = (struct gateway){.address = *address,
                                .interface_index = route->interface_index,
                                .next = table->gateways};
    table->gateways = gateway;
    gateway->answered = ask_gateway(table, gateway, route);
    return gateway;
}

/* ---- routes */

/* As the kernel says; nothing is sent. A way through an Ethernet gateway is ROUTE_ETHERNET without its link
 * address yet. */
static struct route find_route(struct route_table *table, const struct address *destination)
{
    struct route route = {.kind = ROUTE_NONE};
    struct address gateway = {.len = 0};
    if (!ask_kernel(table, destination, &route, &gateway) || route.source.len != destination->len)
        return (struct route){.kind = ROUTE_NONE};
    route.kind = ROUTE_RAW_IP;
    if (gateway.len == 0 || !own_mac(table, route.interface_index, route.own_mac))
        return route;
    route.kind = ROUTE_ETHERNET;
    route.gateway = gateway;
    return route;
}

/* Only for a route that a packet is about to take: this is where its gateway is asked. */
static const struct route *complete(struct route_table *table, struct route *route)
{
    if (route->kind == ROUTE_ETHERNET && !route->is_complete) {
        const struct gateway *gateway = gateway_find(table, &route->gateway, route);
        memcpy(route->gateway_mac, gateway->mac, FRAME_MAC_SIZE);
        route->kind = gateway->answered ? ROUTE_ETHERNET : ROUTE_NONE;
        route->is_complete = true;
    }
    return route;
}

static bool same_way(const struct route *a, const struct route *b)
{
    return a->kind == b->kind && a->interface_index == b->interface_index &&
           address_compare(&a->gateway, &b->gateway) == 0 && address_compare(&a->source, &b->source) == 0;
}

static void forget_all(struct route_table *table)
{
    struct remembered *entry, *next;
    HASH_ITER(hh, table->remembered, entry, next)
    {
        HASH_DEL(table->remembered, entry);
        free(entry);
    }
}

static struct remembered *remember(struct route_table *table, const struct address_range *prefix)
{
    struct remembered *entry = xcalloc(1, sizeof *entry);
    entry->prefix = prefix->first;
    struct address low = prefix->first, high = prefix->last;
    low.bytes[low.len - 1] |= 1; /* the outermost may be a network's own and its broadcast address */
    high.bytes[high.len - 1] &= 0xfe;
    entry->route = find_route(table, &low);
    struct route last = find_route(table, &high);
    entry->uniform = same_way(&entry->route, &last);
    if (HASH_COUNT(table->remembered) >= REMEMBERED_MAX)
        forget_all(table);
    HASH_ADD(hh, table->remembered, prefix, sizeof entry->prefix, entry);
    return entry;
}

const struct route *route_find(struct route_table *table, const struct address *destination)
{
    struct address_range prefix;
    struct remembered *found;
    if (!address_range_of_prefix(destination, destination->len == 4 ? 24 : 64, &prefix))
        abort();
    HASH_FIND(hh, table->remembered, &prefix.first, sizeof prefix.first, found);
    struct remembered *entry = found != NULL ? found : remember(table, &prefix);
    if (!entry->uniform)
        table->single = find_route(table, destination);
    return complete(table, entry->uniform ? &entry->route : &table->single);
}

/* ---- opening */

struct route_table *route_table_open(struct error *err)
{
    struct route_table *table = xcalloc(1, sizeof *table);
    table->packet = -1;
    table->netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (table->netlink >= 0)
        table->packet = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); /* bound when it listens */
    if (table->packet >= 0)
        return table;
    error_set(err, ERROR_SYSTEM, "routes cannot be asked: %s", strerror(errno));
    route_table_close(table);
    return NULL;
}

void route_table_close(struct route_table *table)
{
    if (table == NULL)
        return;
    forget_all(table);
    while (table->gateways != NULL) {
        struct gateway *gateway = table->gateways;
        table->gateways = gateway->next;
        free(gateway);
    }
    if (table->netlink >= 0)
        close(table->netlink);
    if (table->packet >= 0)
        close(table->packet);
    free(table);
}

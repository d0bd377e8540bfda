/* Random plans (random_plan.h) run by the scanner's own code, and every packet that leaves is read and judged
 * by the second opinion: none may go where plan, exclusions and scope do not allow, and what they allow must
 * have been asked.
 *
 *     scan_run() ─► bundle ─► keeper_run(), here: fork ─► worker_main(), confined ─► sockets ─┐
 *     name server: answers what stands in the name, the lie that the plan wants               ▼
 *     AF_PACKET socket on all interfaces  ◄──────────────────────────────── every frame that goes out
 *
 * keeper.c's place is taken by a keeper that forks its worker without an exec, since starting the program
 * twice is what a plan would cost else; tests/acceptance/scope_on_wire.sh runs some plans through the whole
 * program, too.
 *
 * wire_plans FIRST COUNT FOLDER GATEWAY4 GATEWAY6: plans FIRST, FIRST + 1 ..., in a network namespace whose
 * default routes go to a link on which everybody refuses. The gateways are the only neighbours that may be
 * asked for. Every SYN_EVERYth plan sends SYNs ahead (--syn). */
#include "inventory/bundle/bundle_files.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "scanner/process/keeper.h"
#include "scanner/process/worker_process.h"
#include "scanner/run/scan_run.h"
#include "scanner/run/worker.h"
#include "tests/scanner/run/random_plan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME_SERVER      "127.0.0.53"
#define NAME_SERVER_PORT 5353
#define SYN_EVERY        50
#define WRONG_MAX        4

static const uint16_t ports[] = {443, 8443};

/* --- a keeper without exec --------------------------------------------------------------------------------
 */

static void become_worker(const struct keeper_job *job, int report_fd, pid_t keeper)
{
    char path[4096], keeper_text[16], syn[16] = "none";
    char *const args[] = {"certsweep-worker", path, keeper_text, "none", syn, NULL};
    int report = fcntl(report_fd, F_DUPFD, 20), files[BUNDLE_FILE_COUNT];       /* their places are worker_process.h's */
    snprintf(path, sizeof path, "%s", job->bundle);
    snprintf(keeper_text, sizeof keeper_text, "%d", (int)keeper);
    if (job->syn)
        snprintf(syn, sizeof syn, "%u", job->syn_rate);
    if (report < 0 || !bundle_files_open(path, files))
        _exit(4);
    for (int i = 0; i < BUNDLE_FILE_COUNT; i++)
        files[i] = fcntl(files[i], F_DUPFD, 20);
    for (int i = 0; i < BUNDLE_FILE_COUNT; i++)
        if (dup2(files[i], WORKER_BUNDLE_FD + i) < 0)
            _exit(4);
    if (dup2(report, WORKER_REPORT_FD) < 0)
        _exit(4);
    _exit(worker_main(5, args));
}

bool keeper_run(const struct keeper_job *job, struct keeper_result *result, struct error *err)
{
    int report[2], status;
    pid_t self = getpid();
    *result = (struct keeper_result){0};
    if (pipe2(report, O_CLOEXEC) != 0)
        return error_set(err, ERROR_SYSTEM, "pipe: %s", strerror(errno));
    pid_t worker = fork();
    if (worker == 0)
        become_worker(job, report[1], self);
    close(report[1]);
    while (read(report[0], &result->report, sizeof result->report) == sizeof result->report)
        continue;
    close(report[0]);
    waitpid(worker, &status, 0);
    result->code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    result->end = !WIFEXITED(status) ? KEEPER_WORKER_DIED
                  : status == 0      ? KEEPER_FINISHED
                                     : KEEPER_WORKER_FAILED;
    return true;
}

/* --- a name server that lies
 * -------------------------------------------------------------------------------- */

enum { TYPE_A = 1, TYPE_AAAA = 28 };

/* RFC 1035, 4.1: the question back, then a record for each answer of its type that stands in the name. */
static size_t answer(uint8_t *message, size_t len, size_t size)
{
    char name[256];
    size_t at = 12, name_len = 0;
    while (at < len && message[at] != 0 && at + message[at] < len &&
           name_len + message[at] + 2 < sizeof name) {
        memcpy(name + name_len, message + at + 1, message[at]);
        name_len += message[at];
        name[name_len++] = '.';
        at += 1u + message[at];
    }
    name[name_len] = '\0';
    if (at + 5 > len)
        return 0;
    unsigned type = message[at + 1] * 256u + message[at + 2], count = 0;
    size_t out = at + 5;
    const char *text = name;
    struct address address;
    while (plan_name_next_answer(&text, &address) && out + 28 < size) {
        if ((address.len == 4) != (type == TYPE_A) || (type != TYPE_A && type != TYPE_AAAA))
            continue;
        const uint8_t record[] = {0xc0, 0x0c, 0, (uint8_t)type, 0, 1, 0, 0, 0, 60, 0, address.len};
        memcpy(message + out, record, sizeof record);
        memcpy(message + out + sizeof record, address.bytes, address.len);
        out += sizeof record + address.len;
        count++;
    }
    const uint8_t head[] = {0x85, 0x80, 0, 1, 0, (uint8_t)count, 0, 0, 0, 0};
    memcpy(message + 2, head, sizeof head);
    return out;
}

/* Bound before anybody asks: what comes before the server runs waits for it. -1: the address is taken. */
static int listen_for_names(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(NAME_SERVER_PORT)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    inet_pton(AF_INET, NAME_SERVER, &at.sin_addr);
    return bind(fd, (struct sockaddr *)&at, sizeof at) == 0 ? fd : -1;
}

static void serve_names(int fd)
{
    struct sockaddr_in from;
    uint8_t message[1500];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        socklen_t from_len = sizeof from;
        ssize_t got = recvfrom(fd, message, 512, 0, (struct sockaddr *)&from, &from_len);
        size_t len = got < 12 ? 0 : answer(message, (size_t)got, sizeof message);
        if (len != 0)
            sendto(fd, message, len, 0, (struct sockaddr *)&from, from_len);
    }
}

/* --- the wire
 * ----------------------------------------------------------------------------------------------- */

struct place {
    struct address address;
    uint16_t port;
};

struct wire {
    int fd;
    struct address gateways[2];
    const struct random_plan *plan;
    struct place *asked; /* of this plan */
    size_t asked_count, asked_capacity;
    unsigned wrong;           /* of this plan */
    uint64_t packets, judged; /* of all */
};

static int compare(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = address_compare(&x->address, &y->address);
    return order != 0 ? order : (int)x->port - (int)y->port;
}

static void complain(struct wire *wire, const char *what, const struct address *address, unsigned port)
{
    char text[ADDRESS_TEXT_SIZE];
    address_format(address, text);
    if (wire->wrong++ < 5)
        printf("WRONG: %s: %s port %u\n", what, text, port);
}

static bool is_allowed(const struct random_plan *plan, const struct address *address, uint16_t port)
{
    for (size_t i = 0; i < plan->targets.count; i++) {
        const struct plan_range *range = &plan->targets.rows[i];
        unsigned __int128 number = address_value(address);
        if (range->len == address->len && number >= range->first && number <= range->last &&
            random_plan_allows(plan, address, port, NULL))
            return true;
    }
    for (size_t i = 0; i < plan->name_count; i++)
        for (size_t j = 0; j < plan->names[i].answer_count; j++)
            if (address_compare(&plan->names[i].answers[j], address) == 0 &&
                random_plan_allows(plan, address, port, &plan->names[i]))
                return true;
    return false;
}

static bool is_scanned_port(unsigned port)
{
    return port == ports[0] || port == ports[1];
}

static bool is_loopback(const struct address *address)
{
    static const uint8_t ipv6_loopback[16] = {[15] = 1};
    return address->len == 4 ? address->bytes[0] == 127 : memcmp(address->bytes, ipv6_loopback, 16) == 0;
}

static void judge_tcp(struct wire *wire, const struct address *to, const uint8_t *tcp)
{
    unsigned from_port = tcp[0] * 256u + tcp[1], port = tcp[2] * 256u + tcp[3], flags = tcp[13];
    if (is_loopback(to) && is_scanned_port(from_port) && (flags & 0x04) != 0)
        return; /* the refusal of an address of our own */
    wire->judged++;
    if (!is_scanned_port(port) || !is_allowed(wire->plan, to, (uint16_t)port))
        complain(wire, "a segment left the scope", to, port);
    if ((flags & 0x12) != 0x02)
        return;
    if (wire->asked_count == wire->asked_capacity) {
        wire->asked_capacity = wire->asked_capacity == 0 ? 1024 : 2 * wire->asked_capacity;
        wire->asked = xreallocarray(wire->asked, wire->asked_capacity, sizeof *wire->asked);
    }
    wire->asked[wire->asked_count++] = (struct place){*to, (uint16_t)port};
}

/* The kernel's own: whom it asks for a link address must be a gateway; what it tells routers and groups is
 * its affair.
 */
static void judge_icmp6(struct wire *wire, const struct address *to, const uint8_t *icmp)
{
    enum { ROUTER_SOLICIT = 133, NEIGHBOUR_SOLICIT = 135, NEIGHBOUR_ADVERT = 136, MLD2 = 143 };
    struct address asked = address_from_bytes(icmp + 8, 16);
    if (icmp[0] == NEIGHBOUR_SOLICIT && address_compare(&asked, &wire->gateways[1]) != 0)
        complain(wire, "a neighbour was asked for", &asked, 0);
    else if (icmp[0] != NEIGHBOUR_SOLICIT && icmp[0] != NEIGHBOUR_ADVERT && icmp[0] != ROUTER_SOLICIT &&
             icmp[0] != MLD2 && !is_loopback(to))
        complain(wire, "an ICMPv6 message", to, icmp[0]);
}

static void judge_packet(struct wire *wire, const uint8_t *packet, unsigned ether_type)
{
    struct address to;
    const uint8_t *body;
    unsigned protocol;
    if (ether_type == ETHERTYPE_ARP) {
        to = address_from_bytes(packet + 24, 4);
        if (address_compare(&to, &wire->gateways[0]) != 0)
            complain(wire, "a neighbour was asked for", &to, 0);
        return;
    }
    if (ether_type == ETHERTYPE_IP) {
        to = address_from_bytes(packet + 16, 4);
        protocol = packet[9];
        body = packet + (packet[0] & 15) * 4;
    } else {
        to = (struct address){.len = 16};
        memcpy(to.bytes, packet + 24, 16);
        protocol = packet[6];
        body = packet + 40;
    }
    if (protocol == IPPROTO_TCP)
        judge_tcp(wire, &to, body);
    else if (protocol == IPPROTO_ICMPV6)
        judge_icmp6(wire, &to, body);
    else if (protocol == IPPROTO_HOPOPTS && to.bytes[0] == 0xff)
        return; /* the kernel's MLD */
    else if (protocol == IPPROTO_ICMP && is_loopback(&to))
        return;
    else if (protocol != IPPROTO_UDP || !is_loopback(&to) ||
             (body[2] * 256u + body[3] != NAME_SERVER_PORT && body[0] * 256u + body[1] != NAME_SERVER_PORT))
        complain(wire, "a packet of another protocol", &to, protocol);
}

/* All that waits; a packet's taps have run before the call that sent it came back. */
static void read_wire(struct wire *wire)
{
    uint8_t packet[256];
    struct sockaddr_ll from;
    socklen_t from_len = sizeof from;
    while (recvfrom(wire->fd, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&from, &from_len) > 0) {
        unsigned type = ntohs(from.sll_protocol);
        if (from.sll_pkttype == PACKET_OUTGOING &&
            (type == ETHERTYPE_IP || type == ETHERTYPE_IPV6 || type == ETHERTYPE_ARP)) {
            wire->packets++;
            if (wire->plan != NULL)
                judge_packet(wire, packet, type);
        }
        from_len = sizeof from;
    }
    struct tpacket_stats stats;
    socklen_t len = sizeof stats;
    if (getsockopt(wire->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0 && stats.tp_drops != 0) {
        printf("WRONG: %u packets were not seen\n", stats.tp_drops);
        wire->wrong++;
    }
}

static void open_wire(struct wire *wire)
{
    int size = 32 << 20;
    wire->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
    if (wire->fd < 0 || setsockopt(wire->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
        perror("FAILED: a packet socket");
        exit(1);
    }
}

/* --- plans
 * -------------------------------------------------------------------------------------------------- */

static struct scan_request request_of(const struct random_plan *plan, uint64_t number, const char *bundle)
{
    struct scan_request request = {.site = "default", .shard_count = 1, .bundle = bundle, .lines_fd = -1};
    struct scan_settings *settings = &request.settings;
    scan_settings_init(settings);
    settings->rate = xstrdup("1000000");
    settings->prefix_rate_per_s = settings->host_connections = 0;
    settings->connections = 500;
    settings->loops = 1;
    settings->depth = number % 3 == 0 ? TLS_DEPTH_POSTURE : TLS_DEPTH_CERT;
    settings->ask_ptr = number % 5 == 0;
    settings->ports = xstrdup(RANDOM_PLAN_PORTS);
    settings->resolver = xasprintf("%s:%d", NAME_SERVER, NAME_SERVER_PORT);
    settings->scope = plan->has_scope ? xstrdup(plan->file) : NULL;
    settings->syn = number % SYN_EVERY == 0;
    settings->syn_rate_per_s = 1000000;
    request.targets = random_plan_targets(plan);
    return request;
}

/* Everything in the ranges that is allowed; gives how many that is. */
static size_t check_all_were_asked(struct wire *wire)
{
    const struct random_plan *plan = wire->plan;
    size_t count = 0;
    if (wire->asked_count != 0)
        qsort(wire->asked, wire->asked_count, sizeof *wire->asked, compare);
    for (size_t i = 0; i < plan->targets.count; i++) {
        const struct plan_range *range = &plan->targets.rows[i];
        for (unsigned __int128 number = range->first; number <= range->last; number++)
            for (size_t p = 0; p < 2; p++) {
                struct place place = {address_of_value(number, range->len), ports[p]};
                if (!random_plan_allows(plan, &place.address, place.port, NULL))
                    continue;
                count++;
                if (wire->asked_count == 0 ||
                    bsearch(&place, wire->asked, wire->asked_count, sizeof *wire->asked, compare) == NULL)
                    complain(wire, "allowed, and not asked", &place.address, place.port);
            }
    }
    return count;
}

static size_t count_hostile(const struct random_plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->name_count; i++)
        for (size_t j = 0; j < 2 * plan->names[i].answer_count; j++)
            count += !is_allowed(plan, &plan->names[i].answers[j / 2], ports[j % 2]);
    return count;
}

struct totals {
    uint64_t plans, refused, wanted, hostile;
};

static bool run_plan(struct wire *wire, uint64_t number, const char *bundle, struct totals *totals)
{
    struct random_plan plan;
    struct error err = {0};
    random_plan_make(&plan, number);
    read_wire(wire);
    wire->plan = &plan;
    wire->asked_count = wire->wrong = 0;
    struct scan_request request = request_of(&plan, number, bundle);
    bool ran = scan_run(&request, &err);
    read_wire(wire);
    size_t wanted = check_all_were_asked(wire);
    if (ran ? request.code != 0 : err.kind != ERROR_USAGE || wanted != 0) {
        printf("WRONG: the scan ended with %d: %s\n", request.code, err.text);
        wire->wrong++;
    }
    if (wire->wrong != 0)
        printf("in plan %llu%s (wire_plans %llu 1 ... runs it alone)\n%s\n", (unsigned long long)number,
               request.settings.syn ? ", by SYNs" : "", (unsigned long long)number, plan.file);
    totals->plans++;
    totals->refused += !ran;
    totals->wanted += wanted;
    totals->hostile += count_hostile(&plan);
    target_list_destroy(request.targets);
    scan_settings_clear(&request.settings);
    unlink(bundle);
    wire->plan = NULL;
    return wire->wrong == 0;
}

int main(int argc, char **argv)
{
    struct wire wire = {0};
    struct totals totals = {0};
    char bundle[4096];
    unsigned wrong = 0;
    if (argc != 6 || !address_parse(argv[4], &wire.gateways[0]) ||
        !address_parse(argv[5], &wire.gateways[1])) {
        fprintf(stderr, "usage: wire_plans FIRST COUNT FOLDER GATEWAY4 GATEWAY6\n");
        return 2;
    }
    uint64_t first = strtoull(argv[1], NULL, 10), count = strtoull(argv[2], NULL, 10);
    snprintf(bundle, sizeof bundle, "%s/%s.bundle", argv[3], argv[1]);
    log_set_level(LOG_LEVEL_ERROR);
    open_wire(&wire);
    int names = listen_for_names();
    if (names < 0) {
        perror("wire_plans: name server");
        return 1;
    }
    if (fork() == 0)
        serve_names(names);
    for (uint64_t i = first; i < first + count && wrong < WRONG_MAX; i++)
        wrong += !run_plan(&wire, i, bundle, &totals);
    printf("%llu plans: %llu packets out, %llu of TCP judged; %llu places had to be asked, %llu hostile "
           "answers; %llu "
           "plans left nothing to ask; %u wrong\n",
           (unsigned long long)totals.plans, (unsigned long long)wire.packets,
           (unsigned long long)wire.judged, (unsigned long long)totals.wanted,
           (unsigned long long)totals.hostile, (unsigned long long)totals.refused, wrong);
    free(wire.asked);
    close(wire.fd);
    return wrong == 0 && wire.judged >= totals.wanted && totals.hostile >= count ? 0 : 1;
}

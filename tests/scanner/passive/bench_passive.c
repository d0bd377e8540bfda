/* What a handshake costs to see: makes a capture of many full TLS 1.2 handshakes, one of bulk TLS and one of a SYN
 * flood, and runs over them libpcap's bare loop, certsweep listen, and tshark on a part. CPU is user and system.
 *
 *     bench_passive CERTSWEEP FOLDER [HANDSHAKES [BULK_MIB [FLOOD_FLOWS]]] */
#include "scanner/passive/capture_file.h"
#include "tests/scanner/passive/traffic.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNS 3

static void write_packet(void *context, const struct packet *packet)
{
    FILE *file = context;
    const uint32_t header[4] = {(uint32_t)(packet->time_us / 1000000), (uint32_t)(packet->time_us % 1000000),
                                (uint32_t)packet->len, (uint32_t)packet->wire_len};
    fwrite(header, sizeof header, 1, file);
    fwrite(packet->bytes, packet->len, 1, file);
}

static FILE *begin_file(const char *path, struct traffic *traffic)
{
    static const uint32_t header[6] = {0xa1b2c3d4, 0x00040002, 0, 0, 262144, 1};
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    setvbuf(file, NULL, _IOFBF, 1 << 20);
    fwrite(header, sizeof header, 1, file);
    *traffic = (struct traffic){.on_packet = write_packet, .context = file, .time_us = 1700000000000000, .step_us = 3};
    return file;
}

/* Distinct endpoints, each with its name, and distinct chains; clients and their ports all differ. */
static void write_handshakes(const char *path, unsigned count, unsigned servers, unsigned chains)
{
    static const size_t lens[3] = {1300, 1100, 900};
    struct traffic traffic;
    FILE *file = begin_file(path, &traffic);
    for (unsigned i = 0; i < count; i++) {
        char client[32], server[32], name[64];
        unsigned host = i % servers;
        snprintf(client, sizeof client, "10.%u.%u.%u", 1 + (i >> 16 & 63), i >> 8 & 255, i & 255);
        snprintf(server, sizeof server, "192.168.%u.%u", host >> 8 & 255, host & 255);
        snprintf(name, sizeof name, "host%u.example.org", host);
        struct traffic_tcp tcp;
        struct traffic_tls tls = {.server_name = name, .version = 0x0303, .cipher_suite = 0xc02f,
                                  .certificate_count = 3, .certificate_lens = lens, .seed = i % chains * 1000u};
        traffic_tcp_init(&tcp, &traffic, client, (uint16_t)(1024 + i % 60000), server, (uint16_t)(443 + (host >> 16)),
                         i * 2654435761u);
        traffic_handshake(&tcp, &tls);
    }
    fclose(file);
}

static void write_bulk(const char *path, unsigned mib)
{
    static const size_t lens[3] = {1300, 1100, 900};
    static uint8_t data[16384 + 5] = {23, 3, 3, 0x40, 0};
    struct traffic traffic;
    FILE *file = begin_file(path, &traffic);
    traffic_certificate(data + 5, 16384, 1);
    for (unsigned i = 0; i < 64; i++) {
        char client[32];
        struct traffic_tcp tcp;
        struct traffic_tls tls = {.server_name = "bulk.example.org", .version = 0x0303, .cipher_suite = 0xc02f,
                                  .certificate_count = 3, .certificate_lens = lens, .seed = 7};
        snprintf(client, sizeof client, "10.9.0.%u", i);
        traffic_tcp_init(&tcp, &traffic, client, (uint16_t)(2000 + i), "192.168.9.9", 443, i * 77777u);
        traffic_handshake(&tcp, &tls);
        tcp.next[0]--;
        for (uint64_t sent = 0; sent < ((uint64_t)mib << 20) / 64; sent += sizeof data) {
            traffic_tcp_send(&tcp, 1, data, sizeof data);
            traffic_tcp_ack(&tcp, 0);
        }
    }
    fclose(file);
}

static void write_flood(const char *path, unsigned flows)
{
    struct traffic traffic;
    FILE *file = begin_file(path, &traffic);
    traffic.step_us = 8640;                         /* ten million in a day */
    for (unsigned i = 0; i < flows; i++) {
        struct traffic_tcp tcp;
        char client[32];
        snprintf(client, sizeof client, "%u.%u.%u.%u", 11 + (i >> 24), i >> 16 & 255, i >> 8 & 255, i & 255);
        traffic_tcp_init(&tcp, &traffic, client, (uint16_t)(1024 + i % 60000), "192.168.9.9", 443, i);
        traffic_tcp_segment(&tcp, 0, 0, NULL, 0, TCP_SYN);
    }
    fclose(file);
}

struct cost {
    double user, system;
    long max_kib;
};

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void ignore_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
    *(uint64_t *)(void *)user += header->caplen + bytes[0];
}

static void bare_loop(const char *path)
{
    char text[PCAP_ERRBUF_SIZE];
    uint64_t sum = 0;
    pcap_t *pcap = pcap_open_offline(path, text);
    if (pcap == NULL || pcap_loop(pcap, -1, ignore_packet, (u_char *)&sum) < 0)
        _exit(1);
    _exit(sum == 0);
}

static void count_handshake(void *context, const struct handshake *handshake)
{
    *(uint64_t *)context += handshake->chain_count;
}

/* Reading and engine alone: nothing hashed, nothing written. */
static void engine_loop(const char *path)
{
    uint64_t count = 0;
    struct error err = {0};
    struct packet packet;
    struct capture_file *file = capture_file_open(open(path, O_RDONLY), path, &err);
    struct listener_options options = {.on_handshake = count_handshake, .context = &count};
    struct listener *listener = listener_create(&options);
    while (file != NULL && capture_file_next(file, &packet))
        listener_packet(listener, &packet);
    listener_destroy(listener);
    capture_file_close(file);
    _exit(file == NULL);
}

enum { BARE_LOOP, ENGINE };

static struct cost run(char *const *argv, const char *bare, int what)
{
    struct rusage usage;
    int status;
    pid_t child = fork();
    if (child == 0) {
        if (bare != NULL && what == ENGINE)
            engine_loop(bare);
        if (bare != NULL)
            bare_loop(bare);
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        if (getenv("BENCH_SHOW") == NULL)
            dup2(null, 2);
        execvp(argv[0], argv);
        _exit(127);
    }
    if (wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) == 127)
        return (struct cost){-1, -1, 0};
    return (struct cost){seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss};
}

static int by_sum(const void *a, const void *b)
{
    const struct cost *x = a, *y = b;
    double d = x->user + x->system - y->user - y->system;
    return d < 0 ? -1 : d > 0;
}

static struct cost median(char *const *argv, const char *bare, int what, const char *remove)
{
    struct cost costs[RUNS];
    for (unsigned i = 0; i < RUNS; i++) {
        if (remove != NULL)
            unlink(remove);
        costs[i] = run(argv, bare, what);
    }
    qsort(costs, RUNS, sizeof costs[0], by_sum);
    return costs[RUNS / 2];
}

static void print(const char *what, struct cost cost, double handshakes)
{
    if (cost.user < 0)
        printf("%-44s not there\n", what);
    else if (handshakes != 0)
        printf("%-44s %8.2f us  (user %.2f, system %.2f)  %6ld MiB\n", what,
               (cost.user + cost.system) / handshakes * 1e6, cost.user / handshakes * 1e6,
               cost.system / handshakes * 1e6, cost.max_kib / 1024);
    else
        printf("%-44s %8.3f s   (user %.3f, system %.3f)  %6ld MiB\n", what, cost.user + cost.system, cost.user,
               cost.system, cost.max_kib / 1024);
}

static void measure(const char *program, const char *folder, const char *name, double handshakes)
{
    char file[512], bundle[600], title[128];
    snprintf(file, sizeof file, "%s/%s.pcap", folder, name);
    snprintf(bundle, sizeof bundle, "%s/%s.bundle", folder, name);
    char *argv[] = {(char *)(uintptr_t)program, (char *)(uintptr_t)"listen", (char *)(uintptr_t)"-r", file,
                    (char *)(uintptr_t)"-o", bundle, NULL};
    snprintf(title, sizeof title, "%s: libpcap's bare loop", name);
    print(title, median(NULL, file, BARE_LOOP, NULL), handshakes);
    snprintf(title, sizeof title, "%s: certsweep's reader and engine alone", name);
    print(title, median(NULL, file, ENGINE, NULL), handshakes);
    snprintf(title, sizeof title, "%s: certsweep listen, file hashed first", name);
    print(title, median(argv, NULL, BARE_LOOP, bundle), handshakes);
    unlink(bundle);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: bench_passive CERTSWEEP FOLDER [HANDSHAKES [BULK_MIB [FLOOD_FLOWS]]]\n");
        return 2;
    }
    const char *folder = argv[2];
    unsigned handshakes = argc > 3 ? (unsigned)atoi(argv[3]) : 100000;
    unsigned bulk = argc > 4 ? (unsigned)atoi(argv[4]) : 512, flood = argc > 5 ? (unsigned)atoi(argv[5]) : 0;
    char path[512];
    snprintf(path, sizeof path, "%s/repeated.pcap", folder);
    write_handshakes(path, handshakes, 1000, 1000);
    snprintf(path, sizeof path, "%s/endpoints.pcap", folder);
    write_handshakes(path, handshakes, handshakes, 1000);
    snprintf(path, sizeof path, "%s/distinct.pcap", folder);
    write_handshakes(path, handshakes, handshakes, handshakes);
    snprintf(path, sizeof path, "%s/part.pcap", folder);
    write_handshakes(path, 2000, 1000, 1000);
    measure(argv[1], folder, "repeated", handshakes);
    measure(argv[1], folder, "endpoints", handshakes);
    measure(argv[1], folder, "distinct", handshakes);
    char *tshark[] = {(char *)(uintptr_t)"tshark", (char *)(uintptr_t)"-n", (char *)(uintptr_t)"-r", path,
                      (char *)(uintptr_t)"-Y", (char *)(uintptr_t)"tls.handshake.certificate",
                      (char *)(uintptr_t)"-T", (char *)(uintptr_t)"fields", (char *)(uintptr_t)"-e",
                      (char *)(uintptr_t)"tls.handshake.certificate", NULL};
    print("repeated: tshark (2,000 of them)", run(tshark, NULL, BARE_LOOP), 2000);
    if (bulk != 0) {
        snprintf(path, sizeof path, "%s/bulk.pcap", folder);
        write_bulk(path, bulk);
        measure(argv[1], folder, "bulk", 0);
    }
    if (flood != 0) {
        snprintf(path, sizeof path, "%s/flood.pcap", folder);
        write_flood(path, flood);
        measure(argv[1], folder, "flood", 0);
    }
    return 0;
}

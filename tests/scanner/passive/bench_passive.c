/* What passive capture costs, as one table: captures of many full TLS 1.2 handshakes (endpoints that repeat; each
 * endpoint new; each certificate new), of bulk TLS, and of 24 hours of SYN floods with handshakes in them, read by
 * libpcap's bare loop, by certsweep's engine alone, by certsweep listen (all of it, the bundle sealed) and by tshark.
 * CPU is user and system of all processes, the median of three runs (tshark: one), the capture in the page cache.
 *
 *     bench_passive [-n HANDSHAKES] [-b BULK_MIB] [-f FLOWS] CERTSWEEP FOLDER [repeated|endpoints|distinct|bulk|soak]... */
#include "inventory/bundle/bundle_reader.h"
#include "scanner/passive/capture/capture_file.h"
#include "scanner/passive/layers/layers.h"
#include "scanner/passive/listener.h"
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

#define RUNS    3
#define HOUR_US 3600000000LL

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

/* Nothing is left to be written while others are measured. */
static void end_file(FILE *file)
{
    fflush(file);
    fsync(fileno(file));
    fclose(file);
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
    end_file(file);
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
    end_file(file);
}

/* Every hour a flood of unanswered SYNs, 20,000 a second, every thousandth followed by a whole handshake; then it is quiet until
 * the next. */
static void write_soak(const char *path, unsigned hours, unsigned flows)
{
    static const size_t lens[3] = {1300, 1100, 900};
    struct traffic traffic;
    FILE *file = begin_file(path, &traffic);
    int64_t start_us = traffic.time_us;
    for (unsigned i = 0; i < hours * flows; i++) {
        struct traffic_tcp tcp;
        char client[32];
        if (i % flows == 0)
            traffic.time_us = start_us + i / flows * HOUR_US;
        traffic.step_us = 50;
        snprintf(client, sizeof client, "%u.%u.%u.%u", 11 + (i >> 24), i >> 16 & 255, i >> 8 & 255, i & 255);
        traffic_tcp_init(&tcp, &traffic, client, (uint16_t)(1024 + i % 60000), "192.168.9.9", 443, i);
        traffic_tcp_segment(&tcp, 0, 0, NULL, 0, TCP_SYN);
        if (i % 1000 != 999)
            continue;
        struct traffic_tls tls = {.server_name = "soak.example.org", .version = 0x0303, .cipher_suite = 0xc02f,
                                  .certificate_count = 3, .certificate_lens = lens, .seed = 7};
        traffic.step_us = 3;
        traffic_tcp_init(&tcp, &traffic, client, (uint16_t)(1024 + i % 60000), "192.168.9.10", 443, i);
        traffic_handshake(&tcp, &tls);
    }
    end_file(file);
}

struct cost {
    double user, system;
    long max_kib;
};

static double total(const struct cost *cost)
{
    return cost->user + cost->system;
}

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

/* Reading and engine alone: nothing kept, nothing written. */
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

/* A function of ours, or a program where function is NULL. */
static struct cost run(void (*function)(const char *path), const char *path, char *const *argv)
{
    struct rusage usage;
    int status;
    pid_t child = fork();
    if (child == 0) {
        if (function != NULL)
            function(path);
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        if (getenv("BENCH_SHOW") == NULL)
            dup2(null, 2);
        execvp(argv[0], argv);
        _exit(127);
    }
    if (wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return (struct cost){-1, -1, 0};
    return (struct cost){seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss};
}

static int by_sum(const void *a, const void *b)
{
    double x = total(a), y = total(b);
    return (x > y) - (x < y);
}

static struct cost median(void (*function)(const char *path), const char *path, char *const *argv, const char *remove)
{
    struct cost costs[RUNS];
    for (unsigned i = 0; i < RUNS; i++) {
        if (remove != NULL)
            unlink(remove);
        costs[i] = run(function, path, argv);
    }
    qsort(costs, RUNS, sizeof costs[0], by_sum);
    return costs[RUNS / 2];
}

/* count: handshakes, to give microseconds for each; 0: seconds for all. base: what 1.0 is in the last column. */
static void print(const char *name, const char *reader, struct cost cost, double count, const struct cost *base)
{
    double scale = count == 0 ? 1 : 1e6 / count;
    if (cost.user < 0)
        printf("| %s | %s | not there, or failed | | | | |\n", name, reader);
    else
        printf("| %s | %s | %.*f | %.*f | %.*f | %ld | %.2f |\n", name, reader, count == 0 ? 3 : 2, total(&cost) * scale,
               count == 0 ? 3 : 2, cost.user * scale, count == 0 ? 3 : 2, cost.system * scale, cost.max_kib / 1024,
               total(&cost) / total(base));
    fflush(stdout);
}

static char *text(const char *constant)
{
    return (char *)(uintptr_t)constant;         /* execvp() does not write to it */
}

/* The cheapest way to the same certificates: their bytes, and nothing else, as hexadecimal text. */
static struct cost tshark_certificates(char *capture)
{
    char *argv[] = {text("tshark"), text("-n"), text("-r"), capture, text("-Y"), text("tls.handshake.certificate"),
                    text("-T"), text("fields"), text("-e"), text("tls.handshake.certificate"), NULL};
    return run(NULL, NULL, argv);
}

/* What tshark knows of the hellos and certificates, in a form that a program can load. */
static struct cost tshark_facts(char *capture)
{
    char *argv[] = {text("tshark"), text("-n"), text("-r"), capture, text("-Y"), text("tls.handshake"),
                    text("-T"), text("json"), NULL};
    return run(NULL, NULL, argv);
}

static struct cost listen_to(const char *program, char *capture, char *bundle)
{
    char *argv[] = {text(program), text("listen"), text("-r"), capture, text("-o"), bundle, NULL};
    return median(NULL, NULL, argv, bundle);
}

static void measure_handshakes(const char *program, const char *name, char *capture, char *bundle, unsigned count)
{
    struct cost ours = listen_to(program, capture, bundle);
    print(name, "libpcap's bare loop", median(bare_loop, capture, NULL, NULL), count, &ours);
    print(name, "certsweep's reader and engine alone", median(engine_loop, capture, NULL, NULL), count, &ours);
    print(name, "certsweep listen, the bundle written", ours, count, &ours);
    if (strcmp(name, "distinct") == 0)
        return;                                 /* costs tshark the same again */
    print(name, "tshark -T fields, certificates only", tshark_certificates(capture), count, &ours);
    print(name, "tshark -T json, hellos and certificates", tshark_facts(capture), count, &ours);
}

static void measure_bulk(const char *program, char *capture, char *bundle)
{
    struct cost bare = median(bare_loop, capture, NULL, NULL);
    print("bulk", "libpcap's bare loop", bare, 0, &bare);
    print("bulk", "certsweep's reader and engine alone", median(engine_loop, capture, NULL, NULL), 0, &bare);
    print("bulk", "certsweep listen, the bundle written", listen_to(program, capture, bundle), 0, &bare);
}

static bool print_counter(void *context, const struct bundle_counter *counter)
{
    static const char *const told[] = {"packets", "flows", "silent_flows_evicted", "flows_evicted", "chains"};
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if (strcmp(counter->name, told[i]) == 0)
            printf("%s%s %lld", (*(int *)context)++ == 0 ? "" : ", ", counter->name, (long long)counter->value);
    return true;
}

static void print_account(const char *bundle, unsigned flows)
{
    struct error err = {0};
    int printed = 0;
    struct bundle_reader *reader = bundle_reader_open(bundle, &err);
    printf("\nThe account of 24 hours: ");
    if (reader == NULL || !bundle_read_counters(reader, 0, -1, print_counter, &printed, &err))
        printf("%s", err.text);
    printf("; of %u SYNs and %u handshakes.\n", flows, flows / 1000);
    bundle_reader_close(reader);
}

/* Memory is flat where two hours take as much as 24. */
static void measure_soak(const char *program, char *capture, char *bundle, unsigned flows)
{
    static const unsigned hours[2] = {2, 24};
    struct cost costs[2];
    for (unsigned i = 0; i < 2; i++) {
        char title[64];
        write_soak(capture, hours[i], flows / 24);
        costs[i] = listen_to(program, capture, bundle);
        snprintf(title, sizeof title, "SYN flood, %u flows in %u h", hours[i] * (flows / 24), hours[i]);
        print(title, "certsweep listen, the bundle written", costs[i], 0, &costs[0]);
    }
    print_account(bundle, 24 * (flows / 24));
}

struct sizes {
    unsigned handshakes, bulk_mib, flows;
};

static void measure(const char *program, const char *folder, const char *name, const struct sizes *sizes)
{
    char capture[512], bundle[512];
    snprintf(capture, sizeof capture, "%s/%s.pcap", folder, name);
    snprintf(bundle, sizeof bundle, "%s/%s.bundle", folder, name);
    unsigned few = sizes->handshakes < 1000 ? sizes->handshakes : 1000;
    if (strcmp(name, "bulk") == 0) {
        write_bulk(capture, sizes->bulk_mib);
        measure_bulk(program, capture, bundle);
    } else if (strcmp(name, "soak") == 0) {
        measure_soak(program, capture, bundle, sizes->flows);
    } else {
        bool repeated = strcmp(name, "repeated") == 0, distinct = strcmp(name, "distinct") == 0;
        write_handshakes(capture, sizes->handshakes, repeated ? few : sizes->handshakes,
                         distinct ? sizes->handshakes : few);
        measure_handshakes(program, name, capture, bundle, sizes->handshakes);
    }
    unlink(capture);
    unlink(bundle);
}

int main(int argc, char **argv)
{
    char *every[] = {text("repeated"), text("endpoints"), text("distinct"), text("bulk"), text("soak")};
    struct sizes sizes = {.handshakes = 100000, .bulk_mib = 512, .flows = 10000000};
    for (int option; (option = getopt(argc, argv, "n:b:f:")) != -1;) {
        unsigned *size = option == 'n' ? &sizes.handshakes : option == 'b' ? &sizes.bulk_mib : &sizes.flows;
        *size = option == '?' ? 0 : (unsigned)atoi(optarg);
    }
    if (argc - optind < 2 || sizes.handshakes == 0 || sizes.bulk_mib == 0 || sizes.flows < 10000) {
        fprintf(stderr, "usage: bench_passive [-n HANDSHAKES] [-b BULK_MIB] [-f FLOWS] CERTSWEEP FOLDER [NAME...]\n");
        return 2;
    }
    const char *program = argv[optind], *folder = argv[optind + 1];
    char **names = argc - optind > 2 ? argv + optind + 2 : every;
    size_t count = argc - optind > 2 ? (size_t)(argc - optind - 2) : sizeof every / sizeof every[0];
    printf("| capture | read by | CPU: us a handshake, or s | user | system | largest process, MiB | ratio |\n"
           "|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++)
        measure(program, folder, names[i], &sizes);
    return 0;
}

#include "scanner/passive/capture/capture_live.h"

#include "probes/base/memory.h"

#include <errno.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH   4096
#define WAIT_MS 100

struct capture_live {
    pcap_t *pcap;
    uint32_t link_type;
    void (*on_packet)(void *context, const struct packet *packet);
    void *context;
    uint64_t high[3];               /* the kernel counts in 32 bits: the overflow */
    uint32_t last[3];
};

static bool set_up(pcap_t *pcap, const struct capture_live_options *options, struct error *err)
{
    pcap_set_snaplen(pcap, options->snap_len);
    pcap_set_promisc(pcap, options->promiscuous);
    pcap_set_timeout(pcap, 100);
    if (pcap_set_buffer_size(pcap, options->ring_mib << 20) != 0)
        return error_set(err, ERROR_USAGE, "--ring %d: too large", options->ring_mib);
    int status = pcap_activate(pcap);
    if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED)
        return error_set(err, ERROR_SYSTEM,
                         "%s: not permitted to capture: run as root, or setcap cap_net_raw,cap_net_admin+ep on the "
                         "program",
                         options->interface);
    if (status < 0)
        return error_set(err, ERROR_SYSTEM, "%s: %s (%s)", options->interface, pcap_statustostr(status),
                         pcap_geterr(pcap));
    return true;
}

static bool set_filter(pcap_t *pcap, const char *filter, struct error *err)
{
    struct bpf_program program;
    if (filter == NULL || filter[0] == '\0')
        return true;
    if (pcap_compile(pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return error_set(err, ERROR_USAGE, "--filter %s: %s", filter, pcap_geterr(pcap));
    int status = pcap_setfilter(pcap, &program);
    pcap_freecode(&program);
    return status == 0 || error_set(err, ERROR_SYSTEM, "--filter: %s", pcap_geterr(pcap));
}

struct capture_live *capture_live_open(const struct capture_live_options *options, struct error *err)
{
    char text[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap = pcap_create(options->interface, text);
    if (pcap == NULL) {
        error_set(err, ERROR_SYSTEM, "%s: %s", options->interface, text);
        return NULL;
    }
    bool ok = set_up(pcap, options, err) && set_filter(pcap, options->filter, err);
    if (ok && pcap_setnonblock(pcap, 1, text) != 0)
        ok = error_set(err, ERROR_SYSTEM, "%s: %s", options->interface, text);
    if (!ok) {
        pcap_close(pcap);
        return NULL;
    }
    struct capture_live *capture = xcalloc(1, sizeof *capture);
    capture->pcap = pcap;
    capture->link_type = (uint32_t)pcap_datalink(pcap);
    return capture;
}

bool capture_live_is_up(const char *interface)
{
    struct ifreq request = {.ifr_flags = 0};
    if (strcmp(interface, "any") == 0)
        return true;
    if (strlen(interface) >= sizeof request.ifr_name)
        return false;
    memcpy(request.ifr_name, interface, strlen(interface));
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool is_up = fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
    if (fd >= 0)
        close(fd);
    return is_up;
}

void capture_live_close(struct capture_live *capture)
{
    if (capture == NULL)
        return;
    pcap_close(capture->pcap);
    free(capture);
}

static void give(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
    struct capture_live *capture = (struct capture_live *)(void *)user;
    struct packet packet = {.time_us = (int64_t)header->ts.tv_sec * 1000000 + header->ts.tv_usec,
                            .bytes = bytes,
                            .len = header->caplen,
                            .wire_len = header->len,
                            .link_type = capture->link_type};
    capture->on_packet(capture->context, &packet);
}

bool capture_live_read(struct capture_live *capture, void (*on_packet)(void *context, const struct packet *packet),
                       void *context, struct error *err)
{
    struct pollfd readable = {.fd = pcap_get_selectable_fd(capture->pcap), .events = POLLIN};
    capture->on_packet = on_packet;
    capture->context = context;
    if (poll(&readable, 1, WAIT_MS) < 0 && errno != EINTR)      /* libpcap's own timeout may start only at the first packet */
        return error_set(err, ERROR_SYSTEM, "the capture ended: %s", strerror(errno));
    int got = pcap_dispatch(capture->pcap, BATCH, give, (u_char *)capture);
    return got >= 0 || got == PCAP_ERROR_BREAK ||
           error_set(err, ERROR_SYSTEM, "the capture ended: %s", pcap_geterr(capture->pcap));
}

void capture_live_counts(struct capture_live *capture, struct capture_live_counts *counts)
{
    struct pcap_stat stat = {0};
    if (pcap_stats(capture->pcap, &stat) == 0) {
        const uint32_t now[3] = {stat.ps_recv, stat.ps_drop, stat.ps_ifdrop};
        for (unsigned i = 0; i < 3; i++) {
            if (now[i] < capture->last[i])
                capture->high[i] += 1ULL << 32;
            capture->last[i] = now[i];
        }
    }
    *counts = (struct capture_live_counts){.received = capture->high[0] + capture->last[0],
                                           .dropped = capture->high[1] + capture->last[1],
                                           .dropped_by_interface = capture->high[2] + capture->last[2]};
}

#include "scanner/syn/receiver.h"

#include "probes/base/memory.h"

#include <pcap/pcap.h>
#include <pcap/sll.h>
#include <stdio.h>
#include <stdlib.h>

#define SNAPLEN        160 /* link header, IPv6, ICMPv6, the quoted IPv6 header and 8 bytes of TCP: 16-20 + 96 */
#define CAPTURE_BUFFER (16 << 20)
#define READ_MAX       1024 /* packets a call, so that sending continues */

struct receiver {
    pcap_t *pcap;
    size_t link_len;
    void (*on_answer)(void *context, const struct frame_answer *answer);
    void *context;
};

/* SYN-ACK and RST to our ports, and ICMP unreachables. libpcap's tcp[] is IPv4 only, so IPv6 flags are byte 13 after the fixed header. */
static bool set_filter(struct receiver *receiver, uint16_t first_port, uint16_t last_port)
{
    char text[512];
    struct bpf_program program;
    snprintf(text, sizeof text,
             "(ip and tcp and dst portrange %u-%u and tcp[13] & 0x16 > 0x10) or "
             "(ip6 and tcp and dst portrange %u-%u and ip6[53] & 0x16 > 0x10) or "
             "(icmp and icmp[0] == 3) or (icmp6 and ip6[40] == 1)",
             first_port, last_port, first_port, last_port);
    if (pcap_compile(receiver->pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return false;
    bool ok = pcap_setfilter(receiver->pcap, &program) == 0;
    pcap_freecode(&program);
    return ok;
}

static bool set_up(struct receiver *receiver, uint16_t first_port, uint16_t last_port)
{
    pcap_t *pcap = receiver->pcap;
    char text[PCAP_ERRBUF_SIZE];
    if (pcap_set_snaplen(pcap, SNAPLEN) != 0 || pcap_set_buffer_size(pcap, CAPTURE_BUFFER) != 0 ||
        pcap_set_timeout(pcap, 5) != 0 || pcap_activate(pcap) < 0 || pcap_setnonblock(pcap, 1, text) != 0 ||
        !set_filter(receiver, first_port, last_port) || pcap_setdirection(pcap, PCAP_D_IN) != 0)
        return false;
    switch (pcap_datalink(pcap)) {
    case DLT_LINUX_SLL: receiver->link_len = SLL_HDR_LEN; return true;
    case DLT_LINUX_SLL2: receiver->link_len = SLL2_HDR_LEN; return true;
    default: return false;
    }
}

struct receiver *receiver_open(uint16_t first_port, uint16_t last_port, struct error *err)
{
    char text[PCAP_ERRBUF_SIZE] = "";
    struct receiver *receiver = xcalloc(1, sizeof *receiver);
    receiver->pcap = pcap_create("any", text);
    if (receiver->pcap == NULL)
        error_set(err, ERROR_SYSTEM, "the capture of answers cannot be opened: %s", text);
    else if (set_up(receiver, first_port, last_port))
        return receiver;
    else
        error_set(err, ERROR_SYSTEM, "the capture of answers cannot be opened: %s",
                  pcap_geterr(receiver->pcap));
    receiver_close(receiver);
    return NULL;
}

void receiver_close(struct receiver *receiver)
{
    if (receiver == NULL)
        return;
    if (receiver->pcap != NULL)
        pcap_close(receiver->pcap);
    free(receiver);
}

int receiver_fd(const struct receiver *receiver)
{
    return pcap_get_selectable_fd(receiver->pcap);
}

static void on_packet(u_char *user, const struct pcap_pkthdr *head, const u_char *bytes)
{
    struct receiver *receiver = (struct receiver *)(void *)user;
    struct byte_reader packet = byte_reader_of(bytes, head->caplen);
    struct frame_answer answer;
    if (!byte_reader_skip(&packet, receiver->link_len))
        return;
    frame_read_answer(packet, &answer);
    receiver->on_answer(receiver->context, &answer);
}

bool receiver_read(struct receiver *receiver,
                   void (*on_answer)(void *context, const struct frame_answer *answer), void *context,
                   struct error *err)
{
    receiver->on_answer = on_answer;
    receiver->context = context;
    if (pcap_dispatch(receiver->pcap, READ_MAX, on_packet, (u_char *)receiver) >= 0)
        return true;
    return error_set(err, ERROR_SYSTEM, "the capture of answers has ended: %s", pcap_geterr(receiver->pcap));
}

uint64_t receiver_drops(struct receiver *receiver)
{
    struct pcap_stat stats;
    return pcap_stats(receiver->pcap, &stats) == 0 ? stats.ps_drop : 0;
}

/* Live capture through libpcap: opened with its filter before privileges are dropped, then only read. */
#pragma once
#include "probes/base/error.h"
#include "scanner/passive/capture/packet.h"

#include <stdbool.h>

struct capture_live;

struct capture_live_options {
    const char *interface;          /* "any" too */
    const char *filter;             /* BPF; NULL: everything (no port is left out by default) */
    int snap_len;
    int ring_mib;
    bool promiscuous;
};

struct capture_live_counts {        /* the kernel's counts since the start */
    uint64_t received, dropped, dropped_by_interface;
};

struct capture_live *capture_live_open(const struct capture_live_options *options, struct error *err);
/* Is there such an interface, and is it up? "any" is always. */
bool capture_live_is_up(const char *interface);
void capture_live_close(struct capture_live *capture);

/* Passes available packets to on_packet; waits at most 100 ms for one. False: the interface is gone. */
bool capture_live_read(struct capture_live *capture, void (*on_packet)(void *context, const struct packet *packet),
                       void *context, struct error *err);
void capture_live_counts(struct capture_live *capture, struct capture_live_counts *counts);

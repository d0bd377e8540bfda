/* Endpoints whose certificate was hidden from the listener, for the sweep to ask: TLS 1.3, QUIC, resumed and
 * incomplete handshakes. One candidate for each address, port, name and dialect within a time to live (in packet
 * time). The scope decides later whether it may be asked.
 *
 * A candidate is one line: transport, address, port, server name or "-", protocol, why, the capture's id; tabs between. */
#pragma once
#include "probes/base/error.h"
#include "scanner/passive/handshake/handshake.h"

#include <stdio.h>

#define FOLLOW_UP_TTL_US (24LL * 3600 * 1000000)

struct follow_ups;

struct follow_ups *follow_ups_create(int64_t ttl_us, const char *capture);     /* copied */
void follow_ups_destroy(struct follow_ups *follow_ups);

/* Notes the handshake. True: it is a candidate that was not reported within its time to live, and line holds it. */
bool follow_ups_add(struct follow_ups *follow_ups, const struct handshake *handshake, char line[512]);

struct follow_up {                  /* a line read back; text points into it */
    enum transport transport;
    struct address address;
    uint16_t port;
    const char *server_name;        /* "" none */
    const char *protocol, *reason, *capture;
};

/* Parses the line, which is changed. False: it is no candidate. */
bool follow_up_parse(char *line, struct follow_up *follow_up);

struct probe;

/* The probe for the protocol that ran before TLS. QUIC is asked over TCP on the same port. NULL where the sweep cannot
 * ask: DTLS, EAP, and servers behind a proxy (the address seen is the proxy's). */
const struct probe *follow_up_probe(const struct follow_up *follow_up);

/* As a target of the sweep: "name@10.0.0.1:443", "[2001:db8::1]:443". */
bool follow_up_target(const struct follow_up *follow_up, char text[512]);

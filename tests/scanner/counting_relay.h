/* A server in front of another, in a thread of the test: it counts the connections that reach it and how each was answered. */
#pragma once
#include <stdint.h>

enum relay_manner {
    RELAY_THROUGH, /* all is the server's behind it */
    RELAY_ALERTS,  /* handshake_failure for everybody */
    RELAY_TROUBLE, /* the first connection goes through; of the others every third is reset, every third gets internal_error */
};

struct relay_counts {
    unsigned connections;
    unsigned answered; /* by a handshake message */
    unsigned refused;  /* by an alert or by the end of the stream */
};

struct counting_relay;

/* behind: the port at the same address that it goes through to; 0 for RELAY_ALERTS. */
struct counting_relay *counting_relay_start(const char *address, uint16_t port, enum relay_manner manner, uint16_t behind);
void counting_relay_stop(struct counting_relay *relay);

/* What came since the last call. Call it when the client has ended: a connection of our own, the last in the queue, shows that
 * every one before it has been counted. */
struct relay_counts counting_relay_take(struct counting_relay *relay);

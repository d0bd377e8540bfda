/* A name server of a test's own on loopback UDP, in a thread: a table of answers, NXDOMAIN for what it does not
 * hold, silence where it should time out. */
#pragma once
#include <stdint.h>

struct dns_row {
    const char *name;               /* "a.test", "1.8.30.127.in-addr.arpa"; NULL ends the table */
    const char *answer;             /* an address (repeat the row for more); a name: PTR; "mx 10 NAME"; "silence"; "servfail" */
};

struct dns_server;
struct dns_server *dns_server_start(const char *address, uint16_t port, const struct dns_row *rows);
unsigned dns_server_stop(struct dns_server *server);        /* gives how many questions there were */

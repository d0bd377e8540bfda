/* What reports print of a place or a certificate, read back: "branch 10.1.2.3:443 (www.example)", "branch web1:/etc/ssl/a.jar!b.pem", an
 * address, a name, a hash or its beginning (eight digits and more). An IPv4-mapped IPv6 address is the IPv4 address. */
#pragma once
#include <stdbool.h>

struct named_subject {
    char *hash, *address, *port;        /* the hash in small letters; the address as the inventory has it */
    bool is_mapped;                     /* the address was written as an IPv4-mapped IPv6 address */
    char *name;                         /* beside an address: the place's server name; else what is none of the others */
    char *site, *host, *path;
};

/* Clear it afterwards. */
void named_subject_parse(const char *text, struct named_subject *subject);
/* Its address and port as endpoints_found() reads them: "10.1.2.3:443", "[2001:db8::1]:443"; yours. NULL: it is no place. */
char *named_subject_place(const struct named_subject *subject);
void named_subject_clear(struct named_subject *subject);

/* One TARGET, as it stands in an argument or a line of a file:
 *
 *     10.0.0.0/16  10.0.0.1-10.0.0.50  10.0.0.1-50  2001:db8::/120  [2001:db8::1]      addresses
 *     host.example  name@address                                                      a name; a name there
 *
 * each with ":PORTS" behind it (an IPv6 address with ports stands in brackets). A name is kept as the DNS has
 * it (host_name.h). Several in one text: target_words.h. */
#pragma once
#include "probes/base/address.h"
#include "probes/base/error.h"
#include "probes/base/observation.h"
#include "probes/base/ports.h"
#include "scanner/targets/host_name.h"

struct target_text {
    bool is_name;
    char name[SERVER_NAME_SIZE]; /* is_name */
    struct address at;           /* name@address: there; len 0: to be resolved */
    struct address_range range;  /* where it is no name */
    struct port_set *ports;      /* NULL: none were given. Owned */
};

/* False with ERROR_USAGE, which quotes the text and says what is wrong (target_fault.h). */
bool target_text_parse(const char *text, struct target_text *spec, struct error *err);
void target_text_clear(struct target_text *spec);

/* The same for an exclusion or a scope's name: a name may begin with "*." there. */
bool target_text_parse_pattern(const char *text, struct target_text *spec, struct error *err);

/* A text that parses to the same again. Yours: free(). */
char *target_text_format(const struct target_text *spec);

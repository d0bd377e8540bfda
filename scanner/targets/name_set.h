/* The names of a target list, each with the ports that it was given with so far, so that a name is asked once however often
 * and in whatever spelling it was given (ranges are one space and need none of this). It costs 16 to 32 bytes a name: of
 * the name a keyed hash of 96 bits is kept, and for a million names the odds that two share one are below 10^-16. */
#pragma once
#include "probes/base/ports.h"

struct name_set;

struct name_set *name_set_create(void);
void name_set_destroy(struct name_set *set);        /* NULL is fine */

/* Notes these ports of the name, which is in the DNS's form ("host.example", "host.example@10.0.0.1"). Gives those that are
 * new to it; NULL where none is. Yours: port_set_destroy(). */
struct port_set *name_set_add(struct name_set *set, const char *name, const struct port_set *ports);

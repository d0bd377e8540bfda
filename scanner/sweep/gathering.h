/* How often a loop looks at its sockets. A loop that a fast network wakes for each packet spends more on
 * waking up than on the packet; so where attempts end by the thousand a second, it lets what comes gather for
 * a moment, and then does it together. The moment is a sixteenth of what an attempt takes at that time, so
 * nobody's answer waits for long, and never more than two milliseconds; where few attempts are under way, or
 * end, there is none. */
#pragma once
#include <stdint.h>

struct gathering {
    int64_t looked_us; /* when the pace was measured last; monotonic, as all here */
    unsigned ended_then;
    int64_t moment_us; /* from one look at the sockets to the next, at least; 0: look at once */
    int64_t turn_us;   /* the last look */
};

/* After a turn of the loop: how long the next look should wait from now; 0 not at all. ended: attempts, since
 * the loop began (it may wrap); in_flight: those under way. */
unsigned gathering_wait_us(struct gathering *gathering, int64_t now_us, unsigned ended, unsigned in_flight);

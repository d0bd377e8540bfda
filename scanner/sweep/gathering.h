/* How often a loop looks at its sockets. A loop that wakes up for each packet of a fast network spends more time on
 * waking up than on the packet. So when thousands of attempts end each second, the loop waits a moment and handles
 * what has arrived together. The wait is a sixteenth of the current duration of an attempt and at most two
 * milliseconds, so no answer waits for long; with few attempts in flight, or few that end, there is no wait. */
#pragma once
#include <stdint.h>

struct gathering {
    int64_t looked_us; /* when the pace was measured last; monotonic, as all here */
    unsigned ended_then;
    int64_t moment_us; /* from one look at the sockets to the next, at least; 0: look at once */
    int64_t turn_us;   /* the last look */
};

/* After each turn of the loop: how long to wait before the next look; 0: not at all. ended: attempts since the loop
 * began (it may wrap); in_flight: attempts now. */
unsigned gathering_wait_us(struct gathering *gathering, int64_t now_us, unsigned ended, unsigned in_flight);

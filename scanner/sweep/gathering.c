#include "scanner/sweep/gathering.h"

#define LOOK_US       20000
#define SHARE         16
#define MOMENT_MAX_US 2000
#define LEAST_ENDED   2  /* attempts in a moment: with fewer, a wake for each packet is as good */
#define LEAST_WAIT_US 50 /* the kernel's timer slack */

static int64_t moment_of(int64_t span_us, unsigned ended, unsigned in_flight)
{
    if (ended == 0)
        return 0;
    int64_t attempt_us = span_us * in_flight / ended; /* Little's law */
    int64_t moment_us = attempt_us / SHARE < MOMENT_MAX_US ? attempt_us / SHARE : MOMENT_MAX_US;
    return ended * moment_us / span_us < LEAST_ENDED ? 0 : moment_us;
}

unsigned gathering_wait_us(struct gathering *gathering, int64_t now_us, unsigned ended, unsigned in_flight)
{
    int64_t span_us = now_us - gathering->looked_us;
    if (span_us >= LOOK_US) {
        gathering->moment_us = moment_of(span_us, ended - gathering->ended_then, in_flight);
        gathering->looked_us = now_us;
        gathering->ended_then = ended;
    }
    int64_t wait_us = gathering->turn_us + gathering->moment_us - now_us;
    if (wait_us < LEAST_WAIT_US)
        wait_us = 0; /* the turn itself took that long */
    gathering->turn_us = now_us + wait_us;
    return (unsigned)wait_us;
}

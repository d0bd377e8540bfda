/* Runs the program itself against servers on loopback: processes, their output, what a bundle holds. Every process
 * started here ends with the test. */
#pragma once
#include "probes/base/outcome.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A folder of the test's own under the build folder; "<folder>/name" in a buffer used in turns. */
const char *fixture_path(const char *name);
int fixture_setup(void **state);
int fixture_teardown(void **state);     /* ends what runs, removes the folder */

/* Starts argv (NULL at its end); output goes to fixture_path(output), NULL: to /dev/null. limit: descriptors (0:
 * as they are). */
pid_t fixture_start(const char *const *argv, const char *output, unsigned limit);
int fixture_wait(pid_t process);        /* exit code, or 128 + signal */
bool fixture_wait_port(const char *address, uint16_t port);     /* until a server listens, at most 10 s */

/* certsweep with these arguments, run to its end; its exit code. The log goes to fixture_path("log"). */
int fixture_certsweep(unsigned limit, ...) __attribute__((sentinel));
pid_t fixture_certsweep_start(unsigned limit, ...) __attribute__((sentinel));
pid_t fixture_worker_of(pid_t process); /* called by root it has a keeper for a child, too; 0: none yet */
/* The worker, once the running scan has committed an observation to its bundle; fails the test after 30 s. */
pid_t fixture_worker_that_found(pid_t process, const char *bundle);

/* What a bundle holds: per position its outcome (from the quiet rows), checked against space and observations. */
struct fixture_result {
    uint64_t outcomes[OUTCOME_COUNT];
    uint64_t positions, twice, missing; /* answered positions that came twice (allowed after a kill); never ended */
    uint64_t chains;                    /* positions answered with a chain */
};
void fixture_read_bundle(const char *path, struct fixture_result *result);

/* Every line of the file is strict JSON with the keys that are promised; gives the count. */
size_t fixture_check_lines(const char *path, size_t *certificates);
char *fixture_read(const char *path);   /* yours: free() */

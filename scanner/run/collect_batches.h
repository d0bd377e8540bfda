/* The walker's messages: the one that is being filled, and those that were sent and are not yet safe on disk. */
#pragma once
#include "scanner/run/collect_jobs.h"

#define BATCHES 6u                      /* each holds descriptors open */

struct collect_batch {
    uint8_t *bytes;                     /* struct collect_jobs, then jobs */
    size_t len;
    int fds[FD_MESSAGE_MANY];
    unsigned fd_count, job_count;
    uint64_t last;                      /* number of its last job */
};

struct collect_batches {
    struct collect_batch items[BATCHES];
    uint64_t sent, safe;                /* messages; the one that is being filled follows those sent */
    uint64_t jobs;
};

void collect_batches_init(struct collect_batches *batches);
void collect_batches_clear(struct collect_batches *batches);

/* The one that is being filled. */
struct collect_batch *collect_batches_current(struct collect_batches *batches);
bool collect_batch_has_room(const struct collect_batch *batch, size_t text_len, unsigned fd_count);

/* Takes the descriptors. The job's number, lengths and fd_count are set here. */
void collect_batches_add(struct collect_batches *batches, const struct collect_job *job, const char *path, const char *text, const int *fds,
                         unsigned fd_count);

/* All up to this job are on disk: closes the files of the messages that have no later one. */
void collect_batches_are_safe(struct collect_batches *batches, uint64_t job);

/* Before messages are sent again: the file at which the reader died is only told, the others are read from their front. */
void collect_batches_rewind(struct collect_batches *batches, uint64_t bad_job, int signal);

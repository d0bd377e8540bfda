#include "scanner/run/collect_batches.h"

#include "probes/base/log.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void empty(struct collect_batch *batch)
{
    for (unsigned i = 0; i < batch->fd_count; i++)
        close(batch->fds[i]);
    batch->fd_count = batch->job_count = 0;
    batch->len = sizeof(struct collect_jobs);
}

void collect_batches_init(struct collect_batches *batches)
{
    *batches = (struct collect_batches){.sent = 0};
    for (unsigned i = 0; i < BATCHES; i++) {
        batches->items[i].bytes = xcalloc(1, JOBS_MESSAGE_MAX);
        batches->items[i].len = sizeof(struct collect_jobs);
    }
}

void collect_batches_clear(struct collect_batches *batches)
{
    for (unsigned i = 0; i < BATCHES; i++) {
        empty(&batches->items[i]);
        free(batches->items[i].bytes);
    }
}

struct collect_batch *collect_batches_current(struct collect_batches *batches)
{
    return &batches->items[batches->sent % BATCHES];
}

bool collect_batch_has_room(const struct collect_batch *batch, size_t text_len, unsigned fd_count)
{
    return batch->job_count == 0 || (batch->fd_count + fd_count <= JOBS_TOGETHER && batch->len + sizeof(struct collect_job) + text_len + 8 <= JOBS_BYTES);
}

void collect_batches_add(struct collect_batches *batches, const struct collect_job *from, const char *path, const char *text, const int *fds,
                         unsigned fd_count)
{
    struct collect_batch *batch = collect_batches_current(batches);
    struct collect_job *job = (struct collect_job *)(void *)(batch->bytes + batch->len);
    *job = *from;
    job->number = batch->last = ++batches->jobs;
    job->fd_count = fd_count;
    job->path_len = (uint32_t)strlen(path) + 1;
    job->text_len = (uint32_t)strlen(text) + 1;
    uint8_t *at = batch->bytes + batch->len + sizeof *job;
    memcpy(at, path, job->path_len);
    memcpy(at + job->path_len, text, job->text_len);
    size_t used = sizeof *job + job->path_len + job->text_len;
    memset(batch->bytes + batch->len + used, 0, collect_job_len(job) - used);
    batch->len += collect_job_len(job);
    batch->job_count++;
    for (unsigned i = 0; i < fd_count; i++)
        batch->fds[batch->fd_count++] = fds[i];
}

void collect_batches_are_safe(struct collect_batches *batches, uint64_t job)
{
    for (; batches->safe < batches->sent && batches->items[batches->safe % BATCHES].last <= job; batches->safe++)
        empty(&batches->items[batches->safe % BATCHES]);
}

static void rewind_one(struct collect_batch *batch, uint64_t bad_job, int signal)
{
    unsigned fd = 0;
    for (size_t at = sizeof(struct collect_jobs); at < batch->len;) {
        struct collect_job *job = (struct collect_job *)(void *)(batch->bytes + at);
        bool is_input = job->kind == JOB_FILE || job->kind == JOB_STREAM || job->kind == JOB_REPOSITORY || job->kind == JOB_LAYOUT;
        if (job->number == bad_job && is_input) {
            job->kind = JOB_CRASH;
            job->outcome = (uint32_t)signal;
        } else if (job->kind == JOB_FILE || job->kind == JOB_LAYOUT) {
            for (unsigned i = 0; i < job->fd_count; i++)
                if (lseek(batch->fds[fd + i], 0, SEEK_SET) < 0)
                    log_warning("a file cannot be read from its front again");
        }
        fd += job->fd_count;
        at += collect_job_len(job);
    }
}

void collect_batches_rewind(struct collect_batches *batches, uint64_t bad_job, int signal)
{
    for (uint64_t i = batches->safe; i < batches->sent; i++)
        rewind_one(&batches->items[i % BATCHES], bad_job, signal);
}

#include "scanner/fetch/fetch_run.h"

#include "probes/base/memory.h"
#include "scanner/fetch/fetch_record.h"
#include "scanner/fetch/fetch_worker.h"
#include "scanner/process/worker_process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_SIZE (256u << 10)

struct run {
    const struct fetch_request *request;
    struct worker_process worker;
    struct byte_buffer answers;
    bool *answered;
};

/* A file without a name, read by the worker from its beginning. */
static int job_write(const struct fetch_request *request, struct error *err)
{
    struct byte_buffer job;
    byte_buffer_init(&job, 0);
    fetch_record_add_text(&job, request->scope == NULL ? "" : request->scope);
    fetch_record_add_text(&job, request->scope_label == NULL ? "" : request->scope_label);
    for (size_t i = 0; i < request->count; i++) {
        fetch_record_add_text(&job, request->questions[i].url);
        fetch_record_add(&job, request->questions[i].body.at, request->questions[i].body.left);
    }
    int fd = memfd_create("questions", MFD_CLOEXEC);
    bool ok = fd >= 0;
    for (ssize_t written; ok && byte_buffer_len(&job) > 0; byte_buffer_consume(&job, (size_t)written)) {
        written = write(fd, job.bytes + job.head, byte_buffer_len(&job));
        if (written < 0 && errno == EINTR)
            written = 0;
        ok = written >= 0;
        if (!ok)
            break;
    }
    byte_buffer_clear(&job);
    if (ok && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    error_set(err, ERROR_SYSTEM, "the questions to CAs cannot be handed on: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool hand_on(struct run *run, const struct fetch_answer *answer, struct error *err)
{
    const struct fetch_request *request = run->request;
    if (answer->number >= request->count || run->answered[answer->number])
        return error_set(err, ERROR_SYSTEM, "the worker answers what it was not asked");
    run->answered[answer->number] = true;
    char *fault = answer->fault.left == 0 ? NULL : xstrndup((const char *)answer->fault.at, answer->fault.left);
    bool ok = request->on_answer(request->context, answer->number, fault, answer->body, err);
    free(fault);
    return ok;
}

/* False at the stream's end, or with an error. */
static bool take_answers(struct run *run, struct error *err)
{
    ssize_t got = read(run->worker.report_fd, byte_buffer_room(&run->answers, READ_SIZE), READ_SIZE);
    if (got <= 0)
        return got < 0 && errno == EINTR;
    byte_buffer_added(&run->answers, (size_t)got);
    for (;;) {
        struct fetch_answer answer;
        struct byte_reader reader = byte_buffer_reader(&run->answers);
        size_t before = reader.left;
        switch (fetch_record_answer(&reader, &answer)) {
        case FETCH_TAKE_MORE:  return true;
        case FETCH_TAKE_WRONG: return error_set(err, ERROR_SYSTEM, "the worker's answer cannot be read");
        case FETCH_TAKE_DONE:  break;
        }
        if (!hand_on(run, &answer, err))
            return false;
        byte_buffer_consume(&run->answers, before - reader.left);
    }
}

static bool watch(struct run *run, struct error *err)
{
    struct pollfd fds[WORKER_POLLS];
    while (worker_process_poll(&run->worker, fds)) {
        if (poll(fds, WORKER_POLLS, -1) < 0 && errno != EINTR)
            return error_set(err, ERROR_SYSTEM, "poll: %s", strerror(errno));
        if (fds[WORKER_POLL_REPORT].revents != 0 && !take_answers(run, err)) {
            close(run->worker.report_fd);
            run->worker.report_fd = -1;
            if (err->kind != ERROR_NONE)
                return false;
        }
        worker_process_pass_on(&run->worker, fds);
    }
    return true;
}

static bool end_is_sound(int status, struct error *err)
{
    if (WIFSIGNALED(status))
        return error_set(err, ERROR_SYSTEM, "the worker that asks CAs was ended by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status) == 0 || error_set(err, ERROR_SYSTEM, "the worker that asks CAs has failed");
}

bool fetch_run(const struct fetch_request *request, struct error *err)
{
    struct run run = {.request = request, .answered = xcalloc(request->count + 1, sizeof *run.answered)};
    char self[16];
    const char *const argv[] = {FETCH_WORKER_NAME, self, NULL};
    int job = job_write(request, err);
    struct worker_start start = {.argv = argv, .lines_fd = -1, .fds = {job, -1, -1}};
    snprintf(self, sizeof self, "%d", (int)worker_process_keeper());
    byte_buffer_init(&run.answers, 0);
    bool ok = job >= 0 && worker_process_start(&run.worker, &start, err);
    if (ok) {
        ok = watch(&run, err);
        if (!ok)
            worker_process_signal(&run.worker, SIGKILL);
        int status = worker_process_end(&run.worker);
        ok = ok && end_is_sound(status, err);
    }
    if (job >= 0)
        close(job);
    byte_buffer_clear(&run.answers);
    free(run.answered);
    return ok;
}

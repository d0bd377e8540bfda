/* The messages between walker and reader. Each is one packet: a head, then jobs, and the descriptors of their files
 * in the same order. A message for every file would cost more than reading most files does. The walker keeps the messages
 * that are not yet safe on disk, and gives them to the next reader if one dies. Private to collect_worker.c and its parts. */
#pragma once
#include "probes/base/fd_message.h"
#include "scanner/files/walk.h"

enum collect_job_kind { JOB_FILE, JOB_FAULT, JOB_STREAM, JOB_ROOT, JOB_END, JOB_REPOSITORY, JOB_LAYOUT /* text: names, a line each */,
                        JOB_CRASH /* a file at which a reader died; outcome: by which signal */ };

#define JOB_TEXT_MAX  66000u
#define JOBS_TOGETHER 64u           /* files of a message, */
#define JOBS_BYTES    32768u        /* and its size, if it has more than one job */

struct collect_job {
    uint64_t number;                /* from 1 */
    uint32_t kind;
    uint32_t outcome, is_complete;
    uint32_t fd_count;              /* of the message's descriptors: JOB_FILE has one */
    int32_t mode;
    uint32_t marks;
    int64_t uid, gid, size, modified_us, changed_us;
    int64_t from_us;                /* of a root */
    uint32_t path_len, text_len;    /* the path, then a text (why it failed), each with its NUL, follow; then zeros up to
                                     * the next multiple of 8 */
};

struct collect_jobs {               /* the head of a message */
    struct walk_counts walk;        /* so far */
    uint64_t restarts;
    uint64_t count;
};

#define JOBS_MESSAGE_MAX (sizeof(struct collect_jobs) + JOBS_BYTES + sizeof(struct collect_job) + JOB_TEXT_MAX + 8)

static inline size_t collect_job_len(const struct collect_job *job)
{
    return (sizeof *job + job->path_len + job->text_len + 7) & ~(size_t)7;
}

/* Memory that walker and readers share. */
struct collect_shared {
    uint64_t current;                   /* the job that is being read; 0 none */
    volatile bool is_stopping;          /* the reader stops reading and takes no more files */
    struct scanner_counts counts;       /* of all readers so far */
};

struct collect_request;

/* Starts a reader as a child; gives its socket, -1 with errno. */
struct collect_reader_start {
    const char *bundle;
    const struct collect_request *request;
    struct collect_shared *shared;
};
int collect_reader_start(const struct collect_reader_start *start, int *pid);

struct collect_request {
    char *bytes;                        /* what the keeper sent */
    const char **paths, **include, **exclude, **passwords;
    size_t path_count, include_count, exclude_count, password_count;
    const char *host, *settings, *stream;       /* stream: NULL none */
    bool other_file_systems, git_history;
};

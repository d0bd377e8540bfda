/* The messages between walker and reader. Each is one packet, with a file's descriptor. The walker keeps the jobs
 * that are not yet safe on disk, and gives them to the next reader if one dies. Private to collect_worker.c and its
 * parts. */
#pragma once
#include "scanner/files/walk.h"

enum collect_job_kind { JOB_FILE, JOB_FAULT, JOB_STREAM, JOB_ROOT, JOB_END };

#define JOB_TEXT_MAX 66000u

struct collect_job {
    uint64_t number;                    /* from 1 */
    uint32_t kind;
    uint32_t outcome, is_complete;
    int32_t mode;
    uint32_t marks;
    int64_t uid, gid, size, modified_us;
    int64_t from_us;                    /* of a root */
    uint64_t restarts;
    struct walk_counts walk;            /* so far */
    uint32_t path_len, text_len;        /* the path, then a text (why it failed), each with its NUL */
    char text[JOB_TEXT_MAX];
};

/* Memory that walker and readers share. */
struct collect_shared {
    uint64_t current;                   /* the job that is being read; 0 none */
    volatile bool is_stopping;          /* the reader stops reading and takes no more files */
    struct scanner_counts counts;       /* of all readers so far */
};

struct collect_walker;
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
    bool other_file_systems;
};

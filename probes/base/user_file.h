/* Files that the user named. If root started certsweep, the process that reads them has no root privileges: it
 * opens what it may, and asks the starter (scanner/process/starter.h) for the rest, which opens only what the
 * command line names. A worker cannot open its bundle at all: its keeper passes it the descriptors. In all other
 * processes these are the system calls of the same names. For one thread at a time. */
#pragma once
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

int user_file_open(const char *path, int flags, mode_t mode);
FILE *user_file_fopen(const char *path);            /* for reading */
int user_file_stat(const char *path, struct stat *status);
bool user_file_exists(const char *path);
DIR *user_file_opendir(const char *path);
char *user_file_real_path(const char *path);        /* realpath(): links resolved; yours, NULL with errno */
int user_file_unlink(const char *path);
bool user_folder_make(const char *path);     /* asks the starter to make one of our data folders, or that of the output; false with errno */

/* From now on requests go to the starter behind this socket; negative: to none. */
void user_file_ask(int starter, pid_t process);
int user_file_starter(void);
pid_t user_file_starter_process(void);

/* For a process that is about to fork: a socket of its own for the child, which calls user_file_ask() with it; the
 * parent closes it. -1 with errno: it failed, or there is no starter. */
int user_file_fork(void);

/* From now on opening this path gives this descriptor, whatever the file system contains. Both are borrowed until
 * the process ends. */
#define USER_FILE_LENT_MAX 8
void user_file_lend(const char *path, int fd);

/* Requests to the starter. A request is one message: this, then the path or more; the answer is an int32_t, 0 or an
 * errno (a status of waitpid() for STARTER_WAIT), with a descriptor where one was asked for. */
enum starter_question {
    STARTER_CLIENT,         /* a socket for one more client process */
    STARTER_OPEN,           /* flags, mode, path */
    STARTER_FOLDER,         /* path: make one of our data folders, or that of the output */
    STARTER_UNLINK,         /* path: a side file of a bundle; what is named as output, a folder where it is empty */
    STARTER_STREAM,         /* flags, mode, path: output_file_stream() */
    STARTER_OUTPUT,         /* path: output_file_open() */
    STARTER_OUTPUT_END,     /* flags: whole or not */
    STARTER_WORKER,         /* strings, each ended by NUL: argv, tunables last; descriptors: what worker_process_start() gives */
    STARTER_SIGNAL,         /* flags: a signal for the worker */
    STARTER_WAIT,           /* until the worker has ended */
};

struct starter_request {
    int32_t question, flags;
    uint32_t mode;
    char text[8192];
};

/* A request about a path: 0, or -1 with errno. fd may be NULL. */
int starter_ask_path(enum starter_question question, const char *path, int flags, mode_t mode, int *fd);

/* Asks over a socket of user_file_fork(): each worker has one, and is ended when it is closed. The answer; -1 with errno if there is
 * none. fd may be NULL. */
int starter_ask_behind(int socket, const struct starter_request *request, size_t text_len, const int *fds, unsigned fd_count, int *fd);

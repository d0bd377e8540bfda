/* See child_process.h. */
#include "inventory/store/child_process.h"

#include "probes/base/fd_message.h"
#include "probes/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX (64u << 10)

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void child_main(const struct child_process *child, int in, int out)
{
    static char path[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C.UTF-8", zone[] = "TZ=UTC", home[] = "HOME=/";
    /* glibc asks for large pages: PostgreSQL's hash tables of a million certificates take a quarter less CPU in them. */
    static char pages[] = "GLIBC_TUNABLES=glibc.malloc.hugetlb=1";
    static char *const environment[] = {path, locale, zone, home, pages, NULL};
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (geteuid() == 0 && child->uid != 0) {
        if (setgroups(0, NULL) != 0 || setgid(child->gid) != 0 || setuid(child->uid) != 0)
            _exit(126);
    }
    int stdout_fd = child->output_fd > 0 ? child->output_fd : out;
    int stdin_fd = child->input_fd > 0 ? child->input_fd : in;
    if (chdir("/") != 0 || dup2(stdin_fd, 0) < 0 || dup2(stdout_fd, 1) < 0 || dup2(out, 2) < 0)
        _exit(126);
    umask(077);
    execve(child->argv[0], (char *const *)(uintptr_t)child->argv, child->keep_environment ? environ : environment);
    _exit(127);
}

/* Writes the input and reads the output until both have ended. */
static char *converse(int *to, int from, const char *input)
{
    size_t left = input == NULL ? 0 : strlen(input), len = 0;
    char *output = xmalloc(OUTPUT_MAX + 1), rest[4096];
    if (left == 0)
        close_fd(to);
    for (;;) {
        struct pollfd fds[2] = {{.fd = from, .events = POLLIN}, {.fd = *to, .events = POLLOUT}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            break;
        if (*to >= 0 && fds[1].revents != 0) {
            ssize_t sent = write(*to, input, left);
            if (sent > 0) {
                input += sent;
                left -= (size_t)sent;
            }
            if (left == 0 || (sent < 0 && errno != EAGAIN && errno != EINTR))
                close_fd(to);
        }
        if (fds[0].revents == 0)
            continue;
        bool full = len == OUTPUT_MAX;
        ssize_t got = read(from, full ? rest : output + len, full ? sizeof rest : OUTPUT_MAX - len);
        if (got == 0 || (got < 0 && errno != EINTR))
            break;
        if (got > 0 && !full)
            len += (size_t)got;
    }
    output[len] = '\0';
    return output;
}

static bool run_here(const struct child_process *child, int *exit_code, char **output, struct error *err)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    if (output != NULL)
        *output = NULL;
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
        close_fd(&in[0]);
        close_fd(&in[1]);
        return error_set(err, ERROR_SYSTEM, "pipe: %s", strerror(errno));
    }
    pid_t pid = fork();
    if (pid == 0)
        child_main(child, in[0], out[1]);
    close_fd(&in[0]);
    close_fd(&out[1]);
    char *text = NULL;
    if (pid > 0) {
        void (*old)(int) = signal(SIGPIPE, SIG_IGN);    /* a child that exits early must not kill us by SIGPIPE */
        text = converse(&in[1], out[0], child->input);
        signal(SIGPIPE, old);
    }
    close_fd(&in[1]);
    close_fd(&out[0]);
    if (pid < 0)
        return error_set(err, ERROR_SYSTEM, "fork: %s", strerror(errno));
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    *exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (output != NULL)
        *output = text;
    else
        free(text);
    return true;
}

/* --- by a helper ------------------------------------------------------------------------------------------ */

#define REQUEST_MAX (56u << 10)

struct request {
    int32_t keep_environment, argument_count, has_input;
    char text[REQUEST_MAX];         /* arguments and input, each ended by NUL */
};

struct reply {
    int32_t is_run, exit_code;
    char text[OUTPUT_MAX + 1];      /* the output, or why it could not be run */
};

static int helper_socket = -1;      /* one helper for this process and those that it forks: */
static int helper_turn = -1;        /* a lock on this file: its holder may talk to the helper */

void child_process_use(int socket)
{
    helper_socket = socket;
    helper_turn = memfd_create("helper", MFD_CLOEXEC);
}

static void take_turn(short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
    while (helper_turn >= 0 && fcntl(helper_turn, F_SETLKW, &lock) != 0 && errno == EINTR)
        continue;
}

static bool put(struct request *request, size_t *len, const char *text)
{
    size_t more = strlen(text) + 1;
    if (more > sizeof request->text - *len)
        return false;
    memcpy(request->text + *len, text, more);
    *len += more;
    return true;
}

static bool run_by_helper(const struct child_process *child, int *exit_code, char **output, struct error *err)
{
    struct request *request = xcalloc(1, sizeof *request);
    struct reply *reply = xcalloc(1, sizeof *reply);
    const int fds[2] = {child->input_fd > 0 ? child->input_fd : -1, child->output_fd > 0 ? child->output_fd : -1};
    int none[FD_MESSAGE_FDS_MAX];
    size_t len = 0;
    bool fits = true;
    request->keep_environment = child->keep_environment;
    request->has_input = child->input != NULL;
    for (; child->argv[request->argument_count] != NULL && fits; request->argument_count++)
        fits = put(request, &len, child->argv[request->argument_count]);
    fits = fits && (child->input == NULL || put(request, &len, child->input));
    ssize_t got = -1;
    take_turn(F_WRLCK);
    if (fits && fd_message_send(helper_socket, request, offsetof(struct request, text) + len, fds, 2))
        got = fd_message_receive(helper_socket, reply, sizeof *reply - 1, none);
    take_turn(F_UNLCK);
    bool ok = got >= (ssize_t)offsetof(struct reply, text);
    if (!ok)
        error_set(err, ERROR_SYSTEM, "%s: the process that starts programs is gone", child->argv[0]);
    else if (!reply->is_run)
        ok = error_set(err, ERROR_SYSTEM, "%s", reply->text);
    if (ok)
        *exit_code = reply->exit_code;
    if (ok && output != NULL)
        *output = xstrdup(reply->text);
    free(request);
    free(reply);
    return ok;
}

static void serve_one(const struct request *request, size_t len, const int fds[FD_MESSAGE_FDS_MAX], struct reply *reply)
{
    const char *argv[64] = {NULL}, *texts[65] = {NULL};
    size_t count = 0;
    struct error err = {0};
    for (size_t at = 0; at < len && count < 64; at += strlen(request->text + at) + 1)
        texts[count++] = request->text + at;
    size_t arguments = (size_t)request->argument_count;
    if (request->argument_count < 1 || arguments > 63 || arguments + (request->has_input != 0) > count)
        return;
    memcpy(argv, texts, arguments * sizeof *argv);
    const struct child_process child = {.argv = argv,
                                        .uid = geteuid(),
                                        .gid = getegid(),
                                        .input = request->has_input ? texts[arguments] : NULL,
                                        .keep_environment = request->keep_environment != 0,
                                        .input_fd = fds[0] < 0 ? 0 : fds[0],
                                        .output_fd = fds[1] < 0 ? 0 : fds[1]};
    char *output = NULL;
    int exit_code = 0;
    reply->is_run = run_here(&child, &exit_code, &output, &err);
    reply->exit_code = exit_code;
    snprintf(reply->text, sizeof reply->text, "%s", reply->is_run ? output : err.text);
    free(output);
}

void child_process_serve(int socket)
{
    struct request *request = xcalloc(1, sizeof *request);
    struct reply *reply = xcalloc(1, sizeof *reply);
    int fds[FD_MESSAGE_FDS_MAX];
    ssize_t got;
    while ((got = fd_message_receive(socket, request, sizeof *request - 1, fds)) >= (ssize_t)offsetof(struct request, text)) {
        size_t len = (size_t)got - offsetof(struct request, text);
        request->text[len] = '\0';
        *reply = (struct reply){0};
        serve_one(request, len, fds, reply);
        for (unsigned i = 0; i < FD_MESSAGE_FDS_MAX; i++)
            if (fds[i] >= 0)
                close(fds[i]);
        if (!fd_message_send(socket, reply, offsetof(struct reply, text) + strlen(reply->text) + 1, NULL, 0))
            break;
    }
    free(request);
    free(reply);
}

bool child_process_run(const struct child_process *child, int *exit_code, char **output, struct error *err)
{
    if (output != NULL)
        *output = NULL;
    return helper_socket >= 0 ? run_by_helper(child, exit_code, output, err) : run_here(child, exit_code, output, err);
}

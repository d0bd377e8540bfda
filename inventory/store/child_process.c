/* See child_process.h. */
#include "inventory/store/child_process.h"

#include "probes/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
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
    static char *const environment[] = {path, locale, zone, home, NULL};
    signal(SIGPIPE, SIG_DFL);
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

/* Feeds input and gathers output until both are at their ends. */
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

bool child_process_run(const struct child_process *child, int *exit_code, char **output, struct error *err)
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
        void (*old)(int) = signal(SIGPIPE, SIG_IGN);    /* a child that ends early must not end us */
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

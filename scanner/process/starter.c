#include "scanner/process/starter.h"

#include "probes/base/fd_message.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/named_folder.h"
#include "probes/base/output_file.h"
#include "probes/base/user_file.h"
#include "scanner/process/confine.h"
#include "scanner/process/starter_paths.h"
#include "scanner/process/worker_process.h"

#include <cap-ng.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLIENTS_MAX 64

/* The process that asks: the keeper, or one that it forked. */
struct client {
    int fd;                         /* -1: no more */
    pid_t worker;                   /* 0: none */
    int worker_status;
    bool waits;                     /* for its worker */
    struct output_file *output;     /* being written; NULL none */
};

struct starter {
    const struct starter_rules *rules;
    int signal_fd;
    pid_t keeper;
    int keeper_status;
    bool keeper_ended;
    struct client clients[CLIENTS_MAX];
    unsigned client_count;
};

/* --- what comes from the caller --------------------------------------------------------------------------- */

static bool is_named(const struct starter_rules *rules, int fd)
{
    for (size_t i = 0; i < rules->word_count; i++)
        if (output_file_descriptor(rules->words[i].path) == fd)
            return true;
    return false;
}

/* Closes the descriptors that the caller left open, except those that the command line names (/dev/fd/63). */
void starter_close_inherited(const struct starter_rules *rules)
{
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        int fd = atoi(entry->d_name);
        if (fd > STDERR_FILENO && fd != dirfd(folder) && !is_named(rules, fd))
            close(fd);
    }
    closedir(folder);
}

/* --- the keeper's start ---------------------------------------------------------------------------------- */

/* Becomes the keeper's user; of root's rights only open descriptors remain. False: the process must end. */
static bool become_keeper(const struct starter_rules *rules, pid_t starter)
{
    static const char *const paths[] = {"CERTSWEEP_ROOTS", "CERTSWEEP_PG_LIBRARIES"};
    char home[4096], bundles[4096];
    for (unsigned i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (named_folder(paths[i]) == NULL)         /* checked as root: the keeper could not find out its owner */
            unsetenv(paths[i]);
    capng_clear(CAPNG_SELECT_BOTH);
    if (setsid() < 0 ||
        capng_change_id((int)rules->uid, (int)rules->gid, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT) != 0 ||
        geteuid() == 0 || setuid(0) == 0 || !confine_die_with(starter) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return false;
    snprintf(home, sizeof home, "%s", rules->home);     /* root's data stays where it is, whatever HOME is */
    snprintf(bundles, sizeof bundles, "%s", rules->bundles);
    confine_clear_environment(true);
    setenv("CERTSWEEP_HOME", home, 1);
    setenv("CERTSWEEP_BUNDLES", bundles, 1);
    return true;
}

/* Before the filter, so that it may start programs. It ends with its keeper. */
static bool start_helper(const struct starter_rules *rules)
{
    int ends[2];
    pid_t keeper = getpid();
    if (rules->serve == NULL)
        return true;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    pid_t helper = fork();
    if (helper == 0) {
        signal(SIGINT, SIG_IGN); /* the keeper decides */
        signal(SIGTERM, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
        close(ends[0]);
        close(user_file_starter());
        if (confine_die_with(keeper))
            rules->serve(ends[1]);
        _exit(0);
    }
    close(ends[1]);
    rules->use(ends[0]);
    return helper > 0;
}

static void keeper_go_on(const struct starter_rules *rules, int socket, pid_t starter, const sigset_t *mask)
{
    struct error err = {0};
    user_file_ask(socket, starter);
    if (!become_keeper(rules, starter) || !start_helper(rules) || !confine_keeper(&err)) {
        log_error("the keeper cannot become user %u: %s", (unsigned)rules->uid,
                  err.text[0] != '\0' ? err.text : strerror(errno));
        _exit(4);
    }
    sigprocmask(SIG_SETMASK, mask, NULL);
}

/* --- what it asks ---------------------------------------------------------------------------------------- */

static int open_output(const struct starter *starter, struct client *client, const char *path, int *fd)
{
    struct error err = {0};
    if (starter_paths_right(starter->rules, path) < STARTER_WRITE || client->output != NULL)
        return EACCES;
    errno = 0;
    client->output = output_file_open(path, &err);
    if (client->output == NULL)
        return errno == 0 ? EIO : errno;
    *fd = dup(output_file_fd(client->output));
    return *fd < 0 ? errno : 0;
}

static int end_output(struct client *client, bool whole)
{
    struct output_file *output = client->output;
    client->output = NULL;
    if (output == NULL)
        return EINVAL;
    errno = 0;
    return output_file_close(output, whole, NULL) ? 0 : errno == 0 ? EIO : errno;
}

static int open_stream(const struct starter *starter, const char *path, int flags, mode_t mode, int *fd)
{
    if (starter_paths_right(starter->rules, path) < STARTER_WRITE)
        return EACCES;
    const int access = (flags & O_RDWR) != 0 ? O_RDWR : O_WRONLY;
    *fd = output_file_reach(path, access | O_CREAT | (flags & (O_TRUNC | O_EXCL | O_APPEND)), mode & 0666);
    return *fd < 0 ? errno : 0;
}

/* argv's strings one after the other, then the tunables; the worker takes its arguments as a keeper of the same user would give them. */
static int start_worker(struct client *client, const struct starter_request *request, size_t len, const int *fds)
{
    const char *argv[16], *tunables = NULL;
    size_t count = 0;
    if (client->worker != 0)
        return EBUSY;
    if (len == 0 || request->text[len - 1] != '\0')
        return EINVAL;
    for (size_t at = 0; at < len && count < 15; at += strlen(request->text + at) + 1)
        argv[count++] = request->text + at;
    if (count < 2)
        return EINVAL;
    tunables = argv[--count];
    argv[count] = NULL;
    pid_t worker = worker_process_fork(argv, tunables[0] == '\0' ? NULL : tunables, fds);
    client->waits = false;
    client->worker = worker < 0 ? 0 : worker;
    return worker < 0 ? errno : 0;
}

static int add_client(struct starter *starter, int *fd)
{
    int ends[2];
    unsigned at = 0;
    while (at < starter->client_count && starter->clients[at].fd >= 0)
        at++;
    if (at == CLIENTS_MAX)
        return EAGAIN;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return errno;
    starter->clients[at] = (struct client){.fd = ends[0]};
    starter->client_count += at == starter->client_count;
    *fd = ends[1];
    return 0;
}

static void answer(const struct client *client, int32_t value, int fd)
{
    fd_message_send(client->fd, &value, sizeof value, &fd, fd < 0 ? 0 : 1);
    if (fd >= 0)
        close(fd);
}

static void remove_client(struct client *client)
{
    close(client->fd);
    client->fd = -1;
    if (client->worker != 0) { /* its keeper is gone */
        kill(client->worker, SIGKILL);
        waitpid(client->worker, NULL, 0);
    }
    if (client->output != NULL)
        output_file_close(client->output, false, NULL);
    client->output = NULL;
    client->worker = 0;
}

static void close_all(const int fds[FD_MESSAGE_FDS_MAX])
{
    for (unsigned i = 0; i < FD_MESSAGE_FDS_MAX; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

static void serve(struct starter *starter, struct client *client)
{
    struct starter_request request;
    int fds[FD_MESSAGE_FDS_MAX], fd = -1, error = EINVAL;
    ssize_t got = fd_message_receive(client->fd, &request, sizeof request - 1, fds);
    const size_t head = offsetof(struct starter_request, text);
    if (got < (ssize_t)head) {
        remove_client(client);
        return;
    }
    size_t len = (size_t)got - head;
    request.text[len < sizeof request.text ? len : sizeof request.text - 1] = '\0';
    switch ((enum starter_question)request.question) {
    case STARTER_CLIENT: error = add_client(starter, &fd); break;
    case STARTER_OPEN: error = starter_paths_open(starter->rules, request.text, request.flags, request.mode, &fd); break;
    case STARTER_FOLDER: error = starter_paths_make(starter->rules, request.text); break;
    case STARTER_UNLINK: error = starter_paths_remove(starter->rules, request.text); break;
    case STARTER_STREAM: error = open_stream(starter, request.text, request.flags, request.mode, &fd); break;
    case STARTER_OUTPUT: error = open_output(starter, client, request.text, &fd); break;
    case STARTER_OUTPUT_END: error = end_output(client, request.flags != 0); break;
    case STARTER_WORKER: error = start_worker(client, &request, len, fds); break;
    case STARTER_SIGNAL: error = client->worker != 0 && kill(client->worker, request.flags) == 0 ? 0 : ESRCH; break;
    case STARTER_WAIT:
        client->waits = client->worker != 0;
        error = client->worker_status;
        break;
    }
    close_all(fds);
    if (!client->waits)
        answer(client, error, fd);
}

/* --- while they run -------------------------------------------------------------------------------------- */

static void reap(struct starter *starter)
{
    int status;
    for (unsigned i = 0; i < starter->client_count; i++) {
        struct client *client = &starter->clients[i];
        if (client->worker == 0 || waitpid(client->worker, &status, WNOHANG) != client->worker)
            continue;
        client->worker = 0;
        client->worker_status = status;
        if (client->waits)
            answer(client, status, -1);
        client->waits = false;
    }
    if (!starter->keeper_ended && waitpid(starter->keeper, &status, WNOHANG) == starter->keeper) {
        starter->keeper_ended = true;
        starter->keeper_status = status;
    }
}

static void signal_all(const struct starter *starter, int signal)
{
    for (unsigned i = 0; i < starter->client_count; i++)
        if (starter->clients[i].worker != 0)
            kill(starter->clients[i].worker, signal);
    kill(starter->keeper, signal);
}

/* Ctrl-Z: keeper and worker have no terminal, so they are stopped and woken from here. The keeper is stopped first: one that still
 * runs may pass on the SIGCONT of the last time, and wake a worker that has been stopped already. */
static void stop_all(const struct starter *starter)
{
    sigset_t stop;
    siginfo_t info;
    kill(starter->keeper, SIGSTOP);
    waitid(P_PID, (id_t)starter->keeper, &info, WSTOPPED | WEXITED | WNOWAIT);
    signal_all(starter, SIGSTOP);
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &stop, NULL); /* comes back when the starter is woken */
    sigprocmask(SIG_BLOCK, &stop, NULL);
    signal_all(starter, SIGCONT);
}

static void read_signals(struct starter *starter)
{
    struct signalfd_siginfo info;
    while (read(starter->signal_fd, &info, sizeof info) == sizeof info) {
        switch (info.ssi_signo) {
        case SIGCHLD: reap(starter); break;
        case SIGTSTP: stop_all(starter); break;
        case SIGCONT: signal_all(starter, SIGCONT); break;
        default: kill(starter->keeper, (int)info.ssi_signo); break;
        }
    }
}

static int run_starter(struct starter *starter)
{
    struct pollfd fds[CLIENTS_MAX + 1];
    while (!starter->keeper_ended) {
        unsigned count = starter->client_count;
        for (unsigned i = 0; i < count; i++)
            fds[i] = (struct pollfd){.fd = starter->clients[i].fd, .events = POLLIN};
        fds[count] = (struct pollfd){.fd = starter->signal_fd, .events = POLLIN};
        if (poll(fds, count + 1, -1) < 0 && errno != EINTR)
            break;
        for (unsigned i = 0; i < count; i++)
            if (fds[i].fd >= 0 && fds[i].revents != 0)
                serve(starter, &starter->clients[i]);
        if (fds[count].revents != 0)
            read_signals(starter);
    }
    for (unsigned i = 0; i < starter->client_count; i++)
        if (starter->clients[i].fd >= 0)
            remove_client(&starter->clients[i]);
    return starter->keeper_status;
}

bool starter_split(const struct starter_rules *rules, int *code, struct error *err)
{
    static const int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGTSTP, SIGCONT, SIGCHLD};
    struct starter starter = {.rules = rules};
    sigset_t set, before;
    int ends[2];
    pid_t self = getpid();
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        sigaddset(&set, taken[i]);
    *code = 4;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return error_set(err, ERROR_SYSTEM, "the keeper cannot be started: %s", strerror(errno));
    sigprocmask(SIG_BLOCK, &set, &before);
    starter.keeper = fork();
    if (starter.keeper == 0) {
        close(ends[0]);
        keeper_go_on(rules, ends[1], self, &before);
        return true;
    }
    close(ends[1]);
    starter.clients[0].fd = ends[0];
    starter.client_count = 1;
    starter.signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    bool ok = starter.keeper > 0 && starter.signal_fd >= 0;
    int status = ok ? run_starter(&starter) : 0;
    if (!ok)
        error_set(err, ERROR_SYSTEM, "the keeper cannot be started: %s", strerror(errno));
    if (starter.signal_fd >= 0)
        close(starter.signal_fd);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (ok && WIFSIGNALED(status)) {        /* so that the shell sees what it would see of a single process */
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    *code = !ok ? 4 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return false;
}

#include "scanner/run/collect_git.h"

#include "probes/base/memory.h"
#include "scanner/process/confine_program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONFIG_MAX 65536
#define PIPE_DEPTH 8                    /* folders in which a pipe is looked for */

static const char *const programs[] = {"/usr/bin/git", "/usr/local/bin/git", "/bin/git"};

static const char *find_git(void)
{
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (access(programs[i], X_OK) == 0)
            return programs[i];
    return NULL;
}

/* Names of objects are SHA-1 unless the repository says otherwise (extensions.objectFormat). */
static bool has_sha256(int folder)
{
    char text[CONFIG_MAX + 1] = "";
    int fd = openat(folder, "config", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, text, CONFIG_MAX);
    if (fd >= 0)
        close(fd);
    text[got < 0 ? 0 : got] = '\0';
    const char *setting = strcasestr(text, "objectformat"), *end = setting == NULL ? NULL : strchrnul(setting, '\n');
    return setting != NULL && memmem(setting, (size_t)(end - setting), "sha256", 6) != NULL;
}

static bool write_file(int folder, const char *name, const char *text)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && fchmod(fd, 0644) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool make_inner(int folder, const char *name)
{
    return mkdirat(folder, name, 0755) == 0 && fchmodat(folder, name, 0755, 0) == 0;     /* whatever the umask is */
}

/* What git takes for a repository at the least. Another user runs git, so that one may read it; it holds nothing. */
static bool make_folder(struct collect_git *git, bool is_sha256)
{
    snprintf(git->folder, sizeof git->folder, "/tmp/certsweep-git-XXXXXX");
    if (mkdtemp(git->folder) == NULL) {
        git->folder[0] = '\0';
        return false;
    }
    int fd = open(git->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool ok = fd >= 0 && fchmod(fd, 0755) == 0 && write_file(fd, "HEAD", "ref: refs/heads/none\n") &&
              write_file(fd, "config", is_sha256 ? "[core]\nrepositoryformatversion = 1\n[extensions]\nobjectformat = sha256\n" : "[core]\nrepositoryformatversion = 0\n") &&
              make_inner(fd, "refs") && make_inner(fd, "objects");
    if (fd >= 0)
        close(fd);
    return ok;
}

static void remove_folder(struct collect_git *git)
{
    int fd = git->folder[0] == '\0' ? -1 : open(git->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) {
        unlinkat(fd, "HEAD", 0);
        unlinkat(fd, "config", 0);
        unlinkat(fd, "refs", AT_REMOVEDIR);
        unlinkat(fd, "objects", AT_REMOVEDIR);
        close(fd);
        rmdir(git->folder);
    }
    git->folder[0] = '\0';
}

struct child {
    const char *program, *folder;
    const char *const *arguments;
    int objects, input, output;         /* input: -1 nothing */
    pid_t parent;
};

/* Becomes git: in the environment only what is said here. */
static _Noreturn void become_git(const struct child *child)
{
    struct error err = {0};
    char *git_dir = xasprintf("GIT_DIR=%s", child->folder);
    const char *const environment[] = {git_dir, "GIT_ALTERNATE_OBJECT_DIRECTORIES=/proc/self/fd/3", "GIT_CONFIG_NOSYSTEM=1",
                                       "GIT_CONFIG_GLOBAL=/dev/null", "GIT_NO_LAZY_FETCH=1",
                                       "GIT_NO_REPLACE_OBJECTS=1", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "HOME=/nonexistent",
                                           "LC_ALL=C", "PATH=/usr/bin:/bin", NULL};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), input = child->input < 0 ? null : child->input;
    int given[4] = {fcntl(input, F_DUPFD_CLOEXEC, 10), fcntl(child->output, F_DUPFD_CLOEXEC, 10), fcntl(null, F_DUPFD_CLOEXEC, 10),
                    fcntl(child->objects, F_DUPFD_CLOEXEC, 10)};
    bool ok = chdir("/") == 0;
    for (int i = 0; i < 4; i++)
        ok = ok && given[i] >= 0 && dup2(given[i], i) == i;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    const char *const readable[] = {child->folder, "/proc/self/fd/3", NULL};
    if (ok && close_range(4, ~0u, 0) == 0 && confine_program(child->parent, readable, &err))
        execve(child->program, (char *const *)(uintptr_t)child->arguments, (char *const *)(uintptr_t)environment);
    _exit(127);
}

static pid_t start_child(const struct child *child)
{
    pid_t pid = fork();
    if (pid == 0)
        become_git(child);
    return pid < 0 ? 0 : pid;
}

static bool start_both(struct collect_git *git, const char *program, int objects, struct error *err)
{
    static const char *const list[] = {"git", "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname) %(objecttype)", NULL};
    static const char *const give[] = {"git", "cat-file", "--batch", NULL};
    int listed[2], asked[2], given[2];
    if (pipe2(listed, O_CLOEXEC) != 0)
        return error_set(err, ERROR_SYSTEM, "git: %s", strerror(errno));
    git->pipes[GIT_LIST] = listed[0];
    git->lister = start_child(&(struct child){program, git->folder, list, objects, -1, listed[1], getpid()});
    close(listed[1]);
    if (pipe2(asked, O_CLOEXEC) != 0)
        return error_set(err, ERROR_SYSTEM, "git: %s", strerror(errno));
    git->pipes[GIT_REQUESTS] = asked[1];
    if (pipe2(given, O_CLOEXEC) != 0) {
        close(asked[0]);
        return error_set(err, ERROR_SYSTEM, "git: %s", strerror(errno));
    }
    git->pipes[GIT_REPLIES] = given[0];
    git->giver = start_child(&(struct child){program, git->folder, give, objects, asked[0], given[1], getpid()});
    close(asked[0]);
    close(given[1]);
    return (git->lister > 0 && git->giver > 0) || error_set(err, ERROR_SYSTEM, "git cannot be started: %s", strerror(errno));
}

static void close_pipes(struct collect_git *git)
{
    for (unsigned i = 0; i < GIT_PIPES; i++) {
        if (git->pipes[i] >= 0)
            close(git->pipes[i]);
        git->pipes[i] = -1;
    }
}

/* Git would wait for a writer for ever. Objects lie in folders of one level, but alternates may name any folder below. */
static bool has_pipe(int folder, int depth)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    bool found = false;
    while (list != NULL && !found && (entry = readdir(list)) != NULL) {
        struct stat status;
        if (entry->d_name[0] == '.' || fstatat(folder, entry->d_name, &status, entry->d_type == DT_LNK ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        int inner = S_ISDIR(status.st_mode) && depth > 0 ? openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
        found = (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)) || (inner >= 0 && has_pipe(inner, depth - 1));
        if (inner >= 0)
            close(inner);
    }
    if (list != NULL)
        closedir(list);
    return found;
}

bool collect_git_start(struct collect_git *git, int folder, struct error *err)
{
    const char *program = find_git();
    *git = (struct collect_git){.pipes = {-1, -1, -1}};
    if (program == NULL)
        return error_set(err, ERROR_SYSTEM, "its history needs git, which is not installed here");
    int objects = openat(folder, "objects", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (objects < 0)
        return error_set(err, ERROR_IO, "its objects cannot be opened: %s", strerror(errno));
    bool ok = (!has_pipe(objects, PIPE_DEPTH) || error_set(err, ERROR_IO, "its objects hold a pipe or a device; git is not asked")) &&
              (make_folder(git, has_sha256(folder)) || error_set(err, ERROR_SYSTEM, "/tmp takes no folder for git: %s", strerror(errno))) &&
              start_both(git, program, objects, err);
    close(objects);
    if (!ok) {
        close_pipes(git);
        collect_git_stop(git);
    }
    return ok;
}

void collect_git_kill(const struct collect_git *git)
{
    if (git->lister > 0)
        kill(git->lister, SIGKILL);
    if (git->giver > 0)
        kill(git->giver, SIGKILL);
}

/* /proc/PID/stat: user and system time are fields 14 and 15, behind the name in parentheses. */
static uint64_t time_of(pid_t pid)
{
    char path[64], text[1024] = "";
    unsigned long long user = 0, kernel = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[got < 0 ? 0 : got] = '\0';
    const char *behind = strrchr(text, ')');
    if (behind == NULL || sscanf(behind, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &kernel) != 2)
        return 0;
    return user + kernel;
}

uint64_t collect_git_work(const struct collect_git *git, int reader)
{
    return time_of(reader) + (git->lister > 0 ? time_of(git->lister) : 0) + (git->giver > 0 ? time_of(git->giver) : 0);
}

/* Its status, if it had ended by itself; else -1. */
static int stop_child(pid_t *pid)
{
    int status = -1;
    if (*pid <= 0)
        return status;
    if (waitpid(*pid, &status, WNOHANG) == 0) {
        kill(*pid, SIGKILL);
        while (waitpid(*pid, &status, 0) < 0 && errno == EINTR)
            continue;
        status = -1;
    }
    *pid = 0;
    return status;
}

bool collect_git_stop(struct collect_git *git)
{
    int listed = stop_child(&git->lister);
    stop_child(&git->giver);
    remove_folder(git);
    return listed <= 0;
}

#include "probes/base/user_file.h"

#include "probes/base/fd_message.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    int starter;
    pid_t process;
    struct {
        const char *path;
        int fd;
    } lent[USER_FILE_LENT_MAX];
} user_files = {.starter = -1}; /* one starter per process, as one standard error */

void user_file_ask(int starter, pid_t process)
{
    user_files.starter = starter;
    user_files.process = process;
}

pid_t user_file_starter_process(void)
{
    return user_files.process;
}

int user_file_fork(void)
{
    int fd = -1;
    return user_files.starter >= 0 && starter_ask_path(STARTER_CLIENT, "", 0, 0, &fd) == 0 ? fd : -1;
}

int user_file_starter(void)
{
    return user_files.starter;
}

void user_file_lend(const char *path, int fd)
{
    for (unsigned i = 0; i < USER_FILE_LENT_MAX; i++)
        if (user_files.lent[i].path == NULL) {
            user_files.lent[i].path = path;
            user_files.lent[i].fd = fd;
            return;
        }
}

static int find_lent(const char *path)
{
    for (unsigned i = 0; i < USER_FILE_LENT_MAX && user_files.lent[i].path != NULL; i++)
        if (strcmp(user_files.lent[i].path, path) == 0)
            return user_files.lent[i].fd;
    return -1;
}

int starter_ask_behind(int socket, const struct starter_request *request, size_t text_len, const int *fds, unsigned fd_count, int *fd)
{
    int32_t answer;
    int got[FD_MESSAGE_FDS_MAX];
    if (!fd_message_send(socket, request, offsetof(struct starter_request, text) + text_len, fds, fd_count) ||
        fd_message_receive(socket, &answer, sizeof answer, got) != sizeof answer) {
        errno = EPIPE;
        return -1;
    }
    if (fd != NULL)
        *fd = got[0];
    else if (got[0] >= 0)
        close(got[0]);
    return answer;
}

int starter_ask_path(enum starter_question question, const char *path, int flags, mode_t mode, int *fd)
{
    struct starter_request request = {.question = (int32_t)question, .flags = flags, .mode = mode};
    size_t len = strlen(path) + 1;
    if (len > sizeof request.text) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(request.text, path, len);
    int answer = starter_ask_behind(user_files.starter, &request, len, NULL, 0, fd);
    if (answer > 0)
        errno = answer;
    return answer == 0 ? 0 : -1;
}

/* Asks the starter for what this process may not do itself; -1 with errno unchanged where there is no starter to ask. */
static int ask(enum starter_question question, const char *path, int flags, mode_t mode, int *fd)
{
    bool is_refused = errno == EACCES || errno == EPERM || ((errno == EROFS || errno == ENOENT) && question == STARTER_FOLDER);
    return user_files.starter < 0 || !is_refused ? -1 : starter_ask_path(question, path, flags, mode, fd);
}

int user_file_open(const char *path, int flags, mode_t mode)
{
    int fd = find_lent(path);
    if (fd >= 0) {
        lseek(fd, 0, SEEK_SET); /* the offset is shared with earlier readers; SQLite passes an offset with each read */
        return fcntl(fd, F_DUPFD_CLOEXEC, 3);
    }
    fd = open(path, flags, mode);
    if (fd < 0 && ask(STARTER_OPEN, path, flags, mode, &fd) != 0)
        return -1;
    return fd;
}

FILE *user_file_fopen(const char *path)
{
    int fd = user_file_open(path, O_RDONLY | O_CLOEXEC, 0);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    if (fd >= 0 && file == NULL)
        close(fd);
    return file;
}

int user_file_stat(const char *path, struct stat *status)
{
    int fd = find_lent(path);
    if (fd >= 0)
        return fstat(fd, status);
    if (stat(path, status) == 0)
        return 0;
    if (ask(STARTER_OPEN, path, O_PATH | O_CLOEXEC, 0, &fd) != 0)
        return -1;
    int result = fstat(fd, status);
    close(fd);
    return result;
}

bool user_file_exists(const char *path)
{
    struct stat status;
    return user_file_stat(path, &status) == 0;
}

DIR *user_file_opendir(const char *path)
{
    int fd = user_file_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (fd >= 0 && dir == NULL)
        close(fd);
    return dir;
}

char *user_file_real_path(const char *path)
{
    char link[64], real[PATH_MAX], *found = realpath(path, NULL);
    int fd;
    if (found != NULL || ask(STARTER_OPEN, path, O_PATH | O_CLOEXEC, 0, &fd) != 0)
        return found;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, real, sizeof real - 1);
    close(fd);
    if (len < 0)
        return NULL;
    real[len] = '\0';
    return strdup(real);
}

int user_file_unlink(const char *path)
{
    return unlink(path) == 0 ? 0 : ask(STARTER_UNLINK, path, 0, 0, NULL);
}

bool user_folder_make(const char *path)
{
    return ask(STARTER_FOLDER, path, 0, 0, NULL) == 0;
}

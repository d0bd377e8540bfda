#include "probes/base/fd_message.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* The first two bytes tell which entries have a descriptor, since only those travel. */
union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(FD_MESSAGE_FDS_MAX * sizeof(int))];
};

union control_of_many {
    struct cmsghdr header;
    char room[CMSG_SPACE(FD_MESSAGE_MANY * sizeof(int))];
};

static void attach(struct msghdr *message, void *control, const int *fds, unsigned count)
{
    message->msg_control = control;
    message->msg_controllen = CMSG_SPACE(count * sizeof(int));
    memset(control, 0, message->msg_controllen);
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
}

static ssize_t send_whole(int socket, const struct msghdr *message)
{
    ssize_t sent;
    while ((sent = sendmsg(socket, message, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        continue;
    return sent;
}

bool fd_message_send(int socket, const void *bytes, size_t len, const int *fds, unsigned fd_count)
{
    uint16_t places = 0;
    int given[FD_MESSAGE_FDS_MAX];
    unsigned count = 0;
    for (unsigned i = 0; i < fd_count && i < FD_MESSAGE_FDS_MAX; i++)
        if (fds[i] >= 0) {
            places = (uint16_t)(places | 1u << i);
            given[count++] = fds[i];
        }
    struct iovec parts[2] = {{&places, sizeof places}, {(void *)(uintptr_t)bytes, len}};
    union control control;
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    if (count != 0)
        attach(&message, &control, given, count);
    return send_whole(socket, &message) == (ssize_t)(len + sizeof places);
}

static void place_fds(struct msghdr *message, unsigned places, int fds[FD_MESSAGE_FDS_MAX])
{
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        return;
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int), at = 0;
    int got[FD_MESSAGE_FDS_MAX];
    memcpy(got, CMSG_DATA(header), (count > FD_MESSAGE_FDS_MAX ? FD_MESSAGE_FDS_MAX : count) * sizeof(int));
    for (unsigned i = 0; i < FD_MESSAGE_FDS_MAX; i++)
        if ((places & 1u << i) != 0 && at < count)
            fds[i] = got[at++];
    for (; at < count && at < FD_MESSAGE_FDS_MAX; at++)
        close(got[at]);
}

ssize_t fd_message_receive(int socket, void *bytes, size_t size, int fds[FD_MESSAGE_FDS_MAX])
{
    uint16_t places = 0;
    struct iovec parts[2] = {{&places, sizeof places}, {bytes, size}};
    union control control;
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t got;
    for (unsigned i = 0; i < FD_MESSAGE_FDS_MAX; i++)
        fds[i] = -1;
    while ((got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        continue;
    if (got <= 0)
        return got;
    place_fds(&message, places, fds);
    return got - (ssize_t)sizeof places;
}

bool fd_message_send_many(int socket, const void *bytes, size_t len, const int *fds, unsigned count)
{
    struct iovec part = {(void *)(uintptr_t)bytes, len};
    union control_of_many control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0)
        attach(&message, &control, fds, count < FD_MESSAGE_MANY ? count : FD_MESSAGE_MANY);
    return send_whole(socket, &message) == (ssize_t)len;
}

static void close_all(const int *fds, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        close(fds[i]);
}

ssize_t fd_message_receive_many(int socket, void *bytes, size_t size, int fds[FD_MESSAGE_MANY], unsigned *count)
{
    struct iovec part = {bytes, size};
    union control_of_many control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t got;
    *count = 0;
    while ((got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        continue;
    const struct cmsghdr *header = got <= 0 ? NULL : CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
        *count = (unsigned)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(fds, CMSG_DATA(header), *count * sizeof(int));
    }
    if (got > 0 && (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        close_all(fds, *count);
        *count = 0;
        errno = EMSGSIZE;
        return -1;
    }
    return got;
}

/* Messages between processes of ours over a SOCK_SEQPACKET pair: bytes, and descriptors beside them (SCM_RIGHTS). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define FD_MESSAGE_FDS_MAX 16

/* fds may hold -1: none at that place. False with errno; EPIPE if the other end is gone. */
bool fd_message_send(int socket, const void *bytes, size_t len, const int *fds, unsigned fd_count);

/* Gives the length, 0 at the end, -1 with errno. fds: FD_MESSAGE_FDS_MAX places, -1 where none came; yours to close. */
ssize_t fd_message_receive(int socket, void *bytes, size_t size, int fds[FD_MESSAGE_FDS_MAX]);

/* Messages between our processes over a SOCK_SEQPACKET pair: bytes, and with them descriptors (SCM_RIGHTS). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define FD_MESSAGE_FDS_MAX 16

/* An entry of fds may be -1: no descriptor there. False with errno; EPIPE if the other end is gone. */
bool fd_message_send(int socket, const void *bytes, size_t len, const int *fds, unsigned fd_count);

/* Returns the length, 0 at the end, -1 with errno. fds: FD_MESSAGE_FDS_MAX entries, -1 where none was received;
 * yours to close. */
ssize_t fd_message_receive(int socket, void *bytes, size_t size, int fds[FD_MESSAGE_FDS_MAX]);

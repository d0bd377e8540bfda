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

/* Messages with many descriptors, each of which travels: up to FD_MESSAGE_MANY (the kernel's SCM_MAX_FD). */
#define FD_MESSAGE_MANY 253
bool fd_message_send_many(int socket, const void *bytes, size_t len, const int *fds, unsigned count);

/* As fd_message_receive(). *count: how many descriptors came. A message that was cut is an error (EMSGSIZE). */
ssize_t fd_message_receive_many(int socket, void *bytes, size_t size, int fds[FD_MESSAGE_MANY], unsigned *count);

/* Receives the answers: libpcap on all interfaces, with a kernel filter for what may answer our SYNs. */
#pragma once
#include "probes/base/error.h"
#include "scanner/syn/frame.h"

struct receiver;

struct receiver *receiver_open(uint16_t first_port, uint16_t last_port, struct error *err);
void receiver_close(struct receiver *receiver); /* NULL is fine */

int receiver_fd(const struct receiver *receiver); /* for poll() */

/* Gives what has come; never waits. False with ERROR_SYSTEM where the capture has ended. */
bool receiver_read(struct receiver *receiver,
                   void (*on_answer)(void *context, const struct frame_answer *answer), void *context,
                   struct error *err);

uint64_t receiver_drops(struct receiver *receiver); /* packets lost by the kernel since it was opened */

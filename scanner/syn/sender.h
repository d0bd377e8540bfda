/* Sends SYNs: collected in a batch and sent by sendmmsg(), each by the route that the kernel would use. */
#pragma once
#include "scanner/syn/frame.h"
#include "scanner/syn/route.h"

struct sender;

/* NULL with ERROR_SYSTEM; without CAP_NET_RAW the text says how to give it. */
struct sender *sender_open(struct error *err);
void sender_close(struct sender *sender); /* NULL is fine */

#define SENDER_BATCH 64

/* Adds a SYN to the batch, which must have room (sender_count() < SENDER_BATCH). token comes back where it
 * could not be sent. */
void sender_add(struct sender *sender, const struct route *route, const struct frame_syn *syn,
                uint64_t token);
unsigned sender_count(const struct sender *sender);

/* Sends the batch and empties it. What a full queue refused (ENOBUFS, EAGAIN) comes back by on_refused, to be
 * sent later; what this machine's firewall or its full table of tracked connections keeps back (EPERM), by
 * on_kept_back; what the kernel will not send at all, by on_impossible. Gives how many went. */
struct sender_callbacks {
    void *context;
    void (*on_refused)(void *context, uint64_t token);
    void (*on_kept_back)(void *context, uint64_t token);
    void (*on_impossible)(void *context, uint64_t token);
};
unsigned sender_flush(struct sender *sender, const struct sender_callbacks *callbacks);

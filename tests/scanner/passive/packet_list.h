/* A capture in memory, for tests: read from a file, changed, fed to a listener. Failing to read is a failed test. */
#pragma once
#include "scanner/passive/listener.h"

struct packet_list {
    struct packet *packets;         /* bytes are the list's */
    size_t count;
    char *secrets;                  /* key log lines found in the file */
    size_t secrets_len;
};

void packet_list_read(struct packet_list *list, const char *path);
void packet_list_clear(struct packet_list *list);
void packet_list_add(struct packet_list *list, const struct packet *packet);       /* copied */
void packet_list_feed(const struct packet_list *list, struct listener *listener);
/* The same for a listener of its own, with fingerprints. */
void packet_list_tell(const struct packet_list *list, handshake_function *on_handshake, void *context);

/* What may happen between sender and tap. seed makes it the same every time. */
void packet_list_shuffle(struct packet_list *list, size_t window, uint64_t seed);
void packet_list_duplicate(struct packet_list *list, unsigned percent, uint64_t seed);
void packet_list_drop_pure_acks(struct packet_list *list);
uint64_t test_random(uint64_t *state);
/* Another one each time, printed; CERTSWEEP_TEST_SEED repeats it. */
uint64_t test_seed(void);

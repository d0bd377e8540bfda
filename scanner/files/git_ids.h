/* Object names of git (SHA-1 or SHA-256), and a set of them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GIT_ID_MAX 32

struct git_id {
    uint8_t bytes[GIT_ID_MAX];          /* the rest of a SHA-1 is 0 */
};

/* len: characters, 40 or 64. */
bool git_id_parse(const char *hex, size_t len, struct git_id *id);
void git_id_format(const struct git_id *id, size_t len, char hex[2 * GIT_ID_MAX + 1]);

/* Of the first 16 bytes of each: nobody makes two objects that share these. */
struct git_id_set {
    uint64_t (*items)[2];               /* 0, 0: free */
    size_t count, room;
};

bool git_id_set_add(struct git_id_set *set, const struct git_id *id);       /* false: it was there */
bool git_id_set_has(const struct git_id_set *set, const struct git_id *id);
void git_id_set_clear(struct git_id_set *set);

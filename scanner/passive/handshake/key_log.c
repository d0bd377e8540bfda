#include "scanner/passive/handshake/key_log.h"

#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

#define RANDOMS_MAX 1000000         /* sessions kept; further lines are ignored */
#define FILE_MAX    (1u << 30)

struct entry {
    uint8_t random[32];
    struct key_log_secret secrets[KEY_LOG_LABELS];
    UT_hash_handle hh;
};

struct key_log {
    struct entry *entries;
    size_t count;
};

static const char *const labels[KEY_LOG_LABELS] = {
    [KEY_LOG_MASTER_SECRET] = "CLIENT_RANDOM",
    [KEY_LOG_CLIENT_HANDSHAKE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    [KEY_LOG_SERVER_HANDSHAKE] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    [KEY_LOG_CLIENT_APPLICATION] = "CLIENT_TRAFFIC_SECRET_0",
    [KEY_LOG_SERVER_APPLICATION] = "SERVER_TRAFFIC_SECRET_0",
};

struct key_log *key_log_create(void)
{
    return xcalloc(1, sizeof(struct key_log));
}

void key_log_destroy(struct key_log *log)
{
    struct entry *entry, *next;
    if (log == NULL)
        return;
    HASH_ITER (hh, log->entries, entry, next) {
        HASH_DEL(log->entries, entry);
        OPENSSL_cleanse(entry, sizeof *entry);
        free(entry);
    }
    free(log);
}

size_t key_log_count(const struct key_log *log)
{
    return log->count;
}

static struct entry *entry_of(struct key_log *log, const uint8_t random[32])
{
    struct entry *entry;
    HASH_FIND(hh, log->entries, random, 32, entry);
    if (entry == NULL && HASH_COUNT(log->entries) < RANDOMS_MAX) {
        entry = xcalloc(1, sizeof *entry);
        memcpy(entry->random, random, 32);
        HASH_ADD(hh, log->entries, random, 32, entry);
    }
    return entry;
}

/* "LABEL 64 hexadecimal digits, secret" */
static void add_line(struct key_log *log, char *line)
{
    char *state, *label = strtok_r(line, " \t\r", &state), *random_text = strtok_r(NULL, " \t\r", &state),
         *secret_text = strtok_r(NULL, " \t\r", &state);
    uint8_t random[32];
    struct key_log_secret secret = {0};
    if (secret_text == NULL || strlen(random_text) != 64 || !hex_parse(random_text, random, 32))
        return;
    size_t len = strlen(secret_text) / 2;
    if (len == 0 || len > sizeof secret.bytes || !hex_parse(secret_text, secret.bytes, len))
        return;
    secret.len = (uint8_t)len;
    for (size_t i = 0; i < KEY_LOG_LABELS; i++) {
        struct entry *entry = strcmp(label, labels[i]) == 0 ? entry_of(log, random) : NULL;
        if (entry != NULL) {
            entry->secrets[i] = secret;
            log->count++;
        }
    }
    OPENSSL_cleanse(&secret, sizeof secret);
}

void key_log_add(struct key_log *log, const char *text, size_t len)
{
    char line[512];
    while (len != 0) {
        const char *end = memchr(text, '\n', len);
        size_t line_len = end == NULL ? len : (size_t)(end - text);
        if (line_len < sizeof line && line_len != 0 && text[0] != '#' && memchr(text, '\0', line_len) == NULL) {
            memcpy(line, text, line_len);
            line[line_len] = '\0';
            add_line(log, line);
        }
        line_len += end != NULL;
        text += line_len;
        len -= line_len;
    }
    OPENSSL_cleanse(line, sizeof line);
}

bool key_log_add_fd(struct key_log *log, int fd, const char *name, struct error *err)
{
    size_t capacity = 1u << 20, have = 0, kept;
    char *text = xmalloc(capacity);
    bool ok = true;
    for (uint64_t total = 0;; total += (uint64_t)kept) {
        ssize_t got = read(fd, text + have, capacity - have);
        if (got < 0 && errno == EINTR) {
            kept = 0;
            continue;
        }
        if (got < 0)
            ok = error_set(err, ERROR_IO, "%s: %s", name, strerror(errno));
        if (got <= 0 || total > FILE_MAX)
            break;
        kept = (size_t)got;
        have += kept;
        char *end = memrchr(text, '\n', have);
        size_t whole = end == NULL ? 0 : (size_t)(end + 1 - text);
        if (whole == 0 && have == capacity)
            whole = have;                       /* no line is that long */
        key_log_add(log, text, whole);
        memmove(text, text + whole, have - whole);
        have -= whole;
    }
    key_log_add(log, text, have);
    OPENSSL_cleanse(text, capacity);
    free(text);
    close(fd);
    return ok;
}

const struct key_log_secret *key_log_find(const struct key_log *log, const uint8_t client_random[32],
                                          enum key_log_label label)
{
    struct entry *entry;
    HASH_FIND(hh, log->entries, client_random, 32, entry);
    return entry == NULL || entry->secrets[label].len == 0 ? NULL : &entry->secrets[label];
}

#include "scanner/targets/target_words.h"

#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS     " \t\r\v\f\n"
#define SEPARATORS BLANKS ","

/* Are there ports behind the host already? One colon, or one behind the brackets. */
static bool has_ports(const char *word)
{
    const char *bracket = strrchr(word, ']');
    const char *colon = strchr(bracket == NULL ? word : bracket, ':');
    return colon != NULL && (bracket != NULL || strchr(colon + 1, ':') == NULL);
}

/* "8443", "9000-9010", "udp/443", "@mail": ports, since no target looks like that. */
static bool looks_like_ports(const char *item, size_t len)
{
    size_t digits = strspn(item, "0123456789-");
    return len != 0 && (digits >= len || item[0] == '@' || strncmp(item, "udp/", 4) == 0 || strncmp(item, "tcp/", 4) == 0);
}

/* The next word, its ports joined, to `word`, which has room for all of text. False at the end. *after_blank: no comma stands
 * before it. */
static bool next_word(const char **at, char *word, bool *after_blank)
{
    size_t gap = strspn(*at, SEPARATORS), len = 0;
    *after_blank = memchr(*at, ',', gap) == NULL;
    const char *item = *at + gap;
    size_t item_len = strcspn(item, SEPARATORS "#");
    if (item_len == 0)
        return false;
    for (;;) {
        memcpy(word + len, item, item_len);
        len += item_len;
        word[len] = '\0';
        *at = item + item_len;
        gap = strspn(*at, SEPARATORS);
        item = *at + gap;
        item_len = strcspn(item, SEPARATORS "#");
        if (memchr(*at, ',', gap) == NULL || !has_ports(word) || !looks_like_ports(item, item_len))
            return true;
        word[len++] = ',';
    }
}

static bool is_prose(const struct target_text *spec)
{
    return spec->is_name && spec->at.len == 0 && spec->ports == NULL && strchr(spec->name, '.') == NULL;
}

static bool add_word(struct target_words *words, const char *word, bool pattern, bool after_blank, struct error *err)
{
    struct target_text spec;
    bool ok = pattern ? target_text_parse_pattern(word, &spec, err) : target_text_parse(word, &spec, err);
    if (ok && words->count != 0 && after_blank && is_prose(&spec))
        ok = error_set(err, ERROR_USAGE,
                       "\"%.100s\": a word after a target; a comment begins with \"#\", and names without a dot are parted "
                       "by commas", word);
    if (!ok) {
        target_text_clear(&spec);
        return false;
    }
    if ((words->count & (words->count - 1)) == 0)       /* room doubles at each power of two */
        words->specs = xreallocarray(words->specs, words->count == 0 ? 1 : 2 * words->count, sizeof *words->specs);
    words->specs[words->count++] = spec;
    return true;
}

bool target_words_parse(const char *text, bool pattern, struct target_words *words, struct error *err)
{
    char *word = xmalloc(strlen(text) + 1);
    bool ok = true, after_blank;
    *words = (struct target_words){0};
    while (ok && next_word(&text, word, &after_blank))
        ok = add_word(words, word, pattern, after_blank, err);
    free(word);
    if (!ok)
        target_words_clear(words);
    return ok;
}

void target_words_clear(struct target_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        target_text_clear(&words->specs[i]);
    free(words->specs);
    *words = (struct target_words){0};
}

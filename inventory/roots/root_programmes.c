/* The table is text, one statement a line, fields separated by tabs:
 *
 *     list      programme  number  day  version  source
 *     distrust  sha256  programme  version  sct|issued  day  source
 *     root      sha256  name  "programme first last"...       numbers of lists
 *
 * Half a thousand lines are read in some ten microseconds, so nothing is kept between two look-ups. */
#include "inventory/roots/root_programmes.h"

#include "inventory_roots_table.h"
#include "probes/base/hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 12

struct line {
    const char *fields[FIELDS_MAX];
    size_t lens[FIELDS_MAX], count;
};

static bool next_line(const char **at, struct line *line)
{
    if (**at == '\0')
        return false;
    size_t left = strcspn(*at, "\n");
    line->count = 0;
    for (const char *field = *at; line->count < FIELDS_MAX; line->count++) {
        size_t len = 0;
        while (len < left && field[len] != '\t')
            len++;
        line->fields[line->count] = field;
        line->lens[line->count] = len;
        if (len == left) {
            line->count++;
            break;
        }
        field += len + 1;
        left -= len + 1;
    }
    *at += strcspn(*at, "\n");
    *at += **at == '\n';
    return true;
}

static bool is(const struct line *line, size_t field, const char *text)
{
    return field < line->count && strlen(text) == line->lens[field] && memcmp(line->fields[field], text, line->lens[field]) == 0;
}

static void copy(char *to, size_t size, const struct line *line, size_t field)
{
    snprintf(to, size, "%.*s", field < line->count ? (int)line->lens[field] : 0, field < line->count ? line->fields[field] : "");
}

static struct root_programme *programme_of(struct root_programme *found, size_t *count, const char *name)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(found[i].programme, name) == 0)
            return &found[i];
    if (*count == ROOT_PROGRAMMES_MAX)
        return NULL;
    struct root_programme *programme = &found[(*count)++];
    *programme = (struct root_programme){.is_listed = false};
    snprintf(programme->programme, sizeof programme->programme, "%s", name);
    return programme;
}

/* The lists of the programme by their numbers. */
static void lists_set(struct root_programme *programme, unsigned first, unsigned last)
{
    const char *at = TABLE_ROOT_PROGRAMMES;
    unsigned newest = 0;
    for (struct line line; next_line(&at, &line);) {
        if (!is(&line, 0, "list") || !is(&line, 1, programme->programme))
            continue;
        unsigned number = (unsigned)strtoul(line.fields[2], NULL, 10);
        newest = number > newest ? number : newest;
        if (number == first) {
            copy(programme->first.day, sizeof programme->first.day, &line, 3);
            copy(programme->first.version, sizeof programme->first.version, &line, 4);
        }
        if (number == last) {
            copy(programme->last.day, sizeof programme->last.day, &line, 3);
            copy(programme->last.version, sizeof programme->last.version, &line, 4);
        }
        if (number == newest && programme->distrust_day[0] == '\0')
            copy(programme->source, sizeof programme->source, &line, 5);
    }
    programme->is_listed = true;
    programme->is_since_before = first == 0;
    programme->is_trusted = last == newest;
}

static void root_read(const struct line *line, struct root_programme *found, size_t *count)
{
    for (size_t i = 3; i < line->count; i++) {
        char text[64], name[16];
        unsigned first, last;
        copy(text, sizeof text, line, i);
        if (sscanf(text, "%15s %u %u", name, &first, &last) != 3)
            continue;
        struct root_programme *programme = programme_of(found, count, name);
        if (programme != NULL)
            lists_set(programme, first, last);
    }
}

static void distrust_read(const struct line *line, struct root_programme *found, size_t *count)
{
    char name[16];
    copy(name, sizeof name, line, 2);
    struct root_programme *programme = programme_of(found, count, name);
    if (programme == NULL)
        return;
    copy(programme->distrust_version, sizeof programme->distrust_version, line, 3);
    programme->distrust_by_sct = is(line, 4, "sct");
    copy(programme->distrust_day, sizeof programme->distrust_day, line, 5);
    copy(programme->source, sizeof programme->source, line, 6);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct root_programme *)a)->programme, ((const struct root_programme *)b)->programme);
}

size_t root_programmes_find(const uint8_t sha256[32], struct root_programme found[ROOT_PROGRAMMES_MAX], char name[128])
{
    const char *at = TABLE_ROOT_PROGRAMMES;
    char hash[65];
    size_t count = 0;
    hex_format(sha256, 32, hash);
    if (name != NULL)
        name[0] = '\0';
    for (struct line line; next_line(&at, &line);) {
        if (!is(&line, 1, hash))
            continue;
        if (is(&line, 0, "distrust"))
            distrust_read(&line, found, &count);
        if (!is(&line, 0, "root"))
            continue;
        if (name != NULL)
            copy(name, 128, &line, 2);
        root_read(&line, found, &count);
    }
    qsort(found, count, sizeof *found, by_name);
    return count;
}

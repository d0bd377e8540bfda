/* Profiles: how each source writes its export (profiles/NAME.profile: its headings, its words for a status, what its products
 * are). They are built in, and installed as files to be read and copied. The one whose headings a table has is chosen; "general"
 * fills the rest. */
#pragma once
#include "inventory/managed/fields.h"
#include "probes/base/error.h"

struct profile_texts {
    char **items;
    size_t count;
};

struct profile_word {
    char *pattern;                      /* fnmatch(3), any case */
    int value;                          /* enum record_status, enum record_type */
};

struct profile {
    char *id;                           /* "sectigo-scm": the file's name */
    char *name;                         /* as the screen says it */
    struct profile_texts *needs;        /* each: headings that are there together only in this source */
    size_t needs_count;
    struct profile_texts columns[RECORD_FIELD_COUNT];   /* headings by preference */
    struct profile_texts constants[RECORD_FIELD_COUNT]; /* set in every row */
    struct profile_texts otherwise[RECORD_FIELD_COUNT]; /* headings that mean it only where nothing else says it */
    struct profile_texts only;          /* HEADING, VALUE, ...: rows with another value are no records, and no faults */
    struct profile_texts empty;         /* words for "nothing here" beside the general ones; "System.*": all that begins so */
    struct profile_word *statuses, *types;
    size_t status_count, type_count;
    bool has_decimal_serials;
};

struct profiles {
    struct profile *items;              /* "general" is the last */
    size_t count;
};

/* The built-in ones. extra (NULL: none): a file of the user's, which is asked first. */
bool profiles_read(struct profiles *profiles, const char *extra, struct error *err);
void profiles_clear(struct profiles *profiles);
const struct profile *profiles_general(const struct profiles *profiles);
const struct profile *profiles_find(const struct profiles *profiles, const char *id);      /* NULL: none */

/* The value of the first pattern that matches; 0: none. */
int profile_word_value(const struct profile_word *words, size_t count, const char *text);

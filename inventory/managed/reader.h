/* Reads what people have as a managed set: whatever inventory/formats finds in files, folders and archives (format.h) becomes records.
 * A table's columns are understood by a profile (profile.h). */
#pragma once
#include "inventory/formats/date_text.h"
#include "inventory/formats/format.h"
#include "inventory/managed/profile.h"
#include "inventory/managed/record.h"

struct managed_reader_options {
    const struct profiles *profiles;    /* profiles_read() */
    const struct profile *profile;      /* the one that the user named; NULL: by the headings */
    const char *const *map;             /* "field=Heading", map_count of them; they override the profile */
    size_t map_count;
    enum date_order dates;              /* as the user said; DATES_UNKNOWN: by the file */
    struct format_options format;       /* passwords */
};

/* What is to be said of one table that was read. Borrowed. */
struct managed_story {
    const char *file, *profile;
    const char *contacts;               /* the headings they came from: "External Requester, Requester" */
    const char *dates_because;          /* NULL: no date was in doubt */
    bool has_decimal_serials;
    const char *unused;                 /* headings that no field took, the first 40 of them */
    size_t unused_count;
    const char *near;                   /* the profile that it nearly has; NULL */
    const char *unknown_status;         /* a word for a status that no profile knows */
    size_t unknown_status_count;
    size_t rows, others;                /* rows of certificates; lines of totals, rows that the profile leaves out */
};

struct managed_sink {
    void (*record)(void *context, struct managed_record *record);   /* clears the strings that it does not take */
    void (*fault)(void *context, const char *file, size_t line, const char *text);      /* something that could not be read */
    void (*note)(void *context, const char *file, const char *text);    /* something worth saying; NULL: not wanted */
    void (*story)(void *context, const struct managed_story *story);    /* NULL: not wanted */
    void *context;
};

/* False if the whole is unusable: unreadable, empty, no known column, dates in doubt (ERROR_USAGE). The records borrow file, so it must
 * outlive them. */
bool managed_read_bytes(const char *file, struct byte_reader bytes, const struct managed_reader_options *options,
                        const struct managed_sink *sink, struct error *err);
bool managed_read_path(const char *path, const struct managed_reader_options *options, const struct managed_sink *sink, struct error *err);

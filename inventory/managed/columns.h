/* Which column of a table fills which field: --map first, then the profile whose headings the table has, then the general ones. */
#pragma once
#include "inventory/formats/table.h"
#include "inventory/managed/profile.h"

#define COLUMNS_EACH_MAX 16             /* of one field */

struct columns {
    const struct profile *profile;      /* the general one where no other fits */
    size_t heading;                     /* the row that is it; those before it are titles */
    size_t width;                       /* columns of the heading */
    uint16_t of[RECORD_FIELD_COUNT][COLUMNS_EACH_MAX];
    uint8_t count[RECORD_FIELD_COUNT];
    bool mapped[RECORD_FIELD_COUNT];    /* by --map */
    bool used[TABLE_COLUMNS_MAX];
    char *twice;                        /* "A", "B": headings of several columns, all of which are read; NULL: none */
    char *near;                         /* "nearly Sectigo SCM ...: ... is missing"; NULL: nothing of the kind */
};

/* map: "field=Heading". chosen: the profile that the user named; NULL: by the headings. False with an error if no column
 * identifies a row's certificate, or if --map names a missing column. */
bool columns_find(struct columns *columns, const char *file, const struct table *table, const struct profiles *profiles,
                  const struct profile *chosen, const char *const *map, size_t map_count, struct error *err);
void columns_clear(struct columns *columns);

/* The headings that no field took, as "A, B", the first 40 of them. Yours: free(). */
char *columns_unused(const struct columns *columns, const struct table *table, size_t *count);

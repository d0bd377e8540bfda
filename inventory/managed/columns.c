#include "inventory/managed/columns.h"

#include "inventory/formats/csv_table.h"
#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADING_ROWS    20              /* there may be titles above the heading, but not more rows than this */
#define NONE            SIZE_MAX

/* In JSON "certificate.serial" is also "serial", where nothing is called so by its whole path. */
static const char *last_step(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot == NULL ? path : dot + 1;
}

static size_t find_heading(const struct table *table, const struct table_row *row, const char *name, bool by_last_step)
{
    for (size_t i = 0; i < row->count; i++)
        if (csv_heading_is(table_cell(table, row, i), name))
            return i;
    for (size_t i = 0; by_last_step && i < row->count; i++)
        if (csv_heading_is(last_step(table_cell(table, row, i)), name))
            return i;
    return NONE;
}

static size_t count_found(const struct table *table, const struct table_row *row, const struct profile_texts *needs)
{
    size_t found = 0;
    for (size_t i = 0; i < needs->count; i++)
        found += find_heading(table, row, needs->items[i], false) != NONE;
    return found;
}

/* The profile of which one set of needs is met whole; of several the one with the most. */
static const struct profile *find_profile(const struct table *table, const struct table_row *row, const struct profiles *profiles,
                                          size_t *met)
{
    const struct profile *best = NULL;
    *met = 0;
    for (size_t i = 0; i < profiles->count; i++) {
        const struct profile *profile = &profiles->items[i];
        for (size_t j = 0; j < profile->needs_count; j++) {
            const struct profile_texts *needs = &profile->needs[j];
            if (needs->count > *met && count_found(table, row, needs) == needs->count)
                best = profile, *met = needs->count;
        }
    }
    return best;
}

/* How many cells of this row are known headings. */
static size_t known_headings(const struct table *table, const struct table_row *row, const struct profiles *profiles,
                             const char *const *map, size_t map_count)
{
    const struct profile *general = profiles_general(profiles);
    size_t known = 0, met;
    for (size_t field = 0; field < RECORD_FIELD_COUNT; field++)
        known += count_found(table, row, &general->columns[field]) + count_found(table, row, &general->otherwise[field]);
    for (size_t i = 0; i < map_count; i++) {
        const char *equals = strchr(map[i], '=');
        known += equals != NULL && find_heading(table, row, equals + 1, false) != NONE ? 10 : 0;
    }
    find_profile(table, row, profiles, &met);
    return known + 10 * met;
}

static void find_heading_row(struct columns *columns, const struct table *table, const struct profiles *profiles, const char *const *map,
                             size_t map_count)
{
    size_t best = 0;
    for (size_t i = 0; i < table->row_count && i < HEADING_ROWS && !table->has_paths; i++) {      /* a tree's is the first */
        size_t known = known_headings(table, &table->rows[i], profiles, map, map_count);
        if (known > best)
            best = known, columns->heading = i;
    }
    columns->width = table->rows[columns->heading].count;
}

/* Tells of the profile that three of its headings and more than half of them point at, and which are missing. */
static void find_near(struct columns *columns, const struct table *table, const struct profiles *profiles)
{
    const struct table_row *row = &table->rows[columns->heading];
    const struct profile *near = NULL;
    const struct profile_texts *near_needs = NULL;
    size_t best = 2;
    for (size_t i = 0; i < profiles->count; i++) {
        for (size_t j = 0; j < profiles->items[i].needs_count; j++) {
            const struct profile_texts *needs = &profiles->items[i].needs[j];
            size_t found = count_found(table, row, needs);
            if (found > best && 2 * found > needs->count)
                best = found, near = &profiles->items[i], near_needs = needs;
        }
    }
    if (near == NULL)
        return;
    columns->near = xasprintf("nearly %s, but no column", near->name);
    for (size_t i = 0, missing = 0; i < near_needs->count; i++) {
        if (find_heading(table, row, near_needs->items[i], false) != NONE)
            continue;
        char *longer = xasprintf("%s%s \"%s\"", columns->near, missing++ == 0 ? "" : ",", near_needs->items[i]);
        free(columns->near);
        columns->near = longer;
    }
}

static void add_column(struct columns *columns, enum record_field field, size_t column)
{
    for (size_t i = 0; i < columns->count[field]; i++)
        if (columns->of[field][i] == column)
            return;
    if (columns->count[field] == COLUMNS_EACH_MAX || column >= TABLE_COLUMNS_MAX)
        return;
    columns->of[field][columns->count[field]++] = (uint16_t)column;
    columns->used[column] = true;
}

static void tell_twice(struct columns *columns, const char *heading)
{
    char *quoted = xasprintf("\"%s\"", heading);
    if (columns->twice == NULL || strstr(columns->twice, quoted) == NULL) {
        char *longer = columns->twice == NULL ? xstrdup(quoted) : xasprintf("%s, %s", columns->twice, quoted);
        free(columns->twice);
        columns->twice = longer;
    }
    free(quoted);
}

/* The column, and those behind it that have the same heading. */
static void add_named(struct columns *columns, const struct table *table, enum record_field field, const char *name, size_t column)
{
    const struct table_row *row = &table->rows[columns->heading];
    add_column(columns, field, column);
    if (!csv_heading_is(table_cell(table, row, column), name))      /* the last step of a path */
        return;
    for (size_t i = column + 1; i < row->count; i++) {
        if (!csv_heading_is(table_cell(table, row, i), name))
            continue;
        add_column(columns, field, i);
        tell_twice(columns, table_cell(table, row, column));
    }
}

static void add_columns(struct columns *columns, const struct table *table, enum record_field field, const struct profile_texts *headings,
                        bool by_last_step)
{
    const struct table_row *row = &table->rows[columns->heading];
    for (size_t i = 0; i < headings->count; i++) {
        size_t column = find_heading(table, row, headings->items[i], by_last_step);
        if (column != NONE)
            add_named(columns, table, field, headings->items[i], column);
    }
}

/* A certificate's name is asked for only where no column tells its names. */
static void add_otherwise(struct columns *columns, const struct table *table, const struct profile *general)
{
    const struct table_row *row = &table->rows[columns->heading];
    bool is_named = columns->count[RECORD_SUBJECT] + columns->count[RECORD_COMMON_NAME] + columns->count[RECORD_NAMES] > 0;
    for (size_t field = 0; field < RECORD_FIELD_COUNT; field++) {
        const struct profile_texts *headings = &general->otherwise[field];
        for (size_t i = 0; i < headings->count && columns->count[field] == 0 && !(field == RECORD_COMMON_NAME && is_named); i++) {
            size_t column = find_heading(table, row, headings->items[i], false);
            if (column != NONE && column < TABLE_COLUMNS_MAX && !columns->used[column])
                add_named(columns, table, (enum record_field)field, headings->items[i], column);
        }
    }
}

static bool apply_map(struct columns *columns, const char *file, const struct table *table, const char *pair, struct error *err)
{
    const struct table_row *row = &table->rows[columns->heading];
    const char *equals = strchr(pair, '=');
    enum record_field field = equals == NULL ? RECORD_FIELD_COUNT : record_field_find(pair, (size_t)(equals - pair));
    if (field == RECORD_FIELD_COUNT) {
        char fields[800] = "";
        for (size_t i = 0, used = 0; record_field_names[i] != NULL && used < sizeof fields - 40; i++)
            used += (size_t)snprintf(fields + used, sizeof fields - used, "%s%s", i == 0 ? "" : ", ", record_field_names[i]);
        return error_set(err, ERROR_USAGE, "--map %s: expected FIELD=HEADING, with a field of %s", pair, fields);
    }
    size_t column = find_heading(table, row, equals + 1, table->has_paths);
    if (column == NONE)
        return error_set(err, ERROR_INPUT, "%s: no such column \"%s\", which --map %s names", file, equals + 1, pair);
    if (!columns->mapped[field])
        columns->count[field] = 0;
    columns->mapped[field] = true;
    add_named(columns, table, field, equals + 1, column);
    return true;
}

static bool identifies(const struct columns *columns, const struct table *table)
{
    for (size_t field = 0; field < RECORD_FIELD_COUNT; field++)
        if (columns->count[field] > 0 && record_field_identifies((enum record_field)field))
            return true;
    return table->has_paths;            /* any value may hold certificates */
}

static char *list_headings(const struct columns *columns, const struct table *table, bool only_unused, size_t *count)
{
    char *text = xstrdup("");
    *count = 0;
    for (size_t i = 0; i < columns->width; i++) {
        const char *heading = table_cell(table, &table->rows[columns->heading], i);
        if ((only_unused && i < TABLE_COLUMNS_MAX && columns->used[i]) || heading[0] == '\0')
            continue;
        if ((*count)++ < 40) {
            char *longer = xasprintf("%s%s%s", text, *count == 1 ? "" : ", ", heading);
            free(text);
            text = longer;
        }
    }
    return text;
}

/* What another scanner saw is no managed set: taken for one, it would make all of it managed. */
static bool is_scan_result(const char *file, const struct table *table, const struct table_row *row, struct error *err)
{
    static const struct {
        const char *tool, *headings[2];
    } results[] = {
        {"tlsx", {"probe_status", "host"}},        {"zgrab2", {"data.tls.status", "ip"}},   {"testssl", {"severity", "finding"}},
        {"sslyze", {"server_scan_results.uuid", "date_scans_started"}}, {"sslyze", {"server_scan_results.scan_status", "date_scans_started"}},
        {"zeek", {"id.resp_h", "cert_chain_fps"}}, {"zeek", {"fingerprint", "certificate.serial"}}, {"ct", {"issuer_ca_id", "entry_timestamp"}},
    };
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        if (find_heading(table, row, results[i].headings[0], false) != NONE && find_heading(table, row, results[i].headings[1], false) != NONE)
            return !error_set(err, ERROR_INPUT, "%s: results of %s, no managed set: certsweep load --from %s FILE", file, results[i].tool, results[i].tool);
    return false;
}

bool columns_find(struct columns *columns, const char *file, const struct table *table, const struct profiles *profiles,
                  const struct profile *chosen, const char *const *map, size_t map_count, struct error *err)
{
    *columns = (struct columns){0};
    const struct profile *general = profiles_general(profiles);
    size_t met;
    find_heading_row(columns, table, profiles, map, map_count);
    if (chosen == NULL && map_count == 0 && is_scan_result(file, table, &table->rows[columns->heading], err))
        return false;
    columns->profile = chosen != NULL ? chosen : find_profile(table, &table->rows[columns->heading], profiles, &met);
    if (columns->profile == NULL) {
        columns->profile = general;
        find_near(columns, table, profiles);
    }
    for (size_t field = 0; field < RECORD_FIELD_COUNT; field++) {
        const struct profile_texts *own = &columns->profile->columns[field];
        if (own->count == 1 && strcmp(own->items[0], "-") == 0)
            continue;                   /* the source has a heading of this name, for something else */
        add_columns(columns, table, (enum record_field)field, own, false);
        if (columns->count[field] == 0)
            add_columns(columns, table, (enum record_field)field, &general->columns[field], table->has_paths);
    }
    if (columns->profile == general && !table->has_paths)
        add_otherwise(columns, table, general);
    for (size_t i = 0; i < map_count; i++)
        if (!apply_map(columns, file, table, map[i], err))
            return false;
    if (identifies(columns, table))
        return true;
    size_t count;
    char *headings = list_headings(columns, table, false, &count);
    error_set(err, ERROR_INPUT,
              "%s:%zu: no column identifies the certificate (%.400s); one of sha256, sha1, serial number, subject, common name, names is "
              "needed. Name yours with --map, as --map common_name=\"%.80s\"",
              file, table->rows[columns->heading].line, headings, table_cell(table, &table->rows[columns->heading], 0));
    free(headings);
    return false;
}

void columns_clear(struct columns *columns)
{
    free(columns->near);
    free(columns->twice);
    columns->near = columns->twice = NULL;
}

char *columns_unused(const struct columns *columns, const struct table *table, size_t *count)
{
    return list_headings(columns, table, true, count);
}

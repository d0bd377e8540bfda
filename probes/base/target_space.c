/* The builder keeps additions and exclusions as given. Building is a sweep over the sorted ends of all ranges: between two
 * neighbouring ends the same additions and exclusions hold, so the ports there are one set, the union of the added ones minus the
 * excluded ones. Equal sets are kept once (interned), and neighbouring segments of the same set become one, so the result does
 * not depend on how the space was written down. */
#include "probes/base/target_space.h"

#include "probes/base/memory.h"
#include "probes/base/ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define NO_SET SIZE_MAX

typedef unsigned __int128 value_t;

struct part {
    value_t first;
    value_t last;
    uint8_t len; /* of the addresses: 4 or 16 */
    bool excluded;
    size_t set; /* in the builder's table; NO_SET: all ports */
};

/* Each distinct port set once, found by its text. */
struct set_table {
    struct set_entry {
        struct port_set *set;
        char *text;
        size_t number;
        UT_hash_handle hh;
    } * by_text, **entries;
    size_t count;
    size_t capacity;
};

struct target_space_builder {
    struct part *parts;
    size_t count;
    size_t capacity;
    struct set_table sets;
};

struct segment {
    value_t first;
    value_t last;
    uint64_t start; /* index of the first target; 0 if the space is unbounded */
    uint32_t set;
    uint8_t len;
};

struct target_space {
    uint64_t count;
    bool unbounded;
    size_t segment_count;
    struct segment *segments;
    struct port_set **sets;
    size_t set_count;
};

/* ---- the table of sets; it takes ownership of a set */

static size_t set_table_take(struct set_table *table, struct port_set *set)
{
    struct set_entry *entry;
    char *text = port_set_format(set);
    HASH_FIND_STR(table->by_text, text, entry);
    if (entry != NULL) {
        free(text);
        port_set_destroy(set);
        return entry->number;
    }
    if (table->count == table->capacity) {
        table->capacity = table->capacity == 0 ? 8 : 2 * table->capacity;
        table->entries = xreallocarray(table->entries, table->capacity, sizeof *table->entries);
    }
    entry = xcalloc(1, sizeof *entry);
    *entry = (struct set_entry){.set = set, .text = text, .number = table->count};
    table->entries[table->count++] = entry;
    HASH_ADD_KEYPTR(hh, table->by_text, entry->text, strlen(entry->text), entry);
    return entry->number;
}

static void set_table_clear(struct set_table *table)
{
    HASH_CLEAR(hh, table->by_text);
    for (size_t i = 0; i < table->count; i++) {
        port_set_destroy(table->entries[i]->set);
        free(table->entries[i]->text);
        free(table->entries[i]);
    }
    free(table->entries);
    *table = (struct set_table){0};
}

/* ---- the builder */

struct target_space_builder *target_space_builder_create(void)
{
    return xcalloc(1, sizeof(struct target_space_builder));
}

void target_space_builder_destroy(struct target_space_builder *builder)
{
    if (builder == NULL)
        return;
    set_table_clear(&builder->sets);
    free(builder->parts);
    free(builder);
}

static void add_part(struct target_space_builder *builder, struct part part)
{
    if (part.first > part.last)
        return;
    if (builder->count == builder->capacity) {
        builder->capacity = builder->capacity == 0 ? 16 : 2 * builder->capacity;
        builder->parts = xreallocarray(builder->parts, builder->capacity, sizeof *builder->parts);
    }
    builder->parts[builder->count++] = part;
}

/* An IPv6 range may have ::ffff:0:0/96 inside. Those are IPv4 addresses and must be written as IPv4: they are cut
 * out, so that no target has two forms. */
static void add_range(struct target_space_builder *builder, const struct address_range *range, bool excluded,
                      const struct port_set *ports)
{
    const value_t mapped_first = (value_t)0xffff << 32, mapped_last = mapped_first | 0xffffffff;
    struct part part = {.first = address_value(&range->first),
                        .last = address_value(&range->last),
                        .len = range->first.len,
                        .excluded = excluded,
                        .set = NO_SET};
    if (ports != NULL)
        part.set = set_table_take(&builder->sets, port_set_copy(ports));
    if (part.len != 16 || part.last < mapped_first || part.first > mapped_last) {
        add_part(builder, part);
        return;
    }
    struct part below = part, above = part;
    below.last = mapped_first - 1;
    above.first = mapped_last + 1;
    add_part(builder, below);
    add_part(builder, above);
}

void target_space_add(struct target_space_builder *builder, const struct address_range *range,
                      const struct port_set *ports)
{
    add_range(builder, range, false, ports);
}

void target_space_exclude(struct target_space_builder *builder, const struct address_range *range,
                          const struct port_set *ports)
{
    add_range(builder, range, true, ports);
}

/* ---- the sweep */

struct edge {
    value_t at; /* where the part begins, or the address after its last */
    const struct part *part;
    uint8_t len;
    bool begins;
    bool behind_all; /* the part ends with the family's last address; `at` is meaningless */
};

static int compare_edges(const void *a, const void *b)
{
    const struct edge *left = a, *right = b;
    if (left->len != right->len)
        return left->len < right->len ? -1 : 1;
    if (left->behind_all != right->behind_all)
        return left->behind_all ? 1 : -1;
    if (left->at != right->at)
        return left->at < right->at ? -1 : 1;
    return 0;
}

static struct edge *sorted_edges(const struct target_space_builder *builder)
{
    struct edge *edges = xcalloc(2 * builder->count + 1, sizeof *edges);
    for (size_t i = 0; i < builder->count; i++) {
        const struct part *part = &builder->parts[i];
        value_t top = part->len == 4 ? (value_t)0xffffffff : ~(value_t)0;
        edges[2 * i] = (struct edge){.at = part->first, .part = part, .len = part->len, .begins = true};
        edges[2 * i + 1] = (struct edge){.at = part->last + 1,
                                         .part = part,
                                         .len = part->len,
                                         .behind_all = part->last == top};
    }
    qsort(edges, 2 * builder->count, sizeof *edges, compare_edges);
    return edges;
}

/* The port sets that hold at the sweep's position, each with the number of parts that add it. */
struct holding {
    struct held {
        size_t set;
        size_t parts;
        bool excluded;
    } * held;
    size_t count;
    size_t capacity;
    bool changed;
};

static void holding_apply(struct holding *holding, const struct edge *edge)
{
    size_t i = 0;
    while (i < holding->count &&
           (holding->held[i].set != edge->part->set || holding->held[i].excluded != edge->part->excluded))
        i++;
    if (edge->begins && i < holding->count) {
        holding->held[i].parts++;
    } else if (edge->begins) {
        if (holding->count == holding->capacity) {
            holding->capacity = holding->capacity == 0 ? 8 : 2 * holding->capacity;
            holding->held = xreallocarray(holding->held, holding->capacity, sizeof *holding->held);
        }
        holding->held[holding->count++] = (struct held){edge->part->set, 1, edge->part->excluded};
        holding->changed = true;
    } else if (--holding->held[i].parts == 0) {
        holding->held[i] = holding->held[--holding->count];
        holding->changed = true;
    }
}

static struct port_set *holding_sum(const struct holding *holding, const struct set_table *sets,
                                    bool excluded)
{
    struct port_set *sum = NULL;
    for (size_t i = 0; i < holding->count; i++) {
        if (holding->held[i].excluded != excluded || holding->held[i].set == NO_SET)
            continue;
        const struct port_set *set = sets->entries[holding->held[i].set]->set;
        struct port_set *next = sum == NULL ? port_set_copy(set) : port_set_union(sum, set);
        port_set_destroy(sum);
        sum = next;
    }
    return sum;
}

/* The number of the set that holds here, in `result`; NO_SET where no port is left. */
static size_t holding_set(const struct holding *holding, const struct set_table *sets,
                          struct set_table *result, bool with_exclusions)
{
    for (size_t i = 0; i < holding->count; i++) {
        if (with_exclusions && holding->held[i].excluded && holding->held[i].set == NO_SET)
            return NO_SET;
    }
    struct port_set *ports = holding_sum(holding, sets, false);
    struct port_set *excluded = ports == NULL || !with_exclusions ? NULL : holding_sum(holding, sets, true);
    if (excluded != NULL) {
        struct port_set *left = port_set_minus(ports, excluded);
        port_set_destroy(excluded);
        port_set_destroy(ports);
        ports = left;
    }
    if (ports == NULL || port_set_count(ports) == 0) {
        port_set_destroy(ports);
        return NO_SET;
    }
    return set_table_take(result, ports);
}

/* ---- segments */

static bool space_is_too_large(struct error *err)
{
    return error_set(
        err, ERROR_USAGE,
        "the targets are more than 2^48 (addresses x ports, less exclusions): name smaller ranges or "
        "fewer ports; IPv6 networks larger than a /80 cannot be walked through");
}

static bool append_segment(struct target_space *space, struct segment segment, const struct set_table *sets,
                           struct error *err)
{
    uint32_t ports = port_set_count(sets->entries[segment.set]->set);
    value_t addresses = segment.last - segment.first + 1;
    if (!space->unbounded &&
        (addresses > TARGET_SPACE_MAX || (uint64_t)addresses > (TARGET_SPACE_MAX - space->count) / ports))
        return space_is_too_large(err);
    struct segment *last = space->segment_count == 0 ? NULL : &space->segments[space->segment_count - 1];
    segment.start = space->count;
    if (last != NULL && last->len == segment.len && last->set == segment.set &&
        last->last + 1 == segment.first)
        last->last = segment.last;
    else
        space->segments[space->segment_count++] = segment;
    if (!space->unbounded)
        space->count += (uint64_t)addresses * ports;
    return true;
}

static bool sweep(const struct target_space_builder *builder, bool with_exclusions,
                  struct target_space *space, struct set_table *sets, struct error *err)
{
    struct edge *edges = sorted_edges(builder);
    struct holding holding = {0};
    size_t set = NO_SET, edge_count = 2 * builder->count;
    bool ok = true;
    for (size_t i = 0; ok && i < edge_count;) {
        const struct edge *here = &edges[i];
        while (i < edge_count && compare_edges(here, &edges[i]) == 0)
            holding_apply(&holding, &edges[i++]);
        if (holding.changed)
            set = holding_set(&holding, &builder->sets, sets, with_exclusions);
        holding.changed = false;
        /* While a set holds, its end is still to come, in the same family. "at - 1" is right for behind_all too, since unsigned
         * numbers wrap. */
        if (set != NO_SET && holding.count != 0)
            ok = append_segment(space,
                                (struct segment){.first = here->at,
                                                 .last = edges[i].at - 1,
                                                 .set = (uint32_t)set,
                                                 .len = here->len},
                                sets, err);
    }
    free(holding.held);
    free(edges);
    return ok;
}

static struct target_space *build(const struct target_space_builder *builder, bool with_exclusions,
                                  bool unbounded, struct error *err)
{
    struct target_space *space = xcalloc(1, sizeof *space);
    space->unbounded = unbounded;
    struct set_table sets = {0};
    space->segments = xcalloc(2 * builder->count + 1, sizeof *space->segments);
    bool ok = sweep(builder, with_exclusions, space, &sets, err);
    space->segments = xreallocarray(space->segments, space->segment_count + 1, sizeof *space->segments);
    space->sets = xcalloc(sets.count + 1, sizeof(struct port_set *));
    space->set_count = sets.count;
    for (size_t i = 0; i < sets.count; i++)
        space->sets[i] = port_set_copy(sets.entries[i]->set);
    set_table_clear(&sets);
    if (ok)
        return space;
    target_space_destroy(space);
    return NULL;
}

struct target_space *target_space_build(const struct target_space_builder *builder, struct error *err)
{
    return build(builder, true, false, err);
}

struct target_space *target_space_build_unbounded(const struct target_space_builder *builder)
{
    return build(builder, true, true, NULL);
}

struct target_space *target_space_build_added(const struct target_space_builder *builder)
{
    return build(builder, false, true, NULL);
}

void target_space_destroy(struct target_space *space)
{
    if (space == NULL)
        return;
    for (size_t i = 0; i < space->set_count; i++)
        port_set_destroy(space->sets[i]);
    free(space->sets);
    free(space->segments);
    free(space);
}

/* ---- index and target */

uint64_t target_space_count(const struct target_space *space)
{
    return space->count;
}

void target_space_get(const struct target_space *space, uint64_t index, struct target *target)
{
    size_t low = 0, high = space->segment_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (space->segments[middle].start <= index)
            low = middle;
        else
            high = middle;
    }
    const struct segment *segment = &space->segments[low];
    const struct port_set *ports = space->sets[segment->set];
    uint64_t offset = index - segment->start;
    target->address = address_of_value(segment->first + offset / port_set_count(ports), segment->len);
    port_set_get(ports, (uint32_t)(offset % port_set_count(ports)), &target->transport, &target->port);
}

/* The segment that holds the address, or NULL. */
static const struct segment *segment_of(const struct target_space *space, const struct address *address)
{
    value_t value = address_value(address);
    size_t low = 0, high = space->segment_count; /* the first segment that begins after the address */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct segment *segment = &space->segments[middle];
        bool behind = segment->len != address->len ? segment->len > address->len : segment->first > value;
        if (behind)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == 0)
        return NULL;
    const struct segment *segment = &space->segments[low - 1];
    return segment->len == address->len && value <= segment->last ? segment : NULL;
}

bool target_space_find(const struct target_space *space, const struct target *target, uint64_t *index)
{
    const struct segment *segment = segment_of(space, &target->address);
    uint32_t port_index;
    if (segment == NULL ||
        !port_set_find(space->sets[segment->set], target->transport, target->port, &port_index))
        return false;
    uint64_t offset = (uint64_t)(address_value(&target->address) - segment->first);
    *index = segment->start + offset * port_set_count(space->sets[segment->set]) + port_index;
    return true;
}

bool target_space_contains(const struct target_space *space, const struct target *target)
{
    const struct segment *segment = segment_of(space, &target->address);
    return segment != NULL && port_set_contains(space->sets[segment->set], target->transport, target->port);
}

double target_space_size(const struct target_space *space)
{
    double size = 0;
    for (size_t i = 0; i < space->segment_count; i++) {
        const struct segment *segment = &space->segments[i];
        size += ((double)(segment->last - segment->first) + 1) * port_set_count(space->sets[segment->set]);
    }
    return size;
}

size_t target_space_segment_count(const struct target_space *space)
{
    return space->segment_count;
}

const struct port_set *target_space_segment(const struct target_space *space, size_t number,
                                            struct address_range *range)
{
    const struct segment *segment = &space->segments[number];
    range->first = address_of_value(segment->first, segment->len);
    range->last = address_of_value(segment->last, segment->len);
    return space->sets[segment->set];
}

/* ---- text: "ports LIST" lines, each followed by the ranges that have them
 *
 *     ports 443,8443
 *     10.0.0.0-10.0.255.255
 *     2001:db8::1
 */

char *target_space_format(const struct target_space *space)
{
    char *text = NULL;
    size_t len = 0, set = NO_SET;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL)
        abort(); /* fails only without memory */
    for (size_t i = 0; i < space->segment_count; i++) {
        const struct segment *segment = &space->segments[i];
        struct address first = address_of_value(segment->first, segment->len);
        struct address last = address_of_value(segment->last, segment->len);
        char first_text[ADDRESS_TEXT_SIZE], last_text[ADDRESS_TEXT_SIZE];
        if (segment->set != set) {
            char *ports = port_set_format(space->sets[segment->set]);
            fprintf(out, "ports %s\n", ports);
            free(ports);
            set = segment->set;
        }
        address_format(&first, first_text);
        address_format(&last, last_text);
        if (segment->first == segment->last)
            fprintf(out, "%s\n", first_text);
        else
            fprintf(out, "%s-%s\n", first_text, last_text);
    }
    if (fclose(out) != 0)
        abort();
    return text;
}

static bool parse_line(struct target_space_builder *builder, const char *line, struct port_set **ports,
                       struct address *previous, struct error *err)
{
    struct address_range range;
    if (strncmp(line, "ports ", 6) == 0) {
        port_set_destroy(*ports);
        *ports = port_set_parse(line + 6, err);
        return *ports != NULL;
    }
    if (*ports == NULL)
        return error_set(err, ERROR_INPUT, "expected \"ports ...\" before the first range");
    if (!address_range_parse(line, &range))
        return error_set(err, ERROR_INPUT, "\"%.64s\" is not an address range", line);
    if (previous->len != 0 && address_compare(&range.first, previous) <= 0)
        return error_set(err, ERROR_INPUT, "the ranges are not in ascending order");
    *previous = range.last;
    target_space_add(builder, &range, *ports);
    return true;
}

struct target_space *target_space_parse(const char *text, struct error *err)
{
    struct target_space_builder *builder = target_space_builder_create();
    struct target_space *space = NULL;
    struct port_set *ports = NULL;
    struct address previous = {.len = 0};
    size_t number = 0;
    bool ok = true;
    while (ok && *text != '\0') {
        size_t len = strcspn(text, "\n");
        char *line = xstrndup(text, len);
        number++;
        ok = parse_line(builder, line, &ports, &previous, err);
        if (!ok) {
            if (err != NULL)
                err->kind = ERROR_INPUT;
            error_add_context(err, "target space, line %zu", number);
        }
        free(line);
        text += len + (text[len] == '\n');
    }
    if (ok)
        space = target_space_build(builder, err);
    port_set_destroy(ports);
    target_space_builder_destroy(builder);
    return space;
}

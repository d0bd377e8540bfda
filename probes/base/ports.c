#include "probes/base/ports.h"

#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A port is the number transport * 65536 + port (tcp 0, udp 1). Ranges never cross from tcp to udp, since
 * port 0 is in no set. */
struct key_range {
    uint32_t first;
    uint32_t last;
    uint32_t before; /* ports in the ranges before this one */
};

struct port_set {
    uint32_t count;
    size_t range_count;
    struct key_range ranges[];
};

static const struct named_set {
    const char *name;
    const char *ports;
} named_sets[] = {
    /* The default ports of other discovery tools, and the usual ports of protocols that carry TLS. */
    {"common",
     "21,22,25,80,110,119,143,389,443,465,587,636,853,989,990,993,995,1433,2376,2379,2380,3268,3269,"
     "3306,3389,4190,4443,5061,5223,5269,5432,5671,5986,6443,6697,8200,8443,8883,9093,9443,10250,10443,"
     "27017"},
    {"web", "443,4443,8443,9443,10443"},
    {"mail", "25,110,143,465,587,993,995,4190"},
    {"directory", "389,636,3268,3269"},
    /* SQL Server, Oracle TCPS, MySQL, PostgreSQL, Redis, Kafka, Elasticsearch, Memcached, MongoDB */
    {"database", "1433,2484,3306,5432,6380,9093,9200,11211,27017"},
    /* telnets, OpenVPN, RDP, VNC (VeNCrypt), WinRM */
    {"remote", "992,1194,3389,5900,5901,5902,5986"},
    /* printers, RadSec, HL7, DICOM, UPS, SIP, MQTT */
    {"devices", "631,2083,2575,2762,3493,5061,8883"},
    {"all", "1-65535"},
};

#define EXPECTED                                                                                             \
    "expected ports as 443,8443,9000-9010 or @common, @web, @mail, @directory, @database, @remote, @devices, @all"

/* The ports of a named set, without its "@"; NULL where unknown. */
static const char *find_named(const char *name)
{
    for (size_t i = 0; i < sizeof named_sets / sizeof named_sets[0]; i++) {
        if (strcmp(named_sets[i].name, name) == 0)
            return named_sets[i].ports;
    }
    return NULL;
}

static uint32_t key_of(enum transport transport, uint16_t port)
{
    return (transport == TRANSPORT_UDP ? 0x10000u : 0u) | port;
}

/* ---- building: a growing list of ranges, sorted and merged at its end */

struct range_list {
    struct key_range *ranges;
    size_t count;
    size_t capacity;
};

static void range_list_add(struct range_list *list, uint32_t first, uint32_t last)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
        list->ranges = xreallocarray(list->ranges, list->capacity, sizeof *list->ranges);
    }
    list->ranges[list->count++] = (struct key_range){.first = first, .last = last};
}

static int compare_ranges(const void *a, const void *b)
{
    uint32_t left = ((const struct key_range *)a)->first, right = ((const struct key_range *)b)->first;
    return left < right ? -1 : left > right;
}

/* Turns the list into a set and empties it. */
static struct port_set *range_list_take(struct range_list *list)
{
    if (list->count != 0)
        qsort(list->ranges, list->count, sizeof *list->ranges, compare_ranges);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct key_range *last = kept == 0 ? NULL : &list->ranges[kept - 1];
        if (last != NULL && list->ranges[i].first <= last->last + 1)
            last->last = list->ranges[i].last > last->last ? list->ranges[i].last : last->last;
        else
            list->ranges[kept++] = list->ranges[i];
    }
    struct port_set *set = xcalloc(1, sizeof *set + kept * sizeof set->ranges[0]);
    set->range_count = kept;
    for (size_t i = 0; i < kept; i++) {
        set->ranges[i] = list->ranges[i];
        set->ranges[i].before = set->count;
        set->count += set->ranges[i].last - set->ranges[i].first + 1;
    }
    free(list->ranges);
    *list = (struct range_list){0};
    return set;
}

/* ---- text */

static bool parse_port(const char *text, size_t len, uint32_t *port)
{
    *port = 0;
    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *port = *port * 10 + (uint32_t)(text[i] - '0');
    }
    return *port >= 1 && *port <= 65535;
}

static bool parse_range(struct range_list *list, const char *item, size_t len)
{
    uint32_t base = 0, first, last;
    if (len > 4 && strncmp(item, "udp/", 4) == 0)
        base = 0x10000;
    if (base != 0 || (len > 4 && strncmp(item, "tcp/", 4) == 0)) {
        item += 4;
        len -= 4;
    }
    const char *dash = memchr(item, '-', len);
    size_t first_len = dash == NULL ? len : (size_t)(dash - item);
    if (!parse_port(item, first_len, &first))
        return false;
    last = first;
    if (dash != NULL && (!parse_port(dash + 1, len - first_len - 1, &last) || last < first))
        return false;
    range_list_add(list, base | first, base | last);
    return true;
}

/* What is wrong with an item, if we can say more than what is expected; else "". */
static const char *fault_of(const char *item, size_t len)
{
    size_t digits = strspn(item, "0123456789"), dash = digits + (item[digits] == '-');
    size_t more = dash == digits ? 0 : strspn(item + dash, "0123456789");
    if (len == 0)
        return " is missing";
    if (digits == 0 || dash + more < len)
        return "";
    unsigned long first = strtoul(item, NULL, 10), last = more == 0 ? first : strtoul(item + dash, NULL, 10);
    if (first < 1 || first > 65535 || last < 1 || last > 65535)
        return " is not in 1-65535";
    return last < first ? " runs backwards" : "";
}

static bool parse_items(struct range_list *list, const char *text, struct error *err);

static bool parse_item(struct range_list *list, const char *item, size_t len, struct error *err)
{
    if (len > 1 && item[0] == '@' && len <= 16) {
        char *name = xstrndup(item + 1, len - 1);
        const char *ports = find_named(name);
        free(name);
        if (ports != NULL)
            return parse_items(list, ports, err);
    } else if (parse_range(list, item, len)) {
        return true;
    }
    return error_set(err, ERROR_USAGE, "port \"%.*s\"%s: " EXPECTED, (int)(len > 64 ? 64 : len), item,
                     fault_of(item, len));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool parse_items(struct range_list *list, const char *text, struct error *err)
{
    for (;;) {
        size_t len = strcspn(text, ",");
        const char *item = text;
        size_t item_len = len;
        while (item_len > 0 && is_blank(*item))
            item++, item_len--;
        while (item_len > 0 && is_blank(item[item_len - 1]))
            item_len--;
        if (!parse_item(list, item, item_len, err))
            return false;
        if (text[len] == '\0')
            return true;
        text += len + 1;
    }
}

struct port_set *port_set_parse(const char *text, struct error *err)
{
    struct range_list list = {0};
    if (!parse_items(&list, text, err)) {
        free(list.ranges);
        return NULL;
    }
    return range_list_take(&list);
}

char *port_set_format(const struct port_set *set)
{
    size_t capacity = set->range_count * sizeof "udp/65535-65535," + 1, len = 0;
    char *text = xmalloc(capacity);
    text[0] = '\0';
    for (size_t i = 0; i < set->range_count; i++) {
        const struct key_range *range = &set->ranges[i];
        len += (size_t)snprintf(text + len, capacity - len, "%s%s%u", i == 0 ? "" : ",",
                                range->first > 0xffff ? "udp/" : "", range->first & 0xffff);
        if (range->last != range->first)
            len += (size_t)snprintf(text + len, capacity - len, "-%u", range->last & 0xffff);
    }
    return text;
}

/* ---- sets */

struct port_set *port_set_copy(const struct port_set *set)
{
    return xmemdup(set, sizeof *set + set->range_count * sizeof set->ranges[0]);
}

void port_set_destroy(struct port_set *set)
{
    free(set);
}

struct port_set *port_set_union(const struct port_set *a, const struct port_set *b)
{
    struct range_list list = {0};
    for (size_t i = 0; i < a->range_count; i++)
        range_list_add(&list, a->ranges[i].first, a->ranges[i].last);
    for (size_t i = 0; i < b->range_count; i++)
        range_list_add(&list, b->ranges[i].first, b->ranges[i].last);
    return range_list_take(&list);
}

struct port_set *port_set_minus(const struct port_set *a, const struct port_set *b)
{
    struct range_list list = {0};
    size_t at = 0;
    for (size_t i = 0; i < a->range_count; i++) {
        uint32_t first = a->ranges[i].first, last = a->ranges[i].last;
        while (at < b->range_count && b->ranges[at].last < first)
            at++;
        for (size_t j = at; j < b->range_count && b->ranges[j].first <= last && first <= last; j++) {
            if (b->ranges[j].first > first)
                range_list_add(&list, first, b->ranges[j].first - 1);
            first = b->ranges[j].last + 1;
        }
        if (first <= last)
            range_list_add(&list, first, last);
    }
    return range_list_take(&list);
}

bool port_set_has_udp(const struct port_set *set)
{
    return set->range_count != 0 && set->ranges[set->range_count - 1].last > 0xffff;
}

uint32_t port_set_count(const struct port_set *set)
{
    return set->count;
}

void port_set_get(const struct port_set *set, uint32_t index, enum transport *transport, uint16_t *port)
{
    size_t low = 0, high = set->range_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (set->ranges[middle].before <= index)
            low = middle;
        else
            high = middle;
    }
    uint32_t key = set->ranges[low].first + (index - set->ranges[low].before);
    *transport = key > 0xffff ? TRANSPORT_UDP : TRANSPORT_TCP;
    *port = (uint16_t)key;
}

bool port_set_find(const struct port_set *set, enum transport transport, uint16_t port, uint32_t *index)
{
    uint32_t key = key_of(transport, port);
    size_t low = 0, high = set->range_count;
    if (transport != TRANSPORT_TCP && transport != TRANSPORT_UDP)
        return false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->ranges[middle].last < key)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == set->range_count || key < set->ranges[low].first)
        return false;
    *index = set->ranges[low].before + (key - set->ranges[low].first);
    return true;
}

bool port_set_contains(const struct port_set *set, enum transport transport, uint16_t port)
{
    uint32_t index;
    return port_set_find(set, transport, port, &index);
}

bool port_set_is_equal(const struct port_set *a, const struct port_set *b)
{
    return a->range_count == b->range_count &&
           (a->range_count == 0 || memcmp(a->ranges, b->ranges, a->range_count * sizeof a->ranges[0]) == 0);
}

#include "scanner/run/dry_run.h"

#include "probes/base/clean_text.h"
#include "probes/base/clock.h"
#include "probes/base/ports.h"
#include "probes/base/probe.h"
#include "scanner/process/progress.h"

#include <inttypes.h>
#include <string.h>

#define BLOCK_POSITIONS 4096

/* ---- the fullest prefix: segments are sorted, so its pieces are neighbours */

struct fullest {
    unsigned __int128 prefix; /* the one being counted */
    uint8_t len;
    double count;
    double best_count;
    struct address best;
};

static void count_prefix(struct fullest *fullest, unsigned __int128 prefix, uint8_t len, double count)
{
    if (prefix != fullest->prefix || len != fullest->len)
        fullest->count = 0;
    fullest->prefix = prefix;
    fullest->len = len;
    fullest->count += count;
    if (fullest->count > fullest->best_count) {
        fullest->best_count = fullest->count;
        fullest->best = address_of_value(prefix << (len == 4 ? 8 : 64), len);
    }
}

static void count_segment(struct fullest *fullest, const struct address_range *range, uint32_t ports)
{
    uint8_t len = range->first.len;
    unsigned shift = len == 4 ? 8 : 64;
    unsigned __int128 first = address_value(&range->first), last = address_value(&range->last);
    unsigned __int128 first_prefix = first >> shift, last_prefix = last >> shift,
                      size = (unsigned __int128)1 << shift;
    if (first_prefix == last_prefix) {
        count_prefix(fullest, first_prefix, len, ((double)(last - first) + 1) * ports);
        return;
    }
    count_prefix(fullest, first_prefix, len, (double)(size - (first & (size - 1))) * ports);
    if (last_prefix - first_prefix > 1)
        count_prefix(fullest, first_prefix + 1, len, (double)size * ports);
    count_prefix(fullest, last_prefix, len, ((double)(last & (size - 1)) + 1) * ports);
}

static struct fullest fullest_prefix(const struct target_space *space)
{
    struct fullest fullest = {0};
    for (size_t i = 0; i < target_space_segment_count(space); i++) {
        struct address_range range;
        const struct port_set *ports = target_space_segment(space, i, &range);
        count_segment(&fullest, &range, port_set_count(ports));
    }
    return fullest;
}

static bool is_all_loopback(const struct target_space *space)
{
    for (size_t i = 0; i < target_space_segment_count(space); i++) {
        struct address_range range;
        (void)target_space_segment(space, i, &range);
        static const uint8_t ipv6_loopback[16] = {[15] = 1};
        bool v4 = range.first.len == 4 && range.first.bytes[0] == 127 && range.last.bytes[0] == 127;
        bool v6 = range.first.len == 16 && memcmp(range.first.bytes, ipv6_loopback, 16) == 0 &&
                  address_compare(&range.first, &range.last) == 0;
        if (!v4 && !v6)
            return false;
    }
    return true;
}

double dry_run_seconds(const struct dry_run *run, char bound[96])
{
    const struct pacing_limits *limits = &run->limits;
    uint32_t shards = run->shard_count == 0 ? 1 : run->shard_count;
    double count = (double)target_space_count(run->space) / shards * run->connections_quiet, seconds = 0;
    bool lifted = limits->loopback_unlimited && is_all_loopback(run->space);
    snprintf(bound, 96, "the machine");
    if (run->syn_rate > 0) {
        snprintf(bound, 96, "the rate of SYNs, if all are silent");
        return (double)target_space_count(run->space) / shards * run->syn_passes / run->syn_rate;
    }
    if (!lifted && limits->rate > 0) {
        seconds = count / limits->rate + limits->ramp_up_ms / 2000.0;
        snprintf(bound, 96, "the rate in all");
    }
    struct fullest fullest = fullest_prefix(run->space);
    if (!lifted && limits->prefix_rate > 0 && fullest.best_count / shards / limits->prefix_rate > seconds) {
        char text[ADDRESS_TEXT_SIZE];
        seconds = fullest.best_count / shards / limits->prefix_rate;
        address_format(&fullest.best, text);
        snprintf(bound, 96, "the rate of one network, %s/%d", text, fullest.best.len == 4 ? 24 : 64);
    }
    double waiting = limits->in_flight == 0 ? 0 : count * run->connect_ms / 1000.0 / limits->in_flight;
    if (!is_all_loopback(run->space) && waiting > seconds) {
        seconds = waiting;
        snprintf(bound, 96, "connections at once, if all are silent");
    }
    return seconds;
}

/* ---- lines */

static void print_target(FILE *out, const char *label, const struct target_space *space, uint64_t index)
{
    struct target target;
    char text[ADDRESS_TEXT_SIZE];
    target_space_get(space, index, &target);
    address_format(&target.address, text);
    fprintf(out, "%-13s %s port %s/%u\n", label, text, transport_name(target.transport), target.port);
}

static void format_size(double size, char text[32])
{
    if (size < 9e15)
        progress_format_count((uint64_t)size, text);
    else
        snprintf(text, 32, "%.3g", size);
}

static void print_size(FILE *out, const struct dry_run *run)
{
    uint64_t count = target_space_count(run->space), blocks = (count + BLOCK_POSITIONS - 1) / BLOCK_POSITIONS;
    char targets[32], block_text[32], named[32], excluded[32], out_of_scope[32], names[32];
    progress_format_count(count, targets);
    progress_format_count(blocks, block_text);
    format_size(run->cut->named, named);
    format_size(run->cut->excluded, excluded);
    format_size(run->cut->out_of_scope, out_of_scope);
    progress_format_count(run->name_count, names);
    fprintf(out, "%-13s %s (addresses x ports) in %s block%s\n", "targets", targets, block_text, blocks == 1 ? "" : "s");
    fprintf(out, "%-13s %s named, less %s excluded, less %s out of scope\n", "cut", named, excluded,
            out_of_scope);
    if (run->name_count != 0)
        fprintf(out, "%-13s %s, resolved during the scan; each address is judged then\n", "names", names);
    if (run->shard_count > 1)
        fprintf(out, "%-13s %u of %u\n", "shard", run->shard + 1, run->shard_count);
    if (count != 0) {
        print_target(out, "first", run->space, 0);
        print_target(out, "last", run->space, count - 1);
    }
}

static void print_scope(FILE *out, const struct scope *scope)
{
    struct scope_facts facts;
    char day[CLOCK_TEXT_SIZE];
    scope_get(scope, &facts);
    if (!facts.has_file) {
        fprintf(out, "%-13s no file: loopback and private addresses only\n", "scope");
        return;
    }
    clean_text_print(out, "%-13s authorised by %s", "scope", facts.authorised_by);
    if (facts.reference[0] != '\0')
        clean_text_print(out, " (%s)", facts.reference);
    if (facts.until_us != INT64_MAX) {
        clock_format_us(facts.until_us, day);
        fprintf(out, ", until %.10s", day);
    }
    fputc('\n', out);
}

static void print_cap(FILE *out, double value, const char *unit, const char *where)
{
    if (value > 0)
        fprintf(out, "%g%s %s", value, unit, where);
    else
        fprintf(out, "no cap %s", where);
}

/* Per endpoint and name, in the protocol that it speaks. */
static void print_connections(FILE *out, const struct dry_run *run)
{
    fprintf(out, "%-13s %u to an endpoint that does not answer, %u to one that answers with alerts alone,\n", "connections",
            run->connections_quiet, run->connections_alerts);
    fprintf(out, "%-13s %s%u to a usual server%s, never more than %u\n", "", run->connections == 1 ? "" : "about ",
            run->connections, run->depth >= TLS_DEPTH_SUITES ? " and one for each suite, the weak ones first" : "",
            run->connections_max);
    fprintf(out, "%-13s", "spared");
    for (size_t i = 0; probes_all[i] != NULL; i++)
        if (probes_all[i]->scan_connections != 0)
            fprintf(out, " %s %u", probes_all[i]->name, probes_all[i]->scan_connections);
    fprintf(out, " (connections to an endpoint in a scan, since more would harm; --probe-posture)\n");
}

static void print_rates(FILE *out, const struct dry_run *run)
{
    const struct pacing_limits *limits = &run->limits;
    fprintf(out, "%-13s ", "rates");
    print_cap(out, limits->rate, " connections/s", "in all, ");
    print_cap(out, limits->prefix_rate, "/s", "to one /24 or /64, ");
    print_cap(out, limits->per_host, " at once", "to one host");
    if (limits->in_flight != 0)
        fprintf(out, ", %u at once in all", limits->in_flight);
    fprintf(out, "%s\n", limits->loopback_unlimited ? "; on loopback no cap" : "");
    if (run->syn_rate > 0)
        fprintf(out, "%-13s %g/s, at most %u to one port\n", "SYNs", run->syn_rate, run->syn_passes);
    print_connections(out, run);
}

void dry_run_print(FILE *out, const struct dry_run *run)
{
    char bound[96], duration[32];
    print_size(out, run);
    print_scope(out, run->scope);
    print_rates(out, run);
    double seconds = dry_run_seconds(run, bound);
    progress_format_seconds(seconds, duration);
    if (target_space_count(run->space) != 0)
        fprintf(out, "%-13s %s at least; what sets the pace is %s\n", "duration", duration, bound);
    fprintf(out, "%-13s nothing was sent\n", "dry run");
}

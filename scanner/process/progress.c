#include "scanner/process/progress.h"

#include "probes/base/clock.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_US   200000 /* on a terminal */
#define MINUTE_US 60000000

struct progress {
    bool is_terminal, is_drawn;
    int64_t started_us, drawn_us, reported_us;
    bool has_report;
    struct worker_report report;
    int64_t sampled_us;
    uint64_t sampled_ended;
    double rate; /* positions and names a second, of the last ten seconds or so */
};

static struct progress *shown; /* the log's hooks have no context; one standard error, one line */

void progress_format_count(uint64_t count, char text[32])
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count), at = 0;
    for (int i = 0; i < len; i++) {
        if (i != 0 && (len - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
}

void progress_format_counted(uint64_t count, const char *noun, char text[64])
{
    char number[32];
    progress_format_count(count, number);
    snprintf(text, 64, "%s %s%s", number, noun, count == 1 ? "" : "s");
}

void progress_format_seconds(double seconds, char text[32])
{
    unsigned long long whole = seconds < 0 || seconds > 1e15 ? 0 : (unsigned long long)(seconds + 0.5);
    if (whole < 60)
        snprintf(text, 32, "%llu s", whole);
    else if (whole < 3600)
        snprintf(text, 32, "%llu min %02llu s", whole / 60, whole % 60);
    else if (whole < 48ULL * 3600)
        snprintf(text, 32, "%llu h %02llu min", whole / 3600, whole / 60 % 60);
    else
        snprintf(text, 32, "%llu days", (whole + 43200) / 86400);
}

static uint64_t errors_of(const struct worker_report *report)
{
    return report->outcomes[OUTCOME_RESET] + report->outcomes[OUTCOME_TLS_ERROR] +
           report->outcomes[OUTCOME_UNREACHABLE] + report->outcomes[OUTCOME_CLOSED];
}

static uint64_t ended_of(const struct worker_report *report)
{
    return report->ended + report->names_ended;
}

void progress_format_line(const struct worker_report *report, double rate, char *text, size_t size)
{
    char done[32], total[32], found[32], flight[32], errors[32], left[32] = "", names[80] = "";
    uint64_t all = report->total + report->names_total, open = all - ended_of(report);
    progress_format_count(report->ended, done);
    progress_format_count(report->total, total);
    progress_format_count(report->certificates, found);
    progress_format_count(report->in_flight, flight);
    progress_format_count(errors_of(report), errors);
    if (report->names_total != 0)
        snprintf(names, sizeof names, ", names %llu of %llu", (unsigned long long)report->names_ended,
                 (unsigned long long)report->names_total);
    if (rate > 0 && open != 0)
        progress_format_seconds((double)open / rate, left);
    double share = all == 0 ? 100.0 : 100.0 * (double)ended_of(report) / (double)all;
    if (open != 0 && share > 99.9)
        share = 99.9;
    snprintf(text, size, "%5.1f %%  %s of %s%s, %.0f/s, %s in flight, %s found, %s errors%s%s", share, done,
             total, names, rate, flight, found, errors, left[0] == '\0' ? "" : ", left: ", left);
}

static void put(const char *text, size_t len)
{
    ssize_t written = write(STDERR_FILENO, text, len); /* there is nowhere to report a failure of this */
    (void)written;
}

static void erase(void)
{
    if (shown != NULL && shown->is_drawn)
        put("\r\033[K", 4);
}

static void draw(void)
{
    char line[320] = "\r\033[K";
    if (shown == NULL || !shown->is_terminal || !shown->has_report)
        return;
    progress_format_line(&shown->report, shown->rate, line + 4, sizeof line - 4);
    put(line, strlen(line));
    shown->is_drawn = true;
}

struct progress *progress_create(void)
{
    struct progress *progress = xcalloc(1, sizeof *progress);
    progress->is_terminal = isatty(STDERR_FILENO) == 1;
    progress->started_us = progress->reported_us = progress->sampled_us = clock_monotonic_us();
    shown = progress;
    log_set_hooks(erase, draw);
    return progress;
}

void progress_destroy(struct progress *progress)
{
    if (progress == NULL)
        return;
    erase();
    log_set_hooks(NULL, NULL);
    shown = NULL;
    free(progress);
}

/* A moving average over some ten seconds, so that the time left adapts without jumping.
 */
static void sample(struct progress *progress, int64_t now_us)
{
    double seconds = (double)(now_us - progress->sampled_us) / 1e6;
    if (seconds < 0.5)
        return;
    double now = (double)(ended_of(&progress->report) - progress->sampled_ended) / seconds;
    double weight = seconds > 10 ? 1 : seconds / 10;
    progress->rate = progress->rate <= 0 ? now : progress->rate + (now - progress->rate) * weight;
    progress->sampled_us = now_us;
    progress->sampled_ended = ended_of(&progress->report);
}

void progress_update(struct progress *progress, const struct worker_report *report)
{
    int64_t now_us = clock_monotonic_us();
    progress->report = *report;
    if (!progress->has_report) {
        progress->has_report = true;
        progress->sampled_ended = ended_of(report);
        progress->sampled_us = now_us;
    }
    sample(progress, now_us);
    if (progress->is_terminal && now_us - progress->drawn_us >= LINE_US) {
        progress->drawn_us = now_us;
        draw();
    } else if (!progress->is_terminal && now_us - progress->reported_us >= MINUTE_US) {
        progress_tell(progress);
    }
}

void progress_tell(struct progress *progress)
{
    char line[320];
    progress->reported_us = clock_monotonic_us();
    progress_format_line(&progress->report, progress->rate, line, sizeof line);
    log_info("%s", line);
}

char *progress_account(const char *noun, const uint64_t outcomes[OUTCOME_COUNT], uint64_t total)
{
    char *text = NULL, all[64], count[32];
    uint64_t sum = 0;
    progress_format_counted(total, noun, all);
    text = xasprintf("%s:", all);
    for (unsigned i = 1; i < OUTCOME_COUNT; i++) {
        if (outcomes[i] == 0)
            continue;
        progress_format_count(outcomes[i], count);
        char *longer =
            xasprintf("%s%s %s %s", text, sum == 0 ? "" : ",", count, outcome_name((enum outcome)i));
        free(text);
        text = longer;
        sum += outcomes[i];
    }
    if (sum != total) {
        progress_format_count(total - sum, count);
        char *longer = xasprintf("%s%s up to %s not asked yet", text, sum == 0 ? "" : ",", count);
        free(text);
        text = longer;
    }
    return text;
}

#include "probes/base/log.h"

#include "probes/base/clean_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE 2048

static struct {
    enum log_level level;
    void (*before)(void);
    void (*after)(void);
} log_state = {.level = LOG_LEVEL_INFO};    /* one standard error per process, so one state */

void log_set_level(enum log_level level)
{
    log_state.level = level;
}

void log_set_hooks(void (*before)(void), void (*after)(void))
{
    log_state.before = before;
    log_state.after = after;
}

static void log_line(enum log_level level, const char *format, va_list args)
{
    static const char *const names[] = {"error: ", "warning: ", "", "debug: "};
    char raw[2 * LINE_SIZE];
    if (level > log_state.level)
        return;
    int len = snprintf(raw, sizeof raw, "certsweep: %s", names[level]);
    if (vsnprintf(raw + len, sizeof raw - (size_t)len, format, args) >= 0)
        log_raw(raw, strlen(raw));
}

/* A second line of the same text is indented, so that no foreign newline begins a line of the log. */
static size_t indent(char line[LINE_SIZE], const char *clean)
{
    size_t len = 0;
    for (; *clean != '\0' && len < LINE_SIZE - 6; clean++) {
        line[len++] = *clean;
        if (*clean == '\n' && clean[1] != ' ') {
            memset(line + len, ' ', 4);
            len += 4;
        }
    }
    return len;
}

void log_raw(const char *text, size_t len)
{
    char clean[LINE_SIZE], line[LINE_SIZE];
    clean_text_into(clean, sizeof clean - 64, text, len);
    size_t total = indent(line, clean);
    line[total++] = '\n';
    if (log_state.before != NULL)
        log_state.before();
    ssize_t written = write(STDERR_FILENO, line, total);    /* there is nowhere to report a failure of this */
    (void)written;
    if (log_state.after != NULL)
        log_state.after();
}

#define LOG_FUNCTION(name, level)                                                                            \
    void name(const char *format, ...)                                                                       \
    {                                                                                                        \
        va_list args;                                                                                        \
        va_start(args, format);                                                                              \
        log_line(level, format, args);                                                                       \
        va_end(args);                                                                                        \
    }

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warning, LOG_LEVEL_WARNING)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)

#include "probes/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
    if (level > log_state.level)
        return;
    char line[2048];
    int len = snprintf(line, sizeof line, "certsweep: %s", names[level]);
    int more = vsnprintf(line + len, sizeof line - (size_t)len - 1, format, args);
    if (more < 0)
        return;
    size_t total = (size_t)len + (size_t)more;
    if (total > sizeof line - 2)
        total = sizeof line - 2;
    log_raw(line, total);
}

void log_raw(const char *text, size_t len)
{
    char line[2048];
    size_t total = len < sizeof line - 1 ? len : sizeof line - 1;
    memcpy(line, text, total);
    line[total++] = '\n';
    if (log_state.before != NULL)
        log_state.before();
    ssize_t written = write(STDERR_FILENO, line, total);    /* nobody is left to tell where this fails */
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

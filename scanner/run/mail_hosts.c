#include "scanner/run/mail_hosts.h"

#include "probes/base/memory.h"
#include "scanner/process/confine.h"
#include "scanner/sweep/resolver.h"
#include "scanner/sweep/scan_settings.h"
#include "scanner/targets/host_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_MAX ((RESOLVER_NAMES_MAX + 1) * SERVER_NAME_SIZE)      /* a pipe takes that much in one write */

/* ---- the child: "ok", or why not, and a name a line ---- */

static void on_hosts(void *context, const struct resolver_answer *answer)
{
    char *text = context;
    size_t len = (size_t)snprintf(text, TEXT_MAX, "%s\n", answer->failure == NULL ? "ok" : answer->failure);
    for (size_t i = 0; i < answer->name_count && len < TEXT_MAX; i++)
        len += (size_t)snprintf(text + len, TEXT_MAX - len, "%s\n", answer->names[i]);
}

static void ask(const char *domain, const char *servers, char text[TEXT_MAX], struct error *err)
{
    const struct resolver_options options = {.servers = servers, .timeout_ms = SCAN_DNS_MS_DEFAULT, .tries = 3};
    struct event_base *base = event_base_new();
    struct resolver_cache *cache = resolver_cache_create();
    struct resolver *resolver = base == NULL ? NULL : resolver_create(base, cache, &options, err);
    if (resolver != NULL && resolver_ask_mail(resolver, domain, on_hosts, text) != NULL)
        while (text[0] == '\0' && event_base_loop(base, EVLOOP_ONCE) == 0)
            ;
    resolver_destroy(resolver);
    resolver_cache_destroy(cache);
    if (base != NULL)
        event_base_free(base);
}

static void child(const char *domain, const char *servers, int out, pid_t keeper)
{
    char text[TEXT_MAX] = "";
    struct error err = {0};
    const struct confinement confinement = {.sockets = CONFINE_IP_SOCKETS, .keeper = keeper};
    if (confine_enter(&confinement, &err))
        ask(domain, servers, text, &err);
    if (text[0] == '\0')
        snprintf(text, sizeof text, "%s\n", err.text[0] == '\0' ? "failed" : err.text);
    _exit(write(out, text, strlen(text)) > 0 ? 0 : 1);
}

/* ---- the caller ---- */

static bool run_child(const char *domain, const char *servers, char text[TEXT_MAX], struct error *err)
{
    int ends[2], status;
    size_t len = 0;
    ssize_t got;
    pid_t self = getpid();
    if (pipe(ends) != 0)
        return error_set(err, ERROR_SYSTEM, "pipe: %s", strerror(errno));
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        child(domain, servers, ends[1], self);
    }
    close(ends[1]);
    while (pid > 0 && len < TEXT_MAX - 1 && (got = read(ends[0], text + len, TEXT_MAX - 1 - len)) != 0)
        if (got > 0)
            len += (size_t)got;
        else if (errno != EINTR)
            break;
    text[len] = '\0';
    close(ends[0]);
    if (pid < 0)
        return error_set(err, ERROR_SYSTEM, "fork: %s", strerror(errno));
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return len != 0 || error_set(err, ERROR_SYSTEM, "who takes mail for %s: the child that asked has died", domain);
}

bool mail_hosts_find(const char *domain, const char *servers, char ***names, size_t *count, struct error *err)
{
    char text[TEXT_MAX], own[SERVER_NAME_SIZE], name[SERVER_NAME_SIZE], *rest = text, *line;
    *names = NULL;
    *count = 0;
    if (!host_name_of(domain, own))
        return error_set(err, ERROR_USAGE, "--mx %.60s: expected a domain, as example.gov", domain);
    if (!run_child(own, servers, text, err))
        return false;
    line = strsep(&rest, "\n");
    if (strcmp(line, "no_data") == 0)
        snprintf(rest = text, sizeof text, "%s\n", own);
    else if (strcmp(line, "ok") != 0)
        return error_set(err, ERROR_INPUT, "who takes mail for %s: %.80s", own, line);
    while ((line = strsep(&rest, "\n")) != NULL && *count < RESOLVER_NAMES_MAX) {
        if (!host_name_of(line, name))
            continue;
        *names = xreallocarray(*names, *count + 1, sizeof **names);
        (*names)[(*count)++] = xstrdup(name);
    }
    return *count != 0 || error_set(err, ERROR_INPUT, "%s takes no mail (RFC 7505)", own);
}

void mail_hosts_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

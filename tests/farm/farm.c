/* The many-faced server: each line of its files (or standard input) is a face (face.h). Prints what a scan must find, then
 * "ready", and serves until a signal ends it or, with -p, its parent is gone.  farm [-p] [FILE...] */
#include "tests/farm/conn.h"
#include "tests/farm/face.h"

#include "probes/base/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

struct listener {
    struct event_base *base;
    struct face face;
    struct event *acceptable;
};

static void on_acceptable(evutil_socket_t fd, short what, void *opaque)
{
    (void)what;
    struct listener *listener = opaque;
    for (int peer; (peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;)
        conn_accept(listener->base, &listener->face, peer);
}

static bool listen_on(struct listener *listener, struct error *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(listener->face.port)};
    if (listener->face.count == 0)
        memcpy(&address.sin_addr, listener->face.first.bytes, 4);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 4096) != 0)
        return error_set(err, ERROR_SYSTEM, "port %u: %s", listener->face.port, strerror(errno));
    listener->acceptable = event_new(listener->base, fd, EV_READ | EV_PERSIST, on_acceptable, listener);
    event_add(listener->acceptable, NULL);
    return true;
}

static bool open_line(struct event_base *base, const char *line, struct error *err)
{
    if (line[0] == '#' || line[strspn(line, " \t\r\n")] == '\0')
        return true;
    struct listener *listener = xcalloc(1, sizeof *listener);       /* for the life of the process */
    listener->base = base;
    if (!face_parse(&listener->face, line, err) || !face_open(&listener->face, err) || !listen_on(listener, err))
        return false;
    face_print_expectation(&listener->face);
    return true;
}

static bool open_file(struct event_base *base, FILE *file, struct error *err)
{
    char *line = NULL;
    size_t size = 0;
    bool ok = true;
    while (ok && getline(&line, &size, file) >= 0)
        ok = open_line(base, line, err);
    free(line);
    return ok;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    int first = 1;
    if (argc > 1 && strcmp(argv[1], "-p") == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        first = 2;
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);
    struct event_base *base = event_base_new();
    bool ok = first < argc || open_file(base, stdin, &err);
    for (int i = first; ok && i < argc; i++) {
        FILE *file = fopen(argv[i], "r");
        ok = file != NULL ? open_file(base, file, &err) : error_set(&err, ERROR_IO, "%s: %s", argv[i], strerror(errno));
        if (file != NULL)
            fclose(file);
    }
    if (!ok) {
        fprintf(stderr, "farm: %s\n", err.text);
        return 1;
    }
    printf("ready\n");
    fflush(stdout);
    return event_base_dispatch(base) == 0 ? 0 : 1;
}

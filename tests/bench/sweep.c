#include "tests/bench/sweep.h"

#include "probes/base/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct sweep_options sweep_options(int argc, char **argv)
{
    struct sweep_options options = {.at_once = 128};
    for (int option; (option = getopt(argc, argv, "a:p:n:c:H:F:")) != -1;) {
        struct in_addr address;
        switch (option) {
        case 'a': options.first = inet_pton(AF_INET, optarg, &address) == 1 ? ntohl(address.s_addr) : 0; break;
        case 'p': options.port = (uint16_t)atoi(optarg); break;
        case 'n': options.count = (unsigned)atoi(optarg); break;
        case 'c': options.at_once = (unsigned)atoi(optarg); break;
        case 'H': options.hello = optarg; break;
        case 'F': options.flight_len = (size_t)atol(optarg); break;
        default: exit(2);
        }
    }
    if (options.first >> 24 != 127 || options.port == 0 || options.count == 0 || options.at_once == 0) {
        fprintf(stderr, "usage: %s -a 127.FIRST -p PORT -n COUNT [-c AT_ONCE] [-H HELLO] [-F LEN]\n", argv[0]);
        exit(2);
    }
    return options;
}

static int begin(const struct sweep_options *options, unsigned index)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(options->port)};
    address.sin_addr.s_addr = htonl(options->first + index);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS)) {
        perror("connect");
        exit(1);
    }
    return fd;
}

unsigned sweep_run(const struct sweep_options *options, const struct sweep_client *client)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int poll = epoll_create1(EPOLL_CLOEXEC), *fds = xcalloc(options->at_once, sizeof *fds);
    struct epoll_event events[256];
    unsigned begun = 0, ended = 0, answered_count = 0;
    for (; begun < options->count && begun < options->at_once; begun++) {
        fds[begun] = begin(options, begun);
        epoll_ctl(poll, EPOLL_CTL_ADD, fds[begun],
                  &(struct epoll_event){.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = begun});
    }
    while (ended < options->count) {
        int count = epoll_wait(poll, events, 256, 10000);
        if (count <= 0)
            break;                              /* silence for ten seconds: what is missing shows in the recall */
        for (int i = 0; i < count; i++) {
            unsigned slot = events[i].data.u32;
            bool answered = false;
            if (!client->step(client->owner, slot, fds[slot], events[i].events, &answered))
                continue;
            if (client->end != NULL)
                client->end(client->owner, slot);
            close(fds[slot]);
            ended++;
            answered_count += answered;
            if (begun == options->count)
                continue;
            fds[slot] = begin(options, begun++);
            epoll_ctl(poll, EPOLL_CTL_ADD, fds[slot],
                      &(struct epoll_event){.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = slot});
        }
    }
    free(fds);
    close(poll);
    return answered_count;
}

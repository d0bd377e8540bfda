#include "tests/scanner/sweep/dns_fixture.h"

#include "probes/base/address.h"
#include "probes/base/byte_reader.h"
#include "probes/base/byte_writer.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TYPE_A = 1, TYPE_PTR = 12, TYPE_MX = 15, TYPE_AAAA = 28, SERVFAIL = 2, NXDOMAIN = 3 };

struct dns_server {
    int fd;
    const struct dns_row *rows;
    pthread_t thread;
    atomic_uint questions;
    atomic_bool ending;
};

static bool read_name(struct byte_reader *in, char *name, size_t size)
{
    size_t len = 0;
    uint8_t label;
    const uint8_t *bytes;
    while (byte_reader_u8(in, &label) && label != 0) {
        if (len + label + 2 > size || !byte_reader_bytes(in, label, &bytes))
            return false;
        if (len != 0)
            name[len++] = '.';
        memcpy(name + len, bytes, label);
        len += label;
    }
    name[len] = '\0';
    return true;
}

static void write_name(struct byte_writer *out, const char *name)
{
    while (*name != '\0') {
        size_t len = strcspn(name, ".");
        byte_writer_u8(out, (unsigned)len);
        byte_writer_bytes(out, name, len);
        name += len + (name[len] == '.');
    }
    byte_writer_u8(out, 0);
}

/* One resource record (RFC 1035, section 4.1.3), its name a pointer to the question's. False: not of this
 * type. */
static bool write_answer(struct byte_writer *out, unsigned type, const char *answer)
{
    struct address address;
    bool is_address = address_parse(answer, &address), is_mx = strncmp(answer, "mx ", 3) == 0;
    unsigned kind = is_mx ? TYPE_MX : !is_address ? TYPE_PTR : address.len == 4 ? TYPE_A : TYPE_AAAA;
    if (kind != type)
        return false;
    byte_writer_u16(out, 0xc00c);
    byte_writer_u16(out, type);
    byte_writer_u16(out, 1);
    byte_writer_u32(out, 60);
    size_t mark = byte_writer_vector_begin(out, 2);
    if (is_mx)
        byte_writer_u16(out, (unsigned)strtoul(answer + 3, NULL, 10));
    if (is_address)
        byte_writer_bytes(out, address.bytes, address.len);
    else
        write_name(out, is_mx ? strchr(answer + 3, ' ') + 1 : answer);
    byte_writer_vector_end(out, mark, 2);
    return true;
}

/* The length of the reply in out; 0: silence. */
static size_t reply(const struct dns_server *server, const uint8_t *query, size_t len, uint8_t *bytes,
                    size_t size)
{
    struct byte_reader in = byte_reader_of(query, len);
    struct byte_writer out = byte_writer_of(bytes, size);
    char name[256];
    uint16_t id, type;
    if (!byte_reader_u16(&in, &id) || !byte_reader_skip(&in, 10) || !read_name(&in, name, sizeof name) ||
        !byte_reader_u16(&in, &type))
        return 0;
    size_t question_len = (size_t)(in.at - query) + 2 - 12;
    unsigned count = 0, code = NXDOMAIN;
    byte_writer_bytes(&out, query, 12 + question_len);
    for (const struct dns_row *row = server->rows; row->name != NULL; row++) {
        if (strcasecmp(row->name, name) != 0)
            continue;
        if (strcmp(row->answer, "silence") == 0)
            return 0;
        code = strcmp(row->answer, "servfail") == 0 ? SERVFAIL : 0;
        count += write_answer(&out, type, row->answer);
    }
    const uint8_t head[] = {0x85, (uint8_t)(0x80 | code), 0, 1, 0, (uint8_t)count, 0, 0, 0, 0};
    memcpy(bytes + 2, head, sizeof head);
    return out.len;
}

static void *serve(void *context)
{
    struct dns_server *server = context;
    uint8_t query[1500], answer[4096];
    struct sockaddr_storage from;
    socklen_t from_len = sizeof from;
    ssize_t got;
    while ((got = recvfrom(server->fd, query, sizeof query, 0, (struct sockaddr *)&from, &from_len)) > 0) {
        if (atomic_load(&server->ending))
            break;
        atomic_fetch_add(&server->questions, 1);
        size_t len = reply(server, query, (size_t)got, answer, sizeof answer);
        if (len != 0)
            sendto(server->fd, answer, len, 0, (struct sockaddr *)&from, from_len);
        from_len = sizeof from;
    }
    return NULL;
}

struct dns_server *dns_server_start(const char *address, uint16_t port, const struct dns_row *rows)
{
    struct dns_server *server = xcalloc(1, sizeof *server);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &at.sin_addr);
    server->rows = rows;
    server->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
    return server;
}

unsigned dns_server_stop(struct dns_server *server)
{
    struct sockaddr_storage own;
    socklen_t len = sizeof own;
    unsigned questions = atomic_load(&server->questions);
    atomic_store(&server->ending, true);
    getsockname(server->fd, (struct sockaddr *)&own, &len);
    sendto(server->fd, "end", 3, 0, (struct sockaddr *)&own, len); /* wakes it */
    pthread_join(server->thread, NULL);
    close(server->fd);
    free(server);
    return questions;
}

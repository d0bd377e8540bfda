#include "tests/scanner/scan_fixture.h"

#include "inventory/bundle/bundle_reader.h"
#include "probes/base/memory.h"
#include "tests/cmocka_all.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX 16
#define ARGS_MAX      48

static char folder[64];
static pid_t processes[PROCESSES_MAX];

const char *fixture_path(const char *name)
{
    static char paths[8][256];
    static unsigned turn;
    char *path = paths[turn++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

int fixture_setup(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/certsweep-scan-XXXXXX");
    return mkdtemp(folder) == NULL || chmod(folder, 0755) != 0 ? -1 : 0;
}

int fixture_teardown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PROCESSES_MAX; i++) {
        if (processes[i] == 0)
            continue;
        kill(processes[i], SIGKILL);
        waitpid(processes[i], NULL, 0);
        processes[i] = 0;
    }
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL)
        unlink(fixture_path(entry->d_name));
    if (dir != NULL)
        closedir(dir);
    return rmdir(folder);
}

pid_t fixture_start(const char *const *argv, const char *output, unsigned limit)
{
    unsigned slot = 0;
    while (slot < PROCESSES_MAX && processes[slot] != 0)
        slot++;
    assert_true(slot < PROCESSES_MAX);
    pid_t process = fork();
    assert_true(process >= 0);
    if (process == 0) {
        int out =
            open(output == NULL ? "/dev/null" : fixture_path(output), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        int log = open(fixture_path("log"), O_WRONLY | O_CREAT | O_APPEND, 0644);
        struct rlimit descriptors = {limit, limit};
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (limit != 0)
            setrlimit(RLIMIT_NOFILE, &descriptors);
        dup2(out, 1);
        dup2(log, 2);
        close(out);
        close(log);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    return processes[slot] = process;
}

int fixture_wait(pid_t process)
{
    int status = 0;
    assert_int_equal(waitpid(process, &status, 0), process);
    for (unsigned i = 0; i < PROCESSES_MAX; i++)
        if (processes[i] == process)
            processes[i] = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool fixture_wait_port(const char *address, uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &to.sin_addr);
    for (int i = 0; i < 1000; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        bool there = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
        close(fd);
        if (there)
            return true;
        usleep(10000);
    }
    return false;
}

static pid_t start_certsweep(unsigned limit, va_list args)
{
    const char *argv[ARGS_MAX] = {CERTSWEEP_PROGRAM};
    unsigned count = 1;
    while (count < ARGS_MAX - 1 && (argv[count] = va_arg(args, const char *)) != NULL)
        count++;
    return fixture_start(argv, "out", limit);
}

pid_t fixture_certsweep_start(unsigned limit, ...)
{
    va_list args;
    va_start(args, limit);
    pid_t process = start_certsweep(limit, args);
    va_end(args);
    return process;
}

int fixture_certsweep(unsigned limit, ...)
{
    va_list args;
    va_start(args, limit);
    pid_t process = start_certsweep(limit, args);
    va_end(args);
    return fixture_wait(process);
}

pid_t fixture_worker_of(pid_t process)
{
    char path[64], name[32];
    int child = 0;
    bool is_worker = false;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)process, (int)process);
    FILE *file = fopen(path, "r");
    while (file != NULL && !is_worker && fscanf(file, "%d", &child) == 1) {
        snprintf(path, sizeof path, "/proc/%d/comm", child);
        FILE *comm = fopen(path, "r");
        is_worker = comm != NULL && fgets(name, sizeof name, comm) != NULL && strcmp(name, "certsweep-worke\n") == 0;
        if (comm != NULL)
            fclose(comm);
    }
    if (file != NULL)
        fclose(file);
    return is_worker ? child : 0;
}

static bool has_observation(const char *bundle)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    bool found = sqlite3_open_v2(bundle, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
                 sqlite3_prepare_v2(db, "SELECT 1 FROM observation LIMIT 1", -1, &statement, NULL) == SQLITE_OK &&
                 sqlite3_step(statement) == SQLITE_ROW;
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return found;
}

pid_t fixture_worker_that_found(pid_t process, const char *bundle)
{
    for (int i = 0; i < 3000 && !has_observation(bundle); i++)
        usleep(10000);
    pid_t worker = fixture_worker_of(process);
    if (worker == 0)
        fail_msg("no worker runs that has written to %s", bundle);
    return worker;
}

/* --- bundles -------------------------------------------------------------------------------------------- */

struct reading {
    struct fixture_result *result;
    uint8_t *outcomes; /* per position, of the quiet rows; 0: none */
    uint8_t *chains;   /* per position: how many observations with a chain */
    uint64_t size;
};

static bool on_block(void *context, const struct bundle_block *row)
{
    struct reading *reading = context;
    for (uint32_t i = 0; i < row->result.count; i++) {
        uint64_t position = row->result.block * BLOCK_POSITIONS + i;
        assert_true(position < reading->size);
        assert_int_equal(reading->outcomes[position], 0); /* a block is finished once */
        reading->outcomes[position] = row->result.outcomes[i];
    }
    return true;
}

static bool on_observation(void *context, const struct bundle_observation *row)
{
    struct reading *reading = context;
    if (row->seen.position == UINT64_MAX)
        return true;
    assert_true(row->seen.position < reading->size);
    /* On a busy machine a first hello may meet silence; then the chain comes with the next one. */
    if (row->chain != 0 && (row->seen.variant == VARIANT_DEFAULT || row->seen.variant == VARIANT_FALLBACK))
        reading->chains[row->seen.position]++;
    return true;
}

void fixture_read_bundle(const char *path, struct fixture_result *result)
{
    struct error err = {0};
    struct bundle_reader *reader = bundle_reader_open(path, &err);
    if (reader == NULL)
        fail_msg("%s", err.text);
    uint64_t size = bundle_reader_head(reader)->space_size;
    struct reading reading = {.result = result,
                              .outcomes = xcalloc(size + 1, 1),
                              .chains = xcalloc(size + 1, 1),
                              .size = size};
    *result = (struct fixture_result){.positions = size};
    if (!bundle_read_blocks(reader, 0, INT64_MAX, on_block, &reading, &err) ||
        !bundle_read_observations(reader, 0, INT64_MAX, on_observation, &reading, &err))
        fail_msg("%s", err.text);
    for (uint64_t i = 0; i < size; i++) {
        result->outcomes[reading.outcomes[i] % OUTCOME_COUNT]++;
        result->missing += reading.outcomes[i] == 0;
        result->chains += reading.chains[i] != 0;
        result->twice += reading.chains[i] > 1;
        if (reading.outcomes[i] == OUTCOME_CERTIFICATE)
            assert_true(reading.chains[i] != 0); /* the chain came with its block or before */
    }
    free(reading.outcomes);
    free(reading.chains);
    bundle_reader_close(reader);
}

/* --- lines ---------------------------------------------------------------------------------------------- */

static void check_line(const char *line, size_t len, size_t *certificates)
{
    static const char *const keys[] = {"time",      "scan",        "site",         "method",
                                       "transport", "address",     "port",         "server_name",
                                       "protocol",  "role",        "variant",      "outcome",
                                       "detail",    "tls_version", "cipher_suite", "cipher_suite_id",
                                       "group",     "alpn",        "chain",        "times_ms"};
    json_error_t error;
    json_t *document = json_loadb(line, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (document == NULL)
        fail_msg("%s: %.200s", error.text, line);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (json_object_get(document, keys[i]) == NULL)
            fail_msg("no %s in %.300s", keys[i], line);
    bool is_certificate = strcmp(json_string_value(json_object_get(document, "outcome")), "certificate") == 0;
    assert_int_equal(is_certificate, json_array_size(json_object_get(document, "chain")) != 0);
    *certificates += is_certificate;
    json_decref(document);
}

size_t fixture_check_lines(const char *path, size_t *certificates)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t capacity = 0, count = 0;
    ssize_t len;
    assert_non_null(file);
    *certificates = 0;
    while ((len = getline(&line, &capacity, file)) > 0) {
        assert_int_equal(line[len - 1], '\n');
        check_line(line, (size_t)len, certificates);
        count++;
    }
    free(line);
    fclose(file);
    return count;
}

char *fixture_read(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t len = 0, capacity = 65536;
    char *text = xcalloc(1, capacity + 1);
    while (file != NULL && len < capacity) {
        size_t got = fread(text + len, 1, capacity - len, file);
        if (got == 0)
            break;
        len += got;
        if (len == capacity)
            text = xrealloc(text, (capacity *= 2) + 1);
    }
    text[len] = '\0';
    if (file != NULL)
        fclose(file);
    return text;
}

/* See cluster_server.h. */
#include "inventory/store/cluster_server.h"

#include "inventory/store/child_process.h"
#include "probes/base/data_folder.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/user_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_TAIL     4096            /* bytes at the end of the server's log, for its last error */
#define PG_LIBRARIES "/usr/lib/postgresql"
#define START_WAIT   "120"          /* seconds: a crash recovery may take its time */

/* ---- binaries ---- */

/* Returns what one of the programs prints, without its newline; NULL if it does not run. */
static char *ask(const char *program, const char *argument)
{
    const char *argv[] = {program, argument, NULL};
    struct child_process child = {.argv = argv, .uid = geteuid()};
    int exit_code = 0;
    char *output = NULL;
    if (!child_process_run(&child, &exit_code, &output, NULL) || exit_code != 0) {
        free(output);
        return NULL;
    }
    output[strcspn(output, "\n")] = '\0';
    return output;
}

/* "postgres (PostgreSQL) 15.18 (Debian ...)" */
static int bin_major(const char *bin)
{
    char path[CLUSTER_PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/initdb", bin);
    if (access(path, X_OK) != 0)
        return 0;
    snprintf(path, sizeof path, "%s/postgres", bin);
    char *text = access(path, X_OK) == 0 ? ask(path, "--version") : NULL;
    const char *number = text == NULL ? NULL : strstr(text, ") ");
    int major = number == NULL ? 0 : atoi(number + 2);
    free(text);
    return major;
}

static void bin_consider(const char *bin, int wanted, char best[CLUSTER_PATH_MAX], int *best_major)
{
    int major = bin_major(bin);
    if (major == 0 || (wanted != 0 && major != wanted) || major <= *best_major || strlen(bin) >= CLUSTER_PATH_MAX)
        return;
    *best_major = major;
    memcpy(best, bin, strlen(bin) + 1);
}

bool cluster_server_find(int major, char bin[CLUSTER_PATH_MAX], int *found, struct error *err)
{
    *found = 0;
    const char *libraries = getenv("CERTSWEEP_PG_LIBRARIES");       /* for tests: where versions lie */
    if (libraries == NULL)
        libraries = PG_LIBRARIES;
    DIR *dir = opendir(libraries);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char *path = xasprintf("%s/%s/bin", libraries, entry->d_name);
        if (entry->d_name[0] != '.')
            bin_consider(path, major, bin, found);
        free(path);
    }
    if (dir != NULL)
        closedir(dir);
    char *configured = libraries == NULL || strcmp(libraries, PG_LIBRARIES) == 0
                           ? ask("/usr/bin/pg_config", "--bindir")
                           : NULL;
    if (configured != NULL)
        bin_consider(configured, major, bin, found);
    free(configured);
    if (*found != 0)
        return true;
    if (major != 0)
        return error_set(err, ERROR_DATABASE,
                         "the private database was made by PostgreSQL %d, whose server programs are not installed; "
                         "install the package postgresql-%d (apt.postgresql.org has it where Debian does not), then run: "
                         "certsweep db upgrade",
                         major, major);
    return error_set(err, ERROR_DATABASE,
                     "no PostgreSQL server programs found (looked with pg_config and in %s/*/bin); install the package "
                     "postgresql, or name a database with --db",
                     libraries);
}

/* ---- running them ---- */

/* The last line of a program's output that PostgreSQL's programs mark as an error; else its last line. Cuts the
 * output. */
static const char *what_failed(char *output)
{
    static const char *const marks[] = {": error: ", "FATAL: ", "PANIC: "};
    const char *found = NULL;
    size_t len = strlen(output);
    while (len > 0 && output[len - 1] == '\n')
        output[--len] = '\0';
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        for (char *at = output; (at = strstr(at, marks[i])) != NULL; at++)
            found = at;
    if (found == NULL)
        return len > 600 ? output + len - 600 : output;
    while (found > output && found[-1] != '\n')
        found--;
    output[found - output + (ptrdiff_t)strcspn(found, "\n")] = '\0';
    return found;
}

static bool run(const struct cluster_server *server, const char *const *argv, const char *input, int in_fd,
                int out_fd, struct error *err)
{
    char program[CLUSTER_PATH_MAX + 32];
    const char *args[24] = {program};
    snprintf(program, sizeof program, "%s/%s", server->bin, argv[0]);
    for (size_t i = 1; argv[i - 1] != NULL && i < 23; i++)
        args[i] = argv[i];
    struct child_process child = {.argv = args, .uid = server->uid, .gid = server->gid, .input = input,
                                  .keep_environment = server->folder[0] == '\0', .input_fd = in_fd, .output_fd = out_fd};
    int exit_code = 0;
    char *output = NULL;
    if (!child_process_run(&child, &exit_code, &output, err))
        return false;
    bool ok = exit_code == 0;
    if (!ok)
        error_set(err, ERROR_DATABASE, "%s failed (%d): %s", program, exit_code, what_failed(output));
    free(output);
    return ok;
}

bool cluster_folder_make(const char *path, uid_t uid, gid_t gid, mode_t mode, struct error *err)
{
    struct stat st;
    bool is_made = mkdir(path, mode) == 0;
    if (!is_made && user_folder_make(path))     /* by root's hand */
        errno = EEXIST;
    if (is_made) {
        if (geteuid() == 0 && uid != 0 && chown(path, uid, gid) != 0)
            return error_set(err, ERROR_SYSTEM, "%s: %s", path, strerror(errno));
        return chmod(path, mode) == 0 || error_set(err, ERROR_SYSTEM, "%s: %s", path, strerror(errno));
    }
    if (errno != EEXIST || lstat(path, &st) != 0)
        return data_folder_fail(ERROR_SYSTEM, path, errno, err);
    /* The folder is root's, made before the system user existed: root may hand it over. */
    if (S_ISDIR(st.st_mode) && st.st_uid == 0 && uid != 0 && geteuid() == 0 && chown(path, uid, gid) == 0)
        st.st_uid = uid;
    if (!S_ISDIR(st.st_mode) || st.st_uid != uid || (st.st_mode & 07022) != 0)
        return error_set(err, ERROR_SYSTEM, "%s: must be a folder of user %u that nobody else can write to", path,
                         (unsigned)uid);
    return true;
}

static bool file_write(const struct cluster_server *server, const char *path, const char *text, const char *mode,
                       struct error *err)
{
    FILE *file = fopen(path, mode);
    bool ok = file != NULL && fputs(text, file) >= 0 && fflush(file) == 0 && fsync(fileno(file)) == 0 &&
              (geteuid() != 0 || fchown(fileno(file), server->uid, server->gid) == 0);
    if (!ok)
        error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    if (file != NULL && fclose(file) != 0 && ok)
        ok = error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    return ok;
}

static const char settings[] = "\n# certsweep: only through the socket\n"
                               "listen_addresses = ''\n"
                               "max_connections = 40\n"
                               "max_wal_size = 2GB\n"
                               "checkpoint_timeout = 15min\n"
                               "wal_compression = on\n"
                               "jit = off\n"
                               "shared_preload_libraries = 'plpgsql'\n"       /* else each session loads it */
                               "timezone = 'UTC'\n"
                               "log_timezone = 'UTC'\n"
                               "search_path = 'certsweep, public'\n"
                               "log_line_prefix = '%m [%p] '\n"
                               "include_if_exists = 'certsweep.conf'\n";

static long clamp(long value, long least, long most)
{
    return value < least ? least : value > most ? most : value;
}

/* An eighth of the machine's memory: the sweep and the reports run beside it. */
static void memory_settings(char *text, size_t size)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    long mib = pages > 0 && page > 0 ? (long)((long long)pages * page >> 20) : 2048;
    snprintf(text, size, "shared_buffers = %ldMB\nwork_mem = %ldMB\nmaintenance_work_mem = %ldMB\n", clamp(mib / 8, 128, 4096),
             clamp(mib / 512, 4, 64), clamp(mib / 32, 64, 512));
}

/* Only the system user is superuser. A user who may enter the socket's folder connects as role certsweep, or as one with fewer rights. */
static const char hba[] = "# certsweep: the socket's folder is the guard\n"
                          "local certsweep certsweep,certsweep_loader,certsweep_reader trust\n"
                          "local all postgres peer map=owner\n";

static const char bootstrap_sql[] =
    "CREATE ROLE certsweep LOGIN;\n"
    "CREATE ROLE certsweep_loader LOGIN;\n"
    "CREATE ROLE certsweep_reader LOGIN;\n"
    "CREATE DATABASE certsweep OWNER certsweep TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';\n";

static bool remove_tree(const struct cluster_server *server, const char *path, struct error *err)
{
    const char *argv[] = {"/bin/rm", "-rf", "--", path, NULL};
    struct child_process child = {.argv = argv, .uid = server->uid, .gid = server->gid};
    int exit_code = 0;
    return child_process_run(&child, &exit_code, NULL, err) &&
           (exit_code == 0 || error_set(err, ERROR_SYSTEM, "cannot remove %s", path));
}

bool cluster_server_remove(const struct cluster_server *server, struct error *err)
{
    return remove_tree(server, server->folder, err);
}

/* Long values by LZ4, a tenth of what PostgreSQL's own compression costs. Pages in the log by Zstandard: a night of which a little changed writes whole
 * pages of numbers that grow, of which LZ4 leaves half as much again. Not every server is built with both. */
static bool compression_settings(const struct cluster_server *server, const char *data, const char *path, struct error *err)
{
    static const char *const ways[] = {"zstd", "lz4"};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        char wal[32], text[96];
        snprintf(wal, sizeof wal, "wal_compression=%s", ways[i]);
        snprintf(text, sizeof text, "%s\ndefault_toast_compression = lz4\n", wal);
        const char *ask[] = {"postgres", "-D", data, "-c", wal, "-c", "default_toast_compression=lz4", "-C", "wal_compression", NULL};
        struct error ignored = {0};
        if (run(server, ask, NULL, 0, 0, &ignored))
            return file_write(server, path, text, "a", err);
    }
    return true;
}

bool cluster_server_init(const struct cluster_server *server, struct error *err)
{
    char fresh[CLUSTER_PATH_MAX + 8], path[CLUSTER_PATH_MAX + 40], ident[256];
    snprintf(fresh, sizeof fresh, "%s.new", server->data);      /* renamed when whole: a crash leaves no half */
    log_info("making a private PostgreSQL %d cluster in %s", server->major, server->folder);
    const char *initdb[] = {"initdb", "-D", fresh, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-k",
                            "--auth-local=peer", "--auth-host=reject", NULL};
    const char *single[] = {"postgres", "--single", "-D", fresh, "postgres", NULL};
    if (!cluster_folder_make(server->folder, server->uid, server->gid, 0700, err) ||
        !remove_tree(server, fresh, err) || !run(server, initdb, NULL, 0, 0, err))
        return false;
    snprintf(path, sizeof path, "%s/postgresql.conf", fresh);
    char memory[128];
    memory_settings(memory, sizeof memory);
    if (!file_write(server, path, settings, "a", err) || !file_write(server, path, memory, "a", err) ||
        !compression_settings(server, fresh, path, err))
        return false;
    snprintf(path, sizeof path, "%s/pg_hba.conf", fresh);
    if (!file_write(server, path, hba, "w", err))
        return false;
    const struct passwd *owner = getpwuid(server->uid);
    snprintf(path, sizeof path, "%s/pg_ident.conf", fresh);
    snprintf(ident, sizeof ident, "# the owner of the files is the superuser\nowner \"%s\" postgres\n",
             owner == NULL ? "-" : owner->pw_name);
    return file_write(server, path, ident, "w", err) && run(server, single, bootstrap_sql, 0, 0, err) &&
           (rename(fresh, server->data) == 0 ||
            error_set(err, ERROR_SYSTEM, "%s: %s", server->data, strerror(errno)));
}

/* ---- start and stop ---- */

/* Is this process a server in that folder? A server's working folder is its data. A zombie has none; a process
 * of another user does not show it, and is not ours. */
static bool is_server(long pid, const char *data)
{
    char *link = xasprintf("/proc/%ld/cwd", pid), *real = realpath(data, NULL), cwd[4096];
    ssize_t len = readlink(link, cwd, sizeof cwd - 1);
    cwd[len < 0 ? 0 : len] = '\0';
    bool same = real != NULL && strcmp(real, cwd) == 0;
    free(real);
    free(link);
    return same;
}

/* A lock file of a server that has ended keeps PostgreSQL from starting if another process has its number now. We
 * may remove it, since we hold the cluster's lock, but only if that process is no server. */
static void stale_lock_remove(const char *path, const char *data)
{
    char first[32] = "";
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return;
    bool got = fgets(first, sizeof first, file) != NULL;
    fclose(file);
    if (got && is_server(labs(strtol(first, NULL, 10)), data))
        return;
    log_info("removing %s, a leftover of a server that is gone", path);
    unlink(path);
}

/* The socket's folder is passed at each start, since HOME may have been moved. */
static bool socket_settings(const struct cluster_server *server, struct error *err)
{
    char path[CLUSTER_PATH_MAX + 40], text[2 * CLUSTER_PATH_MAX + 128] = "unix_socket_directories = '";
    size_t len = strlen(text);
    for (const char *at = server->run; *at != '\0'; at++) {
        if (*at == '\'' || *at == '\\')
            text[len++] = *at;
        text[len++] = *at;
    }
    snprintf(text + len, sizeof text - len, "'\nunix_socket_permissions = 0770\nport = 5432\n");
    snprintf(path, sizeof path, "%s/certsweep.conf", server->data);
    return file_write(server, path, text, "w", err);
}

static void log_path(const struct cluster_server *server, char path[CLUSTER_PATH_MAX + 8])
{
    snprintf(path, CLUSTER_PATH_MAX + 8, "%s/log", server->folder);
}

char *cluster_server_complaint(const struct cluster_server *server)
{
    char path[CLUSTER_PATH_MAX + 8], text[LOG_TAIL + 1] = "";
    log_path(server, path);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return NULL;
    if (fseek(file, -LOG_TAIL, SEEK_END) != 0)
        rewind(file);                               /* it is shorter */
    text[fread(text, 1, LOG_TAIL, file)] = '\0';
    fclose(file);
    return text[0] == '\0' ? NULL : xstrdup(what_failed(text));
}

/* The machine's, whose socket the group may reach. */
static bool is_shared(const struct cluster_server *server)
{
    return geteuid() == 0 || strcmp(server->run, CLUSTER_SYSTEM_RUN) == 0;
}

bool cluster_server_start(const struct cluster_server *server, struct error *err)
{
    char path[CLUSTER_PATH_MAX + 40], log[CLUSTER_PATH_MAX + 8];
    if (!cluster_folder_make(server->run, server->uid, server->gid, is_shared(server) ? 0750 : 0700, err) ||
        !socket_settings(server, err))
        return false;
    snprintf(path, sizeof path, "%s/postmaster.pid", server->data);
    stale_lock_remove(path, server->data);
    snprintf(path, sizeof path, "%s/.s.PGSQL.5432.lock", server->run);
    stale_lock_remove(path, server->data);
    log_path(server, log);
    const char *argv[] = {"pg_ctl", "-D", server->data, "-w", "-t", START_WAIT, "-s", "-l", log, "start", NULL};
    if (run(server, argv, NULL, 0, 0, err))
        return true;
    char *complaint = cluster_server_complaint(server);
    if (complaint != NULL)      /* pg_ctl's own message only refers to the log */
        error_set(err, ERROR_DATABASE, "%s", complaint);
    free(complaint);
    return error_add_context(err, "the private database does not start; its log is %s", log);
}

bool cluster_server_stop(const struct cluster_server *server, struct error *err)
{
    const char *argv[] = {"pg_ctl", "-D", server->data, "-w", "-t", "120", "-s", "-m", "fast", "stop", NULL};
    return run(server, argv, NULL, 0, 0, err);
}

char *cluster_server_dsn(const struct cluster_server *server)
{
    char *quoted = xmalloc(2 * strlen(server->run) + 1), *out = quoted;
    for (const char *at = server->run; *at != '\0'; at++) {
        if (*at == '\'' || *at == '\\')
            *out++ = '\\';
        *out++ = *at;
    }
    *out = '\0';
    char *dsn = xasprintf("host='%s' port=5432 dbname=" CLUSTER_DATABASE " user=certsweep", quoted);
    free(quoted);
    return dsn;
}

/* What the server itself writes into its lock file: its process, ..., the socket's folder, ..., its state. */
bool cluster_server_says_ready(const struct cluster_server *server)
{
    enum { LINE_PID = 1, LINE_FOLDER = 5, LINE_STATE = 8 };
    char path[CLUSTER_PATH_MAX + 40], line[2 * CLUSTER_PATH_MAX];
    snprintf(path, sizeof path, "%s/postmaster.pid", server->data);
    FILE *file = fopen(path, "re");
    bool ok = file != NULL, is_ready = false;
    for (int number = 1; ok && number <= LINE_STATE && fgets(line, sizeof line, file) != NULL; number++) {
        line[strcspn(line, "\n")] = '\0';
        if (number == LINE_PID)
            ok = is_server(strtol(line, NULL, 10), server->data);
        else if (number == LINE_FOLDER)
            ok = strcmp(line, server->run) == 0;
        else if (number == LINE_STATE)
            is_ready = strncmp(line, "ready", 5) == 0;
    }
    if (file != NULL)
        fclose(file);
    return ok && is_ready;
}

bool cluster_server_is_up(const struct cluster_server *server)
{
    char *dsn = cluster_server_dsn(server);
    PGPing ping = PQping(dsn);
    for (int tries = 0; ping == PQPING_REJECT && tries < 1200; tries++) {
        usleep(100000);
        ping = PQping(dsn);
    }
    free(dsn);
    return ping == PQPING_OK;
}

/* ---- dump and restore ---- */

bool cluster_server_dump(const struct cluster_server *server, const char *dsn, int fd, struct error *err)
{
    const char *argv[] = {"pg_dump", "-Fc", "--no-owner", "--no-privileges", "-d", dsn, NULL};
    return run(server, argv, NULL, 0, fd, err);
}

bool cluster_server_restore(const struct cluster_server *server, const char *dsn, int fd, struct error *err)
{
    const char *argv[] = {"pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "-d", dsn, NULL};
    return run(server, argv, NULL, fd, 0, err);
}

#define JOBS_MAX 8

/* Each job is a connection, and the data of one table. */
static void jobs_format(char text[16])
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    snprintf(text, 16, "%ld", processors < 1 ? 1 : processors > JOBS_MAX ? JOBS_MAX : processors);
}

bool cluster_server_dump_folder(const struct cluster_server *server, const char *dsn, const char *folder, struct error *err)
{
    char jobs[16];
    const char *argv[] = {"pg_dump", "-Fd", "-Z", "1", "-j", jobs, "--no-owner", "--no-privileges", "-f", folder, "-d", dsn, NULL};
    jobs_format(jobs);
    return remove_tree(server, folder, err) && run(server, argv, NULL, 0, 0, err);
}

bool cluster_server_restore_folder(const struct cluster_server *server, const char *dsn, const char *folder, struct error *err)
{
    char jobs[16];
    const char *argv[] = {"pg_restore", "-j", jobs, "--exit-on-error", "--no-owner", "-d", dsn, folder, NULL};
    jobs_format(jobs);
    return run(server, argv, NULL, 0, 0, err);
}

bool cluster_server_remove_folder(const struct cluster_server *server, const char *folder, struct error *err)
{
    return remove_tree(server, folder, err);
}

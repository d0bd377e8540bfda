/* certsweep collect over trees and streams: what it finds, what it tells, what it leaves alone. */
#include "inventory/bundle/bundle_reader.h"
#include "tests/cmocka_all.h"
#include "tests/scanner/scan_fixture.h"

#include "probes/base/memory.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A certificate and its key, and whatever the case wants of them, by the shell in the fixture's folder. */
static void make(const char *script)
{
    char *command = xasprintf("cd %s && rm -rf tree && mkdir tree && exec 2>>make.log && "
                              "{ [ -f cert.pem ] || { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem "
                              "-out cert.pem -days 30 -subj /CN=a.example && openssl x509 -in cert.pem -outform DER -out cert.der; }; } && "
                              "{ %s; }",
                              fixture_path("."), script);
    assert_int_equal(system(command), 0);
    free(command);
}

struct readings {
    char text[65536];               /* a line each: path inside kind outcome marks certificates keys, sorted by nobody */
    size_t count, certificates;
};

static bool on_file(void *context, const struct bundle_file *row)
{
    struct readings *readings = context;
    const struct file_reading *r = &row->reading;
    size_t len = strlen(readings->text);
    snprintf(readings->text + len, sizeof readings->text - len, "%s|%s|%s|%d|%u|%zu|%zu\n", strstr(r->path, "/tree") == NULL ? r->path : strstr(r->path, "/tree") + 5,
             r->inside, r->kind, (int)r->outcome, r->marks, r->certificate_count, r->key_count);
    readings->count++;
    readings->certificates += r->certificate_count;
    return true;
}

static void read_bundle(struct readings *readings)
{
    struct error err = {0};
    struct bundle_reader *reader = bundle_reader_open(fixture_path("c.bundle"), &err);
    memset(readings, 0, sizeof *readings);
    if (reader == NULL || !bundle_reader_check(reader, NULL, &err) || !bundle_read_files(reader, 0, -1, on_file, readings, &err))
        fail_msg("%s", err.text);
    bundle_reader_close(reader);
}

static int collect(const char *option, const char *value)
{
    unlink(fixture_path("c.bundle"));
    if (option != NULL && value == NULL)
        return fixture_certsweep(0, "collect", "-o", fixture_path("c.bundle"), "--host", "web1", option, fixture_path("tree"), NULL);
    if (option == NULL)
        return fixture_certsweep(0, "collect", "-o", fixture_path("c.bundle"), "--host", "web1", fixture_path("tree"), NULL);
    return fixture_certsweep(0, "collect", "-o", fixture_path("c.bundle"), "--host", "web1", option, value, fixture_path("tree"), NULL);
}

static bool has(const struct readings *readings, const char *line)
{
    return strstr(readings->text, line) != NULL;
}

static void a_tree_gives_its_certificates_and_keys(void **state)
{
    static struct readings readings;
    (void)state;
    make("cp cert.pem key.pem cert.der tree && mkdir -p tree/repo/.git tree/repo/src && cp cert.pem tree/repo/src && "
         "(printf '\\177ELF'; head -c 70000 /dev/zero; cat cert.der) > tree/program && "
         "openssl pkcs12 -export -in cert.pem -inkey key.pem -passout pass:changeit -out tree/store.p12 && "
         "ln -s /etc tree/out && mkfifo tree/pipe && echo nothing > tree/plain");
    assert_int_equal(collect(NULL, NULL), 0);
    read_bundle(&readings);
    assert_true(has(&readings, "/cert.pem||pem|1|0|1|0\n"));
    assert_true(has(&readings, "/key.pem||key|1|0|0|1\n"));
    assert_true(has(&readings, "/cert.der||der|1|0|1|0\n"));
    assert_true(has(&readings, "/repo/src/cert.pem||pem|1|8|1|0\n"));
    assert_true(has(&readings, "/program||program|1|16|1|0\n"));
    assert_true(has(&readings, "/store.p12||pkcs12|1|0|1|1\n"));
    assert_int_equal(readings.count, 6);
    char *log = fixture_read(fixture_path("log"));
    assert_non_null(strstr(log, "1 device, socket or pipe left alone"));
    assert_non_null(strstr(log, "tree/pipe: a pipe, left alone"));
    free(log);
}

static void a_repository_tells_what_it_ever_held(void **state)
{
    static struct readings readings;
    (void)state;
    make("export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b && cd tree && "
         "git init -q repo && cd repo && mkdir old && cp ../../key.pem old && git add . && GIT_COMMITTER_DATE='1700000000 +0000' git commit -qm 1 && "
         "git rm -qr old && cp ../../cert.pem . && git add . && GIT_COMMITTER_DATE='1700000001 +0000' git commit -qm 2 && git rm -q cert.pem && "
         "GIT_COMMITTER_DATE='1700000002 +0000' git commit -qm 3 --allow-empty && cp ../../cert.der . && git add . && git gc -q && rm cert.der && "
         "git log --format=%H --reverse > ../../commits && cd .. && git clone -q --bare repo bare && chmod -R go-rwx repo && "
         "printf '[core]\\nrepositoryformatversion = nonsense\\n' >> repo/.git/config");
    assert_int_equal(collect(NULL, NULL), 0);
    read_bundle(&readings);
    assert_int_equal(readings.count, 0);
    char *log = fixture_read(fixture_path("log"));
    assert_non_null(strstr(log, "1 git repository of which only the present files were read"));
    free(log);
    assert_int_equal(collect("--git-history", NULL), 0);
    read_bundle(&readings);
    char *commits = fixture_read(fixture_path("commits"));
    char *lines = xasprintf("/repo|%.40s:old/key.pem|key|1|8|0|1\n", commits);
    assert_true(has(&readings, lines));
    free(lines);
    lines = xasprintf("/bare|%.40s:cert.pem|pem|1|8|1|0\n", commits + 41);
    assert_true(has(&readings, lines));
    assert_non_null(strstr(readings.text, "|der|1|8|1|0\n"));       /* staged, never committed */
    free(lines);
    free(commits);
}

/* Scripts commit many times in a second: the place is the commit that brought the file, whatever the ids are. */
static void commits_of_one_second_are_read_in_their_order(void **state)
{
    static struct readings readings;
    (void)state;
    make("export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b "
         "GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000' && git init -q tree/repo && cd tree/repo && "
         "cp ../../cert.pem a.pem && git add . && last=$(git commit-tree -m 0 $(git write-tree)) && echo $last > ../../commits && "
         "for i in 1 2 3 4 5 6 7 8; do last=$(git commit-tree -m $i -p $last $(git write-tree)); done && git update-ref HEAD $last && rm a.pem");
    assert_int_equal(collect("--git-history", NULL), 0);
    read_bundle(&readings);
    char *commits = fixture_read(fixture_path("commits"));
    char *line = xasprintf("/repo|%.40s:a.pem|pem|1|8|1|0\n", commits);
    assert_true(has(&readings, line));
    free(line);
    free(commits);
}

static void a_pipe_among_objects_stops_nothing(void **state)
{
    static struct readings readings;
    (void)state;
    make("git init -q tree/repo && mkfifo tree/repo/.git/objects/info/alternates && cp cert.pem tree");
    assert_int_equal(collect("--git-history", NULL), 5);
    read_bundle(&readings);
    assert_true(has(&readings, "/cert.pem||pem|1|0|1|0\n"));
}

static void an_image_as_a_folder_tells_its_layers(void **state)
{
    static struct readings readings;
    (void)state;
    make("mkdir -p tree/app/blobs/sha256 w/etc && cp cert.pem key.pem w/etc && tar czf tree/app/blobs/sha256/1 -C w etc && rm w/etc/* && "
         ": > w/etc/.wh.key.pem && tar cf tree/app/blobs/sha256/2 -C w etc && rm -r w && echo '{\"imageLayoutVersion\":\"1.0.0\"}' > tree/app/oci-layout && "
         "echo '{\"layers\":[{\"digest\":\"sha256:1\"},{\"digest\":\"sha256:2\"},{\"digest\":\"sha256:../../../cert.pem\"}]}' > tree/app/blobs/sha256/m && "
         "echo '{\"manifests\":[{\"digest\":\"sha256:m\",\"annotations\":{\"org.opencontainers.image.ref.name\":\"app:1\"}}]}' > tree/app/index.json && "
         "cp cert.pem tree/app");
    assert_int_equal(collect(NULL, NULL), 0);
    read_bundle(&readings);
    assert_true(has(&readings, "/app|app:1!layer 1 of 3!etc/cert.pem|pem|1|0|1|0\n"));
    assert_true(has(&readings, "/app|app:1!layer 1 of 3, removed in layer 2!etc/key.pem|key|1|0|0|1\n"));
    assert_true(has(&readings, "/app/cert.pem||pem|1|0|1|0\n"));
    assert_int_equal(readings.count, 3);
    assert_int_equal(collect("--exclude", "blobs"), 0);
    read_bundle(&readings);
    assert_int_equal(readings.count, 1);
    make("mkdir -p tree/app/blobs/sha256 && : > tree/app/oci-layout && echo '{}' > tree/app/index.json && ln -s /etc tree/app/blobs/sha256/1 && "
         "cp cert.pem tree/app/blobs/sha256/2");       /* a link: no layout, and not followed */
    assert_int_equal(collect(NULL, NULL), 0);
    read_bundle(&readings);
    assert_true(has(&readings, "/app/blobs/sha256/2||pem|1|0|1|0\n"));
    assert_int_equal(readings.count, 1);
}

static void archives_are_read_in_each_other(void **state)
{
    static struct readings readings;
    (void)state;
    make("mkdir w && cp cert.pem w/a.pem && tar cf w/in.tar -C w a.pem && gzip -k w/in.tar && tar cf - -C w in.tar.gz | xz > tree/out.tar.xz && "
         "gzip -c cert.pem > tree/one.pem.gz; rm -rf w");
    assert_int_equal(collect(NULL, NULL), 0);
    read_bundle(&readings);
    assert_true(has(&readings, "/out.tar.xz|in.tar.gz!a.pem|pem|1|0|1|0\n"));
    assert_true(has(&readings, "/one.pem.gz||pem|1|0|1|0\n"));
    assert_int_equal(readings.count, 2);
}

static void what_cannot_be_read_is_told_and_the_rest_is_done(void **state)
{
    static struct readings readings;
    (void)state;
    make("cp cert.pem tree && openssl pkcs12 -export -in cert.pem -inkey key.pem -passout pass:hidden -out tree/closed.p12 && "
         "gzip -c cert.pem | head -c 300 > tree/cut.gz && printf 'kych0000' > tree/login.keychain && "
         "cp cert.pem deep && for i in 1 2 3 4 5 6 7 8 9 10; do tar cf deep.tar deep && mv deep.tar deep; done && mv deep tree/deep.tar");
    assert_int_equal(collect(NULL, NULL), 5);
    read_bundle(&readings);
    assert_true(has(&readings, "/cert.pem||pem|1|0|1|0\n"));
    assert_true(has(&readings, "/closed.p12||pkcs12|3|"));
    assert_true(has(&readings, "/cut.gz|"));
    assert_true(has(&readings, "/login.keychain|||7|0|0|0\n") || has(&readings, "/login.keychain|||7|"));
    assert_non_null(strstr(readings.text, "deep!deep!deep"));
    make("cp cert.pem tree && openssl pkcs12 -export -in cert.pem -inkey key.pem -passout pass:hidden -out tree/closed.p12 && echo hidden > words");
    assert_int_equal(collect("--password-file", fixture_path("words")), 0);
    read_bundle(&readings);
    assert_true(has(&readings, "/closed.p12||pkcs12|1|0|1|1\n"));
}

/* Root may read everything, so this is somebody else. */
static void what_the_user_may_not_read_is_told(void **state)
{
    static struct readings readings;
    int status;
    (void)state;
    make("cp cert.pem tree/a.pem && cp key.pem tree/closed.pem && mkdir tree/closed && cp cert.pem tree/closed/b.pem && mkdir tree/out && chmod 777 tree/out && "
         "chmod 000 tree/closed.pem tree/closed && chmod 666 log");
    pid_t process = fork();
    if (process == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(99);
        setenv("CERTSWEEP_HOME", fixture_path("tree/out"), 1);
        setenv("XDG_CONFIG_HOME", fixture_path("tree/out"), 1);
        _exit(fixture_certsweep(0, "collect", "-o", fixture_path("tree/out/c.bundle"), "--host", "web1", "--exclude", "out", fixture_path("tree"), NULL));
    }
    assert_int_equal(waitpid(process, &status, 0), process);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 5);
    unlink(fixture_path("c.bundle"));
    assert_int_equal(rename(fixture_path("tree/out/c.bundle"), fixture_path("c.bundle")), 0);
    read_bundle(&readings);
    assert_true(has(&readings, "/a.pem||pem|1|0|1|0\n"));
    assert_true(has(&readings, "/closed.pem|||2|0|0|0\n"));
    assert_true(has(&readings, "/closed|||2|0|0|0\n"));
    assert_int_equal(readings.count, 3);
}

static void a_bomb_is_told_and_costs_no_more_than_its_limit(void **state)
{
    static struct readings readings;
    (void)state;
    make("cp cert.pem tree && yes | head -c 500000000 | gzip -1 | gzip -9 > tree/bomb.gz.gz");
    assert_int_equal(collect(NULL, NULL), 5);
    read_bundle(&readings);
    assert_true(has(&readings, "/cert.pem||pem|1|0|1|0\n"));
    assert_true(has(&readings, "/bomb.gz.gz|||5|"));
}

static void levels_without_end_and_the_kernels_files_are_left(void **state)
{
    static struct readings readings;
    (void)state;
    make("p=$(printf 'd/%.0s' $(seq 1000)) && mkdir -p tree/$p && cp cert.pem tree/$p && cp cert.pem tree/a.pem && ln -s . tree/d/again");
    assert_int_equal(collect(NULL, NULL), 5);
    read_bundle(&readings);
    assert_true(has(&readings, "/a.pem||pem|1|0|1|0\n"));
    assert_non_null(strstr(readings.text, "/d/d/d|||2|0|0|0\n"));
    assert_int_equal(readings.count, 2);
    unlink(fixture_path("c.bundle"));
    assert_int_equal(fixture_certsweep(0, "collect", "-o", fixture_path("c.bundle"), "--other-file-systems", "--host", "web1", "/proc", "/sys", NULL), 5);
    read_bundle(&readings);             /* named by the user, so told */
    assert_true(has(&readings, "/proc|||2|") && has(&readings, "/sys|||2|"));
    assert_int_equal(readings.count, 2);
}

/* Deeper than any path may be long: each folder is made from the one above, in memory. */
static void a_hundred_thousand_folders_in_each_other_are_left(void **state)
{
    static struct readings readings;
    (void)state;
    char deep[] = "/dev/shm/certsweep-tree-XXXXXX";
    if (mkdtemp(deep) == NULL)
        skip();
    make("true");
    char *command = xasprintf("cp %s %s/a.pem", fixture_path("cert.pem"), deep);
    assert_int_equal(system(command), 0);
    free(command);
    int fd = open(deep, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(mkdirat(fd, "d", 0755), 0);
        int below = openat(fd, "d", O_RDONLY | O_DIRECTORY);
        assert_true(below >= 0);
        close(fd);
        fd = below;
    }
    close(fd);
    unlink(fixture_path("c.bundle"));
    int code = fixture_certsweep(0, "collect", "-o", fixture_path("c.bundle"), "--host", "web1", deep, NULL);
    command = xasprintf("rm -rf %s", deep);
    assert_int_equal(system(command), 0);
    free(command);
    assert_int_equal(code, 5);
    read_bundle(&readings);
    assert_non_null(strstr(readings.text, "/a.pem||pem|1|0|1|0\n"));
    assert_non_null(strstr(readings.text, "/d/d/d|||2|0|0|0\n"));
    assert_int_equal(readings.count, 2);
}

static void patterns_choose_files(void **state)
{
    static struct readings readings;
    (void)state;
    make("cp cert.pem tree/a.pem && cp cert.pem tree/b.crt && mkdir tree/log && cp cert.pem tree/log/c.pem");
    assert_int_equal(collect("--include", "*.pem"), 0);
    read_bundle(&readings);
    assert_int_equal(readings.count, 2);
    assert_int_equal(collect("--exclude", "log"), 0);
    read_bundle(&readings);
    assert_int_equal(readings.count, 2);
    assert_false(has(&readings, "/log/"));
}

static void a_tar_on_standard_input_is_another_machine(void **state)
{
    static struct readings readings;
    (void)state;
    make("mkdir -p tree/etc/ssl && cp cert.pem tree/etc/ssl/a.pem && tar cf stream.tar -C tree etc");
    unlink(fixture_path("c.bundle"));
    assert_non_null(freopen(fixture_path("stream.tar"), "r", stdin));
    lseek(0, 0, SEEK_SET);
    assert_int_equal(fixture_certsweep(0, "collect", "-o", fixture_path("c.bundle"), "--host", "web9", "-", NULL), 0);
    read_bundle(&readings);
    assert_true(has(&readings, "/etc/ssl/a.pem||pem|1|0|1|0\n"));
    assert_int_equal(fixture_certsweep(0, "collect", "-o", fixture_path("d.bundle"), "-", NULL), 2);
}

/* What a file's marks are: 2 sample, 4 of a package, 8 in a repository, in the order of these paths. */
static const char *const marked[][2] = {
    {"etc/own.pem", "0"}, {"etc/shipped.pem", "4"}, {"usr/lib/moved.pem", "4"}, {"usr/share/doc/app/a.pem", "2"}, {"srv/repo/b.pem", "8"},
    {"srv/repo/tests/c.pem", "10"}, {"etc/alpine.pem", "4"}, {"etc/bare.pem", "4"},
};

/* The lists and .git come behind the files that they are about. */
static const char make_marked[] =
    "mkdir -p tree/etc tree/usr/lib tree/usr/share/doc/app tree/srv/repo/tests tree/srv/repo/.git/refs tree/var/lib/dpkg/info tree/var/lib/dpkg/status.d tree/lib/apk/db && "
    "cd tree && for f in etc/own etc/shipped usr/lib/moved usr/share/doc/app/a srv/repo/b srv/repo/tests/c etc/alpine etc/bare; do cp ../cert.pem $f.pem; done && "
    "printf '/.\n/etc\n/etc/shipped.pem\n/lib/moved.pem\n' > var/lib/dpkg/info/x.list && printf '%032d  etc/bare.pem\n' 0 > var/lib/dpkg/status.d/y.md5sums && "
    "printf 'P:z\nF:etc\nM:0:0:755\nR:alpine.pem\n' > lib/apk/db/installed && "
    "tar cf ../stream.tar etc usr srv/repo/b.pem srv/repo/tests srv/repo/.git var lib && mkdir -p ../blobs/sha256 && cp ../stream.tar ../blobs/sha256/1 && cd .. && "
    "echo '[{\"Config\":\"c\",\"RepoTags\":[\"a:1\"],\"Layers\":[\"blobs/sha256/1\"]}]' > manifest.json && tar cf image.tar blobs manifest.json && rm -r blobs";

static void has_marks(const struct readings *readings, const char *before)
{
    assert_int_equal(readings->count, sizeof marked / sizeof *marked);
    for (size_t i = 0; i < sizeof marked / sizeof *marked; i++) {
        char *line = xasprintf("%s%s%s|pem|1|%s|1|0\n", before, marked[i][0], strchr(before, '|') == NULL ? "|" : "", marked[i][1]);
        if (!has(readings, line))
            fail_msg("expected %s in\n%s", line, readings->text);
        free(line);
    }
}

static void collect_stream(const char *name)
{
    unlink(fixture_path("c.bundle"));
    assert_non_null(freopen(fixture_path(name), "r", stdin));
    lseek(0, 0, SEEK_SET);
    assert_int_equal(fixture_certsweep(0, "collect", "-o", fixture_path("c.bundle"), "--host", "web9", "-", NULL), 0);
}

static void marks_are_the_same_whichever_way_a_file_comes(void **state)
{
    static struct readings readings;
    (void)state;
    make(make_marked);
    assert_int_equal(collect(NULL, NULL), 0);
    read_bundle(&readings);
    has_marks(&readings, "/");
    collect_stream("stream.tar");
    read_bundle(&readings);
    has_marks(&readings, "/");
    collect_stream("image.tar");
    read_bundle(&readings);
    has_marks(&readings, "/standard input|a:1!layer 1 of 1!");
    make("mv stream.tar image.tar tree");
    assert_int_equal(collect("--include", "image.tar"), 0);
    read_bundle(&readings);
    has_marks(&readings, "/image.tar|a:1!layer 1 of 1!");
    assert_int_equal(collect("--include", "stream.tar"), 0);
    read_bundle(&readings);
    has_marks(&readings, "/stream.tar|");
}

/* What is above the place where a walk begins counts as well. */
static void a_walk_that_begins_in_a_repository_knows_it(void **state)
{
    static struct readings readings;
    (void)state;
    make(make_marked);
    assert_int_equal(fixture_certsweep(0, "collect", "-o", fixture_path("d.bundle"), "--host", "web1", fixture_path("tree/srv/repo/tests"), fixture_path("tree/srv/repo/b.pem"), NULL), 0);
    rename(fixture_path("d.bundle"), fixture_path("c.bundle"));
    read_bundle(&readings);
    assert_true(has(&readings, "/srv/repo/tests/c.pem||pem|1|10|1|0\n"));
    assert_true(has(&readings, "/srv/repo/b.pem||pem|1|8|1|0\n"));
}

static void a_plan_names_paths_and_patterns(void **state)
{
    static struct readings readings;
    (void)state;
    make("cp cert.pem tree/a.pem && cp cert.pem tree/b.crt && printf '[collect]\\npath = tree\\nhost = web7\\nexclude = *.crt\\n' > plan.ini");
    unlink(fixture_path("c.bundle"));
    assert_int_equal(fixture_certsweep(0, "collect", "-o", fixture_path("c.bundle"), "--plan", fixture_path("plan.ini"), NULL), 0);
    read_bundle(&readings);
    assert_int_equal(readings.count, 1);
    assert_true(has(&readings, "/a.pem||pem|1|0|1|0\n"));
    assert_int_equal(fixture_certsweep(0, "scan", "--plan", fixture_path("plan.ini"), NULL), 2);
}

/* A tar of which a certificate has come and the rest never will: whoever reads it waits. */
static pid_t start_stalled(int *writer)
{
    int ends[2];
    char bytes[8192];
    make("mkdir -p tree/etc && cp cert.pem tree/etc/a.pem && head -c 9000000 /dev/urandom > tree/etc/b && tar cf stream.tar -C tree etc/a.pem etc/b");
    unlink(fixture_path("c.bundle"));
    FILE *tar = fopen(fixture_path("stream.tar"), "rb");
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[0], 0), 0);
    close(ends[0]);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETPIPE_SZ, 65536);
    assert_int_equal(fread(bytes, 1, sizeof bytes, tar), sizeof bytes);
    fclose(tar);
    assert_int_equal(write(ends[1], bytes, sizeof bytes), sizeof bytes);
    *writer = ends[1];
    return fixture_certsweep_start(0, "collect", "-o", fixture_path("c.bundle"), "--host", "web1", "-", NULL);
}

static bool is_asleep(pid_t process)
{
    char name[64], text[512] = "";
    snprintf(name, sizeof name, "/proc/%d/stat", (int)process);
    FILE *file = fopen(name, "r");
    if (file != NULL) {
        if (fgets(text, sizeof text, file) == NULL)
            text[0] = '\0';
        fclose(file);
    }
    return strstr(text, ") S ") != NULL;
}

/* Waits until the pipe is empty and its reader waits for more: what was written was looked into. */
static void wait_until_read(pid_t reader)
{
    int left = 1;
    for (int i = 0; i < 2000 && (left > 0 || !is_asleep(reader)); i++) {
        usleep(10000);
        ioctl(0, FIONREAD, &left);
    }
    assert_int_equal(left, 0);
}

static pid_t child_of(pid_t process)
{
    char name[64], text[256] = "";
    snprintf(name, sizeof name, "/proc/%d/task/%d/children", (int)process, (int)process);
    FILE *file = fopen(name, "r");
    if (file != NULL) {
        if (fgets(text, sizeof text, file) == NULL)
            text[0] = '\0';
        fclose(file);
    }
    return (pid_t)atoi(text);
}

static pid_t wait_for_reader(pid_t process)
{
    pid_t worker = 0, reader = 0;
    for (int i = 0; i < 2000 && reader == 0; i++) {
        usleep(10000);
        worker = fixture_worker_of(process);
        reader = worker == 0 ? 0 : child_of(worker);
    }
    assert_int_not_equal(reader, 0);
    return reader;
}

static void an_interrupt_keeps_what_was_found(void **state)
{
    static struct readings readings;
    int writer;
    (void)state;
    pid_t process = start_stalled(&writer);
    wait_until_read(wait_for_reader(process));
    kill(process, SIGINT);
    assert_int_equal(fixture_wait(process), 4);
    close(writer);
    read_bundle(&readings);
    assert_true(has(&readings, "/etc/a.pem||pem|1|0|1|0\n"));
}

/* Children of this process that are git and wait for something. */
static unsigned count_waiting_git(pid_t parent)
{
    unsigned count = 0;
    char line[512];
    FILE *list = popen("cat /proc/[0-9]*/stat 2>/dev/null", "r");
    while (fgets(line, sizeof line, list) != NULL) {
        int of = 0;
        const char *name = strstr(line, "(git) S ");
        count += name != NULL && sscanf(name + 8, "%d", &of) == 1 && of == (int)parent;
    }
    pclose(list);
    return count;
}

/* Git waits for ever at a pipe that was put among the objects after they were looked at: here so deep that nobody looks. */
static void an_interrupt_ends_git_that_waits(void **state)
{
    (void)state;
    make("git init -q tree/repo && cd tree/repo/.git/objects && d=a/b/c/d/e/f/g/h/i/j/k/info && mkdir -p $d && mkfifo $d/alternates && "
         "echo a/b/c/d/e/f/g/h/i/j/k > info/alternates");
    unlink(fixture_path("c.bundle"));
    pid_t process = fixture_certsweep_start(0, "collect", "-o", fixture_path("c.bundle"), "--host", "web1", "--git-history", fixture_path("tree"), NULL);
    wait_for_reader(process);
    for (int i = 0; i < 2000 && count_waiting_git(fixture_worker_of(process)) < 2; i++)
        usleep(10000);
    kill(process, SIGINT);
    int code = fixture_wait(process);
    assert_true(code == 4 || code == 5);
}

static void a_reader_that_dies_is_told_and_replaced(void **state)
{
    static struct readings readings;
    int writer;
    (void)state;
    pid_t process = start_stalled(&writer);
    pid_t reader = wait_for_reader(process);
    wait_until_read(reader);
    kill(reader, SIGSEGV);
    assert_int_equal(fixture_wait(process), 5);
    close(writer);
    read_bundle(&readings);
    assert_non_null(strstr(readings.text, "standard input||"));
    char *log = fixture_read(fixture_path("log"));
    assert_non_null(strstr(log, "was ended by signal"));
    free(log);
}

static int teardown(void **state)
{
    make("true");
    rmdir(fixture_path("tree"));
    return fixture_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_gives_its_certificates_and_keys),
        cmocka_unit_test(a_repository_tells_what_it_ever_held),
        cmocka_unit_test(commits_of_one_second_are_read_in_their_order),
        cmocka_unit_test(a_pipe_among_objects_stops_nothing),
        cmocka_unit_test(an_image_as_a_folder_tells_its_layers),
        cmocka_unit_test(archives_are_read_in_each_other),
        cmocka_unit_test(what_cannot_be_read_is_told_and_the_rest_is_done),
        cmocka_unit_test(what_the_user_may_not_read_is_told),
        cmocka_unit_test(a_bomb_is_told_and_costs_no_more_than_its_limit),
        cmocka_unit_test(levels_without_end_and_the_kernels_files_are_left),
        cmocka_unit_test(a_hundred_thousand_folders_in_each_other_are_left),
        cmocka_unit_test(patterns_choose_files),
        cmocka_unit_test(a_tar_on_standard_input_is_another_machine),
        cmocka_unit_test(marks_are_the_same_whichever_way_a_file_comes),
        cmocka_unit_test(a_walk_that_begins_in_a_repository_knows_it),
        cmocka_unit_test(a_plan_names_paths_and_patterns),
        cmocka_unit_test(an_interrupt_keeps_what_was_found),
        cmocka_unit_test(an_interrupt_ends_git_that_waits),
        cmocka_unit_test(a_reader_that_dies_is_told_and_replaced),
    };
    return cmocka_run_group_tests(tests, fixture_setup, teardown);
}

/* Output goes where the user said, and nowhere else: folders in which another user may create links. */
#include "tests/cmocka_all.h"
#include "tests/test_folder.h"

#include "probes/base/output_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void expect_text(const char *path, const char *text)
{
    char got[64] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    got[fread(got, 1, sizeof got - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(got, text);
}

static unsigned count_files(void)
{
    unsigned count = 0;
    DIR *dir = opendir(test_folder);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return count;
}

static bool put(const char *path, const char *text, bool whole, struct error *err)
{
    struct output_file *file = output_file_open(path, err);
    if (file == NULL)
        return false;
    assert_int_equal(write(output_file_fd(file), text, strlen(text)), strlen(text));
    return output_file_close(file, whole, err);
}

static void what_is_whole_replaces_what_was_there(void **state)
{
    struct error err = {0};
    (void)state;
    write_file(at("report"), "old");
    assert_true(put(at("report"), "half", false, &err));
    expect_text(at("report"), "old");
    assert_true(put(at("report"), "new", true, &err));
    expect_text(at("report"), "new");
    assert_int_equal(count_files(), 1);
}

/* As by a pipe whose reader has gone, in the middle of a file. */
static void a_process_that_is_killed_leaves_nothing(void **state)
{
    struct error err = {0};
    int status;
    (void)state;
    unsigned before = count_files();
    int probe = open(test_folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
    if (probe < 0)
        skip();         /* this file system cannot */
    close(probe);
    pid_t child = fork();
    if (child == 0) {
        struct output_file *file = output_file_open(at("killed"), &err);
        if (file != NULL && write(output_file_fd(file), "half", 4) == 4)
            raise(SIGKILL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(count_files(), before);
}

static void a_file_laid_where_the_partial_one_might_be_is_left_alone(void **state)
{
    struct error err = {0};
    (void)state;
    write_file(at("victim"), "mine");
    assert_int_equal(symlink(at("victim"), at("report.partial")), 0);
    assert_true(put(at("report"), "new", true, &err));
    expect_text(at("victim"), "mine");
}

static void links_of_the_caller_are_followed(void **state)
{
    struct error err = {0};
    (void)state;
    assert_int_equal(mkdir(at("real"), 0755), 0);
    assert_int_equal(symlink("real", at("linked")), 0);
    assert_int_equal(symlink("linked/report", at("latest")), 0);
    assert_true(put(at("latest"), "new", true, &err));
    expect_text(at("real/report"), "new");
    struct stat status;
    assert_int_equal(lstat(at("latest"), &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(symlink("round", at("round")), 0);
    assert_false(put(at("round"), "x", true, &err));
}

/* As in /tmp: another user has created a link with the name of root's output file, or of a folder on its path. */
static void links_of_somebody_else_are_refused(void **state)
{
    struct error err = {0};
    (void)state;
    if (geteuid() != 0)
        skip(); /* it needs two users */
    write_file(at("victim"), "mine");
    assert_int_equal(symlink(at("victim"), at("report")), 0);
    assert_int_equal(lchown(at("report"), 65534, 65534), 0);
    assert_int_equal(symlink(test_folder, at("here")), 0);
    assert_int_equal(lchown(at("here"), 65534, 65534), 0);
    assert_false(put(at("report"), "new", true, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_int_equal(output_file_stream(at("report"), O_TRUNC, 0644, &err), -1);
    assert_int_equal(output_file_stream(at("here/other"), O_TRUNC, 0644, &err), -1);
    expect_text(at("victim"), "mine");
    setenv("SUDO_UID", "65534", 1); /* the user who called sudo created them */
    assert_true(put(at("report"), "new", true, &err));
    unsetenv("SUDO_UID");
    expect_text(at("victim"), "new");
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 0777;
}

static void what_nobody_else_might_read_stays_so(void **state)
{
    static const struct {
        mode_t before, after;
    } cases[] = {{0600, 0600}, {0640, 0640}, {0644, 0644}, {0666, 0644}, {0400, 0400}};
    struct error err = {0};
    (void)state;
    mode_t mask = umask(022);
    assert_true(put(at("new"), "x", true, &err));
    assert_int_equal(mode_of(at("new")), 0644);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_file(at("report"), "old");
        assert_int_equal(chmod(at("report"), cases[i].before), 0);
        assert_true(put(at("report"), "new", true, &err));
        assert_int_equal(mode_of(at("report")), cases[i].after);
        assert_int_equal(unlink(at("report")), 0);
    }
    umask(mask);
}

/* As in /tmp: another user's pipe or file, who would read what we write. */
static void nothing_goes_where_somebody_else_reads(void **state)
{
    struct error err = {0};
    (void)state;
    if (geteuid() != 0)
        skip(); /* it needs two users */
    assert_int_equal(mkdir(at("sticky"), 0777), 0);
    assert_int_equal(chmod(at("sticky"), 01777), 0);
    assert_int_equal(mkfifo(at("sticky/pipe"), 0666), 0);
    assert_int_equal(lchown(at("sticky/pipe"), 65534, 65534), 0);
    int reader = open(at("sticky/pipe"), O_RDONLY | O_NONBLOCK);
    assert_false(put(at("sticky/pipe"), "secret", true, &err));
    assert_non_null(strstr(err.text, "another user"));
    assert_int_equal(output_file_stream(at("sticky/pipe"), O_TRUNC, 0644, &err), -1);
    write_file(at("sticky/lines"), "mine");
    assert_int_equal(lchown(at("sticky/lines"), 65534, 65534), 0);
    assert_int_equal(output_file_stream(at("sticky/lines"), O_TRUNC, 0644, &err), -1);
    expect_text(at("sticky/lines"), "mine");
    int fd = output_file_reach(at("sticky/lines"), O_RDONLY, 0);        /* a file to be read may belong to anyone */
    assert_true(fd >= 0);
    close(fd);
    close(reader);
}

static void pipes_and_devices_are_written_directly(void **state)
{
    struct error err = {0};
    char got[8] = "";
    (void)state;
    assert_true(put("/dev/null", "x", true, &err));
    assert_int_equal(mkfifo(at("pipe"), 0600), 0);
    int reader = open(at("pipe"), O_RDONLY | O_NONBLOCK);
    assert_true(put(at("pipe"), "new", true, &err));
    assert_int_equal(read(reader, got, sizeof got), 3);
    close(reader);
    int ends[2];
    char name[32];
    assert_int_equal(pipe(ends), 0);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
    assert_true(put(name, "shell", true, &err));
    assert_int_equal(read(ends[0], got, sizeof got), 5);
    close(ends[0]);
    close(ends[1]);
}

static void lines_stand_where_they_are_written(void **state)
{
    struct error err = {0};
    (void)state;
    int fd = output_file_stream(at("lines"), O_TRUNC, 0644, &err);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "one\n", 4), 4);
    expect_text(at("lines"), "one\n");
    close(fd);
    assert_int_equal(output_file_stream(at("lines"), O_EXCL, 0644, &err), -1);
    assert_non_null(strstr(err.text, "File exists"));
    assert_int_equal(output_file_stream(at("none/lines"), O_TRUNC, 0644, &err), -1);
    assert_int_equal(output_file_stream(at(""), O_TRUNC, 0644, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(what_is_whole_replaces_what_was_there),
        IN_FOLDER(a_process_that_is_killed_leaves_nothing),
        IN_FOLDER(a_file_laid_where_the_partial_one_might_be_is_left_alone),
        IN_FOLDER(links_of_the_caller_are_followed),
        IN_FOLDER(links_of_somebody_else_are_refused),
        IN_FOLDER(what_nobody_else_might_read_stays_so),
        IN_FOLDER(nothing_goes_where_somebody_else_reads),
        IN_FOLDER(pipes_and_devices_are_written_directly),
        IN_FOLDER(lines_stand_where_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

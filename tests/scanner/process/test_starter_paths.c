/* What a keeper that was taken over gets from root: what the command line names, and no name that only looks like it. */
#include "tests/cmocka_all.h"
#include "tests/test_folder.h"

#include "scanner/process/starter_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void names_of_the_command_line_are_opened_and_others_are_not(void **state)
{
    struct starter_word words[] = {{"/in/targets", false}, {"/in/captures", false}, {"/out/x.bundle", true}, {"", false}};
    const struct starter_rules rules = {.words = words, .word_count = 3};
    static const struct {
        const char *path;
        enum starter_right right;
    } cases[] = {
        {"/in/targets", STARTER_READ},
        {"/in//./targets", STARTER_READ},
        {"/in/targets2", STARTER_NONE},
        {"/in", STARTER_NONE},
        {"/in/other/../targets", STARTER_NONE},     /* ".." may lead anywhere, through a link */
        {"/in/captures/a/b.pcap", STARTER_READ},    /* below a folder that was named */
        {"/in/captures/../../etc/shadow", STARTER_NONE},
        {"/out/x.bundle", STARTER_WRITE},
        {"/out/x.bundle-wal", STARTER_WRITE},
        {"/out/x.bundle-shm", STARTER_WRITE},
        {"/out/x.bundle.2", STARTER_WRITE},         /* a capture's second slice */
        {"/out/x.bundle.2-journal", STARTER_WRITE},
        {"/out/x.bundle.follow-up", STARTER_WRITE},
        {"/out/x.bundle.follow-up.3-wal", STARTER_WRITE},
        {"/out/x.bundle/discovery.html", STARTER_WRITE},        /* were it a folder of reports */
        {"/out/x.bundle/lists.xlsx", STARTER_WRITE},
        {"/out/x.bundle/SHA256SUMS", STARTER_WRITE},
        {"/out/x.bundle/a/b.csv", STARTER_NONE},
        {"/out/x.bundle.conf", STARTER_NONE},
        {"/out/x.bundle/below", STARTER_NONE},
        {"/in/targets-wal", STARTER_WRITE},         /* a bundle to be read has side files, too */
        {"/etc/shadow", STARTER_NONE},
        {"", STARTER_NONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum starter_right right = starter_paths_right(&rules, cases[i].path);
        if (right != cases[i].right)
            fprintf(stderr, "%s: %d\n", cases[i].path, (int)right);
        assert_int_equal(right, cases[i].right);
    }
}

static void what_the_plan_names_may_be_read(void **state)
{
    (void)state;
    write_file(at("plan"), "[targets]\ntarget = @/in/list, 10.0.0.0/8\n[plan]\nscope = /in/scope.ini\n");
    const struct starter_rules rules = {.plan = at("plan")};
    assert_int_equal(starter_paths_right(&rules, "/in/list"), STARTER_READ);
    assert_int_equal(starter_paths_right(&rules, "/in/scope.ini"), STARTER_READ);
    assert_int_equal(starter_paths_right(&rules, "/in/scope"), STARTER_NONE);
    assert_int_equal(starter_paths_right(&rules, "/in"), STARTER_NONE);
    assert_int_equal(starter_paths_right(&rules, "list"), STARTER_NONE);
}

static int open_it(const struct starter_rules *rules, const char *path, int flags)
{
    int fd = -1, error = starter_paths_open(rules, path, flags, 0600, &fd);
    if (fd >= 0)
        close(fd);
    return error;
}

/* The keeper's user owns the folder: it may lay links there, and rename what root is about to open. */
static void below_our_data_no_link_is_followed(void **state)
{
    (void)state;
    assert_int_equal(mkdir(at("home"), 0700), 0);
    assert_int_equal(mkdir(at("home/bundles"), 0700), 0);
    write_file(at("secret"), "x");
    write_file(at("home/bundles/a.bundle"), "x");
    assert_int_equal(symlink(at("secret"), at("home/bundles/b.bundle")), 0);
    assert_int_equal(symlink(test_folder, at("home/bundles/up")), 0);
    char home[160], bundles[160];
    snprintf(home, sizeof home, "%s", at("home"));
    snprintf(bundles, sizeof bundles, "%s", at("home/bundles"));
    const struct starter_rules rules = {.home = home, .bundles = bundles, .uid = getuid(), .gid = getgid()};
    assert_int_equal(open_it(&rules, at("home/bundles/a.bundle"), O_RDWR), 0);
    assert_int_equal(open_it(&rules, at("home/bundles/new.bundle"), O_RDWR | O_CREAT | O_EXCL), 0);
    assert_int_equal(open_it(&rules, at("home/bundles"), O_RDONLY | O_DIRECTORY), 0);
    assert_int_equal(open_it(&rules, at("home/bundles/b.bundle"), O_RDONLY), ELOOP);
    assert_int_equal(open_it(&rules, at("home/bundles/up/secret"), O_RDONLY), ELOOP);
    assert_int_equal(open_it(&rules, at("home/bundles/../../secret"), O_RDONLY), EACCES);
    assert_int_equal(open_it(&rules, at("secret"), O_RDONLY), EACCES);
}

/* In a folder of bundles that is still root's the keeper may unlink nothing itself: bundles and the files beside them, no others. */
static void bundles_in_a_folder_of_roots_are_removed_and_nothing_else(void **state)
{
    (void)state;
    static const char *const removed[] = {"a.bundle", "a.bundle-journal", "a.bundle.2-wal", "a.bundle.follow-up"};
    static const char *const kept[] = {"passwd", "a.bundle.conf", ".bundled", "below/a.bundle"};
    char bundles[160], path[300];
    snprintf(bundles, sizeof bundles, "%s", at("bundles"));
    assert_int_equal(mkdir(bundles, 0755), 0);
    assert_int_equal(mkdir(at("bundles/below"), 0755), 0);
    const struct starter_rules rules = {.home = "/nowhere", .bundles = bundles, .uid = 65534, .gid = 65534};
    for (size_t i = 0; i < sizeof removed / sizeof removed[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", bundles, removed[i]);
        write_file(path, "x");
        assert_int_equal(starter_paths_remove(&rules, path), 0);
        assert_int_equal(access(path, F_OK), -1);
    }
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", bundles, kept[i]);
        write_file(path, "x");
        assert_int_equal(starter_paths_remove(&rules, path), EACCES);
        assert_int_equal(access(path, F_OK), 0);
    }
    write_file(at("a.bundle"), "x");                            /* outside, and through a link to the outside */
    assert_int_equal(symlink(test_folder, at("bundles/up")), 0);
    assert_int_equal(starter_paths_remove(&rules, at("a.bundle")), EACCES);
    assert_int_equal(starter_paths_remove(&rules, at("bundles/up/a.bundle")), EACCES);
    assert_int_equal(starter_paths_remove(&rules, at("bundles/../a.bundle")), EACCES);
    assert_int_equal(access(at("a.bundle"), F_OK), 0);
}

/* Named by root, but laid by the keeper's user: load /var/lib/certsweep/bundles/x.bundle. */
static void a_link_that_somebody_else_laid_leads_nowhere(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip(); /* it needs two users */
    write_file(at("secret"), "x");
    assert_int_equal(symlink(at("secret"), at("x.bundle")), 0);
    struct starter_word word = {at("x.bundle"), false};
    const struct starter_rules rules = {.words = &word, .word_count = 1};
    assert_int_equal(open_it(&rules, word.path, O_RDONLY), 0); /* root's own link */
    assert_int_equal(lchown(word.path, 65534, 65534), 0);
    assert_int_equal(open_it(&rules, word.path, O_RDONLY), EACCES);
    assert_int_equal(open_it(&rules, word.path, O_RDWR), EACCES); /* not named as output */
}

static void folders_of_our_data_are_made_and_given_away(void **state)
{
    struct stat status;
    char home[160], bundles[160];
    (void)state;
    if (geteuid() != 0)
        skip();
    snprintf(home, sizeof home, "%s", at("deep/home"));
    snprintf(bundles, sizeof bundles, "%s", at("bundles"));
    const struct starter_rules rules = {.home = home, .bundles = bundles, .uid = 65534, .gid = 65534};
    assert_int_equal(starter_paths_make(&rules, at("other")), EACCES);
    assert_int_equal(starter_paths_make(&rules, home), 0);
    assert_int_equal(stat(home, &status), 0);
    assert_int_equal(status.st_uid, 65534);
    assert_int_equal(stat(at("deep"), &status), 0);
    assert_int_equal(status.st_uid, 0);
    assert_int_equal(symlink("/etc", bundles), 0);
    assert_int_not_equal(starter_paths_make(&rules, bundles), 0);
    assert_int_equal(stat("/etc", &status), 0);
    assert_int_equal(status.st_uid, 0);
}

/* report discovery -o FOLDER/, called by root: the folder is root's, as the files in it are, and is removed again where it stayed empty. */
static void the_folder_that_is_named_as_output_is_made_and_no_other(void **state)
{
    struct stat status;
    char named[160];
    (void)state;
    snprintf(named, sizeof named, "%s/", at("november"));
    const struct starter_word words[] = {{named, true}, {at("input"), false}};
    const struct starter_rules rules = {.home = "/nowhere", .bundles = "/nowhere/bundles", .words = (struct starter_word *)(uintptr_t)words, .word_count = 2, .uid = 65534, .gid = 65534};
    assert_int_equal(starter_paths_make(&rules, at("input")), EACCES);
    assert_int_equal(starter_paths_make(&rules, at("november/below")), EACCES);
    assert_int_equal(starter_paths_make(&rules, at("x/../november")), EACCES);
    assert_int_equal(starter_paths_make(&rules, named), 0);
    assert_int_equal(stat(named, &status), 0);
    assert_int_equal(status.st_uid, geteuid());
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_int_equal(starter_paths_make(&rules, named), EEXIST);
    write_file(at("november/kept.csv"), "x");
    assert_int_not_equal(starter_paths_remove(&rules, at("november")), 0);
    assert_int_equal(unlink(at("november/kept.csv")), 0);
    assert_int_equal(starter_paths_remove(&rules, at("november")), 0);
    const struct starter_word deep = {at("none/november"), true};
    const struct starter_rules deeper = {.home = "/nowhere", .bundles = "/nowhere/bundles", .words = (struct starter_word *)(uintptr_t)&deep, .word_count = 1};
    assert_int_equal(starter_paths_make(&deeper, deep.path), ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(names_of_the_command_line_are_opened_and_others_are_not),
        IN_FOLDER(what_the_plan_names_may_be_read),
        IN_FOLDER(below_our_data_no_link_is_followed),
        IN_FOLDER(bundles_in_a_folder_of_roots_are_removed_and_nothing_else),
        IN_FOLDER(a_link_that_somebody_else_laid_leads_nowhere),
        IN_FOLDER(folders_of_our_data_are_made_and_given_away),
        IN_FOLDER(the_folder_that_is_named_as_output_is_made_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

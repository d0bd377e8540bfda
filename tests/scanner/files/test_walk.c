/* The walk over trees that change under it. */
#include "scanner/files/open_beneath.h"
#include "scanner/files/walk.h"
#include "tests/cmocka_all.h"

#include "probes/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FOLDERS 8

static char folder[64];

struct seen {
    unsigned files, outside, faults, replaced, left;
    bool swaps;
};

static char *path_of(const char *name)
{
    return xasprintf("%s/%s", folder, name);
}

static void make(const char *name, const char *text)
{
    char *path = path_of(name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    free(path);
}

static void make_folder(const char *name)
{
    char *path = path_of(name);
    assert_int_equal(mkdir(path, 0755), 0);
    free(path);
}

static int setup(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/certsweep-walk-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    char *command = xasprintf("rm -rf %s", folder);
    int code = system(command);
    free(command);
    return code;
}

/* Each folder of the tree becomes a link to the outside; a file, too. */
static void swap_all(void)
{
    char *outside = path_of("outside");
    for (int i = 0; i < FOLDERS; i++) {
        char *from = xasprintf("%s/tree/d%d", folder, i), *away = xasprintf("%s/away%d", folder, i), *file = xasprintf("%s/tree/f%d", folder, i);
        char *secret = xasprintf("%s/secret", outside);
        rename(from, away);
        assert_int_equal(symlink(outside, from), 0);
        unlink(file);
        assert_int_equal(symlink(secret, file), 0);
        free(from);
        free(away);
        free(file);
        free(secret);
    }
    free(outside);
}

static bool on_file(void *context, const struct file_status *status, int fd)
{
    struct seen *seen = context;
    char text[16] = "";
    (void)status;
    assert_true(read(fd, text, sizeof text - 1) >= 0);
    close(fd);
    seen->files++;
    seen->outside += strcmp(text, "outside") == 0;
    if (seen->swaps)
        swap_all();
    seen->swaps = false;
    return true;
}

static bool on_fault(void *context, const struct file_status *status, enum file_outcome outcome, const char *detail)
{
    struct seen *seen = context;
    assert_non_null(status->path);
    assert_true(strlen(detail) > 0);
    seen->faults++;
    seen->replaced += outcome == FILE_CHANGED;
    return true;
}

static void on_left(void *context, const char *path, const char *what)
{
    struct seen *seen = context;
    assert_non_null(strrchr(path, '/'));
    assert_true(strlen(what) > 0);
    seen->left++;
}

static void walk(const char *path, struct seen *seen)
{
    const struct walk_options options = {.git_history = false};
    const struct walk_sink sink = {.file = on_file, .fault = on_fault, .left = on_left, .context = seen};
    struct walk_counts counts = {0};
    assert_true(walk_run(path, &options, &sink, &counts));
}

/* The list of a folder is read before its entries are opened: what is a link by then is told, and not followed. */
static void a_link_that_is_put_in_place_meanwhile_is_not_followed(void **state)
{
    struct seen seen = {.swaps = true};
    (void)state;
    make_folder("outside");
    make("outside/secret", "outside");
    make_folder("tree");
    for (int i = 0; i < FOLDERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "tree/d%d", i);
        make_folder(name);
        snprintf(name, sizeof name, "tree/d%d/secret", i);
        make(name, "inside");
        snprintf(name, sizeof name, "tree/f%d", i);
        make(name, "inside");
    }
    char *tree = path_of("tree");
    walk(tree, &seen);
    assert_int_equal(seen.outside, 0);
    assert_true(seen.files >= 1);
    assert_int_equal(seen.replaced, seen.faults);
    assert_int_equal(seen.files + seen.replaced, 2 * FOLDERS);
    free(tree);
}

static void no_part_of_a_path_may_be_a_link(void **state)
{
    (void)state;
    make_folder("real");
    make("real/file", "text");
    char *link = path_of("link"), *real = path_of("real"), *through = path_of("link/file"), *direct = path_of("real/file");
    assert_int_equal(symlink(real, link), 0);
    int base = open(folder, O_RDONLY | O_DIRECTORY);
    assert_int_equal(open_beneath(base, "link/file", O_RDONLY), -1);
    assert_int_equal(errno, ELOOP);
    assert_int_equal(open_beneath(base, "../etc", O_RDONLY), -1);
    assert_int_equal(open_without_links(through, O_RDONLY), -1);
    int fd = open_beneath(base, "real/file", O_RDONLY), other = open_without_links(direct, O_RDONLY);
    assert_true(fd >= 0 && other >= 0);
    close(fd);
    close(other);
    close(base);
    struct seen seen = {.swaps = false};
    walk(link, &seen);                  /* it was a folder when the command was given */
    assert_int_equal(seen.files, 0);
    assert_int_equal(seen.faults, 1);
    free(link);
    free(real);
    free(through);
    free(direct);
}

static void sockets_pipes_and_the_kernels_files_are_left_alone(void **state)
{
    struct seen seen = {.swaps = false};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)state;
    make_folder("special");
    make("special/file", "text");
    char *pipe = path_of("special/pipe"), *special = path_of("special"), *device = path_of("special/device");
    snprintf(address.sun_path, sizeof address.sun_path, "%s/special/socket", folder);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(mkfifo(pipe, 0644), 0);
    bool has_device = mknod(device, S_IFCHR | 0644, 1 << 8 | 3) == 0;           /* as root */
    walk(special, &seen);
    assert_int_equal(seen.files, 1);
    assert_int_equal(seen.left, 2 + has_device);
    assert_int_equal(seen.faults, 0);
    walk(address.sun_path, &seen);      /* named by the user: told */
    walk(pipe, &seen);
    walk("/proc", &seen);
    walk("/proc/self/status", &seen);
    assert_int_equal(seen.files, 1);
    assert_int_equal(seen.faults, 4);
    close(fd);
    free(pipe);
    free(special);
    free(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_link_that_is_put_in_place_meanwhile_is_not_followed, setup, teardown),
        cmocka_unit_test_setup_teardown(no_part_of_a_path_may_be_a_link, setup, teardown),
        cmocka_unit_test_setup_teardown(sockets_pipes_and_the_kernels_files_are_left_alone, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

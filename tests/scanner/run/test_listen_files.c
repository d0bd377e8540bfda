/* certsweep listen over files as a user names them: folders, standard input, gzip, and files that are none;
 * what is bad is named, ends with 5 and hides nothing. */
#include "tests/cmocka_all.h"

#include "probes/base/memory.h"
#include "scanner/passive/capture/capture_folder.h"
#include "tests/scanner/passive/traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/certsweep-files-XXXXXX";

static void write_packet(void *context, const struct packet *packet)
{
    const uint32_t header[4] = {(uint32_t)(packet->time_us / 1000000), (uint32_t)(packet->time_us % 1000000),
                                (uint32_t)packet->len, (uint32_t)packet->wire_len};
    fwrite(header, sizeof header, 1, context);
    fwrite(packet->bytes, packet->len, 1, context);
}

/* One handshake with host's certificates. */
static void write_capture(const char *name, unsigned host, int64_t time_us)
{
    static const uint32_t header[6] = {0xa1b2c3d4, 0x00040002, 0, 0, 262144, 1};
    static const size_t lens[2] = {900, 800};
    char path[256], server[32], server_name[32];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(server, sizeof server, "10.0.0.%u", host);
    snprintf(server_name, sizeof server_name, "host%u.example", host);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fwrite(header, sizeof header, 1, file);
    struct traffic traffic = {.on_packet = write_packet, .context = file, .time_us = time_us, .step_us = 5};
    const struct traffic_tls tls = {.server_name = server_name,
                                    .version = 0x0303,
                                    .cipher_suite = 0xc02f,
                                    .certificate_count = 2,
                                    .certificate_lens = lens,
                                    .seed = host * 10u};
    struct traffic_tcp tcp;
    traffic_tcp_init(&tcp, &traffic, "10.0.1.1", 40000, server, 443, 1);
    traffic_handshake(&tcp, &tls);
    fclose(file);
}

static void write_text(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* In the folder, by the shell: gives the exit code; what was said lies in "out" (lines) and "log". */
static int run(const char *format, const char *arguments)
{
    char *command = xasprintf(format, folder, CERTSWEEP_PROGRAM, arguments);
    int status = system(command);
    free(command);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int listen_to(const char *arguments)
{
    return run("cd %s && rm -f *.bundle* && CERTSWEEP_BUNDLES=$PWD %s listen %s -o x.bundle --jsonl > out 2> "
               "log < /dev/null",
               arguments);
}

static size_t count_in(const char *name, const char *word)
{
    char path[256], *line = NULL;
    size_t size = 0, count = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (getline(&line, &size, file) > 0)
        count += strstr(line, word) != NULL;
    free(line);
    fclose(file);
    return count;
}

static void a_folder_stands_for_its_files(void **state)
{
    (void)state;
    assert_int_equal(listen_to("-r captures"), 0);
    assert_int_equal(count_in("out", "\"outcome\":\"certificate\""), 3);
    assert_int_equal(count_in("out", "host1.example"), 1);
    assert_int_equal(count_in("out", "host2.example"), 1);
    assert_int_equal(count_in("out", "host3.example"), 1);
    assert_int_equal(listen_to("empty captures"), 5);
    assert_int_equal(count_in("log", "empty: a folder without files"), 1);
    assert_int_equal(count_in("out", "\"outcome\":\"certificate\""), 3);
}

static void folders_are_listed_by_name_without_hidden_ones(void **state)
{
    struct path_list list = {0};
    struct error err = {0};
    char path[256];
    (void)state;
    snprintf(path, sizeof path, "%s/captures", folder);
    assert_true(capture_folder_add(&list, path, &err));
    assert_true(capture_folder_add(&list, "/nowhere/x.pcap", &err));
    assert_true(capture_folder_add(&list, "-", &err));
    assert_int_equal(list.count, 5);
    assert_non_null(strstr(list.paths[0], "captures/a.pcap"));
    assert_non_null(strstr(list.paths[1], "captures/below/b.pcap"));
    assert_non_null(strstr(list.paths[2], "captures/link.pcap"));
    assert_string_equal(list.paths[3], "/nowhere/x.pcap");
    assert_string_equal(list.paths[4], "-");
    path_list_clear(&list);
}

static void bad_files_are_named_and_hide_nothing(void **state)
{
    (void)state;
    assert_int_equal(listen_to("-r noise.pcap -r missing.pcap nothing.pcap short.pcap captures/a.pcap"), 5);
    assert_int_equal(count_in("log", "error: noise.pcap: not a capture file"), 1);
    assert_int_equal(count_in("log", "error: missing.pcap: No such file"), 1);
    assert_int_equal(count_in("log", "error: nothing.pcap: the file is empty"), 1);
    assert_int_equal(count_in("log", "error: short.pcap: "), 1);
    assert_int_equal(count_in("out", "host1.example"), 1);
    assert_int_equal(run("cd %s && rm -f *.bundle* && head -c 3000 captures/a.pcap > cut.pcap && "
                         "%s listen %s -o x.bundle 2> log",
                         "cut.pcap"),
                     5);
    assert_int_equal(count_in("log", "cut.pcap: ends inside a packet"), 1);
}

static void standard_input_may_be_packed(void **state)
{
    (void)state;
    assert_int_equal(run("cd %s && rm -f *.bundle* && gzip -c captures/a.pcap | %s listen %s -o x.bundle "
                         "--jsonl > out 2> log",
                         "-r -"),
                     0);
    assert_int_equal(count_in("out", "host1.example"), 1);
    assert_int_equal(count_in("log", "standard input: 14 packets"), 1);
}

/* What a packet says of its time is a fact of the capture, however odd. */
static void forged_times_are_told_as_they_are(void **state)
{
    (void)state;
    assert_int_equal(listen_to("forged-1970.pcap forged-2106.pcap"), 0);
    assert_int_equal(count_in("out", "\"time\":\"1970-01-01T00:00:0"), 1);
    assert_int_equal(count_in("out", "\"time\":\"2106-02-07T06:2"), 1);
}

static int make_files(void **state)
{
    char command[512];
    (void)state;
    if (mkdtemp(folder) == NULL || chdir("/") != 0)
        return -1;
    snprintf(command, sizeof command,
             "cd %s && mkdir -p captures/below captures/.hidden empty && ln -s .. captures/below/up", folder);
    if (system(command) != 0)
        return -1;
    write_capture("captures/a.pcap", 1, 1700000000000000);
    write_capture("captures/below/b.pcap", 2, 1700000001000000);
    write_capture("c.pcap", 3, 1700000002000000);
    write_capture("captures/.hidden/d.pcap", 4, 1700000003000000);
    write_capture("captures/.e.pcap", 5, 1700000003000000);
    write_capture("forged-1970.pcap", 6, 0);
    write_capture("forged-2106.pcap", 7, 4294967200000000);
    snprintf(command, sizeof command, "ln -s ../c.pcap %s/captures/link.pcap", folder);
    write_text("noise.pcap", "certainly no capture at all");
    write_text("nothing.pcap", "");
    write_text("short.pcap", "\xd4\xc3\xb2\xa1 1234");
    return system(command);
}

static int remove_files(void **state)
{
    char command[256];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_stands_for_its_files),
        cmocka_unit_test(folders_are_listed_by_name_without_hidden_ones),
        cmocka_unit_test(bad_files_are_named_and_hide_nothing),
        cmocka_unit_test(standard_input_may_be_packed),
        cmocka_unit_test(forged_times_are_told_as_they_are),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}

/* The bundle reader under forged files. Input that begins like an SQLite file is the file; any other is a list of
 * patches (3 bytes of offset, 1 byte of value) to a good bundle, which gets much deeper than noise does. */
#include "inventory/bundle/bundle_reader.h"
#include "tests/inventory/bundle/bundle_fixture.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *seed, *copy;
static size_t seed_len;
static char path[64];

static void remove_file(void)
{
    unlink(path);
}

static void seed_write(void)
{
    struct error err = {0};
    struct bundle_head head = fixture_head(BUNDLE_SCAN, "ports 443\n10.0.0.0-10.0.0.255\n", 256);
    struct bundle_writer *writer = bundle_create(path, &head, &err);
    struct fixture_chain chain;
    fixture_chain_init(&chain, 1, 2);
    uint8_t outcomes[256];
    memset(outcomes, 12, sizeof outcomes);
    struct observation o = fixture_observation(1, &chain);
    struct sighting sighting = {.hour_us = 1, .first_us = 1, .last_us = 2, .count = 1, .seen = o};
    struct posture_fact fact = {.endpoint = o.endpoint, .item = "tls10", .value = "refused", .detail = ""};
    struct block_result block = {.count = 256, .outcomes = outcomes};
    struct name_result name = {.line = 1, .name = "x.example", .outcome = OUTCOME_DNS_FAILED, .detail = "nxdomain"};
    const struct file_certificate certificate = {.der = chain.ders[0], .offset = 1, .label = "x"};
    const struct file_key key = {.kind = FILE_KEY_PRIVATE, .spki_sha256 = outcomes, .algorithm = "RSA", .bits = 2048};
    const struct file_use use = {.service = "nginx", .directive = "ssl_certificate", .path = "/x", .line = 1};
    const struct file_reading file = {.host = "h", .path = "/x", .inside = "y", .kind = "pem", .outcome = FILE_READ, .detail = "",
                                      .certificates = &certificate, .certificate_count = 1, .keys = &key, .key_count = 1,
                                      .uses = &use, .use_count = 1};
    const struct file_root root = {.host = "h", .path = "/", .settings = "", .is_complete = true, .to_us = 1};
    bool ok = writer != NULL && bundle_add_file(writer, &file, &err) && bundle_add_file_root(writer, &root, &err) &&
              bundle_add_observation(writer, &o, &err) &&
              bundle_add_sighting(writer, &sighting, &err) && bundle_add_posture(writer, &fact, &err) &&
              bundle_finish_block(writer, &block, &err) && bundle_finish_name(writer, &name, &err) &&
              bundle_add_counter(writer, "x", 1, &err) && bundle_add_target_line(writer, 1, "x.example", &err) &&
              bundle_seal(writer, &err);
    if (!ok) {
        fprintf(stderr, "no seed: %s\n", err.text);
        exit(1);
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    snprintf(path, sizeof path, "/dev/shm/certsweep-fuzz-%d.bundle", (int)getpid());
    atexit(remove_file);
    seed_write();
    FILE *file = fopen(path, "rb");
    seed = malloc(1u << 20);
    copy = malloc(1u << 20);
    if (file == NULL || seed == NULL || copy == NULL)
        exit(1);
    seed_len = fread(seed, 1, 1u << 20, file);
    fclose(file);
    return 0;
}

static void file_write(const uint8_t *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= 15 && memcmp(data, "SQLite format 3", 15) == 0)
        file_write(data, size);
    else {
        memcpy(copy, seed, seed_len);
        for (size_t i = 0; i + 4 <= size; i += 4)
            copy[((size_t)data[i] << 16 | (size_t)data[i + 1] << 8 | data[i + 2]) % seed_len] = data[i + 3];
        file_write(copy, seed_len);
    }
    struct bundle_reader *reader = bundle_reader_open(path, NULL);
    if (reader != NULL)
        bundle_reader_check(reader, NULL, NULL);
    bundle_reader_close(reader);
    return 0;
}

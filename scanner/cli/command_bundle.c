/* certsweep bundle check, seal: the file itself, without a database. */
#include "inventory/bundle/bundle_reader.h"
#include "probes/base/clean_text.h"
#include "probes/base/clock.h"
#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "scanner/cli/command.h"

#include <inttypes.h>
#include <stdio.h>

static const char *seal_name(enum bundle_seal_state state)
{
    switch (state) {
    case BUNDLE_SEALED: return "sealed";
    case BUNDLE_SEALED_PARTIAL: return "sealed by hand, rows may be missing";
    case BUNDLE_UNSEALED: break;
    }
    return "open (its -wal must travel with it)";
}

static void print_account(const struct bundle_reader *reader, const struct bundle_account *a)
{
    static const char *const kinds[] = {"?", "scan", "capture", "files", "import"};
    const struct bundle_head *head = bundle_reader_head(reader);
    char started[CLOCK_TEXT_SIZE];
    clock_format_us(head->started_us, started);
    clean_text_print(stdout, "%s: good\n", bundle_reader_path(reader));
    clean_text_print(stdout, "  %s %s of site %s, started %s, %s\n", kinds[head->kind], head->scan_id, head->site, started,
                     seal_name(bundle_reader_seal(reader)));
    if (head->space_size > 0)
        printf("  shard %" PRIu32 " of %" PRIu32 ", %" PRId64 " of %" PRIu64 " blocks finished\n", head->shard,
               head->shard_count, a->blocks, (head->space_size + BLOCK_POSITIONS - 1) / BLOCK_POSITIONS);
    printf("  %s, %s, %s in %s\n", COUNTED(a->observations, "observation"), COUNTED(a->sightings, "sighting"),
           COUNTED(a->certificates, "certificate"), COUNTED(a->chains, "chain"));
}

static int run_check(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0}, first = {0};
    if (argument_count(options) == 0)
        error_set(&first, ERROR_USAGE, "certsweep bundle check needs a FILE");
    for (size_t i = 0; i < argument_count(options); i++) {
        struct bundle_account account;
        struct bundle_reader *reader = bundle_reader_open(argument_at(options, i), &err);
        if (reader != NULL && bundle_reader_check(reader, &account, &err))
            print_account(reader, &account);
        else {
            if (first.kind != ERROR_NONE)
                log_error("%s", first.text);
            first = err;
        }
        bundle_reader_close(reader);
    }
    return first.kind == ERROR_NONE ? 0 : command_fail(&first);
}

static int run_seal(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    bool ok = argument_count(options) == 1 || error_set(&err, ERROR_USAGE, "certsweep bundle seal needs one FILE");
    ok = ok && bundle_seal_file(argument_at(options, 0), option_given(options, "partial"), &err);
    if (!ok)
        return command_fail(&err);
    clean_text_print(stdout, "%s: sealed\n", argument_at(options, 0));
    return 0;
}

static const struct option_spec seal_options[] = {
    {"partial", 0, NULL, "Seal it also where its -wal is gone: rows may be missing, and the seal says so for ever.", false,
     false},
    {NULL, 0, NULL, NULL, false, false},
};

const struct command command_bundle[] = {
    {"bundle check", "FILE...", "read a bundle whole and say what is in it",
     "Every row is read as foreign input: schema, types, bounds, references, and the SHA-256 of each certificate. Nothing "
     "is changed.",
     NULL, NULL, run_check},
    {"bundle seal", "FILE", "close a bundle that its scan left open",
     "A killed scan leaves an open bundle: the file and its -wal. Sealed it is one file that can be carried. A scan that "
     "is to go on (--resume) must not be sealed.",
     seal_options, NULL, run_seal},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};

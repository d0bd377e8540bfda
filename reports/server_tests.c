/* The list of all server tests. Its rows are judged here, by the same functions as a test on the terminal, from facts that the
 * inventory keeps: so a letter follows today's roots, dates and guide, and not those of the day of the test. */
#include "inventory/server_test/changes.h"
#include "inventory/server_test/kept/kept_judgement.h"
#include "inventory/server_test/kept/kept_tests.h"
#include "probes/base/byte_buffer.h"
#include "probes/base/clock.h"
#include "probes/base/memory.h"
#include "reports/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum column {
    SITE, ADDRESS, PORT, SERVER_NAME, PROTOCOL, GRADE, GRADE_TRUSTED, CAPS, VERSIONS, SUITES, FORWARD_SECRECY, POST_QUANTUM, WEAK, POTENTIAL,
    MODERN, INTERMEDIATE, OLD, SP800_52, BROKEN_RULES, CERTIFICATE, NOT_AFTER, TRUSTED, NAME_MATCHES, REVOCATION, UNTESTED, CHANGES, TESTED_AT,
    CONNECTIONS, ASKED_BY, OWNER, COLUMNS,
};

struct stream {
    struct kept_stores stores;
    bool (*on_row)(void *context, const char *const *values);
    void *context;
};

/* The values of a row, concatenated; offset 0 is "no value". */
struct row {
    struct byte_buffer text;
    size_t at[COLUMNS];
};

static void set(struct row *row, enum column column, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    row->at[column] = byte_buffer_len(&row->text);
    byte_buffer_append(&row->text, value, strlen(value) + 1);
}

static void set_number(struct row *row, enum column column, long long value)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", value);
    set(row, column, text);
}

/* A list is extended line by line, so it must be the last value until it is complete. */
static void add_line(struct row *row, enum column column, const char *line)
{
    if (row->at[column] == 0) {
        set(row, column, line);
        return;
    }
    row->text.bytes[byte_buffer_len(&row->text) - 1] = '\n';
    byte_buffer_append(&row->text, line, strlen(line) + 1);
}

static void set_time(struct row *row, enum column column, int64_t us)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format_us(us, text);
    set(row, column, text);
}

static void fill_place(struct row *row, const struct kept_test *test)
{
    char address[ADDRESS_TEXT_SIZE];
    address_format(&test->facts.endpoint.address, address);
    set(row, SITE, test->site);
    set(row, ADDRESS, address);
    set_number(row, PORT, test->facts.endpoint.port);
    set(row, SERVER_NAME, test->facts.endpoint.server_name);
    set(row, PROTOCOL, test->facts.protocol);
    set_time(row, TESTED_AT, test->facts.began_us);
    set_number(row, CONNECTIONS, test->facts.connections);
    set(row, ASKED_BY, test->plan[0] == '\0' ? test->scan : test->plan);
    set(row, OWNER, test->owner);
}

static void fill_grade(struct row *row, const struct server_judgement *judgement)
{
    const struct grade *grade = &judgement->grade;
    set(row, GRADE, grade->is_known ? grade->letter : NULL);
    set(row, GRADE_TRUSTED, grade->is_known ? grade->letter_trusted : NULL);
    char untested[sizeof grade->untested + 32];
    bool is_several = server_accepts(judgement->facts, "several");
    snprintf(untested, sizeof untested, "%s%s%s", grade->untested, is_several && grade->untested[0] != '\0' ? " " : "", is_several ? "several" : "");
    set(row, UNTESTED, untested);
    for (size_t i = 0; i < grade->cap_count; i++) {
        char line[160];
        snprintf(line, sizeof line, "%s: %s", grade->caps[i].letter, grade->caps[i].fact);
        add_line(row, CAPS, line);
    }
    for (enum weakness_state state = WEAKNESS_POTENTIAL; state <= WEAKNESS_YES; state++)
        for (size_t i = 0; i < judgement->weakness_count; i++)
            if (judgement->weaknesses[i].state == state)
                add_line(row, state == WEAKNESS_YES ? WEAK : POTENTIAL, judgement->weaknesses[i].name);
    static const enum column columns[] = {MODERN, INTERMEDIATE, OLD, SP800_52};
    size_t first = judgement->profile_count != 0 && strcmp(judgement->profiles[0].name, "policy") == 0;
    for (size_t i = 0; first + i < judgement->profile_count && i < sizeof columns / sizeof columns[0]; i++)
        set(row, columns[i], judgement->profiles[first + i].failed != 0 ? "fails" : judgement->profiles[first + i].untested != 0 ? "not tested" : "passes");
    for (size_t i = 0; first == 1 && i < judgement->profiles[0].fault_count; i++)
        add_line(row, BROKEN_RULES, judgement->profiles[0].faults[i].text);
}

static void fill_facts(struct row *row, const struct server_facts *facts)
{
    size_t at = 0;
    uint16_t version;
    bool any = false, has_secrecy = false;
    const struct tls_suite *suite;
    for (size_t i = SERVER_VERSIONS; i-- > 0;)
        if (server_accepts(facts, server_versions[i].item))
            add_line(row, VERSIONS, server_versions[i].title);
    while ((suite = server_suites_next(facts, &at, &version)) != NULL) {
        char line[128];
        any = true;
        has_secrecy |= tls_suite_has_forward_secrecy(suite);
        snprintf(line, sizeof line, "%s %s", tls_version_name(version), suite->name);
        add_line(row, SUITES, line);
    }
    if (any)
        set(row, FORWARD_SECRECY, has_secrecy ? "yes" : "no");
    set(row, POST_QUANTUM, server_value(facts, "hybrid_groups"));
    set(row, REVOCATION, server_value(facts, "known:revocation"));
}

static void fill_certificate(struct row *row, const struct server_judgement *judgement)
{
    const struct server_chain *chain = server_usual_chain(judgement->facts);
    if (chain == NULL || chain->count == 0)
        return;
    const struct cert *leaf = chain->certs[0];
    set(row, CERTIFICATE, leaf->subject);
    if (leaf->state[CERT_NOT_AFTER] == FIELD_PRESENT)
        set_time(row, NOT_AFTER, leaf->not_after * 1000000);
    set(row, TRUSTED, judgement->chain.is_trusted_public ? "public" : judgement->chain.is_trusted_other ? "own root" : "no");
    set(row, NAME_MATCHES, judgement->chain.name_matches ? "yes" : "no");
}

static void fill_changes(struct row *row, const struct kept_test *test, const struct server_judgement *judgement,
                         const struct kept_stores *stores)
{
    if (!test->has_before)
        return;
    struct server_judgement *before = xcalloc(1, sizeof *before);
    struct server_change *changes;
    kept_test_judge(&test->before, stores, before);
    size_t count = server_changes(before, judgement, &changes);
    for (size_t i = 0; i < count; i++) {
        char line[288];
        snprintf(line, sizeof line, "%s: %s, was %s", changes[i].what, changes[i].after, changes[i].before);
        add_line(row, CHANGES, line);
    }
    free(changes);
    free(before);
}

static bool on_test(void *context, const struct kept_test *test)
{
    struct stream *stream = context;
    struct row row = {0};
    struct server_judgement *judgement = xcalloc(1, sizeof *judgement);
    const char *values[COLUMNS];
    kept_test_judge(&test->facts, &stream->stores, judgement);
    byte_buffer_init(&row.text, 0);
    byte_buffer_append(&row.text, "", 1);
    fill_place(&row, test);
    fill_grade(&row, judgement);
    fill_facts(&row, &test->facts);
    fill_certificate(&row, judgement);
    fill_changes(&row, test, judgement, &stream->stores);
    for (size_t i = 0; i < COLUMNS; i++)
        values[i] = row.at[i] == 0 ? NULL : (const char *)row.text.bytes + row.at[i];
    bool goes_on = stream->on_row(stream->context, values);
    byte_buffer_clear(&row.text);
    free(judgement);
    return goes_on;
}

static bool write_rows(const struct report_options *options, struct db *db, bool (*on_row)(void *, const char *const *), void *context,
                       struct error *err)
{
    struct stream stream = {.on_row = on_row, .context = context};
    struct kept_filter filter = {.site = options->site, .narrowed = options->filter};
    bool ok = options->sort == NULL ||
              error_set(err, ERROR_USAGE, "--sort: report server-tests is in the order of addresses; sort its CSV");
    ok = ok && kept_stores_read(db, &stream.stores, err) && kept_tests_each(db, &filter, on_test, &stream, err);
    kept_stores_clear(&stream.stores);
    return ok;
}

const struct report report_server_tests = {
    .name = "server-tests",
    .title = "Server tests",
    .question = "The last server test of each endpoint: letter, what caps it, every version and suite accepted, weaknesses, profiles, "
                "what changed since the test before (PCI DSS 12.3.3).",
    .rows = write_rows,
    .none = "No endpoint was tested: certsweep scan --depth deep, or certsweep test --keep.",
    .next = "certsweep report server-tests --format csv -o server-tests.csv",
    .columns =
        {
            {"site", "Site", COLUMN_TEXT, true, false},
            {"address", "Address", COLUMN_PLACE, false, false},
            {"port", "Port", COLUMN_NUMBER, false, false},
            {"server_name", "Name asked", COLUMN_TEXT, false, false},
            {"protocol", "Protocol", COLUMN_TEXT, false, false},
            {"grade", "Grade", COLUMN_TEXT, false, false},
            {"grade_if_trusted", "If trusted", COLUMN_TEXT, false, false},
            {"caps", "Because", COLUMN_LIST, false, false},
            {"versions", "Versions", COLUMN_LIST, false, false},
            {"suites", "Suites", COLUMN_LIST, true, false},
            {"forward_secrecy", "Forward secrecy", COLUMN_TEXT, true, false},
            {"post_quantum", "Post-quantum", COLUMN_TEXT, true, false},
            {"weaknesses", "Weaknesses", COLUMN_LIST, false, false},
            {"potential", "Potential ones", COLUMN_LIST, true, false},
            {"modern", "Mozilla modern", COLUMN_TEXT, true, false},
            {"intermediate", "Mozilla intermediate", COLUMN_TEXT, true, false},
            {"old", "Mozilla old", COLUMN_TEXT, true, false},
            {"sp800_52", "SP 800-52", COLUMN_TEXT, true, false},
            {"broken_rules", "Broken rules", COLUMN_LIST, true, false},
            {"certificate", "Certificate", COLUMN_TEXT, true, false},
            {"not_after", "Valid until", COLUMN_TIME, true, false},
            {"trusted", "Trusted", COLUMN_TEXT, true, false},
            {"name_matches", "Name matches", COLUMN_TEXT, true, false},
            {"revocation", "Revocation", COLUMN_TEXT, true, false},
            {"untested", "Untested", COLUMN_TEXT, true, false},
            {"changes", "Changed", COLUMN_LIST, true, false},
            {"tested_at", "Tested", COLUMN_TIME, false, false},
            {"connections", "Connections", COLUMN_COUNT, true, false},
            {"asked_by", "Asked by", COLUMN_TEXT, true, false},
            {"owner", "Owner", COLUMN_TEXT, false, false},
        },
};

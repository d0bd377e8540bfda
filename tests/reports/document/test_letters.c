/* Letters and calendars of owners, and evidence: no other owner's row, events that change and end, a folder that shows each
 * change made to it. */
#include "inventory/managed/decisions.h"
#include "inventory/owners/owner_rules.h"
#include "inventory/store/db.h"
#include "inventory/verdicts/reconcile.h"
#include "inventory_owners_sql.h"
#include "probes/base/memory.h"
#include "reports/document/split.h"
#include "reports/evidence/evidence.h"
#include "reports/notices/notices.h"
#include "reports/report.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/inventory_fixture.h"
#include "tests/inventory/store/test_cluster.h"
#include "tests/reports/document/world.h"

#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char work[] = "/tmp/certsweep-letters.XXXXXX";

static int setup(void **state)
{
    return mkdtemp(work) == NULL ? -1 : world_setup(state);
}

static int teardown(void **state)
{
    char *command = xasprintf("rm -rf %s", work);
    int status = system(command);
    free(command);
    return test_cluster_teardown(state) != 0 || status != 0 ? -1 : 0;
}

/* Long lines of a calendar are folded (RFC 5545, 3.1). */
static void unfold(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0';)
        if (strncmp(from, "\r\n ", 3) == 0)
            from += 3;
        else
            *to++ = *from++;
    *to = '\0';
}

static char *read_text(const char *folder, const char *name)
{
    char *path = xasprintf("%s/%s/%s", work, folder, name), *text = xcalloc(1, 1 << 20);
    FILE *in = fopen(path, "r");
    if (in == NULL)
        fail_msg("%s is not there", path);
    size_t got = fread(text, 1, (1 << 20) - 1, in);
    text[got] = '\0';
    if (strstr(name, ".ics") != NULL)
        unfold(text);
    fclose(in);
    free(path);
    return text;
}

/* The number behind a label, as "2580" or "2,580"; -1: there is none. */
static long long number_behind(const char *text, const char *label)
{
    const char *at = strstr(text, label);
    if (at == NULL)
        return -1;
    long long number = 0;
    for (at += strlen(label); (*at >= '0' && *at <= '9') || *at == ','; at++)
        number = *at == ',' ? number : number * 10 + *at - '0';
    return number;
}

static size_t count_files(const struct folder *folder, const char *ending)
{
    size_t count = 0;
    for (size_t i = 0; i < folder_count(folder); i++)
        count += strcmp(strchr(folder_name(folder, i), '.'), ending) == 0;
    return count;
}

static bool is_there(const char *folder, const char *name)
{
    char *path = xasprintf("%s/%s/%s", work, folder, name);
    bool is_found = access(path, F_OK) == 0;
    free(path);
    return is_found;
}

static struct folder *written_letters(struct db *db, const char *name, bool is_replay, size_t *owners)
{
    struct error err = {0};
    char *path = xasprintf("%s/%s", work, name);
    struct folder *folder = folder_open(path, &err);
    const struct document_options options = {.title = {.answer_to = "desk@tech.example.gov"}, .written_by = "x", .is_replay = is_replay};
    if (folder == NULL || !split_write(&options, db, folder, owners, &err))
        fail_msg("%s", err.text);
    free(path);
    return folder;
}

static void write_letters_of(struct db *db, const char *name, bool is_replay)
{
    size_t owners = 0;
    struct folder *folder = written_letters(db, name, is_replay, &owners);
    assert_int_equal(owners, WORLD_OWNERS);
    assert_int_equal(count_files(folder, ".html"), WORLD_OWNERS + 1);
    assert_int_equal(count_files(folder, ".csv"), 2 * WORLD_OWNERS);
    assert_int_equal(count_files(folder, ".ics"), is_replay ? 0 : test_number(db, "SELECT count(DISTINCT owner) FROM calendar_event e WHERE is_cancelled AND owner <> '' AND "
                                                                                 "NOT EXISTS (SELECT FROM owner_basis b WHERE b.owner = e.owner)") + WORLD_OWNERS);
    for (size_t i = 0; i < folder_count(folder); i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(folder_name(folder, i), folder_name(folder, k));
    folder_close(folder);
}

static void write_letters(struct db *db, const char *name)
{
    write_letters_of(db, name, false);
}

static void letters_as_of_another_day_change_no_event(void **state)
{
    struct test_cluster *cluster = *state;
    write_letters_of(cluster->db, "replay", true);
    char *text = read_text("replay", "department-of-revenue.html"), *index = read_text("replay", "index.html");
    assert_null(strstr(text, ".ics"));
    assert_null(strstr(index, ".ics"));
    assert_non_null(strstr(index, "No calendars"));
    free(index);
    assert_int_equal(test_number(cluster->db, "SELECT count(*) FROM calendar_event"), 0);
    free(text);
}

static void an_owner_reads_of_nobody_else(void **state)
{
    static const char *const files[] = {"parks-service.html", "parks-service.csv", "parks-service-certificates.csv", "parks-service.ics"};
    static const char *const others[] = {"revenue", "health", "transport", "courts", "Revenue", "Health", "Transport", "Courts"};
    struct test_cluster *cluster = *state;
    write_letters(cluster->db, "first");
    for (size_t i = 0; i < 4; i++) {
        char *text = read_text("first", files[i]);
        assert_non_null(strstr(text, "parks"));
        for (size_t k = 0; k < sizeof others / sizeof others[0]; k++)
            if (strstr(text, others[k]) != NULL)
                fail_msg("%s stands in %s", others[k], files[i]);
        free(text);
    }
    char *index = read_text("first", "index.html");
    assert_non_null(strstr(index, "parks-service.html"));
    assert_non_null(strstr(index, "department-of-revenue.ics"));
    free(index);
}

/* SEQUENCE and STATUS of the event whose summary ends in this name. */
static void find_event(const char *folder, const char *file, const char *name, char uid[80], int *sequence, bool *is_cancelled)
{
    char *text = read_text(folder, file), *summary = strstr(text, name);
    if (summary == NULL)
        fail_msg("no %s in %s", name, text);
    char *begin = text;
    for (char *at = text; (at = strstr(at, "BEGIN:VEVENT")) != NULL && at < summary; at++)
        begin = at;
    assert_int_equal(sscanf(strstr(begin, "UID:"), "UID:%79s", uid), 1);
    assert_int_equal(sscanf(strstr(begin, "SEQUENCE:"), "SEQUENCE:%d", sequence), 1);
    const char *status = strstr(begin, "STATUS:");
    *is_cancelled = strncmp(status, "STATUS:CANCELLED", 16) == 0;
    free(text);
}

static void a_calendar_changes_and_ends_its_events(void **state)
{
    struct test_cluster *cluster = *state;
    char uid[3][80];
    int sequence[3];
    bool is_cancelled[3];
    struct error err = {0};
    char *text = read_text("first", "department-of-revenue.ics");
    assert_null(strstr(text, "DESCRIPTION:Certificate\r\n"));          /* a reminder says of what */
    assert_non_null(strstr(text, "TRIGGER:-P1D\r\nDESCRIPTION:Certificate due: "));
    free(text);
    find_event("first", "department-of-revenue.ics", "payments.revenue.example.gov", uid[0], &sequence[0], &is_cancelled[0]);
    write_letters(cluster->db, "second");
    find_event("second", "department-of-revenue.ics", "payments.revenue.example.gov", uid[1], &sequence[1], &is_cancelled[1]);
    assert_string_equal(uid[0], uid[1]);
    assert_int_equal(sequence[0], sequence[1]);         /* nothing new: the same event */
    assert_false(is_cancelled[1]);
    fixture_sql(cluster->db, "UPDATE answer_span SET closed_at = now() FROM chain c, certificate_own o WHERE c.id = chain AND o.certificate = c.leaf "
                             "AND o.common_names[1] = 'payments.revenue.example.gov'");
    fixture_sql(cluster->db, "UPDATE endpoint_now SET chains = '{}', leafs = '{}', gone_at = now() WHERE leafs && (SELECT array_agg(certificate) "
                             "FROM certificate_own WHERE common_names[1] = 'payments.revenue.example.gov')");
    fixture_sql(cluster->db, "DELETE FROM managed_location; UPDATE managed_record SET valid_to = now() WHERE sha256 = (SELECT sha256 FROM certificate c "
                             "JOIN certificate_own o ON o.certificate = c.id WHERE o.common_names[1] = 'payments.revenue.example.gov')");
    if (!reconcile_run(cluster->db, &(struct reconcile_options){.as_of_us = RECONCILE_NOW, .everything = true}, NULL, &err))
        fail_msg("%s", err.text);
    write_letters(cluster->db, "third");
    find_event("third", "department-of-revenue.ics", "payments.revenue.example.gov", uid[2], &sequence[2], &is_cancelled[2]);
    assert_string_equal(uid[0], uid[2]);
    assert_true(sequence[2] > sequence[1]);
    assert_true(is_cancelled[2]);
}

/* What is overdue stands on the day of the letter, where a calendar shows it, and rings on that day; the next day it is the same event, changed. */
static void what_is_overdue_rings_today(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    char *today = test_rows(db, "SELECT to_char(today, 'YYYYMMDD') FROM report_today"), *since = test_rows(db, "SELECT 'OVERDUE since ' || to_char(t.ask_by, 'FMDD Mon YYYY') || "
                            "': Certificate due: efile.revenue' FROM renewal_term t JOIN certificate_now n USING (certificate) WHERE n.name = 'efile.revenue.example.gov'");
    today[8] = since[strcspn(since, "\n|")] = '\0';
    write_letters(db, "overdue");
    char *text = read_text("overdue", "department-of-revenue.ics"), *event = strstr(text, since), uid[2][80];
    int sequence[2];
    bool is_cancelled;
    if (event == NULL)
        fail_msg("no %s in %s", since, text);
    while (strncmp(event, "BEGIN:VEVENT", 12) != 0)
        event--;
    *strstr(event, "END:VEVENT") = '\0';
    char *starts = strstr(event, "DTSTART;VALUE=DATE:");
    assert_int_equal(strncmp(starts + 19, today, 8), 0);
    assert_non_null(strstr(event, "TRIGGER:PT9H\r\n"));
    assert_null(strstr(event, "TRIGGER:-P"));
    assert_int_equal(test_number(db, "SELECT count(*) FROM calendar_event CROSS JOIN report_today WHERE NOT is_cancelled AND day < today"), 0);
    char *before = read_text("overdue", "department-of-revenue.ics");
    write_letters(db, "overdue");
    char *again = read_text("overdue", "department-of-revenue.ics");
    assert_string_equal(before, again);
    find_event("overdue", "department-of-revenue.ics", "efile.revenue", uid[0], &sequence[0], &is_cancelled);
    fixture_sql(db, "UPDATE calendar_event SET day = day - 1 WHERE overdue_since IS NOT NULL");          /* as written yesterday */
    write_letters(db, "overdue");
    find_event("overdue", "department-of-revenue.ics", "efile.revenue", uid[1], &sequence[1], &is_cancelled);
    assert_string_equal(uid[0], uid[1]);
    assert_int_equal(sequence[0] + 1, sequence[1]);
    free(today);
    free(since);
    free(text);
    free(before);
    free(again);
}

/* What a calendar has read of a day to come would win against the next file of today: there is none, and the events stay. */
static void a_day_to_come_has_no_calendar(void **state)
{
    static const char kept[] = "SELECT sum(('x' || substr(md5(e::text), 1, 8))::bit(32)::bigint) FROM calendar_event e";
    struct test_cluster *cluster = *state;
    struct error err = {0};
    write_letters(cluster->db, "today");
    int64_t before = test_number(cluster->db, kept);
    if (!reconcile_run(cluster->db, &(struct reconcile_options){.as_of_us = ((int64_t)time(NULL) + 20 * 86400) * 1000000}, NULL, &err))
        fail_msg("%s", err.text);
    write_letters_of(cluster->db, "today", true);
    assert_false(is_there("today", "department-of-transport.ics"));     /* nor that of today beside letters of that day */
    assert_int_equal(test_number(cluster->db, kept), before);
    if (!reconcile_run(cluster->db, NULL, NULL, &err))
        fail_msg("%s", err.text);
}

/* Everything is the Department of Revenue's, and has no finding; put back by leave_one_owner(). */
static void keep_one_owner(struct db *db)
{
    fixture_sql(db, "CREATE TEMP TABLE findings_before AS SELECT * FROM finding; CREATE TEMP TABLE events_before AS SELECT * FROM calendar_event; DELETE FROM calendar_event; DELETE FROM finding; "
                    "CREATE TEMP TABLE judged_before_this AS SELECT * FROM endpoint_judged; CREATE TEMP TABLE now_before AS SELECT certificate, owner_basis FROM certificate_now; "
                    "UPDATE endpoint_judged SET owner_basis = b.id FROM (SELECT min(id) AS id FROM owner_basis WHERE owner = 'Department of Revenue') b; "
                    "UPDATE certificate_now SET owner_basis = b.id FROM (SELECT min(id) AS id FROM owner_basis WHERE owner = 'Department of Revenue') b");
}

static void leave_one_owner(struct db *db)
{
    fixture_sql(db, "DELETE FROM finding; INSERT INTO finding SELECT * FROM findings_before; DELETE FROM calendar_event; INSERT INTO calendar_event SELECT * FROM events_before; "
                    "DELETE FROM endpoint_judged; INSERT INTO endpoint_judged SELECT * FROM judged_before_this; "
                    "UPDATE certificate_now n SET owner_basis = b.owner_basis FROM now_before b WHERE b.certificate = n.certificate; "
                    "DROP TABLE findings_before, events_before, judged_before_this, now_before");
}

/* Twenty that the same rule is about on one day are one event, which keeps its UID while it shrinks and is cancelled at its end. */
static void many_of_a_day_are_one_event(void **state)
{
    struct test_cluster *cluster = *state;
    static const char *const left[] = {"", " WHERE certificate > (SELECT min(certificate) FROM certificate_now WHERE is_leaf AND place_count > 0 AND ends_at > now() + interval '100 days')", " WHERE false"};
    char uid[3][80];
    int sequence[3];
    bool is_cancelled[3];
    keep_one_owner(cluster->db);
    for (size_t i = 0; i < 3; i++) {
        char *sql = xasprintf("DELETE FROM finding; INSERT INTO finding SELECT f.* FROM (SELECT n.certificate, 0, 'K02', m.rule_version, 2, '{}'::jsonb, m.since, NULL::timestamptz FROM certificate_now n, "
                              "(SELECT * FROM findings_before LIMIT 1) m WHERE n.is_leaf AND n.place_count > 0 AND n.ends_at > now() + interval '100 days') f (certificate)%s", left[i]);
        fixture_sql(cluster->db, sql);
        free(sql);
        folder_close(written_letters(cluster->db, "many", false, NULL));
        assert_true(i == 2 || test_number(cluster->db, "SELECT count(*) FROM calendar_event WHERE NOT is_cancelled") < 12);
        find_event("many", "department-of-revenue.ics", "certificates due: ", uid[i], &sequence[i], &is_cancelled[i]);
    }
    assert_string_equal(uid[0], uid[1]);
    assert_string_equal(uid[0], uid[2]);
    assert_true(sequence[0] < sequence[1] && sequence[1] < sequence[2]);
    assert_false(is_cancelled[0] || is_cancelled[1]);
    assert_true(is_cancelled[2]);
    leave_one_owner(cluster->db);
}

/* So many certificates have a finding since 28 days, which has 30; letters are written. Tells the events that are live, and all there ever were. */
static void expect_events(struct db *db, int findings, int live, int all)
{
    char *sql = xasprintf("DELETE FROM finding; INSERT INTO finding SELECT n.certificate, 0, 'K02', m.rule_version, 2, '{}'::jsonb, m.since, NULL FROM certificate_now n, "
                          "(SELECT rule_version, (SELECT min(as_of) FROM day_before) - interval '28 days' AS since FROM findings_before LIMIT 1) m "
                          "WHERE n.is_leaf AND n.place_count > 0 AND n.ends_at > now() + interval '100 days' ORDER BY n.certificate LIMIT %d", findings);
    fixture_sql(db, sql);
    free(sql);
    folder_close(written_letters(db, "days", false, NULL));
    static const char of_rule[] = "SELECT count(*) FROM calendar_event WHERE owner = 'Department of Revenue' AND description LIKE 'K02%%'%s";
    for (int i = 0; i < 2; i++) {
        sql = xasprintf(of_rule, i == 0 ? " AND NOT is_cancelled" : "");
        if (test_number(db, sql) != (i == 0 ? live : all))
            fail_msg("%d findings: %lld events for %d, %s", findings, (long long)test_number(db, sql), i == 0 ? live : all, i == 0 ? "live" : "in all");
        free(sql);
    }
}

/* Whatever comes and goes, day by day: an event is made or cancelled where something is new or settled, or the day is over, never by a count alone. */
static void a_busy_day_does_not_fall_apart(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const char next_day[] = "UPDATE reconcile_run SET as_of = as_of + interval '1 day' WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay)";
    fixture_sql(db, "CREATE TEMP TABLE day_before AS SELECT as_of FROM report_as_of");
    keep_one_owner(db);
    expect_events(db, 12, 12, 12);
    expect_events(db, 13, 1, 13);               /* the twelve are taken back */
    char *uid = test_rows(db, "SELECT uid FROM calendar_event WHERE NOT is_cancelled AND description LIKE 'K02%'");
    expect_events(db, 12, 1, 13);
    expect_events(db, 13, 1, 13);
    fixture_sql(db, next_day);
    expect_events(db, 5, 1, 13);
    expect_events(db, 1, 1, 13);
    expect_events(db, 12, 1, 13);
    char *again = test_rows(db, "SELECT uid FROM calendar_event WHERE NOT is_cancelled AND description LIKE 'K02%'");
    assert_string_equal(uid, again);
    assert_int_equal(test_number(db, "SELECT sequence FROM calendar_event WHERE NOT is_cancelled AND description LIKE 'K02%'"), 5);
    fixture_sql(db, next_day);
    expect_events(db, 11, 1, 13);
    fixture_sql(db, next_day);
    expect_events(db, 10, 1, 14);               /* overdue, with whatever else is */
    fixture_sql(db, next_day);
    expect_events(db, 11, 1, 14);
    expect_events(db, 0, 0, 14);
    expect_events(db, 2, 2, 14);                /* the first two again, as they were */
    leave_one_owner(db);
    fixture_sql(db, "UPDATE reconcile_run SET as_of = b.as_of FROM day_before b WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay); DROP TABLE day_before");
    free(uid);
    free(again);
}

/* Who has nothing any more keeps no letter, and a calendar that cancels; files of others stay. */
static void who_has_nothing_left_is_told_once_more(void **state)
{
    struct test_cluster *cluster = *state;
    char *other = xasprintf("%s/left/notes.html", work), *changed = xasprintf("%s/left/parks-service.csv", work), uid[80];
    int sequence;
    bool is_cancelled;
    write_letters(cluster->db, "left");
    fixture_sql(cluster->db, "CREATE TEMP TABLE spelled AS SELECT id, owner FROM owner_basis; UPDATE owner_basis SET owner = 'New ' || owner WHERE owner ~ 'Transport|Parks'");
    FILE *file = fopen(other, "w");
    fclose(file);
    file = fopen(changed, "a");
    fputs("a note of ours\n", file);
    fclose(file);
    write_letters(cluster->db, "left");
    assert_false(is_there("left", "department-of-transport.html"));
    assert_false(is_there("left", "department-of-transport.csv"));
    assert_false(is_there("left", "department-of-transport-certificates.csv"));
    assert_true(is_there("left", "new-department-of-transport.html"));
    assert_true(is_there("left", "notes.html"));
    assert_true(is_there("left", "parks-service.csv"));
    assert_false(is_there("left", "parks-service.html"));
    find_event("left", "department-of-transport.ics", "permits.transport.example.gov", uid, &sequence, &is_cancelled);
    assert_true(is_cancelled);
    assert_true(sequence > 0);
    char *index = read_text("left", "index.html"), *text = read_text("left", "department-of-transport.ics");
    assert_non_null(strstr(index, "Department of Transport: no longer an owner of anything; its <a href=\"department-of-transport.ics\">calendar</a> cancels what it held"));
    assert_null(strstr(text, "CONFIRMED"));
    fixture_sql(cluster->db, "UPDATE owner_basis b SET owner = s.owner FROM spelled s WHERE s.id = b.id; DROP TABLE spelled");
    write_letters(cluster->db, "left");
    assert_true(is_there("left", "department-of-transport.html"));
    free(index);
    free(text);
    free(other);
    free(changed);
}

/* What cannot be written to its end has no index, and no number that the database does not know. */
static void letters_broken_off_do_not_look_whole(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    char *path = xasprintf("%s/broken", work), *taken = xasprintf("%s/broken/parks-service.csv", work), uid[80];
    int sequence[2];
    bool is_cancelled;
    write_letters(cluster->db, "broken");
    find_event("broken", "department-of-transport.ics", "permits.transport.example.gov", uid, &sequence[0], &is_cancelled);
    fixture_sql(cluster->db, "UPDATE calendar_event SET day = day - 1");
    assert_int_equal(unlink(taken), 0);
    assert_int_equal(mkdir(taken, 0700), 0);
    struct folder *folder = folder_open(path, &err);
    const struct document_options options = {.title = {.answer_to = "desk@tech.example.gov"}, .written_by = "x"};
    assert_false(split_write(&options, cluster->db, folder, NULL, &err));
    folder_close(folder);
    assert_false(is_there("broken", "index.html"));
    find_event("broken", "department-of-transport.ics", "permits.transport.example.gov", uid, &sequence[1], &is_cancelled);
    assert_int_equal(sequence[0], sequence[1]);
    assert_int_equal(rmdir(taken), 0);
    write_letters(cluster->db, "broken");
    find_event("broken", "department-of-transport.ics", "permits.transport.example.gov", uid, &sequence[1], &is_cancelled);
    assert_int_equal(sequence[0] + 1, sequence[1]);
    assert_true(is_there("broken", "index.html"));
    free(path);
    free(taken);
}

/* A run that is broken off after it has written to new owners, and replaced a letter: the next one knows these files as ours. */
static void letters_broken_off_are_mended_by_the_next(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    char *path = xasprintf("%s/mended", work), *taken = xasprintf("%s/mended/new-parks-service.csv", work);
    fixture_sql(cluster->db, "CREATE TEMP TABLE spelled AS SELECT id, owner FROM owner_basis");
    write_letters(cluster->db, "mended");
    char *before = read_text("mended", "department-of-revenue.html");
    fixture_sql(cluster->db, "UPDATE owner_basis SET owner = 'New ' || owner WHERE owner ~ 'Transport|Parks'");
    assert_int_equal(mkdir(taken, 0700), 0);
    struct folder *folder = folder_open(path, &err);
    assert_false(split_write(&(struct document_options){.written_by = "another"}, cluster->db, folder, NULL, &err));
    folder_close(folder);
    char *after = read_text("mended", "department-of-revenue.html");
    assert_string_not_equal(before, after);
    assert_true(is_there("mended", "new-department-of-transport.html"));
    assert_true(is_there("mended", "department-of-transport.html"));
    assert_false(is_there("mended", "index.html"));
    assert_int_equal(rmdir(taken), 0);
    fixture_sql(cluster->db, "UPDATE owner_basis b SET owner = s.owner FROM spelled s WHERE s.id = b.id; UPDATE owner_basis SET owner = 'Taxes' WHERE owner = 'Department of Revenue'");
    folder_close(written_letters(cluster->db, "mended", false, NULL));
    assert_true(is_there("mended", "index.html"));
    assert_true(is_there("mended", "department-of-transport.html"));
    assert_false(is_there("mended", "new-department-of-transport.html"));
    assert_false(is_there("mended", "new-department-of-transport-certificates.csv"));
    assert_false(is_there("mended", "department-of-revenue.html"));         /* as the one that was broken off wrote it */
    fixture_sql(cluster->db, "UPDATE owner_basis b SET owner = s.owner FROM spelled s WHERE s.id = b.id; DROP TABLE spelled; DELETE FROM calendar_event WHERE owner = 'Taxes'");
    free(before);
    free(after);
    free(path);
    free(taken);
}

static void put(const char *name, const struct made_cert *made, bool key)
{
    char *path = xasprintf("%s/%s", work, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    if (key)
        PEM_write_PrivateKey(out, made->key, NULL, NULL, 0, NULL, NULL);
    else
        PEM_write_X509(out, made->x509);
    fclose(out);
    free(path);
}

/* What was loaded and is not judged yet is in no letter. */
static void letters_tell_what_is_not_judged(void **state)
{
    struct test_cluster *cluster = *state;
    const char *const files[] = {"index.html", "parks-service.html"};
    static const char said[] = "; 2 changes since are not judged yet";
    fixture_sql(cluster->db, "CREATE TEMP TABLE dirty_before AS SELECT * FROM dirty; DELETE FROM dirty");
    for (int round = 0; round < 2; round++) {
        write_letters(cluster->db, "behind");
        for (size_t i = 0; i < 2; i++) {
            char *text = read_text("behind", files[i]);
            assert_int_equal(strstr(text, said) != NULL, round);
            free(text);
        }
        fixture_sql(cluster->db, "INSERT INTO dirty (kind, id) VALUES (1, 1), (1, 2)");
    }
    fixture_sql(cluster->db, "DELETE FROM dirty; INSERT INTO dirty SELECT * FROM dirty_before; DROP TABLE dirty_before");
}

/* What changed is the policy, not every certificate. */
static void a_policy_in_use_since_is_told(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    char *path = xasprintf("%s/older", work);
    const struct evidence_options options = {.document = {.written_by = "x", .lists = "beside this document"}, .version = "x"};
    for (int round = 0; round < 2; round++) {
        write_letters(cluster->db, "outdated");
        char *letter = read_text("outdated", "parks-service.html");
        assert_int_equal(strstr(letter, ", before the policy in use</dd>") != NULL, round);
        assert_null(strstr(letter, round == 1 ? "changes since" : ", before"));
        free(letter);
        struct folder *folder = folder_open(path, &err);
        if (folder == NULL || !evidence_write(&options, cluster->db, folder, &err))
            fail_msg("%s", err.text);
        folder_close(folder);
        letter = read_text("older", "evidence.json");
        assert_non_null(strstr(letter, round == 1 ? "\"judged_before\": \"the policy in use\"" : "\"judged_before\": null"));
        free(letter);
        fixture_sql(cluster->db, round == 0 ? "UPDATE reconcile_run SET basis = 'another ' || basis" : "UPDATE reconcile_run SET basis = substr(basis, 9)");
    }
    free(path);
}

/* Verdicts are named by what they are of, not by what will judge next. */
static void a_head_names_the_policy_and_the_owner_rules_that_judged(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    static const struct {
        const char *folder, *file, *name;
    } told[] = {
        {"judged", "parks-service.html", "<dt>Policy</dt><dd>Example State 2026-3"},
        {"judged", "parks-service.html", "<dt>Owner rules</dt><dd>owners.csv of "},
        {"judged", "index.html", "<dt>Policy</dt><dd>Example State 2026-3"},
        {"judged", "index.html", "<dt>Owner rules</dt><dd>owners.csv of "},
        {"judged", "index.html", "<dt>Days</dt><dd>in UTC</dd>"},
        {"judged-evidence", "evidence.json", "\"policy\": \"Example State 2026-3"},
        {"judged-evidence", "policy.ini", "name = Example State 2026-3"},
    };
    const struct evidence_options options = {.document = {.written_by = "x", .lists = "beside this document"}, .version = "x"};
    char *path = xasprintf("%s/judged-evidence", work);
    fixture_sql(cluster->db, "INSERT INTO policy (name, sha256, text, document) SELECT 'someday', sha256('someday'), 'someday', document FROM policy_current; "
                             "INSERT INTO policy_use (policy) SELECT id FROM policy WHERE name = 'someday'; INSERT INTO owner_import (file, rule_count) VALUES ('/tmp/someday.csv', 0)");
    write_letters(cluster->db, "judged");
    struct folder *folder = folder_open(path, &err);
    if (folder == NULL || !evidence_write(&options, cluster->db, folder, &err))
        fail_msg("%s", err.text);
    folder_close(folder);
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        char *text = read_text(told[i].folder, told[i].file);
        if (strstr(text, told[i].name) == NULL || strstr(text, "someday") != NULL)
            fail_msg("no %s, or someday in %s: %s", told[i].name, told[i].file, text);
        free(text);
    }
    fixture_sql(cluster->db, "DELETE FROM policy_use WHERE policy = (SELECT id FROM policy WHERE name = 'someday'); "
                             "DELETE FROM policy WHERE name = 'someday'; DELETE FROM owner_import WHERE file = '/tmp/someday.csv'");
    free(path);
}

static char *verified(const char *roots, bool *is_whole)
{
    struct error err = {0};
    struct evidence_account account = {0};
    char *text = NULL, *folder = xasprintf("%s/evidence", work), *path = roots == NULL ? NULL : xasprintf("%s/%s", work, roots);
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    bool ok = evidence_verify(folder, path, out, &account, &err);
    fclose(out);
    if (!ok)
        fail_msg("%s", err.text);
    *is_whole = account.is_whole;
    free(folder);
    free(path);
    return text;
}

static void on_owner_fault(void *context, const char *file, size_t line, const char *text)
{
    (void)context;
    fail_msg("%s:%zu: %s", file, line, text);
}

static void on_owner_note(void *context, const char *file, size_t line, const char *text)
{
    (void)context;
    (void)file;
    (void)line;
    (void)text;
}

static void expect_evidence(const char *roots, bool whole, const char *says)
{
    bool is_whole;
    char *text = verified(roots, &is_whole);
    if (strstr(text, says) == NULL || is_whole != whole)
        fail_msg("%s is not said, or whole is %d, in\n%s", says, is_whole, text);
    free(text);
}

/* The rules as a table that is read back as it is: names with commas and quotes are names, and one line may make several rules. A former name's
 * file is gone. */
static void owners_are_read_back(struct db *db)
{
    struct error err = {0};
    static const char columns[] = "SELECT site, first_address, last_address, name_suffix, issuer_like, host_suffix, path_prefix, owner, contacts, "
                                  "manager_contacts, environment "
                                  "FROM owner_rule WHERE import = (SELECT max(id) FROM owner_import) ORDER BY line";
    char *owners = read_text("numbers", "owners.csv"), *path = xasprintf("%s/numbers/owners.csv", work), *before = test_rows(db, columns);
    static const char heading[] = "\"line\",\"site\",\"prefix\",\"name_suffix\",\"issuer\",\"host\",\"path\",\"owner\","
                                  "\"contacts\",\"manager\",\"environment\",\"text\"\r\n";
    assert_memory_equal(owners, heading, sizeof heading - 1);
    assert_non_null(strstr(owners, "\"capitol\",\"10.0.0.0/8\",\"\",\"*State_CA*\",\"\",\"/\",\"Twice, "
                                   "or \"\"more\"\"\",\"a@x.example\nb@x.example\",\"boss@x.example\",\"test, old\",\"capitol,twice\"\r\n"));
    assert_non_null(strstr(owners, "\"10.0.0.1-10.0.0.5\""));
    assert_false(is_there("numbers", "owners.txt"));
    struct owner_account account;
    const struct owner_fault_sink sink = {.fault = on_owner_fault, .note = on_owner_note};
    if (!owner_rules_import(db, path, &(struct owner_import_options){0}, &sink, &account, &err))
        fail_msg("%s", err.text);
    char *after = test_rows(db, columns);
    assert_string_equal(after, before);
    assert_int_equal(test_number(db, "SELECT count(DISTINCT ahead) FROM (SELECT count(*) FILTER (WHERE r.line < i.record_rank) AS ahead FROM "
                                     "owner_import i "
                                     "JOIN owner_rule r ON r.import = i.id WHERE i.record_rank IS NOT NULL GROUP BY i.id) x"), 1);
    fixture_sql(db, "DELETE FROM owner_rule WHERE import = (SELECT max(id) FROM owner_import); DELETE FROM owner_import WHERE id = (SELECT max(id) "
                    "FROM owner_import)");
    free(owners);
    free(path);
    free(before);
    free(after);
}

/* Another run of what was asked before: the document tells of the latest of them, and so must the numbers beside it. */
static void evidence_tells_the_numbers_of_its_document(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    fixture_sql(cluster->db, "WITH last AS (SELECT s.* FROM scan s JOIN scan_outcome o ON o.scan = s.id WHERE s.kind = 1 AND s.finished_at IS NOT NULL "
                             "ORDER BY s.started_at DESC LIMIT 1), added AS (INSERT INTO scan SELECT (jsonb_populate_record(NULL::scan, to_jsonb(last) || "
                             "jsonb_build_object('id', 1000, 'scan_id', gen_random_uuid(), 'started_at', last.started_at - interval '3 days'))).* FROM last) "
                             "INSERT INTO scan_outcome SELECT (jsonb_populate_record(o, '{\"scan\": 1000}')).* FROM scan_outcome o, last WHERE o.scan = last.id");
    fixture_sql(cluster->db, "UPDATE owner_import SET record_rank = (SELECT max(line) FROM owner_rule); "
                             "INSERT INTO owner_rule (import, line, source_line, site, first_address, last_address, issuer_like, path_prefix, owner, "
                             "contacts, manager_contacts, environment, text) "
                             "SELECT max(import), max(line) + n, max(line), 'capitol', a, b, '%State\\_CA%', p, 'Twice, or \"more\"', "
                             "'{a@x.example,b@x.example}', '{boss@x.example}', 'test, old', "
                             "'capitol,twice' FROM owner_rule, (VALUES (1, inet '10.0.0.0', inet '10.255.255.255', ''), (2, '10.0.0.1', '10.0.0.5', "
                             "'/srv/a, b'), "
                             "(3, '2001:db8::1', '2001:db8::1', NULL)) v (n, a, b, p) GROUP BY n, a, b, p");
    char *path = xasprintf("%s/numbers", work), *former = xasprintf("mkdir -p %s/numbers && echo x > %s/numbers/owners.txt", work, work);
    assert_int_equal(system(former), 0);
    free(former);
    struct folder *folder = folder_open(path, &err);
    const struct evidence_options options = {.document = {.written_by = "x", .lists = "beside this document"}, .version = "x"};
    if (folder == NULL || !evidence_write(&options, cluster->db, folder, &err))
        fail_msg("%s", err.text);
    folder_close(folder);
    char *told = read_text("numbers", "evidence.json"), *document = read_text("numbers", "discovery.html");
    assert_true(number_behind(document, "small\">Of ") > 0);
    assert_int_equal(number_behind(told, "\"asked\": "), number_behind(document, "small\">Of "));
    assert_int_equal(number_behind(told, "\"answered\": "), number_behind(document, "asked by the latest scans, "));
    assert_non_null(strstr(told, "\"asked_overlaps\": false"));
    owners_are_read_back(cluster->db);
    fixture_sql(cluster->db, "DELETE FROM owner_rule WHERE owner = 'Twice, or \"more\"'; UPDATE owner_import SET record_rank = NULL");
    for (const struct report *const *report = reports_all; *report != NULL; report++)
        for (int json = 0; json < 2; json++) {          /* whatever the workbook has stands beside it as files */
            char name[64];
            snprintf(name, sizeof name, "%s.%s", (*report)->name, json ? "json" : "csv");
            assert_int_equal(is_there("numbers", name), (*report)->argument == NULL);
        }
    /* a part of it, asked as a list: its places are no others; and a part of it with a place that is another one */
    const struct document_options plain = {.written_by = "x"};
    struct document part;
    struct document_asked sum;
    for (int i = 0; i < 2; i++) {
        fixture_sql(cluster->db, i == 0 ? "UPDATE scan s SET plan = '{\"targets\": [\"@list\"]}', space = (SELECT 'ports ' || (SELECT max(lower(p)) FROM unnest(r.ports) p) || E'\\n' || host(r.last) || E'\\n' "
                                          "FROM space_ranges(s.space) r LIMIT 1) WHERE id = 1000"
                                        : "UPDATE scan SET space = space || E'10.99.0.1\\n' WHERE id = 1000");
        if (!document_open(&part, cluster->db, &plain, &err) || !document_fill(&part, &err) || !document_asked(&part, &sum, &err))
            fail_msg("%s", err.text);
        document_close(&part);
        assert_int_equal(sum.is_repeated, i == 1);
        if (i == 0)
            assert_int_equal(sum.asked, number_behind(told, "\"asked\": "));
    }
    fixture_sql(cluster->db, "DELETE FROM scan_outcome WHERE scan = 1000; DELETE FROM scan WHERE id = 1000");
    free(told);
    free(document);
    free(path);
}

static void evidence_shows_what_was_done_to_it(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=Auditors CA", .is_ca = 1, .not_before = "20200101000000Z", .not_after = "20400101000000Z"});
    struct made_cert *signer = cert_make(&(struct cert_recipe){.subject = "CN=Auditor", .issuer = ca, .not_before = "20200101000000Z", .not_after = "20400101000000Z"});
    char *path = xasprintf("%s/evidence", work), *certificate = xasprintf("%s/signer.pem", work), *key = xasprintf("%s/signer.key", work);
    put("signer.pem", signer, false);
    put("signer.key", signer, true);
    put("ca.pem", ca, false);
    struct folder *folder = folder_open(path, &err);
    struct evidence_options options = {.document = {.written_by = "x", .lists = "beside this document"}, .version = "x", .certificate = certificate, .key = key};
    if (folder == NULL || !evidence_write(&options, cluster->db, folder, &err))
        fail_msg("%s", err.text);
    folder_close(folder);
    expect_evidence("ca.pem", true, "Signature: good, CN=Auditor");
    expect_evidence(NULL, true, "the signer was not verified");
    expect_evidence("signer.key", false, "Signature: BAD");             /* no roots in it */
    char *file = xasprintf("%s/evidence/findings.csv", work);
    FILE *out = fopen(file, "a");
    fputs("one more\n", out);
    fclose(out);
    expect_evidence("ca.pem", false, "changed  findings.csv");
    unlink(file);
    expect_evidence("ca.pem", false, "missing  findings.csv");
    free(file);
    file = xasprintf("%s/evidence/invented.csv", work);
    out = fopen(file, "w");
    fclose(out);
    expect_evidence("ca.pem", false, "added    invented.csv");
    unlink(file);
    free(file);
    file = xasprintf("%s/evidence/SHA256SUMS", work);
    out = fopen(file, "a");
    fputs("0000000000000000000000000000000000000000000000000000000000000000  ../ca.pem\n", out);
    fclose(out);
    expect_evidence("ca.pem", false, "Signature: BAD");
    expect_evidence("ca.pem", false, "1 line of SHA256SUMS not readable");
    free(file);
    free(path);
    free(certificate);
    free(key);
    cert_make_free(ca);
    cert_make_free(signer);
}

static int linked(const char *from, const char *to)
{
    char *path = xasprintf("%s/evidence/%s", work, to);
    int code = rename(path, from) == 0 ? symlink(from, path) : -1;
    free(path);
    return code;
}

/* Written anew, without a signature; then a file moved out of the folder, and a link in its place. */
static void evidence_written_anew_is_whole(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    char *path = xasprintf("%s/evidence", work), *reply = xasprintf("%s/evidence/SHA256SUMS.tsr", work), *away = xasprintf("%s/away.csv", work);
    FILE *out = fopen(reply, "w");
    fputs("of before", out);
    fclose(out);
    struct folder *folder = folder_open(path, &err);
    const struct evidence_options options = {.document = {.written_by = "x", .lists = "beside this document"}, .version = "x"};
    assert_true(is_there("evidence", "SHA256SUMS.p7s"));
    if (folder == NULL || !evidence_write(&options, cluster->db, folder, &err))
        fail_msg("%s", err.text);
    folder_close(folder);
    assert_false(is_there("evidence", "SHA256SUMS.p7s"));
    assert_false(is_there("evidence", "SHA256SUMS.tsr"));
    expect_evidence(NULL, true, "Signature: none");
    assert_int_equal(linked(away, "findings.csv"), 0);
    expect_evidence(NULL, false, "changed  findings.csv");
    free(path);
    free(reply);
    free(away);
}

static int in_evidence(const char *words)
{
    char *command = xasprintf("cd %s/evidence && { %s; } > /dev/null 2>&1", work, words);
    int code = system(command);
    free(command);
    return code;
}

/* The reply of an authority, then queries beside it that it does not answer. */
static void a_time_stamp_answers_the_query_beside_it(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0};
    char *path = xasprintf("%s/evidence", work);
    if (system("openssl version > /dev/null 2>&1") != 0)
        skip();
    assert_int_equal(in_evidence("rm -f *"), 0);
    struct folder *folder = folder_open(path, &err);
    const struct evidence_options options = {.document = {.written_by = "x", .lists = "beside this document"}, .version = "x"};
    if (folder == NULL || !evidence_write(&options, cluster->db, folder, &err))
        fail_msg("%s", err.text);
    folder_close(folder);
    assert_int_equal(in_evidence("printf '[tsa]\nserial = ../serial\ndefault_policy = 1.2.3.4\ndigests = sha256\nsigner_digest = sha256\n' > ../tsa.conf; echo 01 > ../serial; "
                                 "openssl req -x509 -newkey rsa:2048 -nodes -keyout ../tsa.key -out ../tsa.pem -subj /CN=Authority -days 2 "
                                 "-addext extendedKeyUsage=critical,timeStamping -addext keyUsage=critical,digitalSignature && "
                                 "openssl ts -reply -config ../tsa.conf -section tsa -queryfile SHA256SUMS.tsq -signer ../tsa.pem -inkey ../tsa.key -out SHA256SUMS.tsr && "
                                 "cp SHA256SUMS.tsq ../kept.tsq"), 0);
    expect_evidence("tsa.pem", true, "Time stamp: good");
    assert_int_equal(in_evidence("openssl ts -query -data SHA256SUMS -sha256 -cert -no_nonce -out SHA256SUMS.tsq"), 0);
    expect_evidence("tsa.pem", false, "Time stamp: BAD, the query beside it is not the one that was written");
    assert_int_equal(in_evidence("openssl ts -query -data SHA256SUMS -sha256 -cert -out SHA256SUMS.tsq"), 0);
    expect_evidence("tsa.pem", false, "Time stamp: BAD");
    for (int at = 0; at < 59; at++) {           /* each byte */
        char *words = xasprintf("cp ../kept.tsq SHA256SUMS.tsq; python3 -c \"b = bytearray(open('SHA256SUMS.tsq', 'rb').read()); b[min(%d, len(b) - 1)] ^= 1; "
                                "open('SHA256SUMS.tsq', 'wb').write(b)\"", at);
        assert_int_equal(in_evidence(words), 0);
        expect_evidence("tsa.pem", false, "Time stamp: BAD");
        free(words);
    }
    assert_int_equal(in_evidence("rm SHA256SUMS.tsq"), 0);
    expect_evidence("tsa.pem", false, "the query that it answers is not there");
    free(path);
}

/* Letters and notices write: who only reads is told so before anything is. */
static void a_role_that_only_reads_is_told(void **state)
{
    struct test_cluster *cluster = *state;
    struct error err = {0}, other = {0};
    struct notices_account account;
    const char *dsn = test_cluster_dsn(cluster), *user = strstr(dsn, "user=");
    char *as_reader = xasprintf("%.*suser=certsweep_reader", (int)(user - dsn), dsn), *path = xasprintf("%s/reader", work);
    struct db *db = db_open(as_reader, &err);
    assert_non_null(db);
    struct folder *folder = folder_open(path, &err);
    const struct document_options options = {.written_by = "x"};
    assert_false(split_write(&options, db, folder, NULL, &err));
    folder_close(folder);
    assert_non_null(strstr(err.text, "the role certsweep_reader only reads"));
    assert_int_not_equal(access(path, F_OK), 0);
    assert_false(notices_run(&(struct notices_options){.from = "x"}, db, stderr, &account, &other));
    assert_non_null(strstr(other.text, "the role certsweep_reader only reads"));
    db_close(db);
    free(as_reader);
    free(path);
}

/* How many notices there are of the certificate that has ended, once they were made and none was sent. */
static int64_t notices_of_the_ended(struct db *db)
{
    struct error err = {0};
    struct notices_account account;
    if (!notices_run(&(struct notices_options){.from = "x"}, db, stderr, &account, &err))
        fail_msg("%s", err.text);
    fixture_sql(db, "SELECT pg_advisory_unlock_all()");
    return test_number(db, "SELECT count(*) FROM notice WHERE sha256 = (SELECT sha256 FROM certificate_now WHERE name = 'payments.revenue.example.gov')");
}

static int64_t mute(struct db *db, const char *rule)
{
    struct error err = {0};
    struct decision_filter filter = {0};
    const struct decision_made made = {.kind = "mute", .reason = "told", .who = "us", .rule = rule};
    char id[32];
    int64_t count = -1;
    if (!decision_filter_subject(&filter, "payments.revenue.example.gov", &err) || !decisions_begin(db, &filter, &made, id, &err) ||
        !decisions_make(db, id, &made, &count, &err))
        fail_msg("%s", err.text);
    decision_filter_clear(&filter);
    fixture_sql(db, "UPDATE decision SET made_at = (SELECT as_of FROM report_as_of) WHERE rule IS NOT NULL");       /* as after the next reconcile */
    return count;
}

/* It has ended (C05): a mute of C06 says nothing of that. */
static void a_mute_of_one_rule_stops_its_notices_alone(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    assert_int_equal(mute(db, "C06"), 1);
    assert_int_equal(notices_of_the_ended(db), 1);
    assert_int_equal(mute(db, "C05"), 1);
    assert_int_equal(notices_of_the_ended(db), 0);      /* what waited is forgotten, and none is made */
    assert_true(test_number(db, "SELECT count(*) FROM notice") > 0);
    fixture_sql(db, "UPDATE decision SET undone_at = (SELECT as_of FROM report_as_of) WHERE rule = 'C05'");
    assert_int_equal(notices_of_the_ended(db), 1);
    fixture_sql(db, "DELETE FROM notice; DELETE FROM decision WHERE rule IN ('C05', 'C06')");
}

/* Two of the Department of Revenue are past the day; the Department of Transport, whose is the third, names no manager. */
static void what_stays_overdue_is_told_to_the_owners_manager(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    struct notices_account account;
    char *path = xasprintf("%s/eml", work);
    struct folder *folder = folder_open(path, &err);
    assert_non_null(folder);
    fixture_sql(db, "UPDATE owner_rule SET manager_contacts = '{Boss@revenue.example.gov}' WHERE owner = 'Department of Revenue'");
    const struct notices_options options = {.from = "certificates@tech.example.gov", .eml = folder};
    assert_true(notices_run(&options, db, stderr, &account, &err));
    assert_int_equal(test_number(db, "SELECT count(*) FROM notice WHERE step = 'escalated'"), 0);       /* the policy names no delay */
    fixture_sql(db, "SELECT pg_advisory_unlock_all(); UPDATE policy SET document = document || '{\"escalate_after_days\": 4}'");
    assert_true(notices_run(&options, db, stderr, &account, &err));
    assert_int_equal(account.contacts, 1);
    assert_int_equal(test_number(db, "SELECT count(*) FROM notice WHERE step = 'escalated' AND contact = 'boss@revenue.example.gov'"), 2);
    assert_int_equal(test_number(db, "SELECT count(*) FROM notice WHERE step = 'escalated'"), 2);
    fixture_sql(db, "SELECT pg_advisory_unlock_all(); UPDATE policy SET document = document || '{\"escalation_contacts\": [\"cio@example.gov\"]}'");
    assert_true(notices_run(&options, db, stderr, &account, &err));
    assert_int_equal(account.contacts, 1);                                                              /* nobody gets a notice twice */
    assert_int_equal(test_number(db, "SELECT count(*) FROM notice WHERE step = 'escalated' AND contact = 'cio@example.gov'"), 3);
    /* What failed and is no longer due is forgotten; of two steps the later one is kept. */
    fixture_sql(db, "SELECT pg_advisory_unlock_all(); UPDATE notice SET state = 'failed' WHERE contact = 'cio@example.gov'; "
                    "INSERT INTO notice (contact, sha256, step, owner, made_at) SELECT 'x@example.gov', sha256, '9 days', '', now() FROM certificate_now WHERE time = 'ok' AND is_leaf LIMIT 1; "
                    "INSERT INTO notice (contact, sha256, step, owner, made_at) SELECT contact, sha256, 'earlier', '', '2020-01-01' FROM notice WHERE step = 'expired'");
    assert_true(notices_run(&(struct notices_options){.from = "x"}, db, stderr, &account, &err));
    assert_int_equal(test_number(db, "SELECT count(*) FROM notice WHERE contact = 'x@example.gov' OR step = 'earlier'"), 0);
    assert_int_equal(test_number(db, "SELECT count(*) FROM notice WHERE contact = 'cio@example.gov' AND state = 'failed'"), 3);
    folder_close(folder);
    free(path);
}

/* What is due, by whichever step, is so by the policy that judged. */
static void notices_go_by_the_policy_that_judged(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    struct notices_account account;
    static const char made[] = "SELECT contact, step, count(*) FROM notice GROUP BY contact, step ORDER BY contact, step";
    char *told[2];
    for (int round = 0; round < 2; round++) {
        fixture_sql(db, "DELETE FROM notice");
        assert_true(notices_run(&(struct notices_options){.from = "x"}, db, stderr, &account, &err));
        told[round] = test_rows(db, made);
        fixture_sql(db, "SELECT pg_advisory_unlock_all()");
        if (round == 0)
            fixture_sql(db, "INSERT INTO policy (name, sha256, text, document) SELECT 'later', sha256('later'), 'later', document || "
                            "'{\"notice_days\": [400, 350], \"share_of_life_percent\": [99], "
                            "\"escalation_contacts\": [\"later@example.gov\"], \"escalate_after_days\": 1}' FROM policy_current; "
                            "INSERT INTO policy_use (policy) SELECT id FROM policy WHERE name = 'later'");
    }
    assert_true(told[0][0] != '\0');
    assert_string_equal(told[0], told[1]);
    fixture_sql(db, "DELETE FROM policy_use WHERE policy = (SELECT id FROM policy WHERE name = 'later'); DELETE FROM policy WHERE name = "
                    "'later'; DELETE FROM notice");
    free(told[0]);
    free(told[1]);
}

/* Three certificates of the Department of Transport are due; of its contacts none, then no address, is a place to write to. */
static void a_notice_without_an_address_is_told(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    struct notices_account account;
    static const char *const contacts[] = {"{}", "{Ops desk,tel:5550100}", "{transport@example.gov,Ops desk}"};
    static const char *const told[] = {"Department of Transport: no contact (", "Department of Transport: Ops desk (", "Department of Transport: Ops desk ("};
    int64_t due = test_number(db, "SELECT count(*) FROM notice WHERE contact = 'tls@transport.example.gov' AND step <> 'escalated'");
    assert_true(due > 0);
    for (size_t i = 0; i < 3; i++) {
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);
        const char *params[] = {contacts[i]};
        assert_true(db_exec_params(db, "UPDATE owner_basis SET contacts = $1::text[] WHERE owner = 'Department of Transport'", 1, params, &err));
        fixture_sql(db, "SELECT pg_advisory_unlock_all()");
        assert_true(notices_run(&(struct notices_options){.from = "x"}, db, out, &account, &err));
        fclose(out);
        assert_int_equal(account.unaddressed, (i == 1 ? 2 : 1) * due);
        if (strstr(text, told[i]) == NULL)
            fail_msg("not told: %s", text);
        free(text);
    }
    assert_int_equal(test_number(db, "SELECT count(*) FROM notice WHERE contact = 'transport@example.gov' AND step <> 'escalated'"), due);
    fixture_sql(db, "SELECT pg_advisory_unlock_all(); UPDATE owner_basis SET contacts = '{tls@transport.example.gov}' WHERE owner = 'Department of Transport'");
}

/* Whose certificate nobody has is due like any other: that nobody is told is said. */
static void a_notice_without_an_owner_is_told(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    struct notices_account account;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    int64_t due = test_number(db, "SELECT count(*) FROM notice WHERE contact = 'tls@transport.example.gov' AND step <> 'escalated'");
    fixture_sql(db, "SELECT pg_advisory_unlock_all(); CREATE TEMP TABLE kept AS SELECT certificate, owner_basis FROM certificate_now; "
                    "UPDATE certificate_now SET owner_basis = NULL WHERE owner_basis IN (SELECT id FROM owner_basis WHERE owner = 'Department of Transport')");
    assert_true(notices_run(&(struct notices_options){.from = "x"}, db, out, &account, &err));
    fclose(out);
    assert_int_equal(account.unaddressed, due);
    if (strstr(text, "nobody: no contact (") == NULL)
        fail_msg("not told: %s", text);
    free(text);
    fixture_sql(db, "SELECT pg_advisory_unlock_all(); UPDATE certificate_now n SET owner_basis = k.owner_basis FROM kept k WHERE k.certificate = n.certificate; DROP TABLE kept");
}

/* Windows opens con.html as its console. */
static void a_letter_is_not_named_like_a_device(void **state)
{
    struct test_cluster *cluster = *state;
    fixture_sql(cluster->db, "UPDATE owner_basis SET owner = 'Con' WHERE owner = 'Courts Administration'");
    write_letters(cluster->db, "device");
    char *text = read_text("device", "owner.html");
    assert_non_null(strstr(text, "Con"));
    free(text);
}

/* The list of the certificates of "foo" is no list of the findings of "foo certificates", whichever comes first, and cut names neither. */
static void no_letter_writes_a_file_of_another(void **state)
{
    static const char *const names[][2] = {{"Foo", "Foo certificates"}, {"Zoo certificates", "ZOO"},
        {"A name of an owner that goes on for just about fifty octets here", "A name of an owner that goes on for just about fifty-certificates"}};
    struct test_cluster *cluster = *state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *first[] = {names[i][0]}, *second[] = {names[i][1]};
        struct error err = {0};
        char folder[16];
        fixture_sql(cluster->db, "CREATE TEMP TABLE spelled AS SELECT id, owner FROM owner_basis");
        assert_true(db_exec_params(cluster->db, "UPDATE owner_basis SET owner = $1 WHERE owner = 'Courts Administration'", 1, first, &err));
        assert_true(db_exec_params(cluster->db, "UPDATE owner_basis SET owner = $1 WHERE owner = 'Parks Service'", 1, second, &err));
        snprintf(folder, sizeof folder, "names-%zu", i);
        write_letters_of(cluster->db, folder, false);
        fixture_sql(cluster->db, "UPDATE owner_basis b SET owner = s.owner FROM spelled s WHERE s.id = b.id; DROP TABLE spelled");
    }
}

/* What must be renewed within a week stands in all that an owner gets, whether or not a rule asks for it yet. */
static void what_must_be_renewed_is_told_to_its_owner(void **state)
{
    static const char *const told[][2] = {{"parks-service.html", "To be renewed (ends"}, {"parks-service.csv", "\"renewal\",\"To be renewed"},
                                          {"parks-service.ics", "nrenewal To be renewed"}};
    struct test_cluster *cluster = *state;
    world_serve_month(cluster->db);
    write_letters(cluster->db, "month");
    for (size_t i = 0; i < 3; i++) {
        char *text = read_text("month", told[i][0]);
        if (strstr(text, told[i][1]) == NULL || strstr(text, "month.") == NULL)
            fail_msg("%s does not tell \"%s\":\n%s", told[i][0], told[i][1], text);
        free(text);
    }
}

/* Each owner's letter, list and calendar have all that must be renewed within 30 days, or no later than the last day they tell. */
static void no_renewal_is_left_out_before_a_later_day(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    static const char *const told[][2] = {{"office-of-technology.html", "later.<wbr>tech"}, {"office-of-technology.csv", "later.tech"}, {"office-of-technology.ics", "later.tech"}};
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = "CN=later.tech.example.gov", .not_before = ASN1_DAY(-2), .not_after = ASN1_DAY(40)});
    fixture_serve(db, &(struct fixture_served){.site = "capitol", .address = "192.0.2.252", .chain = {made}});
    cert_make_free(made);
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    fixture_sql(db, "DELETE FROM finding f USING certificate_now n WHERE n.certificate = f.certificate AND n.name = 'later.tech.example.gov'");
    assert_int_equal(test_number(db, "SELECT (t.ask_by - r.today BETWEEN 8 AND 30)::integer FROM renewal_term t JOIN certificate_now n USING (certificate), report_today r "
                                     "WHERE n.name = 'later.tech.example.gov'"), 1);
    write_letters(db, "later");
    for (size_t i = 0; i < 3; i++) {
        char *text = read_text("later", told[i][0]);
        if (strstr(text, told[i][1]) == NULL)
            fail_msg("%s does not tell \"%s\"", told[i][0], told[i][1]);
        free(text);
    }
    char *left = test_rows(db, "SELECT o.owner, n.name, t.ask_by FROM certificate_now n JOIN renewal_term t USING (certificate) JOIN owner_basis o ON o.id = n.owner_basis CROSS JOIN report_today r "
                               "WHERE n.is_leaf AND n.place_count > 0 "
                               "AND t.ask_by <= greatest(r.today + 30, (SELECT max(e.day) FROM calendar_event e WHERE e.owner = o.owner AND NOT e.is_cancelled)) "
                               "AND NOT EXISTS (SELECT FROM calendar_event e WHERE e.owner = o.owner AND NOT e.is_cancelled AND (e.summary || e.description) LIKE '%' || n.name || '%')");
    assert_string_equal(left, "");
    free(left);
}

/* Nobody manages it, by a day after its end: it must be renewed, or replaced, before that. */
static void no_step_is_after_the_last_safe_day(void **state)
{
    struct test_cluster *cluster = *state;
    write_letters(cluster->db, "ahead");
    char *letter = read_text("ahead", "department-of-transport.html"), *step = strstr(letter, ". maps.<wbr>transport");
    assert_non_null(step);
    char *end = strstr(step, "</section>");
    *end = '\0';
    if (strstr(step, "To be renewed") == NULL || strstr(step, "Nobody manages") == NULL || strstr(step, " By ") != NULL)     /* none after its end */
        fail_msg("%s", step);
    long long late = test_number(cluster->db, "SELECT count(*) FROM calendar_event e JOIN certificate_now n ON e.summary LIKE '%: ' || n.name "
                                              "JOIN renewal_term t USING (certificate) WHERE NOT e.is_cancelled AND n.place_count > 0 AND coalesce(e.overdue_since, e.day) > t.ask_by");
    assert_int_equal(late, 0);
    free(letter);
}

static char *step_of(const char *letter, const char *name)
{
    char *step = xstrdup(strstr(letter, name) == NULL ? "" : strstr(letter, name)), *end = strstr(step, "</section>");
    if (end == NULL)
        fail_msg("no step of %s in %s", name, letter);
    *end = '\0';
    return step;
}

/* What was found at a place may be settled after its certificate has ended: its line says by when, as the lists do, and so does the calendar. */
static void a_finding_of_a_place_has_its_own_day(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    write_letters(db, "own-day");
    char *letter = read_text("own-day", "department-of-transport.html"), *calendar = read_text("own-day", "department-of-transport.ics");
    char *days = test_rows(db, "SELECT to_char(finding_act_by('S07', f.severity_rank, f.since, NULL, NULL, s.act_days, s.zone), 'FMDD Mon YYYY') "
                               "FROM finding f JOIN endpoint_judged e USING (endpoint) JOIN certificate_now n ON n.certificate = e.certificate "
                               "CROSS JOIN due_setting s "
                               "WHERE f.rule = 'S07' AND n.name = 'forms.transport.example.gov' AND s.act_days[f.severity_rank] > 43 + 22 LIMIT 1");
    days[strcspn(days, "\n")] = '\0';
    assert_true(days[0] != '\0');
    char *step = step_of(letter, ". forms.<wbr>transport"), *said = xasprintf(" By %s.", days);
    char *event = xasprintf("S07 Static RSA key exchange is accepted by %s: ", days);
    if (strstr(step, said) == NULL)
        fail_msg("no%s in %s", said, step);
    if (strstr(calendar, event) == NULL)
        fail_msg("no %s in %s", event, calendar);
    free(event);
    free(said);
    free(step);
    free(days);
    free(calendar);
    free(letter);
}

/* Serves a certificate that must be replaced, and ends soon: with a weak key, or made by itself. */
static void serve_replaced(struct db *db, const char *name, const char *address, const char *key, const struct made_cert *issuer)
{
    char *subject = xasprintf("CN=%s", name);
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = subject, .key = key, .not_before = ASN1_DAY(-300),
                                                               .not_after = ASN1_DAY(16), .issuer = issuer});
    fixture_serve(db, &(struct fixture_served){.site = "capitol", .address = address, .chain = {made, issuer}});
    cert_make_free(made);
    free(subject);
}

/* What must be replaced anyway is not renewed with the same key, or by itself again: letter, list and calendar ask for one step. Who
 * replaces it has the new one managed, and does not take over the old one. */
static void what_must_be_replaced_is_not_renewed(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const char *const names[][3] = {
        {"weak.tech.example.gov", ". weak.<wbr>tech", "Replace the certificate with one over a new key of at least 2048 bits. Have "
                                                      "the new one managed."},
        {"self.tech.example.gov", ". self.<wbr>tech", "Replace it with a certificate of your own or an approved CA"}};
    struct error err = {0};
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "O=Elsewhere,CN=Elsewhere TLS CA", .is_ca = 1,
                                                             .not_before = ASN1_DAY(-2000), .not_after = ASN1_DAY(3000)});
    serve_replaced(db, names[0][0], "192.0.2.248", "RSA:1024", ca);
    serve_replaced(db, names[1][0], "192.0.2.249", NULL, NULL);
    cert_make_free(ca);
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    write_letters(db, "replaced");
    char *letter = read_text("replaced", "office-of-technology.html"), *list = read_text("replaced", "office-of-technology.csv");
    char *calendar = read_text("replaced", "office-of-technology.ics");
    for (size_t i = 0; i < 2; i++) {
        char *step = step_of(letter, names[i][1]), *summary = xasprintf("SUMMARY:Certificate due: %s", names[i][0]);
        char *event = strstr(calendar, summary);
        if (strstr(step, names[i][2]) == NULL || strstr(step, "enew it") != NULL || strstr(step, "Request the renewal") != NULL)
            fail_msg("%s", step);
        assert_non_null(event);
        *strstr(event, "END:VEVENT") = '\0';
        if (strstr(event, names[i][2]) == NULL || strstr(event, "enew it") != NULL || strstr(event, "R01 ") != NULL)
            fail_msg("%s", event);
        event[strlen(event)] = 'E';
        for (char *line = list; (line = strstr(line, names[i][0])) != NULL; line++) {
            char row[1200];
            snprintf(row, sizeof row, "%.*s", (int)strcspn(line, "\n"), line);
            if (strstr(row, "enew it") != NULL || strstr(row, "Request the renewal") != NULL)
                fail_msg("%s", row);
        }
        free(summary);
        free(step);
    }
    free(letter);
    free(list);
    free(calendar);
}

/* In a record or a file alone: of what has ended nothing is asked, as the lists say; of what ends soon, whether it is needed. So do notices. */
static void a_step_is_that_of_the_certificate(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    world_record(db, "CN=over.parks.example.gov", -5);
    world_record(db, "CN=unseen.parks.example.gov", 5);
    struct made_cert *batch = cert_make(&(struct cert_recipe){.subject = "CN=batch.parks.example.gov", .not_before = ASN1_DAY(-300), .not_after = ASN1_DAY(6)});
    fixture_lie(db, &(struct fixture_lying){.path = "/opt/batch/batch.p12", .certificate = batch});
    cert_make_free(batch);
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
    assert_int_equal(test_number(db, "SELECT count(*) FROM finding f JOIN certificate_now n USING (certificate) WHERE n.name = 'over.parks.example.gov' AND f.rule = 'C05'"), 1);
    write_letters(db, "steps");
    char *letter = read_text("steps", "parks-service.html"), *calendar = read_text("steps", "parks-service.ics"), *findings = read_text("steps", "parks-service.csv");
    char *other = read_text("steps", "department-of-revenue.html");
    assert_null(strstr(letter, ". over.<wbr>parks"));
    assert_null(strstr(calendar, "over.parks"));
    assert_non_null(strstr(findings, "None: it is over, and served nowhere."));
    if (strstr(letter, "Find out whether it is still needed before renewing it") == NULL)
        fail_msg("%s", strstr(letter, "id=\"steps\""));
    char *step = step_of(letter, ". batch.<wbr>parks");
    if (strstr(step, "Renew it, or remove its file if it is not needed: it ends ") == NULL)
        fail_msg("%s", step);
    free(step);
    assert_non_null(strstr(calendar, "batch.parks.example.gov"));
    assert_non_null(strstr(calendar, "Find out whether it is"));
    assert_non_null(strstr(findings, "Find out whether it is still needed before renewing it"));
    assert_non_null(strstr(other, "Request the renewal "));
    struct notices_account account;
    char *path = xasprintf("%s/eml-unseen", work);
    struct folder *folder = folder_open(path, &err);
    if (folder == NULL || !notices_run(&(struct notices_options){.from = "certificates@tech.example.gov", .eml = folder}, db, stderr, &account, &err))
        fail_msg("%s", err.text);
    folder_close(folder);
    fixture_sql(db, "SELECT pg_advisory_unlock_all()");
    assert_int_equal(test_number(db, "SELECT count(DISTINCT n.name) FROM notice t JOIN certificate_now n USING (sha256) WHERE n.name IN ('unseen.parks.example.gov', 'batch.parks.example.gov')"), 2);
    assert_int_equal(test_number(db, "SELECT count(*) FROM notice t JOIN certificate_now n USING (sha256) WHERE n.name = 'over.parks.example.gov'"), 0);
    char *told = xasprintf("cat %s/eml-unseen/*.eml | tr -d '\n=' | grep -q 'it lies in web1:/opt/batch/batch.p12'", work);
    assert_int_equal(system(told), 0);
    free(told);
    free(path);
    free(letter);
    free(calendar);
    free(findings);
    free(other);
}

/* Owners import no records: they are asked whose it is. What must be replaced is not taken over first; the sender's own page has the words of the rule. */
static void owners_are_asked_what_they_can_do(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    fixture_sql(db, "CREATE TEMP TABLE owned_before AS SELECT certificate, owner_basis FROM certificate_now; CREATE TEMP TABLE placed_before AS SELECT endpoint, certificate, owner_basis FROM endpoint_judged; "
                    "UPDATE certificate_now SET owner_basis = NULL WHERE name = 'booking.parks.example.gov'; "
                    "UPDATE endpoint_judged SET owner_basis = NULL WHERE certificate = (SELECT certificate FROM certificate_now WHERE name = 'booking.parks.example.gov')");
    folder_close(written_letters(db, "asked", false, NULL));
    fixture_sql(db, "UPDATE certificate_now n SET owner_basis = o.owner_basis FROM owned_before o WHERE o.certificate = n.certificate; "
                    "UPDATE endpoint_judged j SET owner_basis = p.owner_basis FROM placed_before p WHERE p.endpoint = j.endpoint AND p.certificate = j.certificate; DROP TABLE owned_before, placed_before");
    char *letter = read_text("asked", "department-of-transport.html"), *list = read_text("asked", "department-of-transport.csv"), *nobody = read_text("asked", "nobody-named-yet.html");
    char *revenue = read_text("asked", "department-of-revenue.html");
    assert_null(strstr(letter, "import its record"));
    assert_null(strstr(list, "import its record"));
    assert_non_null(strstr(list, "Tell us, the certificate team, that it is yours"));
    char *step = step_of(letter, ". cameras.<wbr>transport");
    if (strstr(step, "Tell us, the certificate team, that it is yours and who manages it") == NULL || strstr(step, "Have the new one managed") != NULL)
        fail_msg("%s", step);
    free(step);
    assert_non_null(strstr(nobody, "import its record"));
    assert_null(strstr(nobody, "Tell us, the"));
    step = step_of(revenue, ". kiosk.<wbr>revenue");          /* its key is weak */
    const char *told = strstr(step, " Have the new one managed.");
    if (told == NULL || strstr(told + 2, "Have the new one managed") != NULL || strstr(step, "Nobody manages") != NULL)
        fail_msg("%s", step);
    free(step);
    free(letter);
    free(list);
    free(nobody);
    free(revenue);
}

/* That no path leads from an own CA to a root is settled in the policy: its owner's list has it, without a day, and no letter asks for it. */
static void what_the_policy_must_name_is_asked_of_no_owner(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    fixture_sql(db, "CREATE TEMP TABLE found_before AS SELECT * FROM finding; "
                    "INSERT INTO finding SELECT certificate, 0, 'H01', 1, 2, '{}', now() FROM certificate_now WHERE name = 'intake.health.example.gov' AND issuer = 'own'");
    assert_int_equal(test_number(db, "SELECT count(*) FROM finding f JOIN certificate_now n USING (certificate) WHERE f.rule = 'H01' AND n.name = 'intake.health.example.gov'"), 1);
    size_t owners = 0;
    folder_close(written_letters(db, "policys", false, &owners));
    char *letter = read_text("policys", "department-of-health.html"), *list = read_text("policys", "department-of-health.csv");
    assert_null(strstr(letter, "H01"));
    const char *row = strstr(list, "\"H01\"");
    assert_non_null(row);
    assert_non_null(strstr(row, "\"None of yours: its issuer is our own CA, whose root we name in the policy.\""));
    free(letter);
    letter = read_text("policys", "index.html");            /* the sender is told, once */
    const char *matter = strstr(letter,
                                "<b>For who keeps the policy</b>, and no owner: no path leads from 1 certificate of an own CA to a trust "
                                "anchor (H01). "
                                        "Name the root of <b>Example State TLS CA 2</b> (1) in the policy");
    assert_non_null(matter);
    assert_null(strstr(matter + 10, "For who keeps the policy"));
    free(letter);
    free(list);
    fixture_sql(db, "DELETE FROM finding f WHERE rule = 'H01' AND NOT EXISTS (SELECT FROM found_before b WHERE (b.certificate, b.rule) = (f.certificate, f.rule)); DROP TABLE found_before");
}

static void judge(struct db *db)
{
    struct error err = {0};
    if (!reconcile_run(db, NULL, NULL, &err))
        fail_msg("%s", err.text);
}

static void tells(const char *folder, const char *file, const char *words, bool is_told)
{
    char *text = read_text(folder, file);
    if ((strstr(text, words) != NULL) != is_told)
        fail_msg("%s %s \"%s\":\n%s", file, is_told ? "does not tell" : "tells", words, strstr(text, "<body") == NULL ? text : strstr(text, "<body"));
    free(text);
}

/* How many notices wait for this contact, once they were made. */
static int64_t notices_for(struct db *db, const char *contact)
{
    struct error err = {0};
    struct notices_account account;
    if (!notices_run(&(struct notices_options){.from = "x"}, db, stderr, &account, &err))
        fail_msg("%s", err.text);
    fixture_sql(db, "SELECT pg_advisory_unlock_all()");
    char *sql = xasprintf("SELECT count(*) FROM notice WHERE contact = '%s' AND sha256 NOT IN (SELECT sha256 FROM certificate)", contact);
    int64_t count = test_number(db, sql);
    free(sql);
    return count;
}

/* A certificate known by its record alone ends as others do: its owner by the rules of names, or by the record's own word, is told in all that they
 * get, by the last safe day of the record, and once. What has replaced it, or is nobody's record any more, takes all of it back. */
static void a_record_that_nobody_has_seen_reaches_its_owner(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    char *path = xasprintf("%s/unseen-eml", work), uid[2][80], *day;
    int sequence[2];
    bool is_cancelled;
    fixture_sql(db, "DELETE FROM notice");
    world_record_unseen(db, "beef01", "lost.parks.example.gov", NULL, 20);
    world_record_unseen(db, "beef02", "lost.library.example", "Library", 20);
    world_record_unseen(db, "beef03", "later.library.example", "Library", 200);
    judge(db);
    folder_close(written_letters(db, "unseen", false, NULL));
    tells("unseen", "parks-service.html", "lost.<wbr>parks.<wbr>example.<wbr>gov", true);
    tells("unseen", "parks-service.html", "Find out whether it is still needed before renewing it (order A-beef01): it ends ", true);
    tells("unseen", "parks-service-certificates.csv", "\"lost.parks.example.gov\",\"managed\"", true);
    tells("unseen", "parks-service.csv", "\"renewal\",\"To be renewed\",\"lost.parks.example.gov\",\"lost.parks.example.gov:443\"", true);
    tells("unseen", "parks-service.ics", "SUMMARY:Certificate due: lost.parks.example.gov", true);
    tells("unseen", "library.html", "lost.<wbr>library.<wbr>example", true);
    tells("unseen", "library.html", "later.<wbr>library.<wbr>example", true);          /* it is theirs; nothing is asked of it yet */
    tells("unseen", "library.ics", "later.library.example", false);
    tells("unseen", "library.html", "desk@library.example", true);
    tells("unseen", "index.html", "library.html", true);
    day = test_rows(db, "SELECT to_char(safe_until, 'YYYYMMDD') FROM record_judged j JOIN managed_record r ON r.id = j.record WHERE "
                        "r.serial_number = 'beef02'");
    day[8] = '\0';
    char *starts = xasprintf("DTSTART;VALUE=DATE:%s", day);
    tells("unseen", "library.ics", starts, true);
    assert_int_equal(test_number(db,
                                 "SELECT count(*) FROM record_judged j JOIN managed_record r ON r.id = j.record WHERE j.safe_until IS "
                                 "DISTINCT FROM (r.not_after AT TIME ZONE 'UTC')::date - 14"), 0);
    /* a rule that gives an owner to such a record alone is not idle */
    fixture_sql(db, "BEGIN; INSERT INTO owner_rule (import, line, source_line, name_suffix, owner, contacts, text) "
                    "SELECT (SELECT max(import) FROM owner_rule), line, line, suffix, suffix, '{}', '' "
                    "FROM (VALUES (998, 'later.library.example'), (999, 'nothing.library.example')) v (line, suffix)");
    char *import = test_rows(db, "SELECT max(import) FROM owner_rule");
    import[strcspn(import, "\n")] = '\0';
    struct db_result *idle = db_query(db, SQL_OWNER_RULES_IDLE, 1, (const char *const[]){import}, &err);
    bool is_idle[2] = {false, false};
    for (size_t i = 0; idle != NULL && i < db_rows(idle); i++)
        if (db_int(idle, i, 0) >= 998)
            is_idle[db_int(idle, i, 0) - 998] = true;
    assert_true(idle != NULL && !is_idle[0] && is_idle[1]);
    db_result_destroy(idle);
    free(import);
    fixture_sql(db, "ROLLBACK");
    /* one message, once */
    struct folder *folder = folder_open(path, &err);
    struct notices_account account;
    assert_true(notices_run(&(struct notices_options){.from = "x@example.gov", .eml = folder}, db, stderr, &account, &err));
    fixture_sql(db, "SELECT pg_advisory_unlock_all()");
    assert_int_equal(test_number(db, "SELECT count(*) FROM notice WHERE state = 'sent' AND contact = 'desk@library.example'"), 1);
    assert_int_equal(notices_for(db, "tls@parks.example.gov"), 1);
    assert_int_equal(notices_for(db, "desk@library.example"), 1);
    bool is_told = false;
    for (size_t i = 0; i < folder_count(folder); i++) {
        char *text = read_text("unseen-eml", folder_name(folder, i));
        is_told |= strstr(text, "lost.library.example") != NULL && strstr(text, "recorded at lost.library.example:443") != NULL &&
            strstr(text, "known by its record alone") != NULL;
        free(text);
    }
    assert_true(is_told);
    folder_close(folder);
    /* the account tells more of it in its next export: the same record, and the same event */
    fixture_sql(db, "UPDATE notice SET state = 'waiting'");
    find_event("unseen", "library.ics", "lost.library.example", uid[0], &sequence[0], &is_cancelled);
    fixture_sql(db, "UPDATE managed_record SET valid_to = now() - interval '1 minute' WHERE serial_number = 'beef02'; INSERT INTO "
                    "managed_record (source, key, valid_from, file, line, name_set, contacts, "
                    "serial_number, order_number, common_name, owner, not_before, not_after, status) SELECT source, 'other', now() - interval "
                    "'1 minute', file, line, name_set, contacts, serial_number, "
                    "order_number, common_name, owner, not_before, not_after, 'issued' FROM managed_record WHERE serial_number = 'beef02'");
    judge(db);
    folder_close(written_letters(db, "unseen", false, NULL));
    find_event("unseen", "library.ics", "lost.library.example", uid[1], &sequence[1], &is_cancelled);
    assert_string_equal(uid[0], uid[1]);
    assert_false(is_cancelled);
    assert_int_equal(notices_for(db, "desk@library.example"), 1);
    /* renewed, and no longer recorded */
    fixture_sql(db, "UPDATE managed_record SET valid_to = now() - interval '1 second' WHERE serial_number = 'beef01'");
    world_record_unseen(db, "beef04", "lost.library.example", "Library", 300);
    fixture_sql(db, "UPDATE managed_record SET not_before = now() - interval '1 day' WHERE serial_number = 'beef04'");
    judge(db);
    folder_close(written_letters(db, "unseen", false, NULL));
    find_event("unseen", "library.ics", "lost.library.example", uid[1], &sequence[1], &is_cancelled);
    assert_true(is_cancelled);
    tells("unseen", "parks-service.html", "lost.<wbr>parks", false);
    assert_int_equal(notices_for(db, "desk@library.example") + notices_for(db, "tls@parks.example.gov"), 0);
    fixture_sql(db, "UPDATE managed_record SET valid_to = now() - interval '1 second' WHERE serial_number LIKE 'beef0%' AND valid_to IS NULL; "
                    "DELETE FROM notice; DELETE FROM calendar_event WHERE owner = 'Library'");
    judge(db);
    free(path);
    free(day);
    free(starts);
}

/* What was delivered, and is served nowhere, can be given back for some days: that is a step, before its end is near. */
static void a_record_to_be_given_back_reaches_its_owner(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    world_record_unseen(db, "beef05", "new.parks.example.gov", NULL, 390);
    fixture_sql(db, "DELETE FROM managed_location WHERE record IN (SELECT id FROM managed_record WHERE serial_number = 'beef05'); "
                    "UPDATE managed_record SET delivered_at = now() - interval '5 days' WHERE serial_number = 'beef05'; UPDATE policy SET "
                    "document = document || '{\"test_window_days\": 25}'");
    judge(db);
    folder_close(written_letters(db, "return", false, NULL));
    char *day = test_rows(db, "SELECT to_char(today + 20, 'FMDD Mon YYYY') FROM report_today");
    day[strcspn(day, "\n")] = '\0';
    tells("return", "parks-service.html", "new.<wbr>parks", true);
    tells("return", "parks-service.html", "Delivered, and never seen served (record account.csv:900)", true);
    tells("return", "parks-service.html", day, true);
    tells("return", "parks-service.csv", "\"return\",\"Delivered, and never seen served\",\"new.parks.example.gov\"", true);
    tells("return", "parks-service.ics", "Certificate due: new.parks.example.gov", true);
    fixture_sql(db, "UPDATE managed_record SET valid_to = now() - interval '1 second' WHERE serial_number = 'beef05'; UPDATE policy SET "
                    "document = document - 'test_window_days'");
    judge(db);
    free(day);
}

/* The zone of the days to act by is the policy's. */
static void a_letter_tells_the_zone_of_its_days(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    static const char *const zones[] = {"UTC", "America/Los_Angeles"};
    fixture_sql(db, "CREATE TEMP TABLE policy_kept AS SELECT * FROM policy; CREATE TEMP TABLE now_kept AS SELECT certificate, not_after FROM certificate_now; "
                    "UPDATE certificate_now SET not_after = date_trunc('day', not_after, 'UTC') + interval '1 hour' WHERE isfinite(not_after)");     /* the evening before, there */
    for (int i = 0; i < 2; i++) {
        char *sql = xasprintf("UPDATE policy SET document = document || '{\"zone\": \"%s\"}'", zones[i]), *said = xasprintf("<dt>Days</dt><dd>in %s</dd>", zones[i]);
        char *end = xasprintf("SELECT string_agg('<td class=\"d\" data-v=\"' || to_char(not_after AT TIME ZONE '%s', 'YYYY-MM-DD') || '\">', '') FROM (SELECT n.not_after FROM certificate_now n "
                              "JOIN owner_basis o ON o.id = n.owner_basis WHERE o.owner = 'Parks Service' AND n.is_leaf AND isfinite(n.not_after) ORDER BY n.not_after LIMIT 1) n", zones[i]);
        fixture_sql(db, sql);
        write_letters_of(db, "zone", true);
        char *letter = read_text("zone", "parks-service.html"), *day = test_rows(db, end);
        day[strcspn(day, "\n")] = '\0';
        if (strstr(letter, said) == NULL || strstr(letter, day) == NULL)
            fail_msg("no %s or %s in %s", said, day, strstr(letter, "<body"));
        assert_int_equal(test_number(db, "SELECT count(*) FROM renewal_term WHERE ask_by > (not_after AT TIME ZONE zone)::date"), 0);
        free(letter);
        letter = read_text("zone", "department-of-revenue.csv");
        free(day);
        free(end);
        end = xasprintf("SELECT 'it ends ' || to_char(not_after AT TIME ZONE '%s', 'YYYY-MM-DD') FROM certificate_now WHERE name = 'efile.revenue.example.gov'", zones[i]);
        day = test_rows(db, end);
        day[strcspn(day, "\n")] = '\0';
        if (strstr(letter, day) == NULL)
            fail_msg("no %s in %s", day, letter);
        free(letter);
        free(day);
        free(end);
        free(said);
        free(sql);
    }
    fixture_sql(db, "UPDATE policy p SET document = k.document FROM policy_kept k WHERE k.id = p.id; UPDATE certificate_now n SET not_after = k.not_after FROM now_kept k WHERE k.certificate = n.certificate; "
                    "DROP TABLE policy_kept, now_kept");
}

/* Last: it makes one owner of all. Each text once for what the same rules are about, and each step once. */
static void many_steps_are_told_in_tables(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    struct error err = {0};
    char *path = xasprintf("%s/many", work);
    struct folder *folder = folder_open(path, &err);
    const struct document_options options = {.written_by = "x", .is_replay = true};
    fixture_sql(db, "UPDATE owner_basis SET owner = 'Everybody'");
    if (folder == NULL || !split_write(&options, db, folder, NULL, &err))
        fail_msg("%s", err.text);
    folder_close(folder);
    char *letter = read_text("many", "everybody.html"), *at = strstr(letter, "<section id=\"steps\"");
    assert_non_null(at);
    size_t steps = 0, groups = 0, texts = 0;
    for (char *row = at; (row = strstr(row, "<tr id=\"step-")) != NULL; row++)
        steps++;
    for (char *section = at; (section = strstr(section, "<section class=\"step\">")) != NULL; section++)
        groups++;
    for (char *text = at; (text = strstr(text, "Tell us, the certificate team, that it is yours")) != NULL; text++)
        texts++;
    char *told = strstr(letter, "<p class=\"lead\">");
    assert_int_equal(number_behind(told, "<p class=\"lead\">"), steps);
    assert_true(steps > 12 && groups < steps && texts > 0 && texts <= groups);
    assert_null(strstr(at, "<h3>1. "));
    free(letter);
    free(path);
}

/* Each step says once when its certificate ends: in what is to be done, else in what was seen, else below its places. */
static void a_step_says_once_when_its_certificate_ends(void **state)
{
    struct db *db = ((struct test_cluster *)*state)->db;
    write_letters(db, "ends");
    char *letter = read_text("ends", "department-of-revenue.html");
    char *ends = test_rows(db, "SELECT string_agg(to_char(not_after AT TIME ZONE 'UTC', 'FMDD Mon YYYY'), ' ') FROM certificate_now WHERE name = 'efile.revenue.example.gov'");
    char *step = strstr(letter, ". efile.<wbr>revenue");
    assert_non_null(step);
    *strstr(step, "</section>") = '\0';
    ends[strcspn(ends, "\n")] = '\0';
    size_t said = 0;
    for (const char *at = step; (at = strstr(at, ends)) != NULL; at++)
        said++;
    if (said != 1)
        fail_msg("%s %zu times: %s", ends, said, step);
    free(ends);
    free(letter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notices_go_by_the_policy_that_judged),
        cmocka_unit_test(a_mute_of_one_rule_stops_its_notices_alone),
        cmocka_unit_test(what_stays_overdue_is_told_to_the_owners_manager),
        cmocka_unit_test(a_notice_without_an_address_is_told),
        cmocka_unit_test(letters_as_of_another_day_change_no_event),
        cmocka_unit_test(what_is_overdue_rings_today),
        cmocka_unit_test(an_owner_reads_of_nobody_else),
        cmocka_unit_test(evidence_tells_the_numbers_of_its_document),
        cmocka_unit_test(evidence_shows_what_was_done_to_it),
        cmocka_unit_test(evidence_written_anew_is_whole),
        cmocka_unit_test(a_time_stamp_answers_the_query_beside_it),
        cmocka_unit_test(a_role_that_only_reads_is_told),
        cmocka_unit_test(a_calendar_changes_and_ends_its_events),
        cmocka_unit_test(letters_tell_what_is_not_judged),
        cmocka_unit_test(a_policy_in_use_since_is_told),
        cmocka_unit_test(a_head_names_the_policy_and_the_owner_rules_that_judged),
        cmocka_unit_test(a_day_to_come_has_no_calendar),
        cmocka_unit_test(many_of_a_day_are_one_event),
        cmocka_unit_test(a_busy_day_does_not_fall_apart),
        cmocka_unit_test(letters_broken_off_do_not_look_whole),
        cmocka_unit_test(letters_broken_off_are_mended_by_the_next),
        cmocka_unit_test(who_has_nothing_left_is_told_once_more),
        cmocka_unit_test(a_notice_without_an_owner_is_told),
        cmocka_unit_test(a_letter_is_not_named_like_a_device),
        cmocka_unit_test(no_letter_writes_a_file_of_another),
        cmocka_unit_test(what_must_be_renewed_is_told_to_its_owner),
        cmocka_unit_test(no_renewal_is_left_out_before_a_later_day),
        cmocka_unit_test(no_step_is_after_the_last_safe_day),
        cmocka_unit_test(a_finding_of_a_place_has_its_own_day),
        cmocka_unit_test(what_must_be_replaced_is_not_renewed),
        cmocka_unit_test(a_step_is_that_of_the_certificate),
        cmocka_unit_test(a_step_says_once_when_its_certificate_ends),
        cmocka_unit_test(owners_are_asked_what_they_can_do),
        cmocka_unit_test(what_the_policy_must_name_is_asked_of_no_owner),
        cmocka_unit_test(a_record_that_nobody_has_seen_reaches_its_owner),
        cmocka_unit_test(a_record_to_be_given_back_reaches_its_owner),
        cmocka_unit_test(a_letter_tells_the_zone_of_its_days),
        cmocka_unit_test(many_steps_are_told_in_tables),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

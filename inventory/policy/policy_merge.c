#include "inventory/policy/policy_merge.h"

#include "inventory/policy/policy_file.h"
#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOINED_MAX 170              /* bytes of a name or source made of several */

enum strict { LAST, HIGHER, LOWER, BOTH, YES };         /* BOTH: the words of both lists */

static const struct { const char *setting; enum strict strict; } stricter[] = {
    {"notice_days", BOTH}, {"share_of_life_percent", BOTH}, {"lead_time_days", HIGHER}, {"expiring_days", HIGHER},
    {"min_rsa_bits", HIGHER}, {"min_ec_bits", HIGHER}, {"forbidden_signature_hashes", BOTH}, {"min_tls_version", HIGHER},
    {"require_tls_version", HIGHER}, {"forbid_foreign", YES}, {"forbid_self_signed", YES}, {"wildcard_needs_approval", YES},
    {"max_validity_days_private", LOWER}, {"allowed_suffixes", BOTH}, {"prohibited_suffixes", BOTH},
    {"prohibited_characters", BOTH}, {"max_names", LOWER}, {"own_suffixes", BOTH}, {"holidays", BOTH}, {"service_installers", BOTH},
    {"lead_business_days", HIGHER}, {"lead_business_days_service", HIGHER}, {"change_lead_business_days", HIGHER},
    {"request_window_days", LOWER}, {"test_window_days", LOWER}, {"contacts_minimum", HIGHER}, {"stale_after_days", LOWER},
};

static enum strict strict_of(const char *setting)
{
    for (size_t i = 0; i < sizeof stricter / sizeof *stricter; i++)
        if (strcmp(stricter[i].setting, setting) == 0)
            return stricter[i].strict;
    return LAST;
}

static bool has_word(const char *list, const char *word, size_t len)
{
    for (size_t n; list += strspn(list, " \t,"), (n = strcspn(list, " \t,")) > 0; list += n)
        if (n == len && strncmp(list, word, len) == 0)
            return true;
    return false;
}

static char *words_of_both(const char *a, const char *b)
{
    char *both = xcalloc(strlen(a) + strlen(b) + 3, 1);
    const char *const lists[] = {a, b};
    for (size_t i = 0; i < 2; i++) {
        const char *word = lists[i];
        for (size_t len; word += strspn(word, " \t,"), (len = strcspn(word, " \t,")) > 0; word += len)
            if (!has_word(both, word, len)) {
                strcat(both, both[0] == '\0' ? "" : " ");
                strncat(both, word, len);
            }
    }
    return both;
}

/* 0 means "not set", for numbers of either direction. */
static const char *stricter_number(enum strict strict, const char *a, const char *b)
{
    long one = strtol(a, NULL, 10), other = strtol(b, NULL, 10);
    if (one == 0 || other == 0)
        return one == 0 ? b : a;
    return (strict == HIGHER) == (one > other) ? a : b;
}

static char *stricter_value(const struct policy_setting_spec *spec, const char *a, const char *b)
{
    enum strict strict = strict_of(spec->name);
    if (strict == BOTH)
        return words_of_both(a, b);
    if (strict == YES)
        return xstrdup(strcmp(a, "yes") == 0 ? a : b);
    if (strict == LAST)
        return xstrdup(b);
    if (spec->kind == POLICY_NUMBER)
        return xstrdup(stricter_number(strict, a, b));
    return xstrdup(a[0] != '\0' && strcmp(a, b) > 0 ? a : b);      /* "TLSv1.2" and "TLSv1.3" sort as they follow */
}

static void conflict_note(struct policy_conflicts *conflicts, const struct policy_setting_spec *spec, const char *first,
                          const struct policy *from, const char *second, const struct policy *other, const char *taken)
{
    if (conflicts == NULL || conflicts->count == POLICY_CONFLICTS_MAX)
        return;
    conflicts->items[conflicts->count++] = (struct policy_conflict){
        .setting = spec->name, .first = xasprintf("%s: %s", from->name, first), .second = xasprintf("%s: %s", other->name, second),
        .taken = xstrdup(taken)};
}

void policy_conflicts_clear(struct policy_conflicts *conflicts)
{
    for (size_t i = 0; i < conflicts->count; i++) {
        free(conflicts->items[i].first);
        free(conflicts->items[i].second);
        free(conflicts->items[i].taken);
    }
    conflicts->count = 0;
}

/* givers[i]: the policy whose value of setting i holds so far. Lists of which both hold do not contradict each other. */
static void settings_add(struct policy *into, const struct policy *from, const struct policy **givers, struct policy_conflicts *conflicts)
{
    for (size_t i = 0; policy_settings[i].name != NULL; i++) {
        if (!from->is_given[i])
            continue;
        if (into->is_given[i]) {
            char *taken = stricter_value(&policy_settings[i], into->values[i], from->values[i]);
            if (strcmp(into->values[i], from->values[i]) != 0 && strict_of(policy_settings[i].name) != BOTH)
                conflict_note(conflicts, &policy_settings[i], into->values[i], givers[i], from->values[i], from, taken);
            if (strcmp(taken, into->values[i]) != 0)
                givers[i] = from;
            policy_replace(&into->values[i], taken);
            free(taken);
        } else {
            policy_replace(&into->values[i], from->values[i]);
            givers[i] = from;
        }
        into->is_given[i] = true;
    }
}

/* CAs of the same name in two policies stay two. */
static const char *free_name(const struct policy *into, const struct policy_ca *ca, const struct policy *from, char **made)
{
    for (size_t i = 0; i < into->ca_count; i++)
        if (into->cas[i].own == ca->own && strcmp(into->cas[i].name, ca->name) == 0 &&
            (strcmp(into->cas[i].issuer, ca->issuer) != 0 || strcmp(into->cas[i].subject, ca->subject) != 0))
            return *made = xasprintf("%s, %s", ca->name, from->name);
    return ca->name;
}

static void sections_add(struct policy *into, const struct policy *from)
{
    for (size_t i = 0; i < from->ca_count; i++) {
        const struct policy_ca *ca = &from->cas[i];
        char *made = NULL;
        struct policy_ca *added = policy_ca_of(into, ca->own, free_name(into, ca, from, &made));
        policy_replace(&added->issuer, ca->issuer);
        policy_replace(&added->subject, ca->subject);
        if (ca->from != NULL)
            policy_replace(&added->from, ca->from);
        if (ca->until != NULL)
            policy_replace(&added->until, ca->until);
        if (ca->crls[0] != '\0')
            policy_replace(&added->crls, ca->crls);
        free(made);
    }
    for (size_t i = 0; i < from->store_count; i++) {
        const struct policy_store *store = &from->stores[i];
        struct policy_store *added = policy_store_of(into, store->name);
        added->is_public = store->is_public;
        policy_replace(&added->file, store->file);
        policy_replace(&added->pem, store->pem);
        const char *const texts[] = {store->platform, store->from_version, store->issued_until, store->sct_until};
        char **const places[] = {&added->platform, &added->from_version, &added->issued_until, &added->sct_until};
        for (size_t j = 0; j < 4; j++)
            if (texts[j] != NULL)
                policy_replace(places[j], texts[j]);
    }
    for (size_t i = 0; i < from->clause_count; i++) {
        const struct policy_clause *clause = &from->clauses[i];
        struct policy_clause *added = policy_clause_of(into, clause->pack, clause->id);
        policy_replace(&added->title, clause->title);
        policy_replace(&added->source, clause->source);
        policy_replace(&added->rules, clause->rules);
        policy_replace(&added->note, clause->note);
    }
}

static void write_key(FILE *out, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0')
        fprintf(out, "%s = %s\n", key, value);
}

/* A line for each of an attribute's: each must hold. */
static void write_lines(FILE *out, const char *key, const char *lines)
{
    for (size_t len; *lines != '\0'; lines += len + (lines[len] == '\n')) {
        len = strcspn(lines, "\n");
        fprintf(out, "%s = %.*s\n", key, (int)len, lines);
    }
}

/* Writes long lists one word a line, since the length of a line is limited. */
static void write_setting(FILE *out, const struct policy_setting_spec *spec, const char *value)
{
    if (!spec->is_list || strlen(value) < 100) {
        fprintf(out, "%s = %s\n", spec->name, value);
        return;
    }
    for (size_t len; value += strspn(value, " \t,"), (len = strcspn(value, " \t,")) > 0; value += len)
        fprintf(out, "%s = %.*s\n", spec->name, (int)len, value);
}

static char *text_of(const struct policy *policy)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    fprintf(out, "[policy]\nname = %s\n", policy->name);
    write_key(out, "title", policy->title);
    write_key(out, "source", policy->source);
    for (size_t i = 0; policy_settings[i].name != NULL; i++)
        if (policy->is_given[i])
            write_setting(out, &policy_settings[i], policy->values[i]);
    for (size_t i = 0; i < policy->ca_count; i++) {
        const struct policy_ca *ca = &policy->cas[i];
        fprintf(out, "\n[%s ca: %s]\n", ca->own ? "own" : "approved", ca->name);
        write_lines(out, "issuer", ca->issuer);
        write_lines(out, "subject", ca->subject);
        write_key(out, "from", ca->from);
        write_key(out, "until", ca->until);
        write_lines(out, "crl", ca->crls);
    }
    for (size_t i = 0; i < policy->store_count; i++) {
        const struct policy_store *store = &policy->stores[i];
        fprintf(out, "\n[trust store: %s]\nkind = %s\n", store->name, store->is_public ? "public" : "private");
        write_key(out, "file", store->file);
        write_key(out, "platform", store->platform);
        write_key(out, "from_version", store->from_version);
        write_key(out, "issued_until", store->issued_until);
        write_key(out, "sct_until", store->sct_until);
    }
    for (size_t i = 0; i < policy->clause_count; i++) {
        const struct policy_clause *clause = &policy->clauses[i];
        fprintf(out, "\n[clause: %s | %s]\n", clause->pack, clause->id);
        write_key(out, "title", clause->title);
        write_key(out, "source", clause->source);
        write_key(out, "rules", clause->rules);
        write_key(out, "note", clause->note);
    }
    fclose(out);
    return text;
}

/* A line of a file has a limit (ini_file.h), so a longer text is shown by its beginning. */
static char *joined(const char *before, const char *between, const char *more)
{
    if (before[0] == '\0' || more[0] == '\0')
        return xstrdup(before[0] == '\0' ? more : before);
    size_t len = strlen(before);
    if (len > 4 && strcmp(before + len - 4, " ...") == 0)
        return xstrdup(before);
    return len + strlen(more) < JOINED_MAX ? xasprintf("%s%s%s", before, between, more) : xasprintf("%s ...", before);
}

struct policy *policy_merge(const struct policy *const *policies, size_t count, struct policy_conflicts *conflicts)
{
    const struct policy *givers[POLICY_SETTINGS_MAX] = {NULL};
    struct policy *merged = policy_new(count == 1 ? policies[0]->text : "", ".");
    for (size_t i = 0; i < count; i++) {
        char *name = joined(i == 0 ? "" : merged->name, " + ", policies[i]->name);
        char *source = joined(merged->source, "; ", policies[i]->source);
        policy_replace(&merged->name, name);
        policy_replace(&merged->source, source);
        settings_add(merged, policies[i], givers, conflicts);
        sections_add(merged, policies[i]);
        free(name);
        free(source);
    }
    if (count == 1) {
        policy_replace(&merged->title, policies[0]->title);
    } else {
        char *text = text_of(merged);
        policy_replace(&merged->text, text);
        free(text);
    }
    return merged;
}

#include "inventory/managed/profile.h"

#include "inventory_managed_profile.h"
#include "probes/base/ini_file.h"
#include "probes/base/memory.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *id, *text;
} built_in[] = {
    {"sectigo-scm", PROFILE_SECTIGO_SCM},
    {"sectigo-rest", PROFILE_SECTIGO_REST},
    {"entrust-ecs", PROFILE_ENTRUST_ECS},
    {"digicert-orders", PROFILE_DIGICERT_ORDERS},
    {"digicert-rest", PROFILE_DIGICERT_REST},
    {"globalsign", PROFILE_GLOBALSIGN},
    {"venafi-tpp", PROFILE_VENAFI_TPP},
    {"venafi-cloud", PROFILE_VENAFI_CLOUD},
    {"keyfactor", PROFILE_KEYFACTOR},
    {"microsoft-ca", PROFILE_MICROSOFT_CA},
    {"powershell", PROFILE_POWERSHELL},
    {"aws-acm", PROFILE_AWS_ACM},
    {"azure-key-vault", PROFILE_AZURE_KEY_VAULT},
    {"gcp", PROFILE_GCP},
    {"vault", PROFILE_VAULT},
    {"cert-manager", PROFILE_CERT_MANAGER},
    {"kubernetes-secret", PROFILE_KUBERNETES_SECRET},
    {"lemur", PROFILE_LEMUR},
    {"servicenow", PROFILE_SERVICENOW},
    {"nessus", PROFILE_NESSUS},
    {"general", PROFILE_GENERAL},
};

static void texts_add(struct profile_texts *texts, const char *text, size_t len)
{
    while (len > 0 && (text[0] == ' ' || text[0] == '\t'))
        text++, len--;
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    if (len == 0)
        return;
    texts->items = xreallocarray(texts->items, texts->count + 1, sizeof *texts->items);
    texts->items[texts->count++] = xstrndup(text, len);
}

/* "A | B". */
static void texts_split(struct profile_texts *texts, const char *list)
{
    for (;;) {
        size_t len = strcspn(list, "|");
        texts_add(texts, list, len);
        if (list[len] == '\0')
            return;
        list += len + 1;
    }
}

static void texts_clear(struct profile_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
}

static void words_add(struct profile_word **words, size_t *count, const char *list, int value)
{
    struct profile_texts texts = {0};
    texts_split(&texts, list);
    for (size_t i = 0; i < texts.count; i++) {
        *words = xreallocarray(*words, *count + 1, sizeof **words);
        (*words)[(*count)++] = (struct profile_word){.pattern = texts.items[i], .value = value};
    }
    free(texts.items);                  /* the words have the texts */
}

static bool set_head(struct profile *profile, const char *name, const char *value, struct error *err)
{
    if (strcmp(name, "name") == 0) {
        free(profile->name);
        profile->name = xstrdup(value);
    } else if (strcmp(name, "needs") == 0) {
        profile->needs = xreallocarray(profile->needs, profile->needs_count + 1, sizeof *profile->needs);
        profile->needs[profile->needs_count] = (struct profile_texts){0};
        texts_split(&profile->needs[profile->needs_count++], value);
    } else if (strcmp(name, "only") == 0) {
        texts_split(&profile->only, value);
        if (profile->only.count % 2 != 0)
            return error_set(err, ERROR_USAGE, "only = %s: expected HEADING | VALUE", value);
    } else if (strcmp(name, "empty") == 0) {
        texts_split(&profile->empty, value);
    } else if (strcmp(name, "serial_numbers") == 0) {
        profile->has_decimal_serials = strcmp(value, "decimal") == 0;
    } else {
        return error_set(err, ERROR_USAGE, "no setting \"%s\" of a profile; expected name, needs, only, empty, serial_numbers", name);
    }
    return true;
}

static int value_of_name(const char *name, const char *(*name_of)(int), int count)
{
    for (int value = 1; value < count; value++)
        if (strcmp(name_of(value), name) == 0)
            return value;
    return 0;
}

static const char *status_name(int value)
{
    return record_status_name((enum record_status)value);
}

static const char *type_name(int value)
{
    return record_type_name((enum record_type)value);
}

static bool on_value(void *context, const char *section, const char *name, const char *value, struct error *err)
{
    struct profile *profile = context;
    enum record_field field = record_field_find(name, strlen(name));
    int word = 0;
    if (strcmp(section, "profile") == 0)
        return set_head(profile, name, value, err);
    if (strcmp(section, "columns") == 0 && field != RECORD_FIELD_COUNT)
        return texts_split(&profile->columns[field], value), true;
    if (strcmp(section, "otherwise") == 0 && field != RECORD_FIELD_COUNT)
        return texts_split(&profile->otherwise[field], value), true;
    if (strcmp(section, "constants") == 0 && field != RECORD_FIELD_COUNT)
        return texts_add(&profile->constants[field], value, strlen(value)), true;
    if (strcmp(section, "status") == 0 && (word = value_of_name(name, status_name, STATUS_COUNT)) != 0)
        return words_add(&profile->statuses, &profile->status_count, value, word), true;
    if (strcmp(section, "type") == 0 && (word = value_of_name(name, type_name, TYPE_COUNT)) != 0)
        return words_add(&profile->types, &profile->type_count, value, word), true;
    return error_set(err, ERROR_USAGE, "[%s] %s: a profile has no such line", section, name);
}

static void profile_clear(struct profile *profile)
{
    free(profile->id);
    free(profile->name);
    for (size_t i = 0; i < profile->needs_count; i++)
        texts_clear(&profile->needs[i]);
    free(profile->needs);
    for (size_t i = 0; i < RECORD_FIELD_COUNT; i++) {
        texts_clear(&profile->columns[i]);
        texts_clear(&profile->constants[i]);
        texts_clear(&profile->otherwise[i]);
    }
    texts_clear(&profile->only);
    texts_clear(&profile->empty);
    for (size_t i = 0; i < profile->status_count; i++)
        free(profile->statuses[i].pattern);
    for (size_t i = 0; i < profile->type_count; i++)
        free(profile->types[i].pattern);
    free(profile->statuses);
    free(profile->types);
}

bool profiles_read(struct profiles *profiles, const char *extra, struct error *err)
{
    size_t built = sizeof built_in / sizeof built_in[0];
    *profiles = (struct profiles){.items = xcalloc(built + 1, sizeof *profiles->items)};
    bool ok = true;
    if (extra != NULL) {
        struct profile *profile = &profiles->items[profiles->count++];
        profile->id = xstrdup(extra);
        profile->name = xstrdup(extra);
        ok = ini_path_read(extra, on_value, profile, err);
    }
    for (size_t i = 0; ok && i < built; i++) {
        struct profile *profile = &profiles->items[profiles->count++];
        profile->id = xstrdup(built_in[i].id);
        profile->name = xstrdup(built_in[i].id);
        ok = ini_text_read(built_in[i].text, built_in[i].id, NULL, on_value, profile, err);
    }
    if (!ok)
        profiles_clear(profiles);
    return ok;
}

void profiles_clear(struct profiles *profiles)
{
    for (size_t i = 0; i < profiles->count; i++)
        profile_clear(&profiles->items[i]);
    free(profiles->items);
    *profiles = (struct profiles){0};
}

const struct profile *profiles_general(const struct profiles *profiles)
{
    return &profiles->items[profiles->count - 1];
}

const struct profile *profiles_find(const struct profiles *profiles, const char *id)
{
    for (size_t i = 0; i < profiles->count; i++)
        if (strcmp(profiles->items[i].id, id) == 0)
            return &profiles->items[i];
    return NULL;
}

int profile_word_value(const struct profile_word *words, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (fnmatch(words[i].pattern, text, FNM_CASEFOLD) == 0)
            return words[i].value;
    return 0;
}

#include "inventory/policy/policy_file.h"

#include "inventory/certificate/cert.h"
#include "inventory/certificate/pem.h"
#include "probes/base/clock.h"
#include "probes/base/file_bytes.h"
#include "probes/base/ini_file.h"
#include "probes/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void replace(char **at, const char *value)
{
    free(*at);
    *at = xstrdup(value);
}

/* Every word of a number setting is a whole number. */
static bool value_fits(const struct policy_setting_spec *spec, const char *value)
{
    if (spec->kind == POLICY_YES_NO)
        return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
    if (spec->kind == POLICY_NUMBER)
        return value[0] != '\0' && strspn(value, spec->is_list ? "0123456789, \t" : "0123456789") == strlen(value);
    return true;
}

static bool set_setting(struct policy *policy, const char *name, const char *value, struct error *err)
{
    if (strcmp(name, "name") == 0) {
        replace(&policy->name, value);
        return true;
    }
    for (size_t i = 0; policy_settings[i].name != NULL; i++) {
        if (strcmp(policy_settings[i].name, name) != 0)
            continue;
        if (!value_fits(&policy_settings[i], value))
            return error_set(err, ERROR_USAGE, "%s = %s: expected %s", name, value,
                             policy_settings[i].kind == POLICY_YES_NO ? "yes or no" : "whole numbers");
        replace(&policy->values[i], value);
        return true;
    }
    return error_set(err, ERROR_USAGE, "no setting \"%s\" in [policy]; certsweep policy show lists them", name);
}

static struct policy_ca *ca_of(struct policy *policy, bool own, const char *name)
{
    for (size_t i = 0; i < policy->ca_count; i++)
        if (policy->cas[i].own == own && strcmp(policy->cas[i].name, name) == 0)
            return &policy->cas[i];
    policy->cas = xreallocarray(policy->cas, policy->ca_count + 1, sizeof *policy->cas);
    struct policy_ca *ca = &policy->cas[policy->ca_count++];
    *ca = (struct policy_ca){.own = own, .name = xstrdup(name), .issuer = xstrdup(""), .subject = xstrdup("")};
    return ca;
}

static void add_line(char **list, const char *line)
{
    char *longer = (*list)[0] == '\0' ? xstrdup(line) : xasprintf("%s\n%s", *list, line);
    free(*list);
    *list = longer;
}

static bool set_ca(struct policy_ca *ca, const char *name, const char *value, struct error *err)
{
    int64_t time_us;
    if (strcmp(name, "issuer") == 0 || strcmp(name, "subject") == 0) {
        if (strchr(value, '=') == NULL)
            return error_set(err, ERROR_USAGE, "%s = %s: expected an attribute, as O=Sectigo Limited", name, value);
        add_line(name[0] == 'i' ? &ca->issuer : &ca->subject, value);
        return true;
    }
    if (strcmp(name, "from") != 0 && strcmp(name, "until") != 0)
        return error_set(err, ERROR_USAGE, "no key \"%s\" here; expected issuer, subject, from, until", name);
    if (!clock_parse_us(value, &time_us))
        return error_set(err, ERROR_USAGE, "%s = %s: no date; expected 2026-01-31", name, value);
    replace(name[0] == 'f' ? &ca->from : &ca->until, value);
    return true;
}

static struct policy_store *store_of(struct policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->store_count; i++)
        if (strcmp(policy->stores[i].name, name) == 0)
            return &policy->stores[i];
    policy->stores = xreallocarray(policy->stores, policy->store_count + 1, sizeof *policy->stores);
    struct policy_store *store = &policy->stores[policy->store_count++];
    *store = (struct policy_store){.name = xstrdup(name), .pem = xstrdup("")};
    return store;
}

/* A store that holds anything but certificates would vouch for nobody, or not for whom its owner thinks. */
static bool check_store(const char *path, const char *pem, struct error *err)
{
    struct pem_reader reader = pem_reader_of(pem, strlen(pem));
    size_t count = 0;
    bool ok = true;
    for (struct pem_block block; ok && pem_next(&reader, &block); free(block.der)) {
        if (strcmp(block.label, "CERTIFICATE") != 0)
            continue;
        count++;
        struct cert *cert = block.fault != NULL ? NULL : cert_parse(block.der, block.len);
        if (block.fault != NULL)
            ok = error_set(err, ERROR_USAGE, "%s:%zu: %s", path, block.line, block.fault);
        else if (!cert_has(cert, CERT_STRUCTURE) || !cert_has(cert, CERT_SUBJECT) || cert->spki.left == 0)
            ok = error_set(err, ERROR_USAGE, "%s:%zu: what stands here is no certificate", path, block.line);
        cert_destroy(cert);
    }
    return ok && (count > 0 || error_set(err, ERROR_USAGE, "%s: no certificate in it (PEM is expected)", path));
}

static bool read_store(const struct policy *policy, struct policy_store *store, const char *value,
                       struct error *err)
{
    struct file_bytes file;
    char *path = value[0] == '/' ? xstrdup(value) : xasprintf("%s/%s", policy->directory, value);
    bool ok = file_bytes_open(&file, path, err);
    if (ok) {
        free(store->pem);
        store->pem = xstrndup(file.bytes == NULL ? "" : (const char *)file.bytes, file.len);
        ok = check_store(path, store->pem, err);
        file_bytes_close(&file);
    }
    free(path);
    return ok;
}

static bool set_store(const struct policy *policy, struct policy_store *store, const char *name, const char *value,
                      struct error *err)
{
    if (strcmp(name, "file") == 0)
        return read_store(policy, store, value, err);
    if (strcmp(name, "platform") == 0 || strcmp(name, "from_version") == 0) {
        replace(name[0] == 'p' ? &store->platform : &store->from_version, value);
        return true;
    }
    if (strcmp(name, "issued_until") == 0 || strcmp(name, "sct_until") == 0) {
        int64_t time_us;
        replace(name[0] == 'i' ? &store->issued_until : &store->sct_until, value);
        return clock_parse_us(value, &time_us) || error_set(err, ERROR_USAGE, "%s = %s: no date; expected 2026-01-31", name, value);
    }
    if (strcmp(name, "kind") != 0)
        return error_set(err, ERROR_USAGE, "no key \"%s\" here; expected kind, file, platform, from_version, issued_until, sct_until", name);
    if (strcmp(value, "public") != 0 && strcmp(value, "private") != 0)
        return error_set(err, ERROR_USAGE, "kind = %s: expected public or private", value);
    store->is_public = strcmp(value, "public") == 0;
    return true;
}

/* "own ca: State" with the kind "own ca" gives "State". */
static const char *section_name(const char *section, const char *kind)
{
    size_t len = strlen(kind);
    if (strncmp(section, kind, len) != 0 || section[len] != ':')
        return NULL;
    section += len + 1;
    return section + strspn(section, " \t");
}

/* inih does not report a section without keys, but an own CA without any must be an error. */
static void note_sections(struct policy *policy, const char *text)
{
    for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
        line += strspn(line, " \t\r\n");
        size_t len = strcspn(line, "]\n");
        if (line[0] != '[' || line[len] != ']')
            continue;
        char *section = xstrndup(line + 1, len - 1);
        const char *own = section_name(section, "own ca"), *approved = section_name(section, "approved ca"),
                   *store = section_name(section, "trust store");
        if (own != NULL || approved != NULL)
            ca_of(policy, own != NULL, own != NULL ? own : approved);
        else if (store != NULL)
            store_of(policy, store);
        free(section);
    }
}

static bool on_value(void *context, const char *section, const char *name, const char *value, struct error *err)
{
    struct policy *policy = context;
    const char *own = section_name(section, "own ca"), *approved = section_name(section, "approved ca"),
               *store = section_name(section, "trust store");
    if (strcmp(section, "policy") == 0)
        return set_setting(policy, name, value, err);
    if (own != NULL || approved != NULL)
        return set_ca(ca_of(policy, own != NULL, own != NULL ? own : approved), name, value, err);
    if (store != NULL)
        return set_store(policy, store_of(policy, store), name, value, err);
    return error_set(err, ERROR_USAGE,
                     "no section [%s]; expected [policy], [own ca: NAME], [approved ca: NAME], [trust store: NAME]",
                     section);
}

static bool check_whole(const struct policy *policy, const char *file, struct error *err)
{
    for (size_t i = 0; i < policy->ca_count; i++)
        if (policy->cas[i].issuer[0] == '\0' && policy->cas[i].subject[0] == '\0')
            return error_set(err, ERROR_USAGE, "%s: [%s ca: %s] has no issuer and no subject: it would mean every "
                                               "certificate",
                             file, policy->cas[i].own ? "own" : "approved", policy->cas[i].name);
    for (size_t i = 0; i < policy->store_count; i++)
        if (strcmp(policy->stores[i].name, "system") == 0 || strcmp(policy->stores[i].name, "managed") == 0)
            return error_set(err, ERROR_USAGE, "%s: [trust store: %s]: that name is taken by a store that is always there", file,
                             policy->stores[i].name);
    for (size_t i = 0; i < policy->store_count; i++)
        if (policy->stores[i].pem[0] == '\0')
            return error_set(err, ERROR_USAGE, "%s: [trust store: %s] names no file", file, policy->stores[i].name);
    return true;
}

static struct policy *policy_parse_in(const char *file, const char *directory, const char *text, struct error *err)
{
    struct policy *policy = xcalloc(1, sizeof *policy);
    policy->name = xstrdup("unnamed");
    policy->text = xstrdup(text);
    policy->directory = xstrdup(directory);
    for (size_t i = 0; policy_settings[i].name != NULL; i++)
        policy->values[i] = xstrdup(policy_settings[i].value);
    note_sections(policy, text);
    if (ini_text_read(text, file, on_value, policy, err) && check_whole(policy, file, err))
        return policy;
    policy_destroy(policy);
    return NULL;
}

struct policy *policy_parse(const char *file, const char *text, struct error *err)
{
    return policy_parse_in(file, ".", text, err);
}

struct policy *policy_load(const char *path, struct error *err)
{
    struct file_bytes file;
    if (!file_bytes_open(&file, path, err))
        return NULL;
    char *text = xstrndup(file.bytes == NULL ? "" : (const char *)file.bytes, file.len);
    const char *slash = strrchr(path, '/');
    char *directory = slash == NULL ? xstrdup(".") : xstrndup(path, (size_t)(slash - path) + (slash == path));
    struct policy *policy = policy_parse_in(path, directory, text, err);
    free(directory);
    free(text);
    file_bytes_close(&file);
    return policy;
}

struct policy *policy_builtin(void)
{
    return policy_parse("built-in", "[policy]\nname = built-in\n", NULL);
}

const char *policy_name(const struct policy *policy)
{
    return policy->name;
}

void policy_destroy(struct policy *policy)
{
    if (policy == NULL)
        return;
    for (size_t i = 0; policy_settings[i].name != NULL; i++)
        free(policy->values[i]);
    for (size_t i = 0; i < policy->ca_count; i++) {
        struct policy_ca *ca = &policy->cas[i];
        free(ca->name);
        free(ca->issuer);
        free(ca->subject);
        free(ca->from);
        free(ca->until);
    }
    for (size_t i = 0; i < policy->store_count; i++) {
        free(policy->stores[i].name);
        free(policy->stores[i].pem);
        free(policy->stores[i].platform);
        free(policy->stores[i].from_version);
        free(policy->stores[i].issued_until);
        free(policy->stores[i].sct_until);
    }
    free(policy->cas);
    free(policy->stores);
    free(policy->name);
    free(policy->text);
    free(policy->directory);
    free(policy);
}

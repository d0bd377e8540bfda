#include "inventory/policy/policy_file.h"

#include "inventory/certificate/cert.h"
#include "inventory/certificate/pem.h"
#include "inventory/policy/holidays.h"
#include "inventory/policy/policy_dn.h"
#include "probes/base/clock.h"
#include "probes/base/file_bytes.h"
#include "probes/base/ini_file.h"
#include "probes/base/memory.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NUMBER_DIGITS_MAX 6         /* days, bits, names: none is longer, and an integer of the database holds it */

static bool word_fits(const struct policy_setting_spec *spec, const char *word, size_t len)
{
    char text[CLOCK_TEXT_SIZE];
    int64_t time_us;
    switch (spec->kind) {
    case POLICY_NUMBER:
        return len <= NUMBER_DIGITS_MAX && strspn(word, "0123456789") >= len;
    case POLICY_YES_NO:
        return (len == 3 && strncmp(word, "yes", 3) == 0) || (len == 2 && strncmp(word, "no", 2) == 0);
    case POLICY_TIME:
        return len == 5 && word[2] == ':' && strspn(word, "0123456789") == 2 && strncmp(word, "24", 2) < 0 && word[3] >= '0' &&
               word[3] <= '5' && word[4] >= '0' && word[4] <= '9';
    case POLICY_DATE:
        snprintf(text, sizeof text, "%.*s", (int)(len < 11 ? len : 11), word);
        return len == 10 && clock_parse_us(text, &time_us);
    case POLICY_TEXT:
        break;
    }
    return true;
}

/* Every word of a list, or the one of another setting. */
static bool value_fits(const struct policy_setting_spec *spec, const char *value)
{
    size_t words = 0, len;
    for (value += strspn(value, " \t,"); (len = strcspn(value, " \t,")) > 0; value += len, value += strspn(value, " \t,")) {
        if (!word_fits(spec, value, len))
            return false;
        words++;
    }
    return spec->kind == POLICY_TEXT || spec->is_list || words == 1;
}

static const char *expected(const struct policy_setting_spec *spec)
{
    switch (spec->kind) {
    case POLICY_NUMBER: return "whole numbers";
    case POLICY_YES_NO: return "yes or no";
    case POLICY_TIME:   return "a time of day, as 17:00";
    case POLICY_DATE:   return "dates, as 2026-11-26";
    case POLICY_TEXT:   break;
    }
    return "a text";
}

static size_t setting_index(const char *name)
{
    size_t i = 0;
    while (policy_settings[i].name != NULL && strcmp(policy_settings[i].name, name) != 0)
        i++;
    return i;
}

/* Those of a file are added to those of the line. */
static bool read_holidays(struct policy *policy, const char *value, struct error *err)
{
    struct file_bytes file;
    char *path = value[0] == '/' ? xstrdup(value) : xasprintf("%s/%s", policy->directory, value), *dates = NULL;
    if (file_bytes_open(&file, path, err)) {
        char *text = xstrndup(file.bytes == NULL ? "" : (const char *)file.bytes, file.len);
        dates = holidays_parse(path, text, err);
        free(text);
        file_bytes_close(&file);
    }
    free(path);
    if (dates == NULL)
        return false;
    size_t i = setting_index("holidays");
    char *all = xasprintf("%s%s%s", policy->values[i], policy->values[i][0] == '\0' ? "" : " ", dates);
    policy_replace(&policy->values[i], all);
    policy->is_given[i] = true;
    free(all);
    free(dates);
    return true;
}

static bool set_setting(struct policy *policy, const char *name, const char *value, struct error *err)
{
    if (strcmp(name, "name") == 0 || strcmp(name, "title") == 0 || strcmp(name, "source") == 0) {
        policy_replace(name[0] == 'n' ? &policy->name : name[0] == 't' ? &policy->title : &policy->source, value);
        return true;
    }
    if (strcmp(name, "holidays_file") == 0)
        return read_holidays(policy, value, err);
    size_t i = setting_index(name);
    const struct policy_setting_spec *spec = &policy_settings[i];
    if (spec->name != NULL && !value_fits(spec, value))
        return error_set(err, ERROR_USAGE, "%s = %s: expected %s", name, value, expected(spec));
    if (spec->name != NULL) {
        bool goes_on = policy->is_given[i] && spec->is_list;        /* a list may take several lines */
        char *all = goes_on ? xasprintf("%s %s", policy->values[i], value) : xstrdup(value);
        policy_replace(&policy->values[i], all);
        policy->is_given[i] = true;
        free(all);
        return true;
    }
    return error_set(err, ERROR_USAGE, "no setting \"%s\" in [policy]; certsweep policy show lists them", name);
}

static void add_line(char **list, const char *line)
{
    char *longer = (*list)[0] == '\0' ? xstrdup(line) : xasprintf("%s\n%s", *list, line);
    free(*list);
    *list = longer;
}

/* In place of a pointer that is not followed (ldap), or where certificates have none. */
static bool add_list(const struct policy *policy, struct policy_ca *ca, const char *value, struct error *err)
{
    bool is_url = strncasecmp(value, "http://", 7) == 0 || strncasecmp(value, "https://", 8) == 0;
    if (!is_url && strstr(value, "://") != NULL)
        return error_set(err, ERROR_USAGE, "crl = %s: expected a URL with http:// or https://, or a file", value);
    char *place = is_url || value[0] == '/' ? xstrdup(value) : xasprintf("%s/%s", policy->directory, value);
    add_line(&ca->crls, place);
    free(place);
    return true;
}

static bool set_ca(const struct policy *policy, struct policy_ca *ca, const char *name, const char *value, struct error *err)
{
    int64_t time_us;
    if (strcmp(name, "issuer") == 0 || strcmp(name, "subject") == 0) {
        char *attributes = policy_dn_attributes(value);
        if (attributes == NULL)
            return error_set(err, ERROR_USAGE, "%s = %s: expected attributes of a name, as O=Sectigo Limited or CN=..., O=..., C=...",
                             name, value);
        add_line(name[0] == 'i' ? &ca->issuer : &ca->subject, attributes);
        free(attributes);
        return true;
    }
    if (strcmp(name, "crl") == 0)
        return add_list(policy, ca, value, err);
    if (strcmp(name, "from") != 0 && strcmp(name, "until") != 0)
        return error_set(err, ERROR_USAGE, "no key \"%s\" here; expected issuer, subject, from, until, crl", name);
    if (!clock_parse_us(value, &time_us))
        return error_set(err, ERROR_USAGE, "%s = %s: no date; expected 2026-01-31", name, value);
    policy_replace(name[0] == 'f' ? &ca->from : &ca->until, value);
    return true;
}

/* A store that holds anything but certificates would trust no CA, or not those its owner thinks. */
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
            ok = error_set(err, ERROR_USAGE, "%s:%zu: this PEM block is no certificate", path, block.line);
        cert_destroy(cert);
    }
    return ok && (count > 0 || error_set(err, ERROR_USAGE, "%s: no certificate in it (PEM or DER is expected)", path));
}

static char *pem_of(const uint8_t *der, size_t len)
{
    char *base64 = xmalloc(len * 4 / 3 + 8);
    EVP_EncodeBlock((unsigned char *)base64, der, (int)len);
    char *pem = xasprintf("-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n", base64);
    free(base64);
    return pem;
}

static bool read_store(const struct policy *policy, struct policy_store *store, const char *value,
                       struct error *err)
{
    struct file_bytes file;
    char *path = value[0] == '/' ? xstrdup(value) : xasprintf("%s/%s", policy->directory, value);
    bool ok = file_bytes_open(&file, path, err);
    if (ok) {
        free(store->pem);
        store->pem = file.len > 0 && file.bytes[0] == 0x30 ? pem_of(file.bytes, file.len)
                                                           : xstrndup(file.bytes == NULL ? "" : (const char *)file.bytes, file.len);
        policy_replace(&store->file, path);
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
        policy_replace(name[0] == 'p' ? &store->platform : &store->from_version, value);
        return true;
    }
    if (strcmp(name, "issued_until") == 0 || strcmp(name, "sct_until") == 0) {
        int64_t time_us;
        policy_replace(name[0] == 'i' ? &store->issued_until : &store->sct_until, value);
        return clock_parse_us(value, &time_us) || error_set(err, ERROR_USAGE, "%s = %s: no date; expected 2026-01-31", name, value);
    }
    if (strcmp(name, "kind") != 0)
        return error_set(err, ERROR_USAGE, "no key \"%s\" here; expected kind, file, platform, from_version, issued_until, sct_until", name);
    if (strcmp(value, "public") != 0 && strcmp(value, "private") != 0)
        return error_set(err, ERROR_USAGE, "kind = %s: expected public or private", value);
    store->is_public = strcmp(value, "public") == 0;
    return true;
}

/* "4.2.1", or "pci-dss-4 | 4.2.1" where several packs were made one policy. */
static bool set_clause(struct policy *policy, const char *section, const char *name, const char *value, struct error *err)
{
    const char *bar = strstr(section, " | ");
    char *pack = bar == NULL ? xstrdup(policy->name) : xstrndup(section, (size_t)(bar - section));
    struct policy_clause *clause = policy_clause_of(policy, pack, bar == NULL ? section : bar + 3);
    free(pack);
    char **const at = strcmp(name, "title") == 0 ? &clause->title : strcmp(name, "source") == 0 ? &clause->source
                    : strcmp(name, "rules") == 0 ? &clause->rules : strcmp(name, "note") == 0 ? &clause->note : NULL;
    if (at == NULL)
        return error_set(err, ERROR_USAGE, "no key \"%s\" here; expected title, source, rules, note", name);
    policy_replace(at, value);
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

/* A section without keys is one, too: an own CA without any must be an error. */
static void on_section(void *context, const char *section)
{
    struct policy *policy = context;
    const char *own = section_name(section, "own ca"), *approved = section_name(section, "approved ca"),
               *store = section_name(section, "trust store");
    policy->has_section = true;
    if (own != NULL || approved != NULL)
        policy_ca_of(policy, own != NULL, own != NULL ? own : approved);
    else if (store != NULL)
        policy_store_of(policy, store);
}

static bool on_value(void *context, const char *section, const char *name, const char *value, struct error *err)
{
    struct policy *policy = context;
    const char *own = section_name(section, "own ca"), *approved = section_name(section, "approved ca"),
               *store = section_name(section, "trust store"), *clause = section_name(section, "clause");
    if (strcmp(section, "policy") == 0)
        return set_setting(policy, name, value, err);
    if (own != NULL || approved != NULL)
        return set_ca(policy, policy_ca_of(policy, own != NULL, own != NULL ? own : approved), name, value, err);
    if (store != NULL)
        return set_store(policy, policy_store_of(policy, store), name, value, err);
    if (clause != NULL)
        return set_clause(policy, clause, name, value, err);
    return error_set(err, ERROR_USAGE,
                     "no section [%s]; expected [policy], [own ca: NAME], [approved ca: NAME], [trust store: NAME], [clause: ID]",
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

/* An empty file, or one of comments: a slip that would put all that holds out of force. */
static bool check_not_empty(const struct policy *policy, const char *file, struct error *err)
{
    return policy->has_section || error_set(err, ERROR_USAGE, "%s: there is no policy in it; certsweep policy show prints one as it is written",
                                            file);
}

static struct policy *policy_parse_in(const char *file, const char *directory, const char *text, struct error *err)
{
    struct policy *policy = policy_new(text, directory);
    if (ini_text_read(text, file, on_section, on_value, policy, err) && check_not_empty(policy, file, err) && check_whole(policy, file, err))
        return policy;
    policy_destroy(policy);
    return NULL;
}

struct policy *policy_parse(const char *file, const char *text, struct error *err)
{
    return policy_parse_in(file, ".", text, err);
}

/* Editors and PowerShell on Windows write UTF-16; as UTF-8 it would be cut at its first letter. */
static bool check_bytes(const struct file_bytes *file, const char *path, struct error *err)
{
    if (file->bytes == NULL || memchr(file->bytes, '\0', file->len) == NULL)
        return true;
    return error_set(err, ERROR_USAGE, "%s: its bytes are UTF-16, or no text at all; save it as UTF-8 (iconv -f UTF-16 -t UTF-8 %s > NEW)", path, path);
}

struct policy *policy_load(const char *path, struct error *err)
{
    struct file_bytes file;
    if (!file_bytes_open(&file, path, err))
        return NULL;
    if (!check_bytes(&file, path, err)) {
        file_bytes_close(&file);
        return NULL;
    }
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

#include "scanner/cli/test_stores.h"

#include "inventory/certificate/system_roots.h"
#include "inventory/formats/format.h"
#include "probes/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JAVA_ROOTS "/etc/ssl/certs/java/cacerts"           /* of ca-certificates-java */

static bool add(struct test_stores *stores, struct chain_store *store)
{
    if (store != NULL)
        stores->list[stores->count++] = store;
    return store != NULL;
}

static void on_certificate(void *context, const char *file, size_t line, const uint8_t *der, size_t len)
{
    (void)file, (void)line;
    chain_store_add(context, der, len);
}

static void on_text(void *context, const char *file, const char *text)
{
    (void)context, (void)file, (void)text;
}

static void on_fault(void *context, const char *file, size_t line, const char *text)
{
    (void)line;
    on_text(context, file, text);
}

static bool on_table(void *context, const char *file, const struct table *table, struct error *err)
{
    (void)context, (void)file, (void)table, (void)err;
    return true;
}

/* Of a file or a folder in any format; NULL with an error if it has no certificate. */
static struct chain_store *store_of(const char *name, const char *path, struct error *err)
{
    struct chain_store *store = chain_store_empty(name, false);
    const struct format_options none = {0};
    const struct format_sink sink = {.certificate = on_certificate, .table = on_table, .fault = on_fault, .note = on_text, .context = store};
    if (!format_read_path(path, &none, &sink, NULL, err) || chain_store_is_empty(store)) {
        if (err->kind == ERROR_NONE)
            error_set(err, ERROR_USAGE, "%s: no certificate in it", path);
        chain_store_destroy(store);
        return NULL;
    }
    return store;
}

/* Of the machine's roots: the public ones, or those that its administrator added; NULL: none. */
static struct chain_store *machine_store(const struct system_roots *roots, bool is_local)
{
    struct chain_store *store = chain_store_empty(is_local ? LOCAL_ROOTS_STORE : "system", !is_local);
    for (size_t i = 0; i < roots->count; i++)
        if (roots->list[i].is_local == is_local)
            chain_store_add(store, roots->list[i].der, roots->list[i].len);
    if (!chain_store_is_empty(store))
        return store;
    chain_store_destroy(store);
    return NULL;
}

/* Where CERTSWEEP_ROOTS names the public roots, nothing else of the machine counts. */
static void add_machine(struct test_stores *stores)
{
    const struct root_places places = root_places_of_machine();
    struct system_roots roots = {0};
    struct error missing = {0};
    bool is_read = system_roots_read(&places, &roots, &missing);
    if (!add(stores, machine_store(&roots, false)))
        log_warning("public roots are not known: %s", is_read ? "the system's file holds none" : missing.text);
    add(stores, machine_store(&roots, true));
    system_roots_clear(&roots);
    if (places.local != NULL && access(JAVA_ROOTS, R_OK) == 0 && add(stores, store_of("Java", JAVA_ROOTS, &missing)))
        chain_store_show_only(stores->list[stores->count - 1]);
}

/* --roots NAME=FILE, or FILE alone: named by itself. */
bool test_stores_read(const struct options *options, struct test_stores *stores, struct error *err)
{
    add_machine(stores);
    for (size_t i = 0; i < option_count(options, "roots"); i++) {
        const char *text = option_at(options, "roots", i), *equals = strchr(text, '=');
        char name[64];
        if (stores->count == CHAIN_STORES_MAX)
            return error_set(err, ERROR_USAGE, "--roots: at most %d", CHAIN_STORES_MAX - 3);
        snprintf(name, sizeof name, "%.*s", equals == NULL ? 63 : (int)(equals - text), text);
        if (!add(stores, store_of(name, equals == NULL ? text : equals + 1, err))) {
            err->kind = ERROR_USAGE;
            return error_add_context(err, "--roots");
        }
    }
    return true;
}

void test_stores_clear(struct test_stores *stores)
{
    for (size_t i = 0; i < stores->count; i++)
        chain_store_destroy(stores->list[i]);
    stores->count = 0;
}

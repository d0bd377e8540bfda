#include "scanner/cli/root.h"

#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "probes/base/named_folder.h"
#include "scanner/cli/options.h"
#include "scanner/cli/scan_inventory.h"
#include "scanner/process/starter.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM_HOME    "/var/lib/certsweep"
#define SYSTEM_RUN     "/run/certsweep"

static bool is_one_of(const char *text, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(text, *list) == 0)
            return true;
    return false;
}

/* ---- who the keeper becomes ---- */

/* The owner of the private database's folder, else the first of these users that there is. */
static bool find_user(struct starter_rules *rules, struct error *err)
{
    static const char *const names[] = {"certsweep", "postgres", "nobody"};
    struct stat status;
    if (stat(rules->home, &status) == 0 && status.st_uid != 0) {
        rules->uid = status.st_uid;
        rules->gid = status.st_gid;
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct passwd *user = getpwnam(names[i]);
        if (user == NULL || user->pw_uid == 0)
            continue;
        if (i != 0)
            log_warning("there is no system user certsweep (the package and ./bootstrap make it); files and database are handled "
                        "as %s",
                        names[i]);
        rules->uid = user->pw_uid;
        rules->gid = user->pw_gid;
        return true;
    }
    return error_set(err, ERROR_SYSTEM, "called by root, and there is no user certsweep, postgres or nobody to run as");
}

/* ---- what it may open ---- */

static void add_word(struct starter_rules *rules, const char *text, bool is_output)
{
    text += text[0] == '@';
    if (text[0] == '\0' || strcmp(text, "-") == 0)
        return;
    if ((rules->word_count & (rules->word_count - 1)) == 0)
        rules->words = xreallocarray(rules->words, rules->word_count == 0 ? 1 : rules->word_count * 2, sizeof *rules->words);
    rules->words[rules->word_count++] = (struct starter_word){.path = text, .is_output = is_output};
}

/* Every value and argument counts as a path; most are none, and then nothing of that name exists. */
static void add_words(struct starter_rules *rules, const struct command *command, const struct options *options)
{
    static const char *const outputs[] = {"output", "jsonl", "jsonl-all", "follow-up", "resume", "evidence", "eml", NULL};
    static const char *const making[] = {"bundle seal", "db dump", NULL};     /* their arguments are written */
    const struct option_spec *row;
    for (size_t i = 0; (row = options_row(command, i)) != NULL; i++)
        for (size_t k = 0; row->argument != NULL && k < option_count(options, row->name); k++) {
            const char *text = option_at(options, row->name, k), *behind_kind = strchr(text, ':');
            bool has_kind = strcmp(row->name, "openvpn-key") == 0 && behind_kind != NULL;
            add_word(rules, has_kind ? behind_kind + 1 : text, is_one_of(row->name, outputs));
        }
    for (size_t i = 0; i < argument_count(options); i++)
        add_word(rules, argument_at(options, i), is_one_of(command->name, making));
}

/* ---- the split ---- */

bool root_split(const struct command *command, const struct options *options, int *code)
{
    static const char *const programs[] = {"db dump", "db restore", NULL};
    const char *dsn = options_find(command, "db") == NULL ? NULL : option_get(options, "db");
    if (geteuid() != 0)
        return true;
    struct error err = {0};
    const char *named = named_folder("CERTSWEEP_HOME"), *home = named != NULL ? named : SYSTEM_HOME, *bundles = named_folder("CERTSWEEP_BUNDLES");
    char *beside = xasprintf("%s/bundles", home);       /* a home holds its bundles */
    struct starter_rules rules = {.home = home,
                                  .bundles = bundles != NULL ? bundles : beside,
                                  .plan = options_find(command, "plan") == NULL ? NULL : option_get(options, "plan")};
    if (strcmp(rules.home, SYSTEM_HOME) == 0)
        rules.run = SYSTEM_RUN;
    if (!find_user(&rules, &err)) {
        free(beside);
        *code = command_fail(&err);
        return false;
    }
    add_words(&rules, command, options);
    starter_close_inherited(&rules);
    if (dsn != NULL)
        scan_inventory_connect(dsn, is_one_of(command->name, programs));
    scan_inventory_helper(&rules.serve, &rules.use);
    fflush(NULL);
    bool is_keeper = starter_split(&rules, code, &err);
    free(rules.words);
    free(beside);
    if (!is_keeper && err.kind != ERROR_NONE)
        *code = command_fail(&err);
    return is_keeper;
}

#include "inventory/formats/renewers.h"

#include "probes/base/byte_reader.h"
#include "probes/base/file_bytes.h"
#include "probes/base/memory.h"
#include "probes/base/user_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SETTINGS_MAX 65536

/* ROOT/FOLDER/NAME/FILE; borrowed from the path. */
struct kept_path {
    const char *root, *folder, *name, *file;
    size_t root_len, folder_len, name_len;
};

static bool split_last(const char *path, size_t *len, const char **part, size_t *part_len)
{
    const char *slash = memrchr(path, '/', *len);
    if (slash == NULL || (size_t)(slash - path) + 1 == *len)
        return false;
    *part = slash + 1;
    *part_len = *len - (size_t)(slash + 1 - path);
    *len = (size_t)(slash - path);
    return true;
}

static bool split_path(const char *path, struct kept_path *kept)
{
    size_t file_len;
    kept->root = path;
    kept->root_len = strlen(path);
    return split_last(path, &kept->root_len, &kept->file, &file_len) && split_last(path, &kept->root_len, &kept->name, &kept->name_len) &&
           split_last(path, &kept->root_len, &kept->folder, &kept->folder_len);
}

static bool is_folder(const struct kept_path *kept, const char *name)
{
    return kept->folder_len == strlen(name) && memcmp(kept->folder, name, kept->folder_len) == 0;
}

/* "cert3.pem" is an older one than what live/NAME/cert.pem points to. */
bool certbot_has_replaced(const char *path)
{
    struct kept_path kept;
    if (!split_path(path, &kept) || !is_folder(&kept, "archive"))
        return false;
    const char *digits = strpbrk(kept.file, "0123456789");
    if (digits == NULL || strcmp(digits + strspn(digits, "0123456789"), ".pem") != 0)
        return false;
    char *live = xasprintf("%.*s/live/%.*s/%.*s.pem", (int)kept.root_len, kept.root, (int)kept.name_len, kept.name, (int)(digits - kept.file), kept.file);
    char *current = user_file_real_path(live);
    bool is_older = current != NULL && strcmp(current, path) != 0;
    free(current);
    free(live);
    return is_older;
}

/* The settings of acme.sh for the folder with this name below root; yours. */
static char *acme_sh_settings(const char *root, size_t root_len, const char *name, size_t name_len)
{
    static const char curve[] = "_ecc";
    size_t len = name_len;
    if (len > sizeof curve - 1 && strncmp(name + len - (sizeof curve - 1), curve, sizeof curve - 1) == 0)
        len -= sizeof curve - 1;
    return xasprintf("%.*s/%.*s/%.*s.conf", (int)root_len, root, (int)name_len, name, (int)len, name);
}

bool acme_sh_has_replaced(const char *path)
{
    struct kept_path kept;              /* root/NAME/backup/FILE */
    size_t len = strlen(path);
    if (len < 4 || strcmp(path + len - 4, ".bak") != 0 || !split_path(path, &kept) || kept.name_len != 6 || memcmp(kept.name, "backup", 6) != 0)
        return false;
    char *settings = acme_sh_settings(kept.root, kept.root_len, kept.folder, kept.folder_len);
    bool is_acme = user_file_exists(settings);
    free(settings);
    return is_acme;
}

/* The value of KEY = VALUE, the first of them; false: there is no such line, or no such file. */
static bool read_setting(const char *path, const char *key, char value[64])
{
    struct file_bytes file;
    struct error ignored = {0};
    if (!user_file_exists(path) || !file_bytes_open(&file, path, &ignored))
        return false;
    bool found = false;
    char *text = file.len > SETTINGS_MAX ? NULL : xstrndup((const char *)file.bytes, file.len), *rest = NULL;
    for (char *line = text == NULL ? NULL : strtok_r(text, "\r\n", &rest); line != NULL && !found; line = strtok_r(NULL, "\r\n", &rest)) {
        char *at = line + strspn(line, " \t");
        size_t len = strlen(key);
        if (strncmp(at, key, len) != 0 || at[len + strspn(at + len, " \t")] != '=')
            continue;
        at += len + strspn(at + len, " \t") + 1;
        snprintf(value, 64, "%s", at + strspn(at, " \t'\""));
        found = true;
    }
    free(text);
    file_bytes_close(&file);
    return found;
}

static bool is_certbots(const struct kept_path *kept, struct renewer *renewer)
{
    char value[64];
    if (!is_folder(kept, "archive") && !is_folder(kept, "live"))
        return false;
    char *settings = xasprintf("%.*s/renewal/%.*s.conf", (int)kept->root_len, kept->root, (int)kept->name_len, kept->name);
    bool is_kept = read_setting(settings, "fullchain", value);
    *renewer = (struct renewer){.name = "certbot", .renews = !read_setting(settings, "autorenew", value) || strncasecmp(value, "false", 5) != 0};
    free(settings);
    return is_kept;
}

static bool is_acme_shs(const struct kept_path *kept, struct renewer *renewer)
{
    char value[64];
    const char *root = kept->root, *end = strrchr(kept->file, '.');
    if (end == NULL || strcmp(end, ".cer") != 0)
        return false;
    char *settings = acme_sh_settings(root, (size_t)(kept->name - root) - 1, kept->name, kept->name_len);
    bool is_kept = read_setting(settings, "Le_Domain", value);
    free(settings);
    *renewer = (struct renewer){.name = "acme.sh", .renews = true};
    return is_kept;
}

bool renewer_of(const char *path, struct renewer *renewer)
{
    struct kept_path kept;
    return split_path(path, &kept) && !certbot_has_replaced(path) && (is_certbots(&kept, renewer) || is_acme_shs(&kept, renewer));
}

#include "probes/secrets.h"

#include "probes/base/file_bytes.h"
#include "probes/base/memory.h"
#include "probes/base/user_file.h"
#include "probes/starttls/openvpn_key.h"
#include "probes/via.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define KEY_FILE_MAX 65536              /* a static key's file has 636 bytes */
#define LOGIN_FILE_MAX 4096

struct openvpn_key *openvpn_key_read(const char *spec, struct error *err)
{
    struct openvpn_key *key = xcalloc(1, sizeof *key);
    struct file_bytes file;
    const char *path;
    bool ok = openvpn_key_kind(spec, key, &path, err) && file_bytes_open(&file, path, err);
    if (ok) {
        ok = file.len <= KEY_FILE_MAX && openvpn_key_parse((const char *)file.bytes, file.len, key, err);
        if (file.len > KEY_FILE_MAX)
            error_set(err, ERROR_INPUT, "it is too long for a key");
        if (!ok)
            error_add_context(err, "%s", path);
        file_bytes_close(&file);
    }
    if (ok)
        return key;
    openvpn_key_destroy(key);
    return NULL;
}

const char *openvpn_key_path(const char *spec)
{
    const char *colon = spec == NULL ? NULL : strchr(spec, ':');
    return colon == NULL ? NULL : colon + 1;
}

void openvpn_key_destroy(struct openvpn_key *key)
{
    if (key != NULL)
        OPENSSL_cleanse(key, sizeof *key);
    free(key);
}

bool via_login_read(const char *path, struct via *via, struct error *err)
{
    struct stat status;
    struct file_bytes file;
    if (user_file_stat(path, &status) != 0)
        return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return error_set(err, ERROR_USAGE, "%s: it holds a password, and others may read it: chmod 600", path);
    if (!S_ISREG(status.st_mode) || status.st_size > LOGIN_FILE_MAX)
        return error_set(err, ERROR_INPUT, "%s: expected a file with one line of NAME:PASSWORD", path);
    if (!file_bytes_open(&file, path, err))
        return false;
    bool ok = via_login_parse((const char *)file.bytes, file.len, via, err) || error_add_context(err, "%s", path);
    file_bytes_close(&file);
    return ok;
}

void via_login_wipe(struct via *via)
{
    OPENSSL_cleanse(via->name, sizeof via->name);
    OPENSSL_cleanse(via->password, sizeof via->password);
}

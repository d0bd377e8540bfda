#include "probes/secrets.h"

#include "probes/base/file_bytes.h"
#include "probes/base/memory.h"
#include "probes/starttls/openvpn_key.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#define KEY_FILE_MAX 65536              /* a static key's file has 636 bytes */

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

void openvpn_key_destroy(struct openvpn_key *key)
{
    if (key != NULL)
        OPENSSL_cleanse(key, sizeof *key);
    free(key);
}

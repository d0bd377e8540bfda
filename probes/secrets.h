/* Keys and logins that the user gives for servers that do not answer without them. They are read from their files
 * once, kept only in this process, and wiped at its end. A plan or bundle contains the file's name, never its
 * content. */
#pragma once
#include "probes/base/error.h"

struct openvpn_key;
struct via;

/* "tls-crypt:FILE" and so on (starttls/openvpn_key.h). NULL with ERROR_USAGE, or ERROR_INPUT where the file holds no key. */
struct openvpn_key *openvpn_key_read(const char *spec, struct error *err);
const char *openvpn_key_path(const char *spec);             /* the file of such a spec; NULL for NULL */
void openvpn_key_destroy(struct openvpn_key *key);          /* NULL is fine */

/* The login of a proxy, from a file that no other user may read: one line of NAME:PASSWORD. False with ERROR_USAGE where others
 * may read it, ERROR_IO, or ERROR_INPUT. */
bool via_login_read(const char *path, struct via *via, struct error *err);
void via_login_wipe(struct via *via);

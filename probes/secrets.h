/* Keys that a user gives, without which some servers answer nobody. They are read from their files once, live in this process
 * alone, and are wiped at its end: a plan and a bundle hold the file's name, never what is in it. */
#pragma once
#include "probes/base/error.h"

struct openvpn_key;

/* "tls-crypt:FILE" and so on (starttls/openvpn_key.h). NULL with ERROR_USAGE, or ERROR_INPUT where the file holds no key. */
struct openvpn_key *openvpn_key_read(const char *spec, struct error *err);
void openvpn_key_destroy(struct openvpn_key *key);          /* NULL is fine */

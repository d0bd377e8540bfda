/* The dialects that begin in plaintext and switch to TLS; probes.c lists them. Each is a file of its own. */
#pragma once
#include "probes/base/probe.h"

extern const struct probe probe_smtp, probe_lmtp;
extern const struct probe probe_imap;
extern const struct probe probe_pop3;
extern const struct probe probe_ftp;
extern const struct probe probe_nntp;
extern const struct probe probe_sieve;
extern const struct probe probe_irc;
extern const struct probe probe_ldap;
extern const struct probe probe_postgres;
extern const struct probe probe_mysql;
extern const struct probe probe_xmpp, probe_xmpp_server;
extern const struct probe probe_rdp;
extern const struct probe probe_mssql;
extern const struct probe probe_vnc;
extern const struct probe probe_openvpn;
extern const struct probe probe_http_upgrade;
extern const struct probe probe_nut;
extern const struct probe probe_proxy, probe_proxy_v2;

#include "probes/base/probe.h"
#include "probes/starttls/starttls.h"

#include <string.h>

static const struct probe probe_tls = {.name = "tls", .tls = PROBE_TLS_DIRECT};

const struct probe *const probes_all[] = {
    &probe_tls,
    &probe_smtp,
    &probe_lmtp,
    &probe_imap,
    &probe_pop3,
    &probe_ftp,
    &probe_nntp,
    &probe_sieve,
    &probe_irc,
    &probe_ldap,
    &probe_postgres,
    &probe_mysql,
    &probe_xmpp,
    &probe_xmpp_server,
    &probe_rdp,
    &probe_mssql,
    &probe_vnc,
    &probe_openvpn,
    &probe_http_upgrade,
    &probe_nut,
    &probe_proxy,
    &probe_proxy_v2,
    NULL,
};

const struct probe *probe_find(const char *name)
{
    for (size_t i = 0; probes_all[i] != NULL; i++)
        if (strcmp(probes_all[i]->name, name) == 0)
            return probes_all[i];
    return NULL;
}

const struct probe *probe_for_port(uint16_t port)
{
    for (size_t i = 0; probes_all[i] != NULL; i++)
        for (size_t p = 0; p < 8 && probes_all[i]->default_ports[p] != 0; p++)
            if (probes_all[i]->default_ports[p] == port)
                return probes_all[i];
    return &probe_tls;
}

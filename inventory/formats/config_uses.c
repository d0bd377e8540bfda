#include "inventory/formats/config_uses.h"

#include <ctype.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct directive {
    const char *word;
    const char *service;            /* NULL: the one named in the path */
};

/* Directives that name a file, in any case. A directive that only one service has identifies the service. */
static const struct directive directives[] = {
    {"ssl_certificate", "nginx"},             {"ssl_certificate_key", "nginx"},      {"ssl_client_certificate", "nginx"},
    {"ssl_trusted_certificate", "nginx"},     {"proxy_ssl_certificate", "nginx"},    {"proxy_ssl_certificate_key", "nginx"},
    {"proxy_ssl_trusted_certificate", "nginx"},
    {"SSLCertificateFile", "apache"},         {"SSLCertificateKeyFile", "apache"},   {"SSLCertificateChainFile", "apache"},
    {"SSLCACertificateFile", "apache"},       {"SSLCACertificatePath", "apache"},    {"SSLProxyMachineCertificateFile", "apache"},
    {"SSLProxyCACertificateFile", "apache"},
    {"crt", "haproxy"},                       {"ca-file", "haproxy"},                {"crt-list", "haproxy"},
    {"smtpd_tls_cert_file", "postfix"},       {"smtpd_tls_key_file", "postfix"},     {"smtpd_tls_CAfile", "postfix"},
    {"smtpd_tls_eccert_file", "postfix"},     {"smtpd_tls_eckey_file", "postfix"},   {"smtpd_tls_chain_files", "postfix"},
    {"smtp_tls_cert_file", "postfix"},        {"smtp_tls_key_file", "postfix"},      {"smtp_tls_CAfile", "postfix"},
    {"ssl_cert", "dovecot"},                  {"ssl_key", "dovecot"},                {"ssl_ca", "dovecot"},
    {"ssl_server_cert_file", "dovecot"},      {"ssl_server_key_file", "dovecot"},
    {"certificateFile", "tomcat"},            {"certificateKeyFile", "tomcat"},      {"certificateChainFile", "tomcat"},
    {"certificateKeystoreFile", "tomcat"},    {"keystoreFile", "tomcat"},            {"truststoreFile", "tomcat"},
    {"ssl_cert_file", "postgresql"},          {"ssl_key_file", "postgresql"},        {"ssl_ca_file", "postgresql"},
    {"ssl-cert", "mysql"},                    {"ssl-key", "mysql"},                  {"ssl-ca", "mysql"},
    {"olcTLSCertificateFile", "openldap"},    {"olcTLSCertificateKeyFile", "openldap"}, {"TLSCertificateFile", "openldap"},
    {"TLSCertificateKeyFile", "openldap"},    {"TLSCACertificateFile", "openldap"},
    {"TLSRSACertificateFile", "proftpd"},     {"TLSRSACertificateKeyFile", "proftpd"},
    {"cert", "stunnel"},                      {"key", "stunnel"},                    {"CAfile", "stunnel"},
};

/* Directives as short as these count only in the configuration of their own service. */
static const char *const only_at_home[] = {"crt", "ca-file", "crt-list", "cert", "key", "CAfile", "ssl_cert", "ssl_key", "ssl_ca"};

static const char *const services[] = {"nginx", "apache", "httpd", "haproxy", "postfix", "dovecot", "stunnel", "tomcat", "postgresql",
                                       "mysql", "mariadb", "ldap", "proftpd", "exim", "lighttpd", "openvpn"};

static bool ends(const char *path, const char *suffix)
{
    size_t len = strlen(path), suffix_len = strlen(suffix);
    return len >= suffix_len && strcasecmp(path + len - suffix_len, suffix) == 0;
}

static bool path_has(const char *path, const char *name)
{
    return strcasestr(path, name) != NULL;
}

/* Finds the service named in the path, in one pass, since it is called for every small file. */
static bool names_service(const char *path)
{
    uint64_t first = 0;                         /* a bit for each letter that a service begins with */
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        first |= UINT64_C(1) << (services[i][0] & 63);
    for (; *path != '\0'; path++)
        for (size_t i = 0; (first >> ((*path | 0x20) & 63) & 1) != 0 && i < sizeof services / sizeof *services; i++)
            if ((*path | 0x20) == services[i][0] && strncasecmp(path, services[i], strlen(services[i])) == 0)
                return true;
    return false;
}

bool config_uses_may_be(const char *path)
{
    static const char *const endings[] = {".conf", ".cfg", ".cf", ".cnf", ".ldif", "server.xml", ".ini"};
    size_t len = strlen(path);
    bool may_end = len > 0 && strchr("fglFGLiI", path[len - 1]) != NULL;        /* most files of a system end otherwise */
    for (size_t i = 0; may_end && i < sizeof endings / sizeof *endings; i++)
        if (ends(path, endings[i]))
            return true;
    return names_service(path) || path_has(path, "/sites-enabled/") || path_has(path, "/sites-available/");
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static const struct directive *find(const char *path, const char *word, size_t len)
{
    for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
        if (strlen(directives[i].word) != len || strncasecmp(directives[i].word, word, len) != 0)
            continue;
        for (size_t k = 0; k < sizeof only_at_home / sizeof *only_at_home; k++)
            if (strcmp(only_at_home[k], directives[i].word) == 0 && !path_has(path, directives[i].service))
                return NULL;
        return &directives[i];
    }
    return NULL;
}

/* The value behind a directive: past "=", ":", "<" (dovecot) and quotes, up to a blank, a quote, ";" or the end of the line. */
static bool take_value(const char *at, const char *end, char *value, size_t size)
{
    while (at < end && strchr(" \t=:<\"'", *at) != NULL)
        at++;
    size_t len = 0;
    while (at + len < end && strchr(" \t\"';,>\r", at[len]) == NULL)
        len++;
    bool is_path = len > 1 && len < size && (memchr(at, '/', len) != NULL || memchr(at, '.', len) != NULL) && memchr(at, '$', len) == NULL &&
                   memchr(at, '{', len) == NULL;
    if (is_path)
        snprintf(value, size, "%.*s", (int)len, at);
    return is_path;
}

static void look_at_line(const char *path, const char *line, const char *end, size_t number,
                         void (*on_use)(void *, const struct config_use *), void *context)
{
    while (line < end && (*line == ' ' || *line == '\t'))
        line++;
    if (line == end || *line == '#' || *line == ';')
        return;
    for (const char *at = line; at < end;) {
        if (!is_word(*at)) {
            at++;
            continue;
        }
        const char *word = at;
        char value[4096];
        while (at < end && is_word(*at))
            at++;
        const struct directive *directive = find(path, word, (size_t)(at - word));
        if (directive == NULL || !take_value(at, end, value, sizeof value))
            continue;
        const struct config_use use = {.service = directive->service, .directive = directive->word, .path = value, .line = number};
        on_use(context, &use);
    }
}

void config_uses_each(const char *path, struct byte_reader text, void (*on_use)(void *, const struct config_use *), void *context)
{
    const char *at = (const char *)text.at, *end = at + text.left;
    for (size_t number = 1; at < end; number++) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        if (line_end - at < 8192)
            look_at_line(path, at, line_end, number, on_use, context);
        at = line_end + 1;
    }
}

/* Directives of servers that name certificates. */
#include "inventory/formats/config_uses.h"
#include "tests/cmocka_all.h"

#include <stdio.h>
#include <string.h>

static char told[2048];

static void on_use(void *context, const struct config_use *use)
{
    size_t len = strlen(told);
    (void)context;
    snprintf(told + len, sizeof told - len, "%s %s %s %zu\n", use->service, use->directive, use->path, use->line);
}

static void each_service_names_its_files(void **state)
{
    static const struct {
        const char *path, *text, *uses;
    } cases[] = {
        {"/etc/nginx/conf.d/a.conf", "server {\n  ssl_certificate /a.pem;\n  # ssl_certificate /old.pem;\n  ssl_certificate_key \"/k.pem\";\n}",
         "nginx ssl_certificate /a.pem 2\nnginx ssl_certificate_key /k.pem 4\n"},
        {"/etc/apache2/sites-enabled/x", "SSLCERTIFICATEFILE    /a.pem\r\nSSLCertificateKeyFile '/k.pem'\n",
         "apache SSLCertificateFile /a.pem 1\napache SSLCertificateKeyFile /k.pem 2\n"},
        {"/etc/haproxy/haproxy.cfg", "bind :443 ssl crt /etc/haproxy/a.pem ca-file /ca.pem\n",
         "haproxy crt /etc/haproxy/a.pem 1\nhaproxy ca-file /ca.pem 1\n"},
        {"/etc/other/other.cfg", "bind :443 ssl crt /a.pem\n", ""},
        {"/etc/postfix/main.cf", "smtpd_tls_cert_file=/a.pem\nsmtpd_tls_key_file = ${config_directory}/k.pem\n",
         "postfix smtpd_tls_cert_file /a.pem 1\n"},
        {"/etc/dovecot/conf.d/10-ssl.conf", "ssl_cert = </etc/dovecot/a.pem\n", "dovecot ssl_cert /etc/dovecot/a.pem 1\n"},
        {"/etc/stunnel/x.conf", "; cert = /no.pem\ncert = /a.pem\n", "stunnel cert /a.pem 2\n"},
        {"/opt/tomcat/conf/server.xml", "<Certificate certificateKeystoreFile=\"conf/a.jks\" type=\"RSA\" />",
         "tomcat certificateKeystoreFile conf/a.jks 1\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        told[0] = '\0';
        assert_true(config_uses_may_be(cases[i].path));
        config_uses_each(cases[i].path, byte_reader_of(cases[i].text, strlen(cases[i].text)), on_use, NULL);
        assert_string_equal(told, cases[i].uses);
    }
    assert_false(config_uses_may_be("/home/x/notes.txt"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_service_names_its_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

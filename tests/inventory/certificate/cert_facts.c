/* cert_facts FILE|FOLDER...: what cert.h reads of each certificate in PEM or DER, and of some made here, as a JSON line with the DER itself,
 * for second_parser.py. */
#include "inventory/certificate/cert.h"
#include "inventory/certificate/pem.h"
#include "probes/base/file_bytes.h"
#include "probes/base/json_line.h"
#include "probes/base/memory.h"
#include "tests/inventory/cert_fixture.h"

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_texts(struct json_line *line, const char *key, const struct cert_texts *texts)
{
    json_line_array_begin(line, key);
    for (size_t i = 0; i < texts->count; i++)
        json_line_text(line, NULL, texts->items[i]);
    json_line_array_end(line);
}

static void write_names(struct json_line *line, const struct cert *cert)
{
    json_line_array_begin(line, "names");
    for (size_t i = 0; i < cert->san_count; i++) {
        const struct cert_name *name = &cert->names[i];
        json_line_array_begin(line, NULL);
        json_line_text(line, NULL, cert_name_kind_name(name->kind));
        json_line_text(line, NULL, name->text);
        json_line_array_end(line);
    }
    json_line_array_end(line);
}

static void write_cert(const char *file, const struct cert *cert)
{
    static struct json_line line;
    json_line_begin(&line);
    json_line_text(&line, "file", file);
    json_line_hex(&line, "der", cert->der.at, cert->der.left);
    json_line_object_begin(&line, "state");
    for (int i = 0; i < CERT_FIELD_COUNT; i++)
        json_line_text(&line, cert_field_name((enum cert_field)i), cert->state[i] == FIELD_ABSENT ? "absent" : cert->state[i] == FIELD_PRESENT ? "present" : "broken");
    json_line_object_end(&line);
    json_line_int(&line, "version", cert->version);
    json_line_text(&line, "serial_number", cert->serial_text);
    json_line_hex(&line, "subject", cert->subject_der.at, cert->subject_der.left);
    json_line_hex(&line, "issuer", cert->issuer_der.at, cert->issuer_der.left);
    write_texts(&line, "subject_attributes", &cert->subject_attributes);
    write_texts(&line, "issuer_attributes", &cert->issuer_attributes);
    json_line_int(&line, "not_before", cert->not_before);
    json_line_int(&line, "not_after", cert->not_after);
    json_line_text(&line, "key_algorithm", cert->key_algorithm);
    json_line_int(&line, "key_bits", cert->key_bits);
    json_line_text(&line, "key_curve", cert->key_curve);
    json_line_text(&line, "rsa_exponent", cert->rsa_exponent);
    json_line_hex(&line, "spki_sha256", cert->spki_sha256, 32);
    json_line_text(&line, "signature_algorithm", cert->signature_algorithm);
    json_line_text(&line, "signature_hash", cert->signature_hash);
    json_line_hex(&line, "tbs", cert->tbs.at, cert->tbs.left);
    json_line_hex(&line, "signature", cert->signature.at, cert->signature.left);
    write_names(&line, cert);
    json_line_bool(&line, "is_ca", cert->is_ca);
    json_line_int(&line, "path_len", cert->path_len);
    write_texts(&line, "key_usage", &cert->key_usage);
    write_texts(&line, "extended_key_usage", &cert->extended_key_usage);
    json_line_hex(&line, "authority_key_id", cert->authority_key_id.at, cert->authority_key_id.left);
    json_line_hex(&line, "subject_key_id", cert->subject_key_id.at, cert->subject_key_id.left);
    write_texts(&line, "policies", &cert->policies);
    write_texts(&line, "crl_urls", &cert->crl_urls);
    write_texts(&line, "ocsp_urls", &cert->ocsp_urls);
    write_texts(&line, "ca_issuer_urls", &cert->ca_issuer_urls);
    write_texts(&line, "extensions", &cert->extensions);
    write_texts(&line, "critical_extensions", &cert->critical_extensions);
    json_line_int(&line, "sct_count", cert->sct_count);
    json_line_bool(&line, "must_staple", cert->must_staple);
    json_line_bool(&line, "is_precertificate", cert->is_precertificate);
    json_line_end(&line);
    fwrite(line.text, 1, line.len, stdout);
}

static void write_der(const char *file, const void *der, size_t len)
{
    struct cert *cert = cert_parse(der, len);
    write_cert(file, cert);
    cert_destroy(cert);
}

static void write_file(const char *path)
{
    struct file_bytes file;
    struct error err = {0};
    if (!file_bytes_open(&file, path, &err))
        return;
    struct pem_reader reader = pem_reader_of(file.bytes, file.len);
    for (struct pem_block block; pem_next(&reader, &block); free(block.der))
        if (block.der != NULL && strcmp(block.label, "CERTIFICATE") == 0)
            write_der(path, block.der, block.len);
    if (strstr(path, ".der") != NULL)
        write_der(path, file.bytes, file.len);
    file_bytes_close(&file);
}

static void write_folder(char *folder)
{
    char *const paths[] = {folder, NULL};
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    for (FTSENT *entry; tree != NULL && (entry = fts_read(tree)) != NULL;)
        if (entry->fts_info == FTS_F)
            write_file(entry->fts_path);
    if (tree != NULL)
        fts_close(tree);
}

static void write_made(void)
{
    static const char *const keys[] = {"P-256", "P-384", "P-521", "P-224", "secp256k1", "RSA:2048", "ED25519"};
    static const char *const subjects[] = {"C=US,ST=California,O=A Agency,OU=One,OU=Two,CN=www.example", "CN=#a; \"b\" <c> \\ # + =",
                                           "emailAddress=a@example,DC=example,DC=gov,UID=7,serialNumber=12"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        for (size_t j = 0; j < sizeof subjects / sizeof *subjects; j++) {
            struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = subjects[j], .key = keys[i], .is_ca = 1});
            struct made_cert *leaf = cert_make(&(struct cert_recipe){.subject = subjects[(j + 1) % 3], .key = keys[i], .issuer = ca,
                .serial = (long)(i * 1000 + j) + 128, .hash = "SHA384", .not_before = "19500101000000Z", .not_after = "20510101000000Z",
                .sans = "DNS:a.example,IP:10.0.0.1,IP:2001:db8::1,email:a@b.example,URI:http://x/,RID:1.2.3.4",
                .extension = {"extendedKeyUsage", "serverAuth,clientAuth,1.2.3.4.5", "keyUsage", "critical,keyAgreement,decipherOnly",
                    "certificatePolicies", "DER:3010300406022a033008060667810c010202", "authorityInfoAccess", "OCSP;URI:http://o/,caIssuers;URI:http://c/"}});
            write_der("made", ca->der, ca->len);
            write_der("made", leaf->der, leaf->len);
            cert_make_free(leaf);
            cert_make_free(ca);
        }
}

int main(int argc, char **argv)
{
    write_made();
    for (int i = 1; i < argc; i++)
        write_folder(argv[i]);
    return 0;
}

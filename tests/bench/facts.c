/* How fast are certificates read and their keys tested? One core, no database: bench_facts [COUNT]. Leaves as public CAs issue
 * them (four of five RSA with 2,048 bits, the fifth P-256), each with a key, names and a serial number of its own. A modulus is random
 * but without a factor that the tests would end at. Prints microseconds per certificate and certificates per second. */
#include "inventory/certificate/cert.h"
#include "inventory/facts/keys/key_tests.h"
#include "probes/base/memory.h"
#include "tests/inventory/cert_fixture.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct sample {
    uint8_t *der;
    size_t len;
};

static struct made_cert *template_make(const char *key, const struct made_cert *ca)
{
    return cert_make(&(struct cert_recipe){.subject = "CN=www-000000.agency.example", .key = key, .issuer = ca, .serial = 0x7766554433221100,
        .sans = "DNS:www-000000.agency.example,DNS:agency.example", .extension = {
            "keyUsage", "critical,digitalSignature,keyEncipherment", "extendedKeyUsage", "serverAuth,clientAuth",
            "certificatePolicies", "DER:300a3008060667810c010202",
            "authorityInfoAccess", "OCSP;URI:http://ocsp.ca.example/,caIssuers;URI:http://ca.example/ca.crt"}});
}

static size_t modulus_find(const struct made_cert *made)
{
    BIGNUM *n = NULL;
    uint8_t bytes[256];
    if (EVP_PKEY_get_bn_param(made->key, "n", &n) != 1)
        return 0;
    BN_bn2bin(n, bytes);
    BN_free(n);
    return (size_t)((uint8_t *)memmem(made->der, made->len, bytes, sizeof bytes) - made->der);
}

static void modulus_set(uint8_t *at, struct small_primes *primes, mpz_t n)
{
    do {
        RAND_bytes(at, 256);
        at[0] |= 0xc0;
        at[255] |= 1;
        mpz_import(n, 256, 1, 1, 1, 0, at);
        mpz_gcd(n, n, primes->product);
    } while (mpz_cmp_ui(n, 1) != 0);
}

static struct sample *samples_make(size_t count)
{
    struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "C=US,O=Example Trust Services,CN=Example TLS CA 1", .key = "RSA:2048", .is_ca = 1});
    struct made_cert *rsa = template_make("RSA:2048", ca), *ec = template_make("P-256", ca);
    size_t modulus = modulus_find(rsa);
    struct sample *samples = xcalloc(count, sizeof *samples);
    struct small_primes primes;
    mpz_t n;
    small_primes_init(&primes);
    mpz_init(n);
    for (size_t i = 0; i < count; i++) {
        const struct made_cert *made = i % 5 == 4 ? ec : rsa;
        samples[i] = (struct sample){xmemdup(made->der, made->len), made->len};
        if (made == rsa)
            modulus_set(samples[i].der + modulus, &primes, n);
        char name[16];
        snprintf(name, sizeof name, "www-%06zu", i % 1000000);
        for (uint8_t *at = samples[i].der; (at = memmem(at, samples[i].len - (size_t)(at - samples[i].der), "www-000000", 10)) != NULL;)
            at = mempcpy(at, name, 10);
    }
    mpz_clear(n);
    small_primes_clear(&primes);
    cert_make_free(rsa);
    cert_make_free(ec);
    cert_make_free(ca);
    return samples;
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double parse_time(const struct sample *samples, size_t count, struct key_tests *tests, size_t *weak)
{
    double start = cpu_seconds();
    for (size_t i = 0; i < count; i++) {
        struct key_findings findings = {0};
        struct cert *cert = cert_parse(samples[i].der, samples[i].len);
        if (tests != NULL)
            key_tests_run(tests, cert, &findings);
        *weak += findings.count;
        key_findings_clear(&findings);
        cert_destroy(cert);
    }
    return (cpu_seconds() - start) / (double)count;
}

static void print(const char *what, double seconds)
{
    printf("%-28s %8.1f us %10.0f/s\n", what, seconds * 1e6, 1 / seconds);
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000, weak = 0;
    if (count == 0)
        return 2;
    struct sample *samples = samples_make(count);
    struct key_tests tests;
    key_tests_init(&tests);
    parse_time(samples, count < 1000 ? count : 1000, &tests, &weak);
    print("read", parse_time(samples, count, NULL, &weak));
    print("read, and key tested", parse_time(samples, count, &tests, &weak));
    printf("%zu certificates, %zu weak keys\n", count, weak);
    key_tests_clear(&tests);
    for (size_t i = 0; i < count; i++)
        free(samples[i].der);
    free(samples);
    return 0;
}

/* issuer_key.h: every scheme that X.509 has, with its own key, with another's, and over other bytes. */
#include "inventory/verdicts/trust/issuer_key.h"
#include "inventory/verdicts/trust/signed_cert.h"
#include "tests/cmocka_all.h"
#include "tests/inventory/cert_fixture.h"

#include <openssl/rsa.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct issuer_key *key_of(const struct made_cert *made)
{
    struct signed_cert cert;
    assert_true(signed_cert_read(&cert, byte_reader_of(made->der, made->len)));
    return issuer_key_create(cert.spki);
}

static bool verifies(struct issuer_key *key, const uint8_t *der, size_t len)
{
    struct signed_cert cert;
    return signed_cert_read(&cert, byte_reader_of(der, len)) && issuer_key_verify(key, cert.algorithm, cert.tbs, cert.signature);
}

static void pss_sign(struct made_cert *made, EVP_PKEY *key, const char *hash, const char *mask, int salt_len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pkey;
    assert_int_equal(EVP_DigestSignInit(context, &pkey, EVP_get_digestbyname(hash), NULL, key), 1);
    EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey, salt_len);
    EVP_PKEY_CTX_set_rsa_mgf1_md(pkey, EVP_get_digestbyname(mask));
    assert_true(X509_sign_ctx(made->x509, context) > 0);
    EVP_MD_CTX_free(context);
    OPENSSL_free(made->der);
    made->der = NULL;
    made->len = (size_t)i2d_X509(made->x509, &made->der);
}

static void each_scheme_verifies_with_its_own_key_only(void **state)
{
    (void)state;
    static const struct { const char *key, *hash; } schemes[] = {
        {"RSA:2048", "SHA1"}, {"RSA:2048", "MD5"}, {"RSA:2048", "SHA256"}, {"RSA:2048", "SHA512"}, {"P-256", "SHA256"}, {"P-384", "SHA384"},
        {"P-521", "SHA512"}, {"secp256k1", "SHA256"}, {"ED25519", NULL}, {"RSA:2048", "PSS"},
    };
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        bool pss = schemes[i].hash != NULL && strcmp(schemes[i].hash, "PSS") == 0;
        struct cert_recipe recipe = {.subject = "CN=ca", .is_ca = 1, .key = schemes[i].key, .hash = pss ? "SHA256" : schemes[i].hash};
        struct made_cert *ca = cert_make(&recipe), *other = cert_make(&recipe);
        struct made_cert *first = cert_make(&(struct cert_recipe){.issuer = ca, .hash = recipe.hash});
        struct made_cert *second = cert_make(&(struct cert_recipe){.issuer = ca, .hash = recipe.hash, .subject = "CN=second"});
        if (pss) {
            pss_sign(first, ca->key, "SHA256", "SHA256", 32);
            pss_sign(second, ca->key, "SHA384", "SHA1", 20);
        }
        struct issuer_key *key = key_of(ca), *wrong = key_of(other);
        for (int turn = 0; turn < 2; turn++) {          /* the scheme that is set up changes and comes back */
            assert_true(verifies(key, first->der, first->len));
            assert_true(verifies(key, second->der, second->len));
            assert_false(verifies(wrong, first->der, first->len));
        }
        first->der[first->len / 2] ^= 1;
        assert_false(verifies(key, first->der, first->len));
        issuer_key_destroy(key);
        issuer_key_destroy(wrong);
        cert_make_free(first);
        cert_make_free(second);
        cert_make_free(ca);
        cert_make_free(other);
    }
}

static void a_scheme_of_another_kind_of_key_is_refused(void **state)
{
    (void)state;
    struct made_cert *rsa = cert_make(&(struct cert_recipe){.key = "RSA:2048"}), *ec = cert_make(&(struct cert_recipe){.key = "P-256"});
    struct issuer_key *key = key_of(rsa);
    assert_false(verifies(key, ec->der, ec->len));
    assert_true(verifies(key, rsa->der, rsa->len));
    issuer_key_destroy(key);
    key = issuer_key_create(byte_reader_of("\x30\x00", 2));
    assert_false(verifies(key, rsa->der, rsa->len));
    issuer_key_destroy(key);
    cert_make_free(rsa);
    cert_make_free(ec);
}

struct turn {                       /* of one thread, in its lane */
    struct issuer_key *key;
    const struct made_cert *certs[2];
    unsigned lane;
    bool ok;
};

static void *on_thread(void *context)
{
    struct turn *turn = context;
    turn->ok = true;
    for (int i = 0; i < 200; i++) {
        struct signed_cert cert;
        const struct made_cert *made = turn->certs[(i / 2) % 2];
        bool is_good = i % 2 == 0;
        turn->ok &= signed_cert_read(&cert, byte_reader_of(made->der, made->len));
        struct byte_reader covered = is_good ? cert.tbs : byte_reader_of(cert.tbs.at, cert.tbs.left - 1);
        turn->ok &= issuer_key_verify_in(turn->key, turn->lane, cert.algorithm, covered, cert.signature) == is_good;
    }
    return NULL;
}

static void threads_share_a_key_each_in_its_lane(void **state)
{
    (void)state;
    static const char *const kinds[] = {"RSA:2048", "P-256"};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct made_cert *ca = cert_make(&(struct cert_recipe){.subject = "CN=ca", .is_ca = 1, .key = kinds[k]});
        struct made_cert *one = cert_make(&(struct cert_recipe){.issuer = ca, .hash = "SHA256"});
        struct made_cert *other = cert_make(&(struct cert_recipe){.issuer = ca, .hash = "SHA384"});
        struct issuer_key *key = key_of(ca);
        struct turn turns[ISSUER_KEY_LANES];
        pthread_t threads[ISSUER_KEY_LANES];
        for (unsigned lane = 0; lane < ISSUER_KEY_LANES; lane++) {
            turns[lane] = (struct turn){.key = key, .certs = {one, other}, .lane = lane};
            assert_int_equal(pthread_create(&threads[lane], NULL, on_thread, &turns[lane]), 0);
        }
        for (unsigned lane = 0; lane < ISSUER_KEY_LANES; lane++) {
            pthread_join(threads[lane], NULL);
            assert_true(turns[lane].ok);
        }
        issuer_key_destroy(key);
        cert_make_free(one);
        cert_make_free(other);
        cert_make_free(ca);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_scheme_verifies_with_its_own_key_only),
        cmocka_unit_test(a_scheme_of_another_kind_of_key_is_refused),
        cmocka_unit_test(threads_share_a_key_each_in_its_lane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* See state_certs.h. A template per CA and kind of key is made by OpenSSL once; number, serial number, key and key
 * identifier lie at fixed places in its TBSCertificate, which is then signed again. What was made is kept in a file
 * of its own, since an ECDSA signature is another each time. */
#include "tests/bench/state_certs.h"

#include "probes/base/memory.h"
#include "tests/inventory/cert_fixture.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <uthash.h>

#define LEAF_MAX     2048
#define ISSUES       64             /* of one number */
#define MARK_NUMBER  "h0000000000"
#define MARK_GROUP   "d000"
#define MARK_BEFORE  "20260101000000Z"
#define UTC_TIME_LEN 13             /* YYMMDDHHMMSSZ */
#define DAY          86400
#define KEY_EC_LEN   64
#define KEY_RSA_LEN  256

struct template {
    uint8_t *tbs;
    size_t tbs_len;
    uint8_t *tail;                  /* the outer AlgorithmIdentifier */
    size_t tail_len;
    size_t serial, key, key_len, key_id, dates; /* where they lie in tbs; dates: notBefore, notAfter is 15 bytes behind it */
    size_t names[4], groups[4];     /* each time that the name stands there */
    size_t name_count;
};

struct place {                      /* where in the file a certificate lies */
    uint64_t offset;
    uint32_t len;                   /* 0: not made yet */
};

struct later {                      /* a later issue */
    uint64_t which;                 /* number * ISSUES + issue */
    struct place at;
    UT_hash_handle hh;
};

struct state_certs {
    struct made_cert *roots[STATE_ROOTS], *cas[STATE_CAS];
    struct template templates[STATE_CAS][2];    /* P-256, RSA 2048 */
    EC_GROUP *group;
    EC_POINT *point;                /* the last leaf's key: the next one is this plus the generator */
    unsigned count;
    time_t today;                   /* its midnight, UTC */
    struct place *firsts;           /* by number */
    struct later *later;
    FILE *file;
    uint64_t size;
    uint8_t der[LEAF_MAX];
};

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 31) * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9u;
    return x ^ x >> 32;
}

void state_certs_name(unsigned number, char name[STATE_NAME_SIZE])
{
    snprintf(name, STATE_NAME_SIZE, "h%010u.d%03u.example", number, number % 1000);
}

static void serial_of(unsigned number, unsigned issue, uint8_t serial[16])
{
    for (int half = 0; half < 2; half++) {
        uint64_t bits = mix((uint64_t)number * ISSUES + issue + (uint64_t)half * 0x123456789u);
        memcpy(serial + 8 * half, &bits, 8);
    }
    serial[0] = (uint8_t)((serial[0] & 0x3f) | 0x40);
}

void state_certs_serial(unsigned number, unsigned issue, char hex[33])
{
    uint8_t serial[16];
    serial_of(number, issue, serial);
    for (int i = 0; i < 16; i++)
        sprintf(hex + 2 * i, "%02x", serial[i]);
}

const char *state_certs_issuer(unsigned ca)
{
    static char text[80];
    snprintf(text, sizeof text, "O=%s,CN=Issuing CA %u", ca < 10 ? "Agency" : "Elsewhere", ca);
    return text;
}

/* ---- templates ---- */

static size_t find(const struct template *template, size_t from, const void *bytes, size_t len)
{
    const uint8_t *at = memmem(template->tbs + from, template->tbs_len - from, bytes, len);
    return at == NULL ? SIZE_MAX : (size_t)(at - template->tbs);
}

static void template_names(struct template *template)
{
    for (size_t at = 0; template->name_count < 4 && (at = find(template, at, MARK_NUMBER "." MARK_GROUP, 16)) != SIZE_MAX; at++) {
        template->names[template->name_count] = at + 1;
        template->groups[template->name_count++] = at + 13;
    }
}

/* rsa: the RSA key of the template; NULL: P-256. */
static void template_make(struct template *template, const struct made_cert *ca, const struct made_cert *rsa)
{
    char subject[80];
    snprintf(subject, sizeof subject, "O=%s,CN=%s.%s.example", "Served", MARK_NUMBER, MARK_GROUP);
    struct made_cert *made = cert_make(&(struct cert_recipe){.subject = subject, .same_key = rsa, .issuer = ca,
        .not_before = MARK_BEFORE, .not_after = "20270615000000Z",
        .extension = {"extendedKeyUsage", "serverAuth", "subjectKeyIdentifier", "hash"}});
    uint8_t serial[16], id[20];
    serial_of(0, 0, serial);
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(made->x509));
    BN_free(number);
    X509_sign(made->x509, ca->key, EVP_sha256());
    template->tbs_len = (size_t)i2d_re_X509_tbs(made->x509, &template->tbs);
    const X509_ALGOR *algorithm;
    X509_get0_signature(NULL, &algorithm, made->x509);
    template->tail_len = (size_t)i2d_X509_ALGOR((X509_ALGOR *)(uintptr_t)algorithm, &template->tail);
    const unsigned char *bits;
    int bits_len;
    X509_PUBKEY_get0_param(NULL, &bits, &bits_len, NULL, X509_get_X509_PUBKEY(made->x509));
    SHA1(bits, (size_t)bits_len, id);
    template->serial = find(template, 0, serial, sizeof serial);
    template->key_id = find(template, 0, id, sizeof id);
    template->dates = find(template, 0, &MARK_BEFORE[2], UTC_TIME_LEN);
    template->key_len = rsa == NULL ? KEY_EC_LEN : KEY_RSA_LEN;
    template->key = find(template, 0, bits, (size_t)bits_len) + (rsa == NULL ? 1 : 9);     /* 04 | X | Y; modulus behind its zero */
    template_names(template);
    cert_make_free(made);
}

struct state_certs *state_certs_create(unsigned count)
{
    struct state_certs *certs = xcalloc(1, sizeof *certs);
    certs->count = count;
    certs->today = time(NULL) / DAY * DAY;
    certs->firsts = xcalloc(count, sizeof *certs->firsts);
    certs->file = tmpfile();
    certs->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    certs->point = EC_POINT_dup(EC_GROUP_get0_generator(certs->group), certs->group);
    for (unsigned i = 0; i < STATE_ROOTS; i++) {
        char *subject = xasprintf("O=%s,CN=Root %u", i == 0 ? "Agency" : "Elsewhere", i);
        certs->roots[i] = cert_make(&(struct cert_recipe){.subject = subject, .is_ca = 1, .not_after = "20460101000000Z"});
        free(subject);
    }
    struct made_cert *rsa = cert_make(&(struct cert_recipe){.key = "RSA:2048"});
    for (unsigned i = 0; i < STATE_CAS; i++) {
        certs->cas[i] = cert_make(&(struct cert_recipe){.subject = state_certs_issuer(i), .is_ca = 1,
            .issuer = certs->roots[i < 10 ? 0 : i % STATE_ROOTS], .not_after = "20360101000000Z"});
        template_make(&certs->templates[i][0], certs->cas[i], NULL);
        template_make(&certs->templates[i][1], certs->cas[i], rsa);
    }
    cert_make_free(rsa);
    if (certs->file == NULL)
        abort();
    return certs;
}

void state_certs_destroy(struct state_certs *certs)
{
    for (unsigned i = 0; i < STATE_ROOTS; i++)
        cert_make_free(certs->roots[i]);
    for (unsigned i = 0; i < STATE_CAS; i++) {
        cert_make_free(certs->cas[i]);
        for (int kind = 0; kind < 2; kind++) {
            OPENSSL_free(certs->templates[i][kind].tbs);
            OPENSSL_free(certs->templates[i][kind].tail);
        }
    }
    EC_POINT_free(certs->point);
    EC_GROUP_free(certs->group);
    fclose(certs->file);
    struct later *kept, *next;
    HASH_ITER(hh, certs->later, kept, next) {
        HASH_DEL(certs->later, kept);
        free(kept);
    }
    free(certs->firsts);
    free(certs);
}

/* ---- leaves ---- */

/* A modulus without a private key that passes all tests of weak keys: odd, of full length, no small factor. */
static void rsa_modulus(uint64_t seed, uint8_t out[KEY_RSA_LEN])
{
    static const BN_ULONG primorials[] = {3234846615u /* 3..29 */, 95041567u /* 31..47 */, 907383479u /* 53..71 */, 4132280413u /* 73..97 */};
    for (size_t i = 0; i < KEY_RSA_LEN / 8; i++) {
        uint64_t bits = mix(seed * 64 + i);
        memcpy(out + 8 * i, &bits, 8);
    }
    out[0] |= 0xc0;
    out[KEY_RSA_LEN - 1] |= 1;
    BIGNUM *number = BN_bin2bn(out, KEY_RSA_LEN, NULL);
    for (bool good = false; !good;) {
        good = true;
        for (size_t i = 0; i < 4 && good; i++) {
            BN_ULONG rest = BN_mod_word(number, primorials[i]), other = primorials[i];
            while (rest != 0) {
                BN_ULONG next = other % rest;
                other = rest;
                rest = next;
            }
            good = other == 1;
        }
        if (!good)
            BN_add_word(number, 2);
    }
    BN_bn2binpad(number, out, KEY_RSA_LEN);
    BN_free(number);
}

static void key_make(struct state_certs *certs, unsigned number, unsigned issue, size_t len, uint8_t *out)
{
    if (len == KEY_RSA_LEN) {
        rsa_modulus((uint64_t)number * ISSUES + issue, out);
        return;
    }
    uint8_t point[1 + KEY_EC_LEN];
    EC_POINT_add(certs->group, certs->point, certs->point, EC_GROUP_get0_generator(certs->group), NULL);
    EC_POINT_point2oct(certs->group, certs->point, POINT_CONVERSION_UNCOMPRESSED, point, sizeof point, NULL);
    memcpy(out, point + 1, KEY_EC_LEN);
}

/* Two in five live 90 days and are renewed in time, the others 398 days, of which one in fifty has ended. A later issue is new. */
static void dates_write(const struct state_certs *certs, unsigned number, unsigned issue, uint8_t *at)
{
    uint64_t chance = mix(number + UINT64_C(0xda7e));
    bool is_short = chance % 5 < 2;
    int life = is_short ? 90 : 398, left = is_short ? 25 + (int)(chance / 5 % 60) : (int)(chance / 5 % 398) - 8;
    time_t until = certs->today + (issue == 0 ? left : life - 1) * (time_t)DAY, from = until - life * (time_t)DAY;
    char text[2][UTC_TIME_LEN + 1];
    struct tm day;
    strftime(text[0], sizeof text[0], "%y%m%d000000Z", gmtime_r(&from, &day));
    strftime(text[1], sizeof text[1], "%y%m%d000000Z", gmtime_r(&until, &day));
    memcpy(at, text[0], UTC_TIME_LEN);
    memcpy(at + UTC_TIME_LEN + 2, text[1], UTC_TIME_LEN);
}

static size_t header_write(uint8_t *out, uint8_t tag, size_t len)
{
    out[0] = tag;
    if (len < 128) {
        out[1] = (uint8_t)len;
        return 2;
    }
    out[1] = 0x82;
    out[2] = (uint8_t)(len >> 8);
    out[3] = (uint8_t)len;
    return 4;
}

static size_t leaf_make(struct state_certs *certs, unsigned number, unsigned issue)
{
    unsigned ca = number % STATE_CAS;
    const struct template *template = &certs->templates[ca][mix(number) % 5 < 2];
    char name[STATE_NAME_SIZE];
    uint8_t id[32];
    state_certs_name(number, name);
    serial_of(number, issue, template->tbs + template->serial);
    for (size_t i = 0; i < template->name_count; i++) {
        memcpy(template->tbs + template->names[i], name + 1, 10);
        memcpy(template->tbs + template->groups[i], name + 13, 3);
    }
    dates_write(certs, number, issue, template->tbs + template->dates);
    key_make(certs, number, issue, template->key_len, template->tbs + template->key);
    SHA256(template->tbs + template->key, template->key_len, id);
    memcpy(template->tbs + template->key_id, id, 20);

    uint8_t signature[128];
    size_t signature_len = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, certs->cas[ca]->key) != 1 ||
        EVP_DigestSign(context, signature, &signature_len, template->tbs, template->tbs_len) != 1)
        abort();
    EVP_MD_CTX_free(context);
    uint8_t bits[4];
    size_t bits_len = header_write(bits, 0x03, signature_len + 1);
    size_t len = header_write(certs->der, 0x30, template->tbs_len + template->tail_len + bits_len + 1 + signature_len);
    memcpy(certs->der + len, template->tbs, template->tbs_len);
    memcpy(certs->der + (len += template->tbs_len), template->tail, template->tail_len);
    memcpy(certs->der + (len += template->tail_len), bits, bits_len);
    certs->der[len += bits_len] = 0;
    memcpy(certs->der + ++len, signature, signature_len);
    return len + signature_len;
}

static struct place *place_find(struct state_certs *certs, unsigned number, unsigned issue)
{
    uint64_t which = (uint64_t)number * ISSUES + issue;
    struct later *kept;
    if (issue == 0)
        return &certs->firsts[number];
    HASH_FIND(hh, certs->later, &which, sizeof which, kept);
    if (kept == NULL) {
        kept = xcalloc(1, sizeof *kept);
        kept->which = which;
        HASH_ADD(hh, certs->later, which, sizeof which, kept);
    }
    return &kept->at;
}

struct state_leaf state_certs_leaf(struct state_certs *certs, unsigned number, unsigned issue)
{
    struct place *at = place_find(certs, number, issue);
    if (at->len == 0) {
        *at = (struct place){certs->size, (uint32_t)leaf_make(certs, number, issue)};
        if (fseeko(certs->file, (off_t)at->offset, SEEK_SET) != 0 || fwrite(certs->der, at->len, 1, certs->file) != 1)
            abort();
        certs->size += at->len;
    } else {
        fflush(certs->file);
        if (pread(fileno(certs->file), certs->der, at->len, (off_t)at->offset) != (ssize_t)at->len)
            abort();
    }
    return (struct state_leaf){certs->der, at->len, number % STATE_CAS};
}

const uint8_t *state_certs_ca(const struct state_certs *certs, unsigned ca, size_t *len)
{
    *len = certs->cas[ca]->len;
    return certs->cas[ca]->der;
}

char *state_certs_root_pem(const struct state_certs *certs, unsigned root)
{
    return cert_make_pem(certs->roots[root]);
}

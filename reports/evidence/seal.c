#include "reports/evidence/seal.h"

#include "probes/base/user_file.h"

#include <openssl/pem.h>        /* ahead of cms.h, which declares PEM for CMS only then */

#include <errno.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <string.h>

#if OPENSSL_VERSION_NUMBER < 0x30400000L        /* the same calls under their older names */
#define TS_VERIFY_CTX_set0_data  TS_VERIFY_CTX_set_data
#define TS_VERIFY_CTX_set0_store TS_VERIFY_CTX_set_store
#endif

/* The text of OpenSSL's last error. */
static const char *reason(void)
{
    unsigned long code = ERR_peek_last_error();
    const char *text = ERR_reason_error_string(code);
    return text == NULL ? "not readable" : text;
}

static BIO *open_bio(const char *path)
{
    FILE *file = user_file_fopen(path);
    return file == NULL ? NULL : BIO_new_fp(file, BIO_CLOSE);
}

/* Refuses a key with a passphrase instead of asking for it: there may be no terminal. */
static int no_passphrase(char *buffer, int size, int is_write, void *context)
{
    (void)buffer;
    (void)size;
    (void)is_write;
    (void)context;
    return -1;
}

static EVP_PKEY *read_key(const char *path, struct error *err)
{
    BIO *in = open_bio(path);
    EVP_PKEY *key = in == NULL ? NULL : PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL);
    if (in == NULL)
        error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    else if (key == NULL)
        error_set(err, ERROR_INPUT, "%s: no private key in PEM without a passphrase", path);
    BIO_free(in);
    return key;
}

/* The first certificate, and the others of the file. */
static X509 *read_certificates(const char *path, STACK_OF(X509) *others, struct error *err)
{
    BIO *in = open_bio(path);
    X509 *first = in == NULL ? NULL : PEM_read_bio_X509(in, NULL, no_passphrase, NULL), *next;
    if (in == NULL)
        error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    else if (first == NULL)
        error_set(err, ERROR_INPUT, "%s: no certificate in PEM", path);
    while (first != NULL && (next = PEM_read_bio_X509(in, NULL, no_passphrase, NULL)) != NULL)
        if (sk_X509_push(others, next) <= 0)
            X509_free(next);
    BIO_free(in);
    return first;
}

bool seal_sign(const char *text, size_t len, const char *certificate, const char *key_path, FILE *out, struct error *err)
{
    STACK_OF(X509) *others = sk_X509_new_null();
    X509 *signer = read_certificates(certificate, others, err);
    EVP_PKEY *key = signer == NULL ? NULL : read_key(key_path, err);
    BIO *in = BIO_new_mem_buf(text, (int)len), *to = BIO_new_fp(out, BIO_NOCLOSE);
    CMS_ContentInfo *cms = NULL;
    bool ok = false;
    if (key != NULL && X509_check_private_key(signer, key) != 1) {
        error_set(err, ERROR_INPUT, "%s is not the key of the certificate in %s", key_path, certificate);
    } else if (key != NULL) {
        cms = CMS_sign(signer, key, others, in, CMS_DETACHED | CMS_BINARY | CMS_NOSMIMECAP);
        ok = cms != NULL && PEM_write_bio_CMS(to, cms) == 1;
        if (!ok)
            error_set(err, ERROR_SYSTEM, "the evidence cannot be signed: %s", reason());
    }
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    BIO_free(to);
    EVP_PKEY_free(key);
    X509_free(signer);
    sk_X509_pop_free(others, X509_free);
    return ok;
}

static bool set_imprint(TS_REQ *request, const char *text, size_t len)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    bool ok = imprint != NULL && algorithm != NULL && EVP_Digest(text, len, digest, &size, EVP_sha256(), NULL) == 1 &&
              X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1 &&
              TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1 && TS_MSG_IMPRINT_set_msg(imprint, digest, (int)size) == 1 &&
              TS_REQ_set_msg_imprint(request, imprint) == 1;
    TS_MSG_IMPRINT_free(imprint);
    X509_ALGOR_free(algorithm);
    return ok;
}

/* RFC 3161, 2.4.1: a nonce, so that an old reply does not answer a new query. */
static bool set_nonce(TS_REQ *request)
{
    unsigned char bytes[8];
    BIGNUM *number = RAND_bytes(bytes, sizeof bytes) == 1 ? BN_bin2bn(bytes, sizeof bytes, NULL) : NULL;
    ASN1_INTEGER *nonce = number == NULL ? NULL : BN_to_ASN1_INTEGER(number, NULL);
    bool ok = nonce != NULL && TS_REQ_set_nonce(request, nonce) == 1;
    ASN1_INTEGER_free(nonce);
    BN_free(number);
    return ok;
}

bool seal_ask_time(const char *text, size_t len, FILE *out, struct error *err)
{
    TS_REQ *request = TS_REQ_new();
    BIO *to = BIO_new_fp(out, BIO_NOCLOSE);
    bool ok = request != NULL && TS_REQ_set_version(request, 1) == 1 && set_imprint(request, text, len) && set_nonce(request) &&
              TS_REQ_set_cert_req(request, 1) == 1 && i2d_TS_REQ_bio(to, request) == 1;
    BIO_free(to);
    TS_REQ_free(request);
    return ok || error_set(err, ERROR_SYSTEM, "the time stamp query cannot be made: %s", reason());
}

static X509_STORE *store_of(const char *roots, char detail[256])
{
    BIO *in = open_bio(roots);
    X509_STORE *store = X509_STORE_new();
    size_t count = 0;
    X509 *root;
    while (in != NULL && (root = PEM_read_bio_X509(in, NULL, no_passphrase, NULL)) != NULL) {
        count += X509_STORE_add_cert(store, root) == 1;
        X509_free(root);
    }
    BIO_free(in);
    if (count != 0)
        return store;
    snprintf(detail, 256, "%.200s: no certificate in PEM", roots);
    X509_STORE_free(store);
    return NULL;
}

static void tell_signer(CMS_ContentInfo *cms, char detail[256])
{
    STACK_OF(X509) *signers = CMS_get0_signers(cms);
    if (signers != NULL && sk_X509_num(signers) > 0) {
        BIO *text = BIO_new(BIO_s_mem());
        X509_NAME_print_ex(text, X509_get_subject_name(sk_X509_value(signers, 0)), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
        int len = BIO_read(text, detail, 255);
        detail[len < 0 ? 0 : len] = '\0';
        BIO_free(text);
    }
    sk_X509_free(signers);
}

/* Is nothing left, but what is allowed? What stands behind a seal is not sealed. */
static bool is_at_end(BIO *in, const char *allowed)
{
    char byte;
    while (BIO_read(in, &byte, 1) == 1)
        if (byte == '\0' || strchr(allowed, byte) == NULL)
            return false;
    return true;
}

static CMS_ContentInfo *read_signature(BIO *in, char detail[256])
{
    unsigned char *der = NULL;
    long len = 0;
    if (PEM_bytes_read_bio(&der, &len, NULL, PEM_STRING_CMS, in, no_passphrase, NULL) != 1)
        return NULL;
    const unsigned char *at = der;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, len);
    if (cms != NULL && (at != der + len || !is_at_end(in, " \t\r\n"))) {
        snprintf(detail, 256, "there are bytes after its end");
        CMS_ContentInfo_free(cms);
        cms = NULL;
    }
    OPENSSL_free(der);
    return cms;
}

enum seal seal_check_signature(const char *path, const char *text, size_t len, const char *roots, char detail[256])
{
    BIO *in = open_bio(path);
    detail[0] = '\0';
    if (in == NULL)
        return SEAL_ABSENT;
    X509_STORE *store = roots == NULL ? NULL : store_of(roots, detail);
    CMS_ContentInfo *cms = read_signature(in, detail);
    BIO *content = BIO_new_mem_buf(text, (int)len);
    enum seal seal = SEAL_BAD;
    if (store != NULL)
        X509_STORE_set_purpose(store, X509_PURPOSE_ANY);
    if (cms != NULL && (roots == NULL || store != NULL) &&
        CMS_verify(cms, NULL, store, content, NULL, CMS_BINARY | (store == NULL ? CMS_NO_SIGNER_CERT_VERIFY : 0)) == 1) {
        seal = store == NULL ? SEAL_UNTRUSTED : SEAL_GOOD;
        tell_signer(cms, detail);
    } else if (detail[0] == '\0') {
        snprintf(detail, 256, "%.200s", reason());
    }
    ERR_clear_error();
    BIO_free(content);
    CMS_ContentInfo_free(cms);
    X509_STORE_free(store);
    BIO_free(in);
    return seal;
}

static void tell_time(TS_RESP *reply, char detail[256])
{
    TS_TST_INFO *info = TS_RESP_get_tst_info(reply);
    BIO *text = BIO_new(BIO_s_mem());
    if (info != NULL && ASN1_GENERALIZEDTIME_print(text, TS_TST_INFO_get_time(info)) == 1) {
        int len = BIO_read(text, detail, 255);
        detail[len < 0 ? 0 : len] = '\0';
    }
    BIO_free(text);
}

/* Is it, byte for byte, the query that we ask by, but for its nonce, which is random? What a query says is sealed by nothing else. */
static bool is_our_query(TS_REQ *query, const char *text, size_t len)
{
    TS_REQ *ours = TS_REQ_new();
    unsigned char *one = NULL, *other = NULL;
    bool ok = ours != NULL && TS_REQ_get_nonce(query) != NULL && TS_REQ_set_version(ours, 1) == 1 && set_imprint(ours, text, len) &&
              TS_REQ_set_nonce(ours, TS_REQ_get_nonce(query)) == 1 && TS_REQ_set_cert_req(ours, 1) == 1;
    int one_len = ok ? i2d_TS_REQ(ours, &one) : -1, other_len = ok ? i2d_TS_REQ(query, &other) : -1;
    ok = ok && one_len > 0 && one_len == other_len && memcmp(one, other, (size_t)one_len) == 0;
    OPENSSL_free(one);
    OPENSSL_free(other);
    TS_REQ_free(ours);
    return ok;
}

static enum seal check_reply(TS_RESP *reply, TS_REQ *query, X509_STORE *store, const char *text, size_t len, char detail[256])
{
    TS_VERIFY_CTX *context = TS_REQ_to_TS_VERIFY_CTX(query, NULL);
    if (context == NULL)
        return SEAL_BAD;
    int flags = TS_VFY_VERSION | TS_VFY_DATA | TS_VFY_NONCE | (store == NULL ? 0 : TS_VFY_SIGNATURE);
    TS_VERIFY_CTX_set_flags(context, flags);
    TS_VERIFY_CTX_set0_data(context, BIO_new_mem_buf(text, (int)len));
    if (store != NULL) {
        X509_STORE_up_ref(store);
        TS_VERIFY_CTX_set0_store(context, store);
    }
    bool ok = TS_RESP_verify_response(context, reply) == 1;
    TS_VERIFY_CTX_free(context);
    if (ok)
        tell_time(reply, detail);
    else
        snprintf(detail, 256, "%.200s", reason());
    return !ok ? SEAL_BAD : store == NULL ? SEAL_UNTRUSTED : SEAL_GOOD;
}

enum seal seal_check_time(const char *path, const char *query_path, const char *text, size_t len, const char *roots, char detail[256])
{
    BIO *in = open_bio(path), *asked = in == NULL ? NULL : open_bio(query_path);
    enum seal seal = SEAL_ABSENT;
    detail[0] = '\0';
    if (in != NULL) {
        X509_STORE *store = roots == NULL ? NULL : store_of(roots, detail);
        TS_RESP *reply = d2i_TS_RESP_bio(in, NULL);
        TS_REQ *query = asked == NULL ? NULL : d2i_TS_REQ_bio(asked, NULL);
        seal = SEAL_BAD;
        if (reply == NULL || query == NULL)
            snprintf(detail, 256, reply == NULL   ? "the reply is not readable"
                                  : asked == NULL ? "the query that it answers is not there"
                                                  : "the query that it answers is not readable");
        else if (!is_at_end(in, "") || !is_at_end(asked, ""))
            snprintf(detail, 256, "there are bytes after its end, or after that of its query");
        else if (!is_our_query(query, text, len))
            snprintf(detail, 256, "the query beside it is not the one that was written");
        else if (roots == NULL || store != NULL)
            seal = check_reply(reply, query, store, text, len, detail);
        TS_REQ_free(query);
        TS_RESP_free(reply);
        X509_STORE_free(store);
        ERR_clear_error();
    }
    BIO_free(asked);
    BIO_free(in);
    return seal;
}

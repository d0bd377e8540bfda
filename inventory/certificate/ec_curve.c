#include "inventory/certificate/ec_curve.h"

#include "inventory/certificate/der.h"
#include "inventory/certificate/oid.h"

#include <openssl/bn.h>
#include <openssl/objects.h>
#include <pthread.h>
#include <string.h>

#define FIELD_BYTES_MAX 128         /* no curve in use has more than 72 */

/* In daily use: their groups are kept. */
static const struct daily {
    const char *oid;
    size_t oid_len;
    struct ec_curve curve;
} daily[] = {
#define DAILY(literal, name, bits, nid) {literal, sizeof(literal) - 1, {name, bits, nid}}
    DAILY("\x2a\x86\x48\xce\x3d\x03\x01\x07", "P-256", 256, NID_X9_62_prime256v1),
    DAILY("\x2b\x81\x04\x00\x22", "P-384", 384, NID_secp384r1),
    DAILY("\x2b\x81\x04\x00\x23", "P-521", 521, NID_secp521r1),
    DAILY("\x2b\x81\x04\x00\x21", "P-224", 224, NID_secp224r1),
    DAILY("\x2b\x81\x04\x00\x0a", "secp256k1", 256, NID_secp256k1),
    DAILY("\x2b\x24\x03\x03\x02\x08\x01\x01\x07", "brainpoolP256r1", 256, NID_brainpoolP256r1),
    DAILY("\x2b\x24\x03\x03\x02\x08\x01\x01\x0b", "brainpoolP384r1", 384, NID_brainpoolP384r1),
    DAILY("\x2b\x24\x03\x03\x02\x08\x01\x01\x0d", "brainpoolP512r1", 512, NID_brainpoolP512r1),
};
#define DAILY_COUNT (sizeof daily / sizeof *daily)

static EC_GROUP *daily_groups[DAILY_COUNT];         /* written once, under groups_once */
static pthread_once_t groups_once = PTHREAD_ONCE_INIT;

static void groups_make(void)
{
    for (size_t i = 0; i < DAILY_COUNT; i++)
        daily_groups[i] = EC_GROUP_new_by_curve_name(daily[i].curve.nid);
}

static EC_GROUP *group_get(int nid, bool *is_ours)
{
    pthread_once(&groups_once, groups_make);
    *is_ours = false;
    for (size_t i = 0; i < DAILY_COUNT; i++)
        if (daily[i].curve.nid == nid)
            return daily_groups[i];
    *is_ours = true;
    return EC_GROUP_new_by_curve_name(nid);
}

bool ec_curve_find(struct byte_reader oid, struct ec_curve *curve)
{
    for (size_t i = 0; i < DAILY_COUNT; i++)
        if (oid.left == daily[i].oid_len && memcmp(oid.at, daily[i].oid, oid.left) == 0)
            return *curve = daily[i].curve, true;
    const char *name = oid_name(oid);
    int nid = name == NULL ? NID_undef : OBJ_sn2nid(name);
    EC_GROUP *group = nid == NID_undef ? NULL : EC_GROUP_new_by_curve_name(nid);
    if (group == NULL)
        return false;
    const char *nist = EC_curve_nid2nist(nid);
    *curve = (struct ec_curve){nist != NULL ? nist : name, (unsigned)EC_GROUP_get_degree(group), nid};
    EC_GROUP_free(group);
    return true;
}

enum ec_point ec_curve_point(const struct ec_curve *curve, struct byte_reader encoded)
{
    if (encoded.left == 1 && encoded.at[0] == 0)
        return EC_POINT_INFINITY;
    bool is_ours;
    EC_GROUP *group = group_get(curve->nid, &is_ours);
    EC_POINT *point = group == NULL ? NULL : EC_POINT_new(group);
    bool on = point != NULL && EC_POINT_oct2point(group, point, encoded.at, encoded.left, NULL) == 1;
    EC_POINT_free(point);
    if (is_ours)
        EC_GROUP_free(group);
    return on ? EC_POINT_ON_CURVE : EC_POINT_OFF_CURVE;
}

/* ECParameters over a prime field. */
struct parameters {
    BIGNUM *p, *a, *b, *order, *cofactor;
    struct byte_reader base;
};

static BIGNUM *number_of(struct byte_reader bytes)
{
    return bytes.left == 0 || bytes.left > FIELD_BYTES_MAX ? NULL : BN_bin2bn(bytes.at, (int)bytes.left, NULL);
}

static bool parameters_read(struct byte_reader content, struct parameters *out)
{
    struct der_item version, field, type, prime, curve, a, b, base, order, cofactor;
    if (!der_read_tag(&content, DER_INTEGER, &version) || !der_read_tag(&content, DER_SEQUENCE, &field)
        || !der_read_tag(&field.content, DER_OID, &type) || !OID_IS(type.content, "\x2a\x86\x48\xce\x3d\x01\x01")
        || !der_read_tag(&field.content, DER_INTEGER, &prime) || !der_read_tag(&content, DER_SEQUENCE, &curve)
        || !der_read_tag(&curve.content, DER_OCTET_STRING, &a) || !der_read_tag(&curve.content, DER_OCTET_STRING, &b)
        || !der_read_tag(&content, DER_OCTET_STRING, &base) || !der_read_tag(&content, DER_INTEGER, &order))
        return false;
    out->p = number_of(prime.content);
    out->a = number_of(a.content);
    out->b = number_of(b.content);
    out->order = number_of(order.content);
    out->base = base.content;
    if (der_read_tag(&content, DER_INTEGER, &cofactor))
        out->cofactor = number_of(cofactor.content);
    return out->p != NULL && out->a != NULL && out->b != NULL && out->order != NULL && BN_is_odd(out->p);
}

static void parameters_clear(struct parameters *parameters)
{
    BN_free(parameters->p);
    BN_free(parameters->a);
    BN_free(parameters->b);
    BN_free(parameters->order);
    BN_free(parameters->cofactor);
}

/* y^2 = x^3 + ax + b over p, for an uncompressed point; a compressed one has a y by its form (SEC 1, 2.3.4), if it has one,
 * and that is not looked into where the parameters are explicit. */
static enum ec_point point_check(const struct parameters *parameters, struct byte_reader point)
{
    if (point.left == 1 && point.at[0] == 0)
        return EC_POINT_INFINITY;
    if (point.left > 1 && (point.at[0] == 2 || point.at[0] == 3))
        return EC_POINT_ON_CURVE;
    size_t field = (size_t)BN_num_bytes(parameters->p);
    if (point.left != 1 + 2 * field || point.at[0] != 4)
        return EC_POINT_OFF_CURVE;
    BN_CTX *context = BN_CTX_new();
    BIGNUM *x = BN_bin2bn(point.at + 1, (int)field, NULL), *y = BN_bin2bn(point.at + 1 + field, (int)field, NULL);
    BIGNUM *left = BN_new(), *right = BN_new();
    bool on = BN_cmp(x, parameters->p) < 0 && BN_cmp(y, parameters->p) < 0 && BN_mod_sqr(left, y, parameters->p, context) == 1
              && BN_mod_sqr(right, x, parameters->p, context) == 1 && BN_mod_add(right, right, parameters->a, parameters->p, context) == 1
              && BN_mod_mul(right, right, x, parameters->p, context) == 1
              && BN_mod_add(right, right, parameters->b, parameters->p, context) == 1 && BN_cmp(left, right) == 0;
    BN_free(x);
    BN_free(y);
    BN_free(left);
    BN_free(right);
    BN_CTX_free(context);
    return on ? EC_POINT_ON_CURVE : EC_POINT_OFF_CURVE;
}

static bool same_generator(const EC_GROUP *group, const struct parameters *parameters)
{
    uint8_t uncompressed[1 + 2 * FIELD_BYTES_MAX], compressed[1 + FIELD_BYTES_MAX];
    const EC_POINT *generator = EC_GROUP_get0_generator(group);
    size_t long_len = EC_POINT_point2oct(group, generator, POINT_CONVERSION_UNCOMPRESSED, uncompressed, sizeof uncompressed, NULL);
    size_t short_len = EC_POINT_point2oct(group, generator, POINT_CONVERSION_COMPRESSED, compressed, sizeof compressed, NULL);
    bool base = (parameters->base.left == long_len && memcmp(parameters->base.at, uncompressed, long_len) == 0)
                || (parameters->base.left == short_len && memcmp(parameters->base.at, compressed, short_len) == 0);
    return base && BN_cmp(EC_GROUP_get0_order(group), parameters->order) == 0
           && (parameters->cofactor == NULL || BN_cmp(EC_GROUP_get0_cofactor(group), parameters->cofactor) == 0);
}

static void named_find(const struct parameters *parameters, struct ec_explicit *result)
{
    BIGNUM *p = BN_new(), *a = BN_new(), *b = BN_new();
    pthread_once(&groups_once, groups_make);
    for (size_t i = 0; i < DAILY_COUNT && result->same_equation == NULL; i++) {
        if (daily_groups[i] == NULL || EC_GROUP_get_curve(daily_groups[i], p, a, b, NULL) != 1
            || BN_cmp(p, parameters->p) != 0 || BN_cmp(a, parameters->a) != 0 || BN_cmp(b, parameters->b) != 0)
            continue;
        result->same_equation = daily[i].curve.name;
        result->same_generator = same_generator(daily_groups[i], parameters);
    }
    BN_free(p);
    BN_free(a);
    BN_free(b);
}

bool ec_explicit_read(struct byte_reader content, struct byte_reader point, struct ec_explicit *result)
{
    struct parameters parameters = {0};
    *result = (struct ec_explicit){.point = EC_POINT_OFF_CURVE};
    bool ok = parameters_read(content, &parameters);
    if (ok) {
        result->bits = (unsigned)BN_num_bits(parameters.p);
        result->point = point_check(&parameters, point);
        named_find(&parameters, result);
    }
    parameters_clear(&parameters);
    return ok;
}

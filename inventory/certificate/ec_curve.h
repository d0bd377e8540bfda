/* Elliptic curves by OID, with OpenSSL's arithmetic: a group takes 100 us to create and never changes, so those in common
 * use are created once and live as long as the program. */
#pragma once
#include "probes/base/byte_reader.h"

#include <openssl/ec.h>
#include <stdbool.h>

struct ec_curve {
    const char *name;               /* "P-256", "brainpoolP256r1", "secp256k1" */
    unsigned bits;                  /* of the field */
    int nid;
};

/* False where OpenSSL knows no such curve. */
bool ec_curve_find(struct byte_reader oid, struct ec_curve *curve);

enum ec_point { EC_POINT_ON_CURVE, EC_POINT_OFF_CURVE, EC_POINT_INFINITY };

/* Is this encoded point (SEC 1, 2.3.3) on the curve? */
enum ec_point ec_curve_point(const struct ec_curve *curve, struct byte_reader point);

/* Explicit parameters (SEC 1, C.2), the inside of their SEQUENCE, and a point over them. */
struct ec_explicit {
    unsigned bits;                  /* of a prime field; 0: unreadable */
    const char *same_equation;      /* the named curve of the same field and equation; NULL: none in use */
    bool same_generator;            /* and of the same base point, order and cofactor */
    enum ec_point point;
};
bool ec_explicit_read(struct byte_reader parameters, struct byte_reader point, struct ec_explicit *result);

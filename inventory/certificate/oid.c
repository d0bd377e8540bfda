#include "inventory/certificate/oid.h"

#include "inventory/certificate/der.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <openssl/objects.h>
#include <stdio.h>
#include <stdlib.h>

/* The identifiers that are common in certificates, sorted by length and bytes; a test checks the order. */
static const struct known {
    uint8_t len;
    const char *bytes, *name;
} known[] = {
    {3, "\x2b\x65\x6e", "X25519"},
    {3, "\x2b\x65\x6f", "X448"},
    {3, "\x2b\x65\x70", "ED25519"},
    {3, "\x2b\x65\x71", "ED448"},
    {3, "\x55\x04\x03", "CN"},
    {3, "\x55\x04\x04", "SN"},
    {3, "\x55\x04\x05", "serialNumber"},
    {3, "\x55\x04\x06", "C"},
    {3, "\x55\x04\x07", "L"},
    {3, "\x55\x04\x08", "ST"},
    {3, "\x55\x04\x09", "street"},
    {3, "\x55\x04\x0a", "O"},
    {3, "\x55\x04\x0b", "OU"},
    {3, "\x55\x04\x0c", "title"},
    {3, "\x55\x04\x0d", "description"},
    {3, "\x55\x04\x0f", "businessCategory"},
    {3, "\x55\x04\x11", "postalCode"},
    {3, "\x55\x04\x12", "postOfficeBox"},
    {3, "\x55\x04\x29", "name"},
    {3, "\x55\x04\x2a", "GN"},
    {3, "\x55\x04\x2b", "initials"},
    {3, "\x55\x04\x2c", "generationQualifier"},
    {3, "\x55\x04\x2d", "x500UniqueIdentifier"},
    {3, "\x55\x04\x2e", "dnQualifier"},
    {3, "\x55\x04\x41", "pseudonym"},
    {3, "\x55\x04\x61", "organizationIdentifier"},
    {3, "\x55\x1d\x09", "subjectDirectoryAttributes"},
    {3, "\x55\x1d\x0e", "subjectKeyIdentifier"},
    {3, "\x55\x1d\x0f", "keyUsage"},
    {3, "\x55\x1d\x10", "privateKeyUsagePeriod"},
    {3, "\x55\x1d\x11", "subjectAltName"},
    {3, "\x55\x1d\x12", "issuerAltName"},
    {3, "\x55\x1d\x13", "basicConstraints"},
    {3, "\x55\x1d\x1e", "nameConstraints"},
    {3, "\x55\x1d\x1f", "crlDistributionPoints"},
    {3, "\x55\x1d\x20", "certificatePolicies"},
    {3, "\x55\x1d\x21", "policyMappings"},
    {3, "\x55\x1d\x23", "authorityKeyIdentifier"},
    {3, "\x55\x1d\x24", "policyConstraints"},
    {3, "\x55\x1d\x25", "extendedKeyUsage"},
    {3, "\x55\x1d\x2e", "freshestCRL"},
    {3, "\x55\x1d\x36", "inhibitAnyPolicy"},
    {4, "\x55\x1d\x25\x00", "anyExtendedKeyUsage"},
    {5, "\x2b\x0e\x03\x02\x1a", "SHA1"},
    {5, "\x2b\x0e\x03\x02\x1d", "sha1WithRSA"},
    {5, "\x2b\x81\x04\x00\x0a", "secp256k1"},
    {5, "\x2b\x81\x04\x00\x21", "secp224r1"},
    {5, "\x2b\x81\x04\x00\x22", "secp384r1"},
    {5, "\x2b\x81\x04\x00\x23", "secp521r1"},
    {7, "\x2a\x86\x48\xce\x38\x04\x01", "DSA"},
    {7, "\x2a\x86\x48\xce\x38\x04\x03", "DSA-SHA1"},
    {7, "\x2a\x86\x48\xce\x3d\x02\x01", "id-ecPublicKey"},
    {7, "\x2a\x86\x48\xce\x3d\x04\x01", "ecdsa-with-SHA1"},
    {7, "\x2b\x06\x01\x05\x02\x03\x04", "pkInitClientAuth"},
    {7, "\x2b\x06\x01\x05\x02\x03\x05", "pkInitKDC"},
    {8, "\x2a\x81\x1c\xcf\x55\x01\x82\x2d", "SM2"},
    {8, "\x2a\x81\x1c\xcf\x55\x01\x83\x75", "SM2-SM3"},
    {8, "\x2a\x85\x03\x07\x01\x01\x01\x01", "gost2012_256"},
    {8, "\x2a\x85\x03\x07\x01\x01\x01\x02", "gost2012_512"},
    {8, "\x2a\x85\x03\x07\x01\x01\x03\x02", "id-tc26-signwithdigest-gost3410-2012-256"},
    {8, "\x2a\x85\x03\x07\x01\x01\x03\x03", "id-tc26-signwithdigest-gost3410-2012-512"},
    {8, "\x2a\x86\x48\x86\xf7\x0d\x02\x05", "MD5"},
    {8, "\x2a\x86\x48\xce\x3d\x03\x01\x01", "prime192v1"},
    {8, "\x2a\x86\x48\xce\x3d\x03\x01\x07", "prime256v1"},
    {8, "\x2a\x86\x48\xce\x3d\x04\x03\x01", "ecdsa-with-SHA224"},
    {8, "\x2a\x86\x48\xce\x3d\x04\x03\x02", "ecdsa-with-SHA256"},
    {8, "\x2a\x86\x48\xce\x3d\x04\x03\x03", "ecdsa-with-SHA384"},
    {8, "\x2a\x86\x48\xce\x3d\x04\x03\x04", "ecdsa-with-SHA512"},
    {8, "\x2b\x06\x01\x05\x05\x07\x01\x01", "authorityInfoAccess"},
    {8, "\x2b\x06\x01\x05\x05\x07\x01\x03", "qcStatements"},
    {8, "\x2b\x06\x01\x05\x05\x07\x01\x0b", "subjectInfoAccess"},
    {8, "\x2b\x06\x01\x05\x05\x07\x01\x18", "tlsfeature"},
    {8, "\x2b\x06\x01\x05\x05\x07\x03\x01", "serverAuth"},
    {8, "\x2b\x06\x01\x05\x05\x07\x03\x02", "clientAuth"},
    {8, "\x2b\x06\x01\x05\x05\x07\x03\x03", "codeSigning"},
    {8, "\x2b\x06\x01\x05\x05\x07\x03\x04", "emailProtection"},
    {8, "\x2b\x06\x01\x05\x05\x07\x03\x05", "ipsecEndSystem"},
    {8, "\x2b\x06\x01\x05\x05\x07\x03\x06", "ipsecTunnel"},
    {8, "\x2b\x06\x01\x05\x05\x07\x03\x07", "ipsecUser"},
    {8, "\x2b\x06\x01\x05\x05\x07\x03\x08", "timeStamping"},
    {8, "\x2b\x06\x01\x05\x05\x07\x03\x09", "OCSPSigning"},
    {8, "\x2b\x06\x01\x05\x05\x07\x03\x11", "ipsecIKE"},
    {8, "\x2b\x06\x01\x05\x05\x07\x03\x15", "secureShellClient"},
    {8, "\x2b\x06\x01\x05\x05\x07\x03\x16", "secureShellServer"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x25", "MLDSA44-RSA2048-PSS-SHA256"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x26", "MLDSA44-RSA2048-PKCS15-SHA256"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x27", "MLDSA44-Ed25519-SHA512"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x28", "MLDSA44-ECDSA-P256-SHA256"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x29", "MLDSA65-RSA3072-PSS-SHA512"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x2a", "MLDSA65-RSA3072-PKCS15-SHA512"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x2b", "MLDSA65-RSA4096-PSS-SHA512"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x2c", "MLDSA65-RSA4096-PKCS15-SHA512"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x2d", "MLDSA65-ECDSA-P256-SHA512"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x2e", "MLDSA65-ECDSA-P384-SHA512"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x2f", "MLDSA65-ECDSA-brainpoolP256r1-SHA512"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x30", "MLDSA65-Ed25519-SHA512"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x31", "MLDSA87-ECDSA-P384-SHA512"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x32", "MLDSA87-ECDSA-brainpoolP384r1-SHA512"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x33", "MLDSA87-Ed448-SHAKE256"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x34", "MLDSA87-RSA3072-PSS-SHA512"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x35", "MLDSA87-RSA4096-PSS-SHA512"},
    {8, "\x2b\x06\x01\x05\x05\x07\x06\x36", "MLDSA87-ECDSA-P521-SHA512"},
    {8, "\x2b\x06\x01\x05\x05\x07\x30\x01", "OCSP"},
    {8, "\x2b\x06\x01\x05\x05\x07\x30\x02", "caIssuers"},
    {8, "\x2b\x06\x01\x05\x05\x07\x30\x03", "ad_timestamping"},
    {8, "\x2b\x06\x01\x05\x05\x07\x30\x05", "caRepository"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", "rsaEncryption"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02", "md2WithRSAEncryption"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x03", "md4WithRSAEncryption"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04", "md5WithRSAEncryption"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05", "sha1WithRSAEncryption"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08", "MGF1"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "rsassaPss"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", "sha256WithRSAEncryption"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c", "sha384WithRSAEncryption"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d", "sha512WithRSAEncryption"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e", "sha224WithRSAEncryption"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0f", "sha512-224WithRSAEncryption"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x10", "sha512-256WithRSAEncryption"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", "emailAddress"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x02", "unstructuredName"},
    {9, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x08", "unstructuredAddress"},
    {9, "\x2b\x06\x01\x05\x05\x07\x30\x01\x05", "noCheck"},
    {9, "\x2b\x24\x03\x03\x02\x08\x01\x01\x07", "brainpoolP256r1"},
    {9, "\x2b\x24\x03\x03\x02\x08\x01\x01\x0b", "brainpoolP384r1"},
    {9, "\x2b\x24\x03\x03\x02\x08\x01\x01\x0d", "brainpoolP512r1"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x02\x01", "SHA256"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x02\x02", "SHA384"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x02\x03", "SHA512"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x02\x04", "SHA224"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x02\x06", "SHA512-256"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x01", "dsa_with_SHA224"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x02", "dsa_with_SHA256"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x03", "id-dsa-with-sha384"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x04", "id-dsa-with-sha512"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x09", "id-ecdsa-with-sha3-224"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x0a", "id-ecdsa-with-sha3-256"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x0b", "id-ecdsa-with-sha3-384"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x0c", "id-ecdsa-with-sha3-512"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x0d", "id-rsassa-pkcs1-v1_5-with-sha3-224"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x0e", "id-rsassa-pkcs1-v1_5-with-sha3-256"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x0f", "id-rsassa-pkcs1-v1_5-with-sha3-384"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x10", "id-rsassa-pkcs1-v1_5-with-sha3-512"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x11", "ML-DSA-44"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x12", "ML-DSA-65"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x13", "ML-DSA-87"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x14", "SLH-DSA-SHA2-128s"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x15", "SLH-DSA-SHA2-128f"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x16", "SLH-DSA-SHA2-192s"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x17", "SLH-DSA-SHA2-192f"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x18", "SLH-DSA-SHA2-256s"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x19", "SLH-DSA-SHA2-256f"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x1a", "SLH-DSA-SHAKE-128s"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x1b", "SLH-DSA-SHAKE-128f"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x1c", "SLH-DSA-SHAKE-192s"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x1d", "SLH-DSA-SHAKE-192f"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x1e", "SLH-DSA-SHAKE-256s"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x03\x1f", "SLH-DSA-SHAKE-256f"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x04\x01", "ML-KEM-512"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x04\x02", "ML-KEM-768"},
    {9, "\x60\x86\x48\x01\x65\x03\x04\x04\x03", "ML-KEM-1024"},
    {9, "\x60\x86\x48\x01\x86\xf8\x42\x01\x01", "nsCertType"},
    {10, "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", "UID"},
    {10, "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x03", "mail"},
    {10, "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "DC"},
    {10, "\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x15", "msCodeInd"},
    {10, "\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x16", "msCodeCom"},
    {10, "\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x01", "msCTLSign"},
    {10, "\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x03", "msSGC"},
    {10, "\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x04", "msEFS"},
    {10, "\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x02", "msSmartcardLogin"},
    {10, "\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03", "msUPN"},
    {10, "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02", "ct_precert_scts"},
    {10, "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x03", "ct_precert_poison"},
    {10, "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x04", "ct_precert_signer"},
    {11, "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x01", "jurisdictionL"},
    {11, "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x02", "jurisdictionST"},
    {11, "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x03", "jurisdictionC"},
};

static int known_compare(const void *key, const void *member)
{
    const struct byte_reader *oid = key;
    const struct known *row = member;
    if (oid->left != row->len)
        return oid->left < row->len ? -1 : 1;
    return memcmp(oid->at, row->bytes, row->len);
}

/* OpenSSL knows another thousand. */
static const char *openssl_name(struct byte_reader oid)
{
    uint8_t der[2 + 64];
    if (oid.left == 0 || oid.left > 64)
        return NULL;
    der[0] = DER_OID;
    der[1] = (uint8_t)oid.left;
    memcpy(der + 2, oid.at, oid.left);
    const unsigned char *at = der;
    ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &at, (long)oid.left + 2);
    int nid = object == NULL ? NID_undef : OBJ_obj2nid(object);
    ASN1_OBJECT_free(object);
    return nid == NID_undef ? NULL : OBJ_nid2sn(nid);
}

const char *oid_name(struct byte_reader oid)
{
    const struct known *row = oid.left == 0 ? NULL : bsearch(&oid, known, sizeof known / sizeof *known, sizeof *known, known_compare);
    return row != NULL ? row->name : openssl_name(oid);
}

static bool arc_read(struct byte_reader *oid, uint64_t *arc)
{
    uint8_t byte;
    *arc = 0;
    for (int i = 0; i < 9; i++) {       /* 63 bits */
        if (!byte_reader_u8(oid, &byte))
            return false;
        *arc = *arc << 7 | (byte & 0x7f);
        if (byte < 0x80)
            return true;
    }
    return false;
}

char *oid_text(struct byte_reader oid)
{
    char *text = xmalloc(22 * oid.left + 4), *out = text;
    struct byte_reader rest = oid;
    uint64_t arc;
    bool ok = arc_read(&rest, &arc);
    if (ok) {
        unsigned root = arc < 40 ? 0 : arc < 80 ? 1 : 2;
        out += sprintf(out, "%u.%llu", root, (unsigned long long)(arc - 40 * root));
    }
    while (ok && rest.left > 0 && (ok = arc_read(&rest, &arc)))
        out += sprintf(out, ".%llu", (unsigned long long)arc);
    if (!ok) {
        text[0] = '#';
        hex_format(oid.at, oid.left, text + 1);
    }
    return text;
}

char *oid_label(struct byte_reader oid)
{
    const char *name = oid_name(oid);
    return name != NULL ? xstrdup(name) : oid_text(oid);
}

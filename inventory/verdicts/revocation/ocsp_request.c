#include "inventory/verdicts/revocation/ocsp_request.h"

#include "inventory/verdicts/revocation/revocation_text.h"

#include <openssl/evp.h>
#include <string.h>

#define DER_SEQUENCE     0x30
#define DER_INTEGER      0x02
#define DER_OCTET_STRING 0x04

static const uint8_t sha1_algorithm[] = {0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00};

/* Lengths stay below 128, so each is one octet. */
static void write_head(struct byte_writer *to, unsigned tag, size_t len)
{
    byte_writer_u8(to, tag);
    byte_writer_u8(to, (unsigned)len);
}

/* CertID, in Request, in requestList, in TBSRequest, in OCSPRequest: none of them contains anything else. */
bool ocsp_request_write(struct byte_writer *to, struct byte_reader issuer, const uint8_t key_sha1[20], struct byte_reader serial_number)
{
    uint8_t name_sha1[20];
    size_t len = sizeof sha1_algorithm + 2 * (2 + 20) + 2 + serial_number.left;
    if (serial_number.left == 0 || serial_number.left > SERIAL_OCTETS_MAX - 20 ||
        EVP_Digest(issuer.at, issuer.left, name_sha1, NULL, EVP_sha1(), NULL) != 1)
        return false;
    for (size_t nested = 4; nested > 0; nested--)
        write_head(to, DER_SEQUENCE, len + 2 * nested);
    write_head(to, DER_SEQUENCE, len);
    byte_writer_bytes(to, sha1_algorithm, sizeof sha1_algorithm);
    write_head(to, DER_OCTET_STRING, 20);
    byte_writer_bytes(to, name_sha1, 20);
    write_head(to, DER_OCTET_STRING, 20);
    byte_writer_bytes(to, key_sha1, 20);
    write_head(to, DER_INTEGER, serial_number.left);
    byte_writer_bytes(to, serial_number.at, serial_number.left);
    return byte_writer_ok(to);
}

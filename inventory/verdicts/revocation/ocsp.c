#include "inventory/verdicts/revocation/ocsp.h"

#include "inventory/certificate/cert_time.h"
#include "inventory/certificate/der.h"

#include <string.h>

#define DER_ENUMERATED 0x0a

static int64_t time_next(struct byte_reader *from)
{
    struct der_item item;
    int64_t seconds;
    bool form;
    return der_read_tag(from, DER_GENERALIZED_TIME, &item) && cert_time_parse(&item, &seconds, &form) ? seconds : OCSP_NO_TIME;
}

/* ResponseData: version, responderID, producedAt, responses. */
static bool data_read(struct ocsp *ocsp, struct byte_reader data)
{
    struct der_item item;
    if (der_peek(&data) == 0xa0 && !der_read(&data, &item))
        return false;
    if (!der_read(&data, &item) || (item.tag != 0xa1 && item.tag != 0xa2))
        return false;
    if ((ocsp->produced_at = time_next(&data)) == OCSP_NO_TIME || !der_read_tag(&data, DER_SEQUENCE, &item))
        return false;
    ocsp->answers = item.content;
    return true;
}

static bool basic_read(struct ocsp *ocsp, struct byte_reader basic)
{
    struct der_item sequence, data, algorithm, bits, item, list;
    if (!der_read_tag(&basic, DER_SEQUENCE, &sequence) || !der_read_tag(&sequence.content, DER_SEQUENCE, &data)
        || !der_read_tag(&sequence.content, DER_SEQUENCE, &algorithm) || !der_read_tag(&sequence.content, DER_BIT_STRING, &bits)
        || !der_bit_bytes(bits.content, &ocsp->signature) || !data_read(ocsp, data.content))
        return false;
    ocsp->tbs = data.whole;
    ocsp->algorithm = algorithm.whole;
    if (der_read_tag(&sequence.content, 0xa0, &item) && der_read_tag(&item.content, DER_SEQUENCE, &list)
        && der_read_tag(&list.content, DER_SEQUENCE, &item))
        ocsp->responder = item.whole;
    return true;
}

bool ocsp_read(struct ocsp *ocsp, struct byte_reader der)
{
    static const uint8_t basic_oid[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01};     /* id-pkix-ocsp-basic */
    struct der_item response, status, bytes, inner, oid, octets;
    *ocsp = (struct ocsp){.produced_at = OCSP_NO_TIME};
    if (der.left > OCSP_OCTETS_MAX || !der_read_tag(&der, DER_SEQUENCE, &response)
        || !der_read_tag(&response.content, DER_ENUMERATED, &status) || status.content.left != 1 || status.content.at[0] != 0
        || !der_read_tag(&response.content, 0xa0, &bytes) || !der_read_tag(&bytes.content, DER_SEQUENCE, &inner)
        || !der_read_tag(&inner.content, DER_OID, &oid) || !der_read_tag(&inner.content, DER_OCTET_STRING, &octets))
        return false;
    return oid.content.left == sizeof basic_oid && memcmp(oid.content.at, basic_oid, sizeof basic_oid) == 0
        && basic_read(ocsp, octets.content);
}

static bool id_read(struct ocsp_answer *answer, struct byte_reader id)
{
    struct der_item algorithm, oid, name, key, serial;
    if (!der_read_tag(&id, DER_SEQUENCE, &algorithm) || !der_read_tag(&algorithm.content, DER_OID, &oid)
        || !der_read_tag(&id, DER_OCTET_STRING, &name) || !der_read_tag(&id, DER_OCTET_STRING, &key)
        || !der_read_tag(&id, DER_INTEGER, &serial))
        return false;
    answer->hash_algorithm = oid.content;
    answer->issuer_name = name.content;
    answer->issuer_key = key.content;
    answer->serial_number = serial.content;
    return true;
}

static bool status_read(struct ocsp_answer *answer, struct byte_reader *from)
{
    struct der_item item, reason, number;
    if (!der_read(from, &item))
        return false;
    if (item.tag == 0x80 || item.tag == 0x82)
        return answer->status = item.tag == 0x80 ? OCSP_GOOD : OCSP_UNKNOWN, true;
    if (item.tag != 0xa1)
        return false;
    answer->status = OCSP_REVOKED;
    answer->revoked_at = time_next(&item.content);
    if (der_read_tag(&item.content, 0xa0, &reason) && der_read_tag(&reason.content, DER_ENUMERATED, &number) && number.content.left == 1)
        answer->reason = number.content.at[0];
    return answer->revoked_at != OCSP_NO_TIME;
}

bool ocsp_answer_next(struct ocsp *ocsp, struct ocsp_answer *answer)
{
    struct der_item sequence, id, next;
    *answer = (struct ocsp_answer){.revoked_at = OCSP_NO_TIME, .next_update = OCSP_NO_TIME};
    if (!der_read_tag(&ocsp->answers, DER_SEQUENCE, &sequence) || !der_read_tag(&sequence.content, DER_SEQUENCE, &id)
        || !id_read(answer, id.content) || !status_read(answer, &sequence.content)
        || (answer->this_update = time_next(&sequence.content)) == OCSP_NO_TIME)
        return false;
    if (der_peek(&sequence.content) == 0xa0 && der_read(&sequence.content, &next))
        answer->next_update = time_next(&next.content);
    return true;
}

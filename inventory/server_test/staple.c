#include "inventory/server_test/staple.h"

#include <openssl/asn1.h>
#include <openssl/ct.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/ocsp.h>
#include <time.h>

static uint32_t count_scts(OCSP_SINGLERESP *single)
{
    STACK_OF(SCT) *scts = OCSP_SINGLERESP_get1_ext_d2i(single, NID_ct_cert_scts, NULL, NULL);
    int count = scts == NULL ? 0 : sk_SCT_num(scts);
    SCT_LIST_free(scts);
    return (uint32_t)count;
}

static void read_single(OCSP_SINGLERESP *single, struct server_staple *staple)
{
    ASN1_GENERALIZEDTIME *next = NULL;
    struct tm day = {0};
    switch (OCSP_single_get0_status(single, NULL, NULL, NULL, &next)) {
    case V_OCSP_CERTSTATUS_GOOD: staple->status = "good"; break;
    case V_OCSP_CERTSTATUS_REVOKED: staple->status = "revoked"; break;
    default: staple->status = "unknown"; break;
    }
    if (next != NULL && ASN1_TIME_to_tm(next, &day) == 1)
        staple->next_update = timegm(&day);
    staple->sct_count = count_scts(single);
}

void server_staple_read(const uint8_t *der, size_t len, struct server_staple *staple)
{
    const uint8_t *at = der;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)len);
    OCSP_BASICRESP *basic = response == NULL ? NULL : OCSP_response_get1_basic(response);
    OCSP_SINGLERESP *single = basic == NULL ? NULL : OCSP_resp_get0(basic, 0);
    *staple = (struct server_staple){.status = "unreadable"};
    if (single != NULL)
        read_single(single, staple);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    ERR_clear_error();
}

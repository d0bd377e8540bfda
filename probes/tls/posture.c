#include "probes/tls/posture.h"

#include "probes/tls/names.h"
#include "probes/tls/offers.h"

#include <stdio.h>
#include <string.h>

static const char accepted[] = "accepted", refused[] = "refused", untested[] = "untested";

static const char *const item_names[POSTURE_COUNT] = {
    "sslv2", "sslv3", "tls10", "tls11", "tls12", "tls13", "rc4", "3des", "export", "null", "anonymous", "static_rsa",
    "cbc_only", "dh_bits", "curve", "secure_renegotiation", "extended_master_secret", "compression", "ocsp_staple",
    "hybrid_groups"};

void posture_init(struct posture *posture)
{
    memset(posture, 0, sizeof *posture);
    for (size_t i = 0; i < POSTURE_COUNT; i++)
        posture->items[i] = (struct tls_posture_item){.item = item_names[i], .value = untested};
}

static bool is_untested(const struct posture *posture, enum posture_id id)
{
    return posture->items[id].value == untested;
}

static bool is_accepted(const struct posture *posture, enum posture_id id)
{
    return posture->items[id].value == accepted;
}

static void set(struct posture *posture, enum posture_id id, const char *value, const char *detail)
{
    posture->items[id].value = value;
    posture->items[id].detail = detail;
}

static void refuse(struct posture *posture, enum posture_id id)
{
    if (is_untested(posture, id))
        set(posture, id, refused, NULL);
}

bool posture_is_refusal(enum outcome outcome)
{
    return outcome == OUTCOME_TLS_ALERT || outcome == OUTCOME_CLOSED || outcome == OUTCOME_RESET ||
           outcome == OUTCOME_TLS_ERROR || outcome == OUTCOME_NOT_TLS;
}

/* ---- what an answer shows, whatever was asked ---- */

static void see_version(struct posture *posture, uint16_t version, const char *suite)
{
    static const struct {
        uint16_t version;
        enum posture_id id;
    } versions[] = {{0x0002, POSTURE_SSLV2}, {0x0300, POSTURE_SSLV3}, {0x0301, POSTURE_TLS10},
                    {0x0302, POSTURE_TLS11}, {0x0303, POSTURE_TLS12}, {0x0304, POSTURE_TLS13}};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        if (versions[i].version == version && !is_accepted(posture, versions[i].id))
            set(posture, versions[i].id, accepted, suite);
}

static void see_suite(struct posture *posture, const struct tls_suite *suite)
{
    if (suite == NULL || suite->is_tls13)
        return;
    if (tls_suite_is_aead(suite)) {
        posture->is_aead_chosen = true;
        set(posture, POSTURE_CBC_ONLY, refused, NULL);
    }
    if (suite->enc == TLS_ENC_RC4)
        set(posture, POSTURE_RC4, accepted, suite->name);
    if (suite->enc == TLS_ENC_3DES_CBC)
        set(posture, POSTURE_3DES, accepted, suite->name);
    if (suite->enc == TLS_ENC_NULL && suite->kx != TLS_KX_SCSV)
        set(posture, POSTURE_NULL, accepted, suite->name);
    if (suite->is_export)
        set(posture, POSTURE_EXPORT, accepted, suite->name);
    if (suite->auth == TLS_AUTH_ANON)
        set(posture, POSTURE_ANONYMOUS, accepted, suite->name);
    if (suite->kx == TLS_KX_RSA)
        set(posture, POSTURE_STATIC_RSA, accepted, suite->name);
}

static const struct tls_suite *see(struct posture *posture, const struct tls_facts *facts)
{
    const char *name = facts->cipher_suite < 0 ? NULL : tls_suite_name((uint32_t)facts->cipher_suite);
    const struct tls_suite *suite = facts->cipher_suite < 0 ? NULL : tls_suite_find((uint32_t)facts->cipher_suite);
    see_version(posture, facts->version, name);
    see_suite(posture, suite);
    if (facts->dh_bits != 0) {
        snprintf(posture->dh_bits, sizeof posture->dh_bits, "%u", facts->dh_bits);
        set(posture, POSTURE_DH_BITS, posture->dh_bits, name);
    }
    return suite;
}

void posture_see(struct posture *posture, const struct tls_facts *facts, bool offered_13)
{
    const struct tls_suite *suite = see(posture, facts);
    if (facts->ocsp_staple_len != 0)
        set(posture, POSTURE_OCSP_STAPLE, accepted, NULL);
    else
        refuse(posture, POSTURE_OCSP_STAPLE);
    if (facts->version == 0x0304)
        return;
    if (offered_13)
        refuse(posture, POSTURE_TLS13);
    if (facts->version < 0x0303)            /* it would have chosen TLS 1.2 */
        refuse(posture, POSTURE_TLS12);
    set(posture, POSTURE_SECURE_RENEGOTIATION, facts->secure_renegotiation ? accepted : refused, NULL);
    set(posture, POSTURE_EXTENDED_MASTER_SECRET, facts->extended_master_secret ? accepted : refused, NULL);
    if (!offered_13 || facts->compression)  /* only the variant tls12 offers it */
        set(posture, POSTURE_COMPRESSION, facts->compression ? accepted : refused, NULL);
    if (suite != NULL && suite->kx == TLS_KX_ECDHE && facts->group > 0 && tls_group_name((uint32_t)facts->group))
        set(posture, POSTURE_CURVE, tls_group_name((uint32_t)facts->group), suite->name);
    else
        refuse(posture, POSTURE_CURVE);
}

void posture_see_no_tls12(struct posture *posture)
{
    static const char only[] = "TLS 1.3 only";
    refuse(posture, POSTURE_TLS12);
    refuse(posture, POSTURE_COMPRESSION);
    refuse(posture, POSTURE_CURVE);
    posture->items[POSTURE_SECURE_RENEGOTIATION].detail = only;
    posture->items[POSTURE_EXTENDED_MASTER_SECRET].detail = only;
}

/* ---- the questions ---- */

static bool due_always(const struct posture *posture)
{
    (void)posture;
    return true;
}

static bool due_tls10(const struct posture *posture)        /* 1.1 was chosen: is 1.0 there too? */
{
    return is_accepted(posture, POSTURE_TLS11) && is_untested(posture, POSTURE_TLS10);
}

static bool due_sslv3(const struct posture *posture)
{
    return is_accepted(posture, POSTURE_TLS10) && is_untested(posture, POSTURE_SSLV3);
}

static bool due_rc4(const struct posture *posture)
{
    return posture->is_weak_accepted && is_untested(posture, POSTURE_RC4);
}

static bool due_3des(const struct posture *posture)
{
    return posture->is_weak_accepted && is_untested(posture, POSTURE_3DES);
}

static bool due_export(const struct posture *posture)
{
    return posture->is_weak_accepted && is_untested(posture, POSTURE_EXPORT);
}

/* EXPORT ended with TLS 1.0 (RFC 4346, A.5): who speaks more than that may take it in nothing later. */
static bool due_old_export(const struct posture *posture)
{
    return (is_accepted(posture, POSTURE_TLS10) || is_accepted(posture, POSTURE_SSLV3)) &&
           (is_accepted(posture, POSTURE_TLS11) || is_accepted(posture, POSTURE_TLS12)) &&
           !is_accepted(posture, POSTURE_EXPORT);
}

static bool due_null(const struct posture *posture)
{
    return posture->is_weak_accepted && is_untested(posture, POSTURE_NULL);
}

static bool due_anonymous(const struct posture *posture)
{
    return posture->is_weak_accepted && is_untested(posture, POSTURE_ANONYMOUS);
}

static bool speaks_old(const struct posture *posture)       /* TLS 1.2 or older is spoken, or may be */
{
    return is_accepted(posture, POSTURE_TLS12) || is_untested(posture, POSTURE_TLS12) ||
           is_accepted(posture, POSTURE_TLS11) || is_accepted(posture, POSTURE_TLS10) ||
           is_accepted(posture, POSTURE_SSLV3);
}

static bool due_static_rsa(const struct posture *posture)
{
    return speaks_old(posture) && is_untested(posture, POSTURE_STATIC_RSA);
}

static bool due_no_cbc(const struct posture *posture)
{
    return speaks_old(posture) && !posture->is_aead_chosen && is_untested(posture, POSTURE_CBC_ONLY);
}

static bool due_dhe(const struct posture *posture)
{
    return speaks_old(posture) && is_untested(posture, POSTURE_DH_BITS);
}

static bool due_tls13(const struct posture *posture)        /* the chain came in answer to an older hello */
{
    return is_untested(posture, POSTURE_TLS13);
}

static bool due_hybrid(const struct posture *posture)       /* groups are TLS 1.3's */
{
    return !is_accepted(posture, POSTURE_HYBRID_GROUPS) && posture->items[POSTURE_TLS13].value != refused;
}

/* Refused items are what a refusal of the question says; what an answer says is seen in it. */
#define BIT(id) (1u << (id))
#define WEAK (BIT(POSTURE_RC4) | BIT(POSTURE_3DES) | BIT(POSTURE_EXPORT) | BIT(POSTURE_NULL) | BIT(POSTURE_ANONYMOUS))

static const struct question {
    const char *name;
    const struct tls_offer *offer;
    uint32_t refuses;
    bool (*is_due)(const struct posture *posture);
} questions[] = {
    /* A version-tolerant server answers with its highest that is not above the hello's: one hello for three. */
    {"ask_old",        &offer_ask_tls11,      BIT(POSTURE_TLS11) | BIT(POSTURE_TLS10) | BIT(POSTURE_SSLV3), due_always},
    {"ask_tls10",      &offer_ask_tls10,      BIT(POSTURE_TLS10) | BIT(POSTURE_SSLV3), due_tls10},
    {"ask_sslv3",      &offer_ask_sslv3,      BIT(POSTURE_SSLV3), due_sslv3},
    {"ask_sslv2",      &offer_ask_sslv2,      BIT(POSTURE_SSLV2), due_always},
    {"ask_weak",       &offer_ask_weak,       WEAK, speaks_old},
    {"ask_rc4",        &offer_ask_rc4,        BIT(POSTURE_RC4), due_rc4},
    {"ask_3des",       &offer_ask_3des,       BIT(POSTURE_3DES), due_3des},
    {"ask_export",     &offer_ask_export,     BIT(POSTURE_EXPORT), due_export},
    {"ask_old_export", &offer_ask_old_export, BIT(POSTURE_EXPORT), due_old_export},
    {"ask_null",       &offer_ask_null,       BIT(POSTURE_NULL), due_null},
    {"ask_anonymous",  &offer_ask_anonymous,  BIT(POSTURE_ANONYMOUS), due_anonymous},
    {"ask_static_rsa", &offer_ask_static_rsa, BIT(POSTURE_STATIC_RSA), due_static_rsa},
    {"ask_no_cbc",     &offer_ask_no_cbc,     0, due_no_cbc},
    {"ask_dhe",        &offer_ask_dhe,        BIT(POSTURE_DH_BITS), due_dhe},
    {"ask_tls13",      &offer_ask_tls13,      BIT(POSTURE_TLS13), due_tls13},
    {"ask_hybrid",     &offer_ask_hybrid,     BIT(POSTURE_HYBRID_GROUPS), due_hybrid},
};
#define QUESTIONS (sizeof questions / sizeof questions[0])

unsigned posture_questions(void)
{
    return (unsigned)QUESTIONS;
}

/* Nothing but TLS 1.3 is spoken: the weak suites, static RSA and DHE cannot be. */
static void finish(struct posture *posture)
{
    static const enum posture_id old_only[] = {POSTURE_RC4, POSTURE_3DES, POSTURE_EXPORT, POSTURE_NULL,
                                               POSTURE_ANONYMOUS, POSTURE_STATIC_RSA, POSTURE_CBC_ONLY,
                                               POSTURE_DH_BITS};
    if (!speaks_old(posture))
        for (size_t i = 0; i < sizeof old_only / sizeof old_only[0]; i++)
            refuse(posture, old_only[i]);
    if (posture->items[POSTURE_TLS13].value == refused)
        refuse(posture, POSTURE_HYBRID_GROUPS);
}

bool posture_next(struct posture *posture, struct tls_hello_plan *plan)
{
    for (size_t row = 0; row < QUESTIONS; row++) {
        if (posture->is_asked[row] || !questions[row].is_due(posture))
            continue;
        posture->is_asked[row] = true;
        posture->row = row;
        *plan = (struct tls_hello_plan){.name = questions[row].name,
                                        .variant = VARIANT_LEGACY,
                                        .send_server_name = questions[row].offer->version >= 0x0301,
                                        .is_posture = true,
                                        .offer = questions[row].offer};
        return true;
    }
    finish(posture);
    return false;
}

/* The answer may be a version that was not asked for, and what is above it is then refused: ask_old answered by TLS 1.0
 * has no 1.1. */
static void note_versions(struct posture *posture, uint16_t asked, uint16_t answered)
{
    if (answered < 0x0302 && asked >= 0x0302 && asked < 0x0303)
        refuse(posture, POSTURE_TLS11);
    if (answered < 0x0301 && asked >= 0x0301 && asked < 0x0303)
        refuse(posture, POSTURE_TLS10);
}

static void note_answer(struct posture *posture, const struct question *question, const struct tls_facts *facts)
{
    if (question->offer == &offer_ask_hybrid) {
        const struct tls_group *group = facts->group < 0 ? NULL : tls_group_find((uint32_t)facts->group);
        bool is_hybrid = group != NULL && group->kind == TLS_GROUP_HYBRID;
        set(posture, POSTURE_HYBRID_GROUPS, is_hybrid ? accepted : refused, is_hybrid ? group->name : NULL);
        return;
    }
    const struct tls_suite *suite = see(posture, facts);
    note_versions(posture, question->offer->version, facts->version);
    if (question->offer == &offer_ask_weak)
        posture->is_weak_accepted = true;
    if (question->offer == &offer_ask_dhe && facts->dh_bits == 0 && suite != NULL)
        refuse(posture, POSTURE_DH_BITS);
}

void posture_note(struct posture *posture, enum outcome outcome, const struct tls_facts *facts)
{
    const struct question *question = &questions[posture->row];
    bool has_answer = (outcome == OUTCOME_CERTIFICATE || outcome == OUTCOME_NO_CERTIFICATE) && facts != NULL &&
                      (facts->version != 0 || facts->group >= 0);
    if (has_answer) {
        note_answer(posture, question, facts);
        return;
    }
    if (question->offer == &offer_ask_no_cbc && posture_is_refusal(outcome) && is_untested(posture, POSTURE_CBC_ONLY))
        set(posture, POSTURE_CBC_ONLY, accepted, NULL);
    for (size_t id = 0; id < POSTURE_COUNT; id++) {
        if ((question->refuses & BIT(id)) == 0 || !is_untested(posture, (enum posture_id)id))
            continue;
        if (posture_is_refusal(outcome))
            set(posture, (enum posture_id)id, refused, NULL);
        else
            posture->items[id].detail = outcome_name(outcome);
    }
}

#include "probes/tls/posture.h"

#include "probes/tls/offers.h"

#include <stdio.h>
#include <string.h>

#define ROW_REST SIZE_MAX

static const char only_13[] = "TLS 1.3 only";
static const char accepted[] = "accepted", refused[] = "refused", untested[] = "untested";

static const char *const item_names[POSTURE_COUNT] = {
    "sslv2", "sslv3", "tls10", "tls11", "tls12", "tls13", "rc4", "3des", "export", "null", "anonymous", "static_rsa",
    "cbc_only", "dh_bits", "curve", "secure_renegotiation", "extended_master_secret", "compression", "ocsp_staple",
    "hybrid_groups", "des"};

#define BIT(id) (1u << (id))
#define WEAK (BIT(POSTURE_RC4) | BIT(POSTURE_3DES) | BIT(POSTURE_DES) | BIT(POSTURE_EXPORT) | BIT(POSTURE_NULL) | \
              BIT(POSTURE_ANONYMOUS))
#define WEAK_OR_STATIC (WEAK | BIT(POSTURE_STATIC_RSA))

void posture_init(struct posture *posture)
{
    memset(posture, 0, sizeof *posture);
    for (size_t i = 0; i < POSTURE_COUNT; i++)
        posture->items[i] = (struct tls_posture_item){.item = item_names[i], .value = untested};
}

#define UNUSUAL (BIT(POSTURE_SSLV2) | BIT(POSTURE_EXPORT) | BIT(POSTURE_NULL) | BIT(POSTURE_ANONYMOUS) | BIT(POSTURE_DES))

static bool is_unusual(const struct tls_suite *suite)
{
    return (posture_kinds(suite) & UNUSUAL) != 0;
}

void posture_spare(struct posture *posture)
{
    posture->spared = UNUSUAL;
    for (size_t id = 0; id < POSTURE_COUNT; id++)
        if ((UNUSUAL & BIT(id)) != 0)
            posture->items[id].detail = "spared: no client of today asks for it";
    suite_refusals_leave_out(&posture->refusals, is_unusual);
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

static void accept(struct posture *posture, enum posture_id id, const char *detail)
{
    if (!is_accepted(posture, id))
        set(posture, id, accepted, detail);
}

static void refuse(struct posture *posture, enum posture_id id)
{
    if (!is_untested(posture, id) || (posture->spared & BIT(id)) != 0)
        return;
    set(posture, id, refused, NULL);
    posture->unproven |= BIT(id);
}

bool posture_is_refusal(enum outcome outcome)
{
    return outcome == OUTCOME_TLS_ALERT || outcome == OUTCOME_CLOSED || outcome == OUTCOME_RESET ||
           outcome == OUTCOME_TLS_ERROR || outcome == OUTCOME_NOT_TLS;
}

void posture_alive(struct posture *posture)
{
    posture->unproven = 0;
}

bool posture_is_unproven(const struct posture *posture)
{
    return posture->unproven != 0;
}

void posture_stopped(struct posture *posture)
{
    for (size_t id = 0; id < POSTURE_COUNT; id++)
        if ((posture->unproven & BIT(id)) != 0 || (posture->unproven != 0 && posture->items[id].detail == only_13))
            set(posture, (enum posture_id)id, untested, "the endpoint stopped answering");
    posture->unproven = 0;
}

void posture_untested(struct posture *posture, const char *reason)
{
    for (size_t id = 0; id < POSTURE_COUNT; id++)
        if (is_untested(posture, (enum posture_id)id) && posture->items[id].detail == NULL)
            posture->items[id].detail = reason;
}

/* ---- versions ---- */

static enum posture_id version_id(uint16_t version)
{
    return version == 0x0002 ? POSTURE_SSLV2 : (enum posture_id)(POSTURE_SSLV3 + (version - 0x0300));
}

static bool is_known(uint16_t version)
{
    return version == 0x0002 || (version >= 0x0300 && version <= 0x0304);
}

bool posture_refuses(const struct posture *posture, uint16_t version)
{
    return is_known(version) && posture->items[version_id(version)].value == refused;
}

/* The highest version up to TLS 1.2 that is accepted; 0 none. */
static uint16_t highest_old(const struct posture *posture)
{
    for (uint16_t version = 0x0303; version >= 0x0300; version--)
        if (is_accepted(posture, version_id(version)))
            return version;
    return 0;
}

static bool any_old_untested(const struct posture *posture)
{
    for (uint16_t version = 0x0303; version >= 0x0300; version--)
        if (is_untested(posture, version_id(version)))
            return true;
    return false;
}

size_t posture_hello_suites(const struct posture *posture)
{
    bool is_later = is_accepted(posture, POSTURE_TLS11) || is_accepted(posture, POSTURE_TLS12) ||
                    is_accepted(posture, POSTURE_TLS13);
    return is_later ? HELLO_SUITES : HELLO_SUITES_2003;
}

static bool lower_is_accepted(const struct posture *posture, uint16_t version)
{
    while (--version >= 0x0300)
        if (is_accepted(posture, version_id(version)))
            return true;
    return false;
}

/* A hello offers all versions below its own, too. A refusal therefore refuses all of them, unless the server is known to speak a
 * lower one, which it should have chosen. */
static void close_versions(struct posture *posture, uint16_t version)
{
    uint16_t one[2];
    for (; version >= 0x0300 && suite_refusals_rest(&posture->refusals, version, one, 1) == 0; version--) {
        refuse(posture, version_id(version));
        if (version == 0x0300 || lower_is_accepted(posture, version))
            return;
        suite_refusals_lower(&posture->refusals, version, version - 1);
    }
}

static bool is_of_version(enum outcome outcome, const struct tls_facts *facts)
{
    return outcome == OUTCOME_TLS_ALERT && facts != NULL && facts->alert == 70;
}

/* A hello up to TLS 1.2 was refused. */
static void note_refusal(struct posture *posture, const struct tls_offer *offer, enum outcome outcome,
                         const struct tls_facts *facts)
{
    if (is_of_version(outcome, facts)) {        /* GnuTLS without 1.1 sends this alert although it speaks 1.0 */
        refuse(posture, version_id(offer->version));
        return;
    }
    suite_refusals_add(&posture->refusals, offer);
    close_versions(posture, offer->version);
}

/* ---- what an answer shows, whatever was offered ---- */

uint32_t posture_kinds(const struct tls_suite *suite)
{
    uint32_t kinds = 0;
    if (suite->kx == TLS_KX_SCSV || suite->id == 0)
        return 0;
    if (suite->enc == TLS_ENC_NULL)
        kinds |= BIT(POSTURE_NULL);
    if (suite->is_tls13)
        return kinds;
    if (suite->enc == TLS_ENC_RC4)
        kinds |= BIT(POSTURE_RC4);
    if (suite->enc == TLS_ENC_3DES_CBC)
        kinds |= BIT(POSTURE_3DES);
    if (suite->enc == TLS_ENC_DES_CBC && !suite->is_export)
        kinds |= BIT(POSTURE_DES);
    if (suite->is_export)
        kinds |= BIT(POSTURE_EXPORT);
    if (suite->auth == TLS_AUTH_ANON)
        kinds |= BIT(POSTURE_ANONYMOUS);
    if (suite->kx == TLS_KX_RSA && suite->auth == TLS_AUTH_RSA)
        kinds |= BIT(POSTURE_STATIC_RSA);
    return kinds;
}

static void see_kinds(struct posture *posture, uint32_t kinds, const char *name)
{
    for (size_t id = 0; id < POSTURE_COUNT; id++)
        if (kinds & BIT(id))
            accept(posture, (enum posture_id)id, name);
}

static void carry(struct posture *posture, uint16_t suite)
{
    size_t count = 0;
    while (posture->carried[count] != 0)
        count++;
    if (count < POSTURE_CARRIED && !tls_list_holds(posture->carried, suite))
        posture->carried[count] = suite;
}

void posture_see_suite(struct posture *posture, uint16_t id)
{
    const struct tls_suite *suite = tls_suite_find(id);
    if (suite == NULL)
        return;
    see_kinds(posture, posture_kinds(suite), suite->name);
    if (suite->is_tls13)
        return;
    carry(posture, id);
    posture->is_cbc_seen |= tls_suite_is_cbc(suite);
    if (tls_suite_is_aead(suite)) {
        posture->is_aead_seen = true;
        set(posture, POSTURE_CBC_ONLY, refused, NULL);
    }
}

/* An SSLv2 server lists all cipher kinds that it has. */
static void see_sslv2(struct posture *posture, const struct tls_facts *facts)
{
    static const struct {
        uint32_t kind, items;
    } kinds[] = {
        {0x010080, BIT(POSTURE_RC4)}, {0x020080, BIT(POSTURE_RC4) | BIT(POSTURE_EXPORT)}, {0x040080, BIT(POSTURE_EXPORT)},
        {0x060040, BIT(POSTURE_DES)}, {0x0700c0, BIT(POSTURE_3DES)}, {0x080080, BIT(POSTURE_RC4)}, {0, BIT(POSTURE_NULL)},
    };
    for (size_t i = 0; i < facts->sslv2_kind_count; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
            if (kinds[k].kind == facts->sslv2_kinds[i])
                see_kinds(posture, kinds[k].items, tls_suite_name(facts->sslv2_kinds[i]));
}

void posture_see_choice(struct posture *posture, const struct tls_facts *facts)
{
    if (is_known(facts->version))
        accept(posture, version_id(facts->version), facts->cipher_suite < 0 ? NULL : tls_suite_name((uint32_t)facts->cipher_suite));
    if (facts->cipher_suite > 0)
        posture_see_suite(posture, (uint16_t)facts->cipher_suite);
}

static const struct tls_suite *see(struct posture *posture, const struct tls_facts *facts)
{
    const char *name = facts->cipher_suite < 0 ? NULL : tls_suite_name((uint32_t)facts->cipher_suite);
    const struct tls_suite *suite = facts->cipher_suite < 0 ? NULL : tls_suite_find((uint32_t)facts->cipher_suite);
    posture_alive(posture);
    if (is_known(facts->version))
        accept(posture, version_id(facts->version), name);
    see_sslv2(posture, facts);
    if (suite != NULL)
        posture_see_suite(posture, suite->id);
    /* An RSA_EXPORT suite's temporary key is no DH parameter. */
    if (facts->dh_bits != 0 && suite != NULL && suite->kx == TLS_KX_DHE) {
        snprintf(posture->dh_bits, sizeof posture->dh_bits, "%u", facts->dh_bits);
        set(posture, POSTURE_DH_BITS, posture->dh_bits, name);
    }
    return suite;
}

/* What was offered to a server that answered, and was not chosen, is refused. */
static void see_extensions(struct posture *posture, const struct tls_facts *facts, const struct tls_offer *offer)
{
    if (facts->version < 0x0300 || facts->version > 0x0303)
        return;
    if (offer->renegotiation_info)
        set(posture, POSTURE_SECURE_RENEGOTIATION, facts->secure_renegotiation ? accepted : refused, NULL);
    if (offer->extended_master_secret)
        set(posture, POSTURE_EXTENDED_MASTER_SECRET, facts->extended_master_secret ? accepted : refused, NULL);
    if (offer->deflate || facts->compression)
        set(posture, POSTURE_COMPRESSION, facts->compression ? accepted : refused, NULL);
}

static void see_chain(struct posture *posture, const struct tls_facts *facts, const struct tls_offer *offer,
                      bool implies)
{
    const struct tls_suite *suite = see(posture, facts);
    if (facts->ocsp_staple_len != 0)
        set(posture, POSTURE_OCSP_STAPLE, accepted, NULL);
    else if (offer->status_request)
        refuse(posture, POSTURE_OCSP_STAPLE);
    if (facts->version == 0x0304 || facts->version < 0x0300)
        return;
    uint16_t offered = tls_list_holds(offer->versions, 0x0304) ? 0x0304 : offer->version;
    for (uint16_t version = offered; implies && version > facts->version; version--)
        refuse(posture, version_id(version));       /* it would have chosen that */
    see_extensions(posture, facts, offer);
    if (suite != NULL && suite->kx == TLS_KX_ECDHE && facts->group > 0 && tls_group_name((uint32_t)facts->group))
        set(posture, POSTURE_CURVE, tls_group_name((uint32_t)facts->group), suite->name);
    else if (offer->groups != NULL)
        refuse(posture, POSTURE_CURVE);
}

void posture_see(struct posture *posture, const struct tls_facts *facts, const struct tls_offer *offer, bool implies)
{
    see_chain(posture, facts, offer, implies);
    posture_alive(posture);
}

void posture_see_no_chain(struct posture *posture, const struct tls_offer *offer, enum outcome outcome,
                          const struct tls_facts *facts)
{
    if (offer->versions == NULL && posture_is_refusal(outcome))
        note_refusal(posture, offer, outcome, facts);
}

/* ---- the questions ---- */

static bool due_always(const struct posture *posture)
{
    (void)posture;
    return true;
}

static bool due_tls11(const struct posture *posture)
{
    return is_untested(posture, POSTURE_TLS11) || is_untested(posture, POSTURE_TLS10) || is_untested(posture, POSTURE_SSLV3);
}

static bool due_tls10(const struct posture *posture)        /* 1.1 was chosen: is 1.0 there too? */
{
    return !is_untested(posture, POSTURE_TLS11) && is_untested(posture, POSTURE_TLS10);
}

static bool due_sslv3(const struct posture *posture)
{
    return !is_untested(posture, POSTURE_TLS10) && is_untested(posture, POSTURE_SSLV3);
}

static bool speaks_old(const struct posture *posture)       /* TLS 1.2 or older is spoken */
{
    return highest_old(posture) != 0;
}

static bool due_weak(const struct posture *posture)
{
    return speaks_old(posture) && !posture->is_weak_accepted;
}

static bool due_only_weak(const struct posture *posture)    /* a static RSA suite was chosen: are others accepted? */
{
    return due_weak(posture) && is_untested(posture, POSTURE_RC4) && is_accepted(posture, POSTURE_STATIC_RSA);
}

static bool due_kind(const struct posture *posture, enum posture_id kind)
{
    return speaks_old(posture) && posture->is_weak_accepted && is_untested(posture, kind);
}

static bool due_rc4(const struct posture *posture)
{
    return due_kind(posture, POSTURE_RC4);
}

static bool due_3des(const struct posture *posture)
{
    return due_kind(posture, POSTURE_3DES);
}

static bool due_des(const struct posture *posture)
{
    return due_kind(posture, POSTURE_DES);
}

static bool due_export(const struct posture *posture)
{
    return due_kind(posture, POSTURE_EXPORT);
}

static bool due_null(const struct posture *posture)
{
    return due_kind(posture, POSTURE_NULL);
}

static bool due_anonymous(const struct posture *posture)
{
    return due_kind(posture, POSTURE_ANONYMOUS);
}

/* EXPORT suites ended with TLS 1.0 (RFC 4346, A.5): a server of later versions may accept them only in TLS 1.0 or older. */
static bool due_old_export(const struct posture *posture)
{
    return (is_accepted(posture, POSTURE_TLS10) || is_accepted(posture, POSTURE_SSLV3)) &&
           (is_accepted(posture, POSTURE_TLS11) || is_accepted(posture, POSTURE_TLS12)) &&
           !is_accepted(posture, POSTURE_EXPORT);
}

static bool due_static_rsa(const struct posture *posture)
{
    return due_kind(posture, POSTURE_STATIC_RSA);
}

static bool due_no_cbc(const struct posture *posture)
{
    return is_accepted(posture, POSTURE_TLS12) && posture->is_cbc_seen && !posture->is_aead_seen &&
           is_untested(posture, POSTURE_CBC_ONLY);
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

/* What a refused question refuses besides versions; an answer shows it by itself. A question about a version offers what was
 * accepted before, and more suites while there is room; one about a kind offers every suite of the kind. */
static const struct question {
    const char *name;
    const struct tls_offer *offer;
    uint32_t refuses;
    bool (*is_due)(const struct posture *posture);
    uint32_t kinds;
    bool is_of_version, is_decisive;
} questions[] = {
    /* A version-tolerant server answers with its highest that is not above the hello's: one hello for three. */
    {"ask_old",        &offer_ask_tls11,  0, due_tls11, 0, true, false},
    {"ask_tls10",      &offer_ask_tls10,  0, due_tls10, 0, true, false},
    {"ask_sslv3",      &offer_ask_sslv3,  0, due_sslv3, 0, true, false},
    {"ask_sslv2",      &offer_ask_sslv2,  BIT(POSTURE_SSLV2), due_always, 0, false, false},
    {"ask_weak",       &offer_ask_12,     WEAK_OR_STATIC, due_weak, WEAK_OR_STATIC, false, false},
    {"ask_only_weak",  &offer_ask_12,     WEAK, due_only_weak, WEAK, false, false},
    {"ask_rc4",        &offer_ask_12,     BIT(POSTURE_RC4), due_rc4, BIT(POSTURE_RC4), false, false},
    {"ask_3des",       &offer_ask_12,     BIT(POSTURE_3DES), due_3des, BIT(POSTURE_3DES), false, false},
    {"ask_des",        &offer_ask_12,     BIT(POSTURE_DES), due_des, BIT(POSTURE_DES), false, false},
    {"ask_export",     &offer_ask_12,     BIT(POSTURE_EXPORT), due_export, BIT(POSTURE_EXPORT), false, false},
    {"ask_old_export", &offer_ask_old,    BIT(POSTURE_EXPORT), due_old_export, BIT(POSTURE_EXPORT), false, false},
    {"ask_null",       &offer_ask_12,     BIT(POSTURE_NULL), due_null, BIT(POSTURE_NULL), false, false},
    {"ask_anonymous",  &offer_ask_12,     BIT(POSTURE_ANONYMOUS), due_anonymous, BIT(POSTURE_ANONYMOUS), false, false},
    {"ask_static_rsa", &offer_ask_12,     BIT(POSTURE_STATIC_RSA), due_static_rsa, BIT(POSTURE_STATIC_RSA), false, false},
    {"ask_no_cbc",     &offer_ask_no_cbc, 0, due_no_cbc, 0, false, true},
    {"ask_tls13",      &offer_ask_tls13,  BIT(POSTURE_TLS13), due_tls13, 0, false, true},
    {"ask_hybrid",     &offer_ask_hybrid, BIT(POSTURE_HYBRID_GROUPS), due_hybrid, 0, false, false},
    {"ask_dhe",        &offer_ask_dhe,    BIT(POSTURE_DH_BITS), due_dhe, 0, false, false},
};
#define QUESTIONS (sizeof questions / sizeof questions[0])

/* Every suite of the kinds authenticated by a certificate or not at all. PSK, SRP and Kerberos suites need a secret that we do not have. */
static size_t fill_kinds(struct posture *posture, uint32_t kinds, size_t most)
{
    size_t count, len = 0;
    const struct tls_suite *suites = tls_suites(&count);
    for (size_t i = 0; i < count && len < most; i++)
        if (!suites[i].is_tls13 && (posture_kinds(&suites[i]) & kinds) != 0 && (posture_kinds(&suites[i]) & posture->spared) == 0 &&
            (tls_suite_sends_certificate(&suites[i]) || suites[i].auth == TLS_AUTH_ANON) &&
            suites[i].auth != TLS_AUTH_PSK)
            posture->suites[len++] = suites[i].id;
    posture->suites[len] = 0;
    return len;
}

static size_t append(uint16_t *list, size_t len, size_t most, const uint16_t *more, uint16_t version)
{
    for (; *more != 0 && len < most; more++) {
        const struct tls_suite *suite = tls_suite_find(*more);
        if (suite == NULL || !tls_suite_fits(suite, version))
            continue;
        list[len] = 0;
        if (!tls_list_holds(list, *more))
            list[len++] = *more;
    }
    list[len] = 0;
    return len;
}

/* A server that takes anonymous suites may have no other DHE. */
static void add_anonymous_dh(struct posture *posture)
{
    size_t count, len = 0;
    const struct tls_suite *suites = tls_suites(&count);
    for (; posture->offer.suites[len] != 0; len++)
        posture->suites[len] = posture->offer.suites[len];
    for (size_t i = 0; i < count && len < HELLO_SUITES; i++)
        if (suites[i].kx == TLS_KX_DHE && suites[i].auth == TLS_AUTH_ANON && !suites[i].is_export)
            posture->suites[len++] = suites[i].id;
    posture->suites[len] = 0;
    posture->offer.suites = posture->suites;
}

static size_t leave_out_spared(struct posture *posture, size_t len)
{
    size_t kept = 0;
    for (size_t i = 0; i < len; i++)
        if ((posture_kinds(tls_suite_find(posture->suites[i])) & posture->spared) == 0)
            posture->suites[kept++] = posture->suites[i];
    posture->suites[kept] = 0;
    return kept;
}

static void fill_version(struct posture *posture, const struct tls_offer *offer)
{
    uint16_t others[HELLO_SUITES + 1];
    size_t most = posture_hello_suites(posture);
    size_t len = append(posture->suites, 0, most, posture->carried, offer->version);
    len = append(posture->suites, len, most, offer->suites, offer->version);
    len = leave_out_spared(posture, len);
    suite_refusals_rest(&posture->refusals, offer->version, others, HELLO_SUITES);
    append(posture->suites, len, most, others, offer->version);
}

/* A hello refused for its version says nothing about its suites, so it offers the highest accepted version. */
static void lower_version(struct posture *posture)
{
    uint16_t highest = highest_old(posture);
    struct tls_offer *offer = &posture->offer;
    if (highest == 0 || highest >= offer->version)
        return;
    offer->version = highest;
    offer->schemes = NULL;
    offer->no_extensions = highest == 0x0300;
}

static bool ask(struct posture *posture, size_t row, const char *name, struct tls_hello_plan *plan)
{
    posture->row = row;
    *plan = (struct tls_hello_plan){.name = name,
                                    .variant = VARIANT_LEGACY,
                                    .send_server_name = posture->offer.version >= 0x0301,
                                    .is_posture = true,
                                    .offer = &posture->offer};
    return true;
}

static bool ask_question(struct posture *posture, size_t row, struct tls_hello_plan *plan)
{
    const struct question *question = &questions[row];
    posture->is_asked[row] = true;
    posture->offer = *question->offer;
    if (question->kinds != 0) {
        fill_kinds(posture, question->kinds, HELLO_SUITES);
        posture->offer.suites = posture->suites;
    }
    if (question->offer == &offer_ask_dhe && is_accepted(posture, POSTURE_ANONYMOUS))
        add_anonymous_dh(posture);
    if (question->is_of_version) {
        fill_version(posture, question->offer);
        posture->offer.suites = posture->suites;
    } else if (posture->offer.versions == NULL && posture->offer.version != 0x0002) {
        lower_version(posture);
    }
    ask(posture, row, question->name, plan);
    plan->is_decisive = question->is_decisive;
    return true;
}

/* The version was refused by another alert than protocol_version: true if some of its suites were not offered yet. */
static bool ask_rest(struct posture *posture, struct tls_hello_plan *plan)
{
    static const struct tls_offer *const offers[] = {&offer_ask_12, &offer_ask_tls11, &offer_ask_tls10, &offer_ask_sslv3};
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
        uint16_t version = offers[i]->version;
        if (!is_untested(posture, version_id(version)) || !suite_refusals_any(&posture->refusals, version))
            continue;
        posture->offer = *offers[i];
        posture->offer.suites = posture->suites;
        if (suite_refusals_rest(&posture->refusals, version, posture->suites, posture_hello_suites(posture)) != 0)
            return ask(posture, ROW_REST, "ask_rest", plan);
    }
    return false;
}

/* The server speaks TLS 1.3 only, so weak suites, static RSA and DHE are impossible. */
static void finish(struct posture *posture)
{
    static const enum posture_id old_only[] = {
        POSTURE_RC4, POSTURE_3DES, POSTURE_DES, POSTURE_EXPORT, POSTURE_NULL, POSTURE_ANONYMOUS, POSTURE_STATIC_RSA,
        POSTURE_CBC_ONLY, POSTURE_DH_BITS, POSTURE_COMPRESSION, POSTURE_CURVE};
    uint32_t unproven = posture->unproven;
    if (!speaks_old(posture) && !any_old_untested(posture)) {
        for (size_t i = 0; i < sizeof old_only / sizeof old_only[0]; i++)
            refuse(posture, old_only[i]);
        if (is_accepted(posture, POSTURE_TLS13))
            posture->items[POSTURE_SECURE_RENEGOTIATION].detail = posture->items[POSTURE_EXTENDED_MASTER_SECRET].detail = only_13;
    }
    /* AEAD came with TLS 1.2 (RFC 5246, section 6.2.3.3). */
    if (is_untested(posture, POSTURE_CBC_ONLY) && posture->is_cbc_seen && posture->items[POSTURE_TLS12].value == refused)
        set(posture, POSTURE_CBC_ONLY, accepted, NULL);
    if (is_untested(posture, POSTURE_CBC_ONLY) && speaks_old(posture) && !posture->is_cbc_seen)
        posture->items[POSTURE_CBC_ONLY].detail = "no CBC suite was seen";
    if (posture->items[POSTURE_TLS13].value == refused)
        refuse(posture, POSTURE_HYBRID_GROUPS);
    if (unproven == 0)              /* all that this follows from is proven */
        posture_alive(posture);
}

static bool is_spared(const struct posture *posture, const struct question *question)
{
    return question->refuses != 0 && (question->refuses & ~posture->spared) == 0;
}

bool posture_next(struct posture *posture, struct tls_hello_plan *plan)
{
    if (!speaks_old(posture) && ask_rest(posture, plan))
        return true;
    if (posture_hello_suites(posture) < HELLO_SUITES)       /* all kinds together are too many */
        posture->is_weak_accepted = true;
    for (size_t row = 0; row < QUESTIONS; row++)
        if (!posture->is_asked[row] && !is_spared(posture, &questions[row]) && questions[row].is_due(posture))
            return ask_question(posture, row, plan);
    if (ask_rest(posture, plan))    /* many connections for little gain, and the limit may be near */
        return true;
    finish(posture);
    return false;
}

/* The answer may be a version that was not asked for, and what is above it is then refused: ask_old answered by TLS 1.0
 * has no 1.1. */
static void note_versions(struct posture *posture, uint16_t asked, uint16_t answered)
{
    for (uint16_t version = asked; answered >= 0x0300 && version > answered && version <= 0x0303; version--)
        refuse(posture, version_id(version));
}

static void note_answer(struct posture *posture, const struct question *question, const struct tls_facts *facts)
{
    if (question != NULL && question->offer == &offer_ask_hybrid) {
        const struct tls_group *group = facts->group < 0 ? NULL : tls_group_find((uint32_t)facts->group);
        bool is_hybrid = group != NULL && group->kind == TLS_GROUP_HYBRID;
        set(posture, POSTURE_HYBRID_GROUPS, is_hybrid ? accepted : refused, is_hybrid ? group->name : NULL);
        return;
    }
    const struct tls_suite *suite = see(posture, facts);
    if (is_untested(posture, POSTURE_SECURE_RENEGOTIATION) || is_untested(posture, POSTURE_COMPRESSION))
        see_extensions(posture, facts, &posture->offer);
    if (posture->offer.versions == NULL)
        note_versions(posture, posture->offer.version, facts->version);
    if (question == NULL)
        return;
    if ((question->kinds & WEAK) == WEAK && (suite == NULL || (posture_kinds(suite) & WEAK) != 0))
        posture->is_weak_accepted = true;
    if (question->offer == &offer_ask_dhe && facts->dh_bits == 0 && suite != NULL)
        refuse(posture, POSTURE_DH_BITS);
}

static void note_no_answer(struct posture *posture, const struct question *question, enum outcome outcome,
                           const struct tls_facts *facts)
{
    bool is_version = is_of_version(outcome, facts);
    bool is_refusal = posture_is_refusal(outcome);
    if (is_refusal && posture->offer.versions == NULL && posture->offer.version != 0x0002)
        note_refusal(posture, &posture->offer, outcome, facts);
    enum posture_id version = version_id(posture->offer.version);
    if (!is_refusal && question != NULL && question->is_of_version && is_untested(posture, version))
        posture->items[version].detail = outcome_name(outcome);
    if (question == NULL)
        return;
    if (question->offer == &offer_ask_no_cbc && is_refusal && !is_version && is_untested(posture, POSTURE_CBC_ONLY)) {
        set(posture, POSTURE_CBC_ONLY, accepted, NULL);
        posture->unproven |= BIT(POSTURE_CBC_ONLY);
    }
    for (size_t id = 0; id < POSTURE_COUNT; id++) {
        if ((question->refuses & ~posture->spared & BIT(id)) == 0 || !is_untested(posture, (enum posture_id)id))
            continue;
        if (is_refusal && (!is_version || question->kinds == 0))
            refuse(posture, (enum posture_id)id);
        else
            posture->items[id].detail = is_version ? "protocol_version" : outcome_name(outcome);
    }
}

void posture_note(struct posture *posture, enum outcome outcome, const struct tls_facts *facts)
{
    const struct question *question = posture->row == ROW_REST ? NULL : &questions[posture->row];
    bool has_answer = (outcome == OUTCOME_CERTIFICATE || outcome == OUTCOME_NO_CERTIFICATE) && facts != NULL &&
                      (facts->version != 0 || facts->group >= 0);
    if (has_answer) {
        note_answer(posture, question, facts);
        posture_alive(posture);
    } else {
        note_no_answer(posture, question, outcome, facts);
    }
}

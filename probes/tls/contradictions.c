#include "probes/tls/contradictions.h"

#include "probes/base/memory.h"
#include "probes/tls/key_type.h"
#include "probes/tls/names.h"
#include "probes/tls/posture.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWERS_MAX 400         /* different hellos whose answers are kept */
#define LIST_MAX    128         /* of any list in an offer */
#define ANSWERS_GROWTH 32
#define LEAVES_MAX  8
#define AGREED_MAX  4           /* so often a server may have its reasons for one kind of doubt: then it is none */
#define EXTRA_ALIKE 2           /* so often an answer that stands is asked for again */
#define DIGEST      32

enum doubt { DOUBT_NONE, DOUBT_REFUSED, DOUBT_DECISIVE, DOUBT_LOWER, DOUBT_LEAF, DOUBT_ORDER, DOUBT_EXTENSION, DOUBT_FIRST, DOUBT_COUNT };

/* Extensions that a server answers, or not, to every hello of a version. */
enum { SHOWN_RENEGOTIATION = 1, SHOWN_MASTER_SECRET = 2, SHOWN_COMPRESSION = 4, SHOWN_HEARTBEAT = 8 };

enum end { END_ANSWERED, END_REFUSED, END_CLOSED };

struct answer {
    uint8_t hello[DIGEST];                      /* of all that was offered */
    uint8_t groups[DIGEST], schemes[DIGEST];    /* of the groups alone; of the schemes and whatever else a choice may hang on */
    enum end end;
    bool has_name, has_leaf;
    int32_t alert;                              /* -1 none */
    uint16_t version;
    int32_t suite, group, scheme;
    enum variant key_type;
    unsigned asked, shown;                      /* SHOWN_* */
    uint8_t leaf[DIGEST];
    uint16_t suites[LIST_MAX];                  /* as offered */
};

struct lists {                                  /* an offer whose lists are its own */
    struct tls_hello_plan plan;
    struct tls_offer offer;
    uint16_t versions[LIST_MAX], suites[LIST_MAX], groups[LIST_MAX], schemes[LIST_MAX], cert_schemes[LIST_MAX], shares[LIST_MAX];
    char alpn[512];
};

struct contradictions {
    size_t count;
    struct answer *answers;
    uint8_t leaves[LEAVES_MAX][DIGEST];
    size_t leaf_count;
    struct lists again, opening;                /* the opening hello: most answers are compared with its own */
    struct answer first;                        /* the answer that is in doubt */
    enum doubt doubt;                           /* of the hello that is sent again; DOUBT_NONE: none is */
    bool is_sent;                               /* again */
    unsigned alike;                             /* answers to it, but the first */
    bool is_opening_asked;                      /* again, too */
    unsigned sent_again, agreed_of[DOUBT_COUNT], agreed, found;
    char detail[DETAIL_SIZE], text[DETAIL_SIZE];        /* of the first one; the same and how many followed */
};

struct contradictions *contradictions_create(void)
{
    return xcalloc(1, sizeof(struct contradictions));
}

void contradictions_destroy(struct contradictions *contradictions)
{
    if (contradictions != NULL)
        free(contradictions->answers);
    free(contradictions);
}

/* ---- what was asked ---- */

static size_t list_len(const uint16_t *list)
{
    size_t len = 0;
    while (list != NULL && list[len] != 0 && len + 1 < LIST_MAX)
        len++;
    return len;
}

static const uint16_t *copy_list(uint16_t *to, const uint16_t *list)
{
    size_t len = list_len(list);
    for (size_t i = 0; i < len; i++)
        to[i] = list[i];
    to[len] = 0;
    return list == NULL ? NULL : to;
}

static void copy_plan(struct lists *copy, const struct tls_hello_plan *plan)
{
    const struct tls_offer *offer = plan->offer;
    copy->offer = *offer;
    copy->offer.versions = copy_list(copy->versions, offer->versions);
    copy->offer.suites = copy_list(copy->suites, offer->suites);
    copy->offer.groups = copy_list(copy->groups, offer->groups);
    copy->offer.schemes = copy_list(copy->schemes, offer->schemes);
    copy->offer.cert_schemes = copy_list(copy->cert_schemes, offer->cert_schemes);
    copy->offer.shares = copy_list(copy->shares, offer->shares);
    if (offer->alpn != NULL) {
        snprintf(copy->alpn, sizeof copy->alpn, "%s", offer->alpn);
        copy->offer.alpn = copy->alpn;
    }
    copy->plan = *plan;
    copy->plan.offer = &copy->offer;
}

static void add_list(EVP_MD_CTX *digest, const uint16_t *list)
{
    uint16_t len = list == NULL ? UINT16_MAX : (uint16_t)list_len(list);
    EVP_DigestUpdate(digest, &len, sizeof len);
    if (list != NULL)
        EVP_DigestUpdate(digest, list, len * sizeof *list);
}

static void add_text(EVP_MD_CTX *digest, const char *text)
{
    EVP_DigestUpdate(digest, text == NULL ? "" : text, text == NULL ? 1 : strlen(text) + 1);
}

/* What the choice of a suite may hang on, beside groups, suites and versions. */
static void add_schemes(EVP_MD_CTX *digest, const struct tls_offer *offer)
{
    const uint8_t flags[] = {offer->no_extensions, offer->sslv2_format, offer->real_shares, (uint8_t)offer->certificate_types};
    add_list(digest, offer->schemes);
    add_list(digest, offer->cert_schemes);
    add_text(digest, offer->alpn);
    EVP_DigestUpdate(digest, flags, sizeof flags);
}

static void add_rest(EVP_MD_CTX *digest, const struct tls_hello_plan *plan)
{
    const struct tls_offer *offer = plan->offer;
    const uint8_t flags[] = {offer->status_request, offer->scts, offer->extended_master_secret, offer->renegotiation_info, offer->deflate,
                             offer->compress_certificate, offer->fallback_scsv, offer->session_ticket, offer->encrypt_then_mac,
                             offer->heartbeat, offer->next_protocol, offer->every_compression, offer->grease,
                             offer->by_libssl, plan->send_server_name};
    EVP_DigestUpdate(digest, flags, sizeof flags);
    EVP_DigestUpdate(digest, &offer->version, sizeof offer->version);
    EVP_DigestUpdate(digest, &offer->unknown_extension_len, sizeof offer->unknown_extension_len);
    add_list(digest, offer->versions);
    add_list(digest, offer->suites);
    add_list(digest, offer->shares);
    add_text(digest, plan->server_name);
}

static void digest_hello(const struct tls_hello_plan *plan, struct answer *answer)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
    add_list(digest, plan->offer->groups);
    EVP_DigestFinal_ex(digest, answer->groups, NULL);
    EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
    add_schemes(digest, plan->offer);
    EVP_DigestFinal_ex(digest, answer->schemes, NULL);
    EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
    add_list(digest, plan->offer->groups);
    add_schemes(digest, plan->offer);
    add_rest(digest, plan);
    EVP_DigestFinal_ex(digest, answer->hello, NULL);
    EVP_MD_CTX_free(digest);
}

/* ---- what was answered ---- */

static unsigned asked_of(const struct tls_offer *offer)
{
    if (offer->no_extensions || offer->sslv2_format)
        return 0;
    return (offer->renegotiation_info ? SHOWN_RENEGOTIATION : 0u) | (offer->extended_master_secret ? SHOWN_MASTER_SECRET : 0u) |
           (offer->deflate ? SHOWN_COMPRESSION : 0u) | (offer->heartbeat ? SHOWN_HEARTBEAT : 0u);
}

static unsigned shown_by(const struct tls_facts *facts)
{
    return (facts->secure_renegotiation ? SHOWN_RENEGOTIATION : 0u) | (facts->extended_master_secret ? SHOWN_MASTER_SECRET : 0u) |
           (facts->compression ? SHOWN_COMPRESSION : 0u) | (facts->heartbeat ? SHOWN_HEARTBEAT : 0u);
}

static bool is_answer(enum outcome outcome, const struct tls_facts *facts)
{
    return (outcome == OUTCOME_CERTIFICATE || outcome == OUTCOME_NO_CERTIFICATE) && facts != NULL && (facts->version != 0 || facts->group >= 0);
}

/* False: it says nothing that could be compared. */
static bool read_answer(const struct tls_hello_plan *plan, enum outcome outcome, const struct tls_facts *facts, struct answer *answer)
{
    *answer = (struct answer){.alert = -1, .suite = -1, .group = -1, .scheme = -1};
    answer->end = is_answer(outcome, facts) ? END_ANSWERED : outcome == OUTCOME_TLS_ALERT ? END_REFUSED : END_CLOSED;
    if (facts == NULL || (answer->end != END_ANSWERED && !posture_is_refusal(outcome)))
        return false;
    digest_hello(plan, answer);
    copy_list(answer->suites, plan->offer->suites);
    answer->has_name = plan->send_server_name && plan->server_name == NULL;
    answer->alert = facts->alert;
    if (answer->end != END_ANSWERED)
        return true;
    answer->version = facts->version;
    answer->suite = facts->cipher_suite;
    answer->group = facts->group;
    answer->scheme = facts->scheme;
    answer->key_type = key_type(facts);
    answer->asked = facts->version < 0x0304 ? asked_of(plan->offer) : 0;
    answer->shown = shown_by(facts) & answer->asked;
    answer->has_leaf = facts->chain_count != 0;
    if (answer->has_leaf)
        EVP_Digest(facts->chain[0].bytes, facts->chain[0].len, answer->leaf, NULL, EVP_sha256(), NULL);
    return true;
}

static bool is_same_leaf(const struct answer *a, const struct answer *b)
{
    return !a->has_leaf || !b->has_leaf || memcmp(a->leaf, b->leaf, DIGEST) == 0;
}

/* Of the same hello. */
static bool agrees(const struct answer *a, const struct answer *b)
{
    if (a->end != b->end)
        return a->end == END_CLOSED || b->end == END_CLOSED;
    if (a->end != END_ANSWERED)
        return a->alert == b->alert;
    return a->version == b->version && a->suite == b->suite && a->shown == b->shown && is_same_leaf(a, b) &&
           (a->group < 0 || b->group < 0 || a->group == b->group);
}

static void describe(const struct answer *answer, const struct answer *other, char text[64])
{
    if (answer->end == END_REFUSED)
        snprintf(text, 64, "refused (%.40s)", answer->alert < 0 ? "alert" : tls_alert_name((uint32_t)answer->alert));
    else if (answer->version != other->version || answer->suite < 0)
        snprintf(text, 64, "%s", tls_version_name(answer->version));
    else if (answer->suite != other->suite)
        snprintf(text, 64, "%.60s", tls_suite_name((uint32_t)answer->suite));
    else if (!is_same_leaf(answer, other))
        snprintf(text, 64, "certificate %02x%02x%02x%02x", answer->leaf[0], answer->leaf[1], answer->leaf[2], answer->leaf[3]);
    else if (answer->shown != other->shown)
        snprintf(text, 64, "%s extension", answer->shown == 0 ? "no" : answer->shown < other->shown ? "fewer" : "an");
    else
        snprintf(text, 64, "%.60s", answer->group < 0 ? "no group" : tls_group_name((uint32_t)answer->group));
}

void contradictions_add(struct contradictions *contradictions, const char *detail)
{
    if (contradictions->found++ == 0) {
        snprintf(contradictions->detail, sizeof contradictions->detail, "%s", detail);
        snprintf(contradictions->text, sizeof contradictions->text, "%s", detail);
        return;
    }
    snprintf(contradictions->text, sizeof contradictions->text, "%.110s; %u more", contradictions->detail, contradictions->found - 1);
}

static void add_pair(struct contradictions *contradictions, const struct answer *a, const struct answer *b)
{
    char first[64], second[64], detail[DETAIL_SIZE];
    describe(a, b, first);
    describe(b, a, second);
    snprintf(detail, sizeof detail, "%.54s, then %.54s", first, second);
    contradictions_add(contradictions, detail);
}

const char *contradictions_text(const struct contradictions *contradictions)
{
    return contradictions->found == 0 ? NULL : contradictions->text;
}

unsigned contradictions_agreed(const struct contradictions *contradictions)
{
    return contradictions->agreed;
}

/* ---- doubts ---- */

static bool offers_version(const struct tls_offer *offer, uint16_t version)
{
    if (version == 0x0304 || offer->versions != NULL)
        return tls_list_holds(offer->versions, version);
    return offer->version >= version && offer->version >= 0x0300;
}

static bool needs_group(const struct answer *answer, const struct tls_suite *suite)
{
    return answer->version == 0x0304 || suite == NULL || suite->kx == TLS_KX_ECDHE;
}

static bool needs_scheme(const struct answer *answer, const struct tls_suite *suite)
{
    return answer->version == 0x0304 || (answer->version == 0x0303 && (suite == NULL || suite->kx == TLS_KX_ECDHE || suite->kx == TLS_KX_DHE));
}

/* Would a server that gave this answer give it to the offer, too, if it chose? */
static bool allows(const struct tls_offer *offer, const struct answer *now, const struct answer *known)
{
    const struct tls_suite *suite = known->suite < 0 ? NULL : tls_suite_find((uint32_t)known->suite);
    if (known->end != END_ANSWERED || known->has_name != now->has_name || offer->fallback_scsv || offer->sslv2_format || suite == NULL ||
        !offers_version(offer, known->version) || !tls_list_holds(offer->suites, (uint16_t)known->suite))
        return false;
    bool same_groups = memcmp(now->groups, known->groups, DIGEST) == 0, same_schemes = memcmp(now->schemes, known->schemes, DIGEST) == 0;
    if (!same_groups && suite->auth == TLS_AUTH_ECDSA)      /* up to TLS 1.2 the certificate's curve must be among them */
        return false;
    if (!same_groups && needs_group(known, suite) && (known->group < 0 || !tls_list_holds(offer->groups, (uint16_t)known->group)))
        return false;
    if (!same_schemes && (offer->no_extensions || offer->alpn != NULL || offer->certificate_types != 0))
        return false;
    return same_schemes || !needs_scheme(known, suite) || (known->scheme >= 0 && tls_list_holds(offer->schemes, (uint16_t)known->scheme));
}

static size_t place_in(const uint16_t *list, int32_t suite)
{
    size_t at = 0;
    while (list[at] != 0 && list[at] != suite)
        at++;
    return list[at] == 0 ? SIZE_MAX : at;
}

/* Both were offered both times, in the same order to each other, and each was chosen once. */
static bool is_other_order(const struct answer *a, const struct answer *b)
{
    size_t a_in_a = place_in(a->suites, a->suite), b_in_a = place_in(a->suites, b->suite);
    size_t a_in_b = place_in(b->suites, a->suite), b_in_b = place_in(b->suites, b->suite);
    return a->suite != b->suite && a_in_a != SIZE_MAX && b_in_a != SIZE_MAX && a_in_b != SIZE_MAX && b_in_b != SIZE_MAX &&
           (a_in_a < b_in_a) == (a_in_b < b_in_b);
}

/* The highest version of those offered in which anything was answered: a server chooses it, or refuses. 0 none. */
static uint16_t version_to_choose(const struct contradictions *contradictions, const struct tls_offer *offer)
{
    uint16_t highest = 0;
    for (size_t i = 0; i < contradictions->count; i++)
        if (contradictions->answers[i].version > highest && offers_version(offer, contradictions->answers[i].version))
            highest = contradictions->answers[i].version;
    return highest;
}

static enum doubt doubt_of_pair(const struct tls_offer *offer, uint16_t version, const struct answer *now, const struct answer *known)
{
    if (now->end != END_ANSWERED)
        return known->version == version && allows(offer, now, known) ? DOUBT_REFUSED : DOUBT_NONE;
    if (now->version < known->version && allows(offer, now, known))
        return DOUBT_LOWER;
    if (known->end != END_ANSWERED || known->has_name != now->has_name)
        return DOUBT_NONE;
    if (known->version != now->version)
        return DOUBT_NONE;
    if (((known->shown ^ now->shown) & known->asked & now->asked) != 0)
        return DOUBT_EXTENSION;
    bool is_alike = memcmp(known->groups, now->groups, DIGEST) == 0 && memcmp(known->schemes, now->schemes, DIGEST) == 0;
    return is_alike && is_other_order(known, now) ? DOUBT_ORDER : DOUBT_NONE;
}

/* Another certificate than the first that a key of this kind had; where the kind is not known, one that nobody has seen. */
static bool is_leaf_in_doubt(const struct contradictions *contradictions, const struct answer *now, bool is_new)
{
    if (now->end != END_ANSWERED || !now->has_leaf || contradictions->agreed_of[DOUBT_LEAF] >= AGREED_MAX)
        return false;
    for (size_t i = 0; i < contradictions->count; i++) {
        const struct answer *known = &contradictions->answers[i];
        if (known->has_leaf && known->has_name == now->has_name && known->key_type == now->key_type)
            return !is_same_leaf(known, now);
    }
    return is_new && now->key_type == 0;
}

static enum doubt doubt_of(const struct contradictions *contradictions, const struct tls_hello_plan *plan, const struct answer *now,
                           bool is_other_leaf)
{
    if (contradictions->sent_again >= CONTRADICTIONS_AGAIN_MAX)
        return DOUBT_NONE;
    uint16_t version = version_to_choose(contradictions, plan->offer);
    for (size_t i = 0; i < contradictions->count; i++) {
        enum doubt doubt = doubt_of_pair(plan->offer, version, now, &contradictions->answers[i]);
        if (doubt != DOUBT_NONE && contradictions->agreed_of[doubt] < AGREED_MAX)
            return doubt;
    }
    if (is_leaf_in_doubt(contradictions, now, is_other_leaf))
        return DOUBT_LEAF;
    return now->end != END_ANSWERED && plan->is_decisive ? DOUBT_DECISIVE : DOUBT_NONE;
}

/* ---- the course ---- */

/* Keeps the answer, unless the same hello was answered before: then both are compared. */
static void keep(struct contradictions *contradictions, const struct answer *answer)
{
    for (size_t i = 0; i < contradictions->count; i++)
        if (memcmp(contradictions->answers[i].hello, answer->hello, DIGEST) == 0) {
            if (!agrees(&contradictions->answers[i], answer))
                add_pair(contradictions, &contradictions->answers[i], answer);
            else
                contradictions->agreed++;
            return;
        }
    if (contradictions->count == ANSWERS_MAX)
        return;
    if (contradictions->count % ANSWERS_GROWTH == 0)
        contradictions->answers = xreallocarray(contradictions->answers, contradictions->count + ANSWERS_GROWTH, sizeof *answer);
    contradictions->answers[contradictions->count++] = *answer;
}

/* Under the usual name: another one may bring another certificate. */
static bool is_new_leaf(struct contradictions *contradictions, const struct tls_hello_plan *plan, const struct answer *answer)
{
    bool is_usual_name = plan->server_name == NULL && (plan->send_server_name || contradictions->count == 0 || !contradictions->answers[0].has_name);
    if (!answer->has_leaf || !is_usual_name)
        return false;
    for (size_t i = 0; i < contradictions->leaf_count; i++)
        if (memcmp(contradictions->leaves[i], answer->leaf, DIGEST) == 0)
            return false;
    if (contradictions->leaf_count == LEAVES_MAX)
        return false;
    memcpy(contradictions->leaves[contradictions->leaf_count++], answer->leaf, DIGEST);
    return true;
}

/* An answer says more than a refusal. */
static void replace(struct contradictions *contradictions, const struct answer *answer)
{
    for (size_t i = 0; i < contradictions->count; i++)
        if (memcmp(contradictions->answers[i].hello, answer->hello, DIGEST) == 0)
            contradictions->answers[i] = *answer;
}

static bool is_extra(enum doubt doubt)
{
    return doubt == DOUBT_LEAF || doubt == DOUBT_ORDER || doubt == DOUBT_EXTENSION || doubt == DOUBT_FIRST;
}

/* Both stand by what they said, the opening hello's answer and this one: so the opening hello is sent again, too. */
static void ask_opening(struct contradictions *contradictions)
{
    if (contradictions->is_opening_asked || contradictions->sent_again >= CONTRADICTIONS_AGAIN_MAX)
        return;
    contradictions->is_opening_asked = true;
    copy_plan(&contradictions->again, &contradictions->opening.plan);
    contradictions->again.plan.is_posture = true;
    contradictions->first = contradictions->answers[0];
    contradictions->doubt = DOUBT_FIRST;
    contradictions->alike = 0;
}

/* What comes of the hello that was sent again. */
static enum contradictions_verdict note_second(struct contradictions *contradictions, bool is_read, const struct answer *answer)
{
    enum doubt doubt = contradictions->doubt;
    bool is_alike = is_read && agrees(&contradictions->first, answer);
    contradictions->is_sent = false;
    contradictions->alike += is_alike;
    contradictions->agreed += is_alike;
    if (is_alike && is_extra(doubt) && contradictions->alike < EXTRA_ALIKE && contradictions->sent_again < CONTRADICTIONS_AGAIN_MAX)
        return ANSWER_IS_EXTRA;                 /* chance may have brought the same server twice */
    contradictions->doubt = DOUBT_NONE;
    contradictions->agreed_of[doubt] += is_alike;
    if (is_read && !is_alike)
        add_pair(contradictions, &contradictions->first, answer);
    if (is_read && answer->end == END_ANSWERED)
        replace(contradictions, answer);
    if (is_alike && is_extra(doubt))
        ask_opening(contradictions);
    return is_extra(doubt) ? ANSWER_IS_EXTRA : ANSWER_STANDS;
}

enum contradictions_verdict contradictions_note(struct contradictions *contradictions, struct tls_hello_plan *plan, enum outcome outcome,
                                                const struct tls_facts *facts)
{
    struct answer answer;
    bool is_read = !plan->offer->by_libssl && read_answer(plan, outcome, facts, &answer);
    bool is_other_leaf = is_read && is_new_leaf(contradictions, plan, &answer) && contradictions->leaf_count > 1;
    if (is_other_leaf)
        plan->is_posture = false;
    if (contradictions->doubt != DOUBT_NONE && contradictions->is_sent)
        return note_second(contradictions, is_read, &answer);
    if (!is_read)
        return ANSWER_STANDS;
    if (contradictions->count == 0)
        copy_plan(&contradictions->opening, plan);
    enum doubt doubt = doubt_of(contradictions, plan, &answer, is_other_leaf);
    keep(contradictions, &answer);
    if (doubt == DOUBT_NONE)
        return ANSWER_STANDS;
    copy_plan(&contradictions->again, plan);
    contradictions->first = answer;
    contradictions->doubt = doubt;
    contradictions->alike = 0;
    if (!is_extra(doubt))
        return ANSWER_WAITS;
    contradictions->again.plan.is_posture = true;
    contradictions->again.plan.finds_variant = false;
    return ANSWER_STANDS;
}

bool contradictions_again(struct contradictions *contradictions, struct tls_hello_plan *plan)
{
    if (contradictions->doubt == DOUBT_NONE || contradictions->is_sent)
        return false;
    contradictions->is_sent = true;
    contradictions->sent_again++;
    *plan = contradictions->again.plan;
    return true;
}

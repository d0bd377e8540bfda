#include "probes/tls/suite_survey.h"

#include "probes/tls/names.h"
#include "probes/tls/offers.h"

#include <string.h>

static const uint16_t survey_versions[5] = {0x0300, 0x0301, 0x0302, 0x0303, 0x0304};

void suite_survey_init(struct suite_survey *survey, struct posture *posture, unsigned connections_max)
{
    static const enum posture_id ids[5] = {POSTURE_SSLV3, POSTURE_TLS10, POSTURE_TLS11, POSTURE_TLS12, POSTURE_TLS13};
    memset(survey, 0, sizeof *survey);
    survey->posture = posture;
    survey->connections_max = connections_max != 0 ? connections_max : SUITE_SURVEY_CONNECTIONS;
    survey->chunk_max = posture_hello_suites(posture);
    for (size_t i = 0; i < 5; i++)
        survey->versions[i] = strcmp(posture->items[ids[i]].value, "accepted") == 0;
}

/* Those with RSA, DHE or ECDHE first, weak ones too: nearly all accepted suites are among them, so that one hello shows their whole
 * order (of TLS 1.2 they are 119). Anonymous ones that no known server has would be too many for it. Weak suites come before
 * others, in case the limit is reached. */
enum suite_class { CLASS_LIKELY_WEAK, CLASS_LIKELY, CLASS_WEAK, CLASS_RARE, CLASS_DHE, CLASS_COUNT };   /* DHE: chunks of its own */

static bool is_likely(const struct tls_suite *suite)
{
    if (suite->kx != TLS_KX_RSA && suite->kx != TLS_KX_DHE && suite->kx != TLS_KX_ECDHE)
        return false;
    bool is_usual_cipher = suite->enc == TLS_ENC_AES_CBC || suite->enc == TLS_ENC_AES_GCM || suite->enc == TLS_ENC_CAMELLIA_CBC ||
                           suite->kx == TLS_KX_ECDHE;
    return suite->auth == TLS_AUTH_RSA || suite->auth == TLS_AUTH_ECDSA || (suite->auth == TLS_AUTH_ANON && is_usual_cipher);
}

static enum suite_class class_of(const struct suite_survey *survey, const struct tls_suite *suite)
{
    if (survey->split.is_by_kind && suite->kx == TLS_KX_DHE)
        return CLASS_DHE;
    bool is_weak = (posture_kinds(suite) & ~(1u << POSTURE_STATIC_RSA)) != 0;
    if (is_likely(suite))
        return is_weak ? CLASS_LIKELY_WEAK : CLASS_LIKELY;
    return is_weak ? CLASS_WEAK : CLASS_RARE;
}

/* ---- a hello that failed ---- */

/* Other alerts, and a close, do not say that every suite was refused: the server may have chosen one that it cannot do. */
static bool is_failure(enum outcome outcome, const struct tls_facts *facts)
{
    enum { HANDSHAKE_FAILURE = 40, ILLEGAL_PARAMETER = 47, PROTOCOL_VERSION = 70, INSUFFICIENT_SECURITY = 71 };
    if (outcome != OUTCOME_TLS_ALERT || facts == NULL)
        return outcome == OUTCOME_CLOSED || outcome == OUTCOME_RESET;
    return facts->alert != HANDSHAKE_FAILURE && facts->alert != ILLEGAL_PARAMETER && facts->alert != PROTOCOL_VERSION &&
           facts->alert != INSUFFICIENT_SECURITY;
}

static bool is_dhe(uint16_t id)
{
    const struct tls_suite *suite = tls_suite_find(id);
    return suite != NULL && suite->kx == TLS_KX_DHE;
}

static bool is_ecdhe_ecdsa(uint16_t id)
{
    const struct tls_suite *suite = tls_suite_find(id);
    return suite != NULL && suite->kx == TLS_KX_ECDHE && suite->auth == TLS_AUTH_ECDSA;
}

/* False, and the chunk as it was: it has none of these, or no others. */
static bool chunk_leave_out(struct suite_survey *survey, bool (*is_left_out)(uint16_t id))
{
    size_t count = 0, kept = 0;
    for (; survey->chunk[count] != 0; count++)
        kept += !is_left_out(survey->chunk[count]);
    if (kept == 0 || kept == count)
        return false;
    kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_left_out(survey->chunk[i]))
            survey->chunk[kept++] = survey->chunk[i];
    survey->chunk[kept] = 0;
    return true;
}

/* Takes the DHE suites out of the chunk and keeps them for the version's end: a server that lacks DH parameters fails whenever it
 * chooses one. False: the chunk has no others beside them, or splits have shown nothing so far. */
static bool chunk_split(struct suite_survey *survey)
{
    if ((!survey->split.has_shown && survey->split.vain == SUITE_SURVEY_VAIN_SPLITS) || !chunk_leave_out(survey, is_dhe))
        return false;
    return survey->split.is_by_kind = survey->split.is_under_way = true;
}

/* HAProxy takes its ECDSA certificate where a hello has any suite for one, and then refuses all suites of RSA: a server of both keys
 * is asked for what is left without ECDSA, until that shows nothing the first time. */
static bool keys_split(struct suite_survey *survey)
{
    if (!survey->keys.are_two || survey->keys.is_vain || !chunk_leave_out(survey, is_ecdhe_ecdsa))
        return false;
    return survey->keys.is_under_way = true;
}

/* The first hello after a split: did it show a suite more? */
static void split_note(struct suite_survey *survey, bool has_answer)
{
    if (survey->split.is_under_way) {
        survey->split.has_shown |= has_answer;
        survey->split.vain += !has_answer;
    }
    survey->split.is_under_way = false;
    if (survey->keys.is_under_way) {
        survey->keys.has_shown |= has_answer;
        survey->keys.is_vain = !survey->keys.has_shown;
    }
    survey->keys.is_under_way = false;
}

static bool is_accepted(const struct suite_survey *survey, uint16_t version, uint16_t suite)
{
    for (size_t i = 0; i < survey->accepted_count; i++)
        if (survey->accepted[i].version == version && survey->accepted[i].suite == suite)
            return true;
    return false;
}

/* The table is read once for each class. */
static bool chunk_fill(struct suite_survey *survey)
{
    size_t count, len = 0;
    const struct tls_suite *suites = tls_suites(&count);
    while (survey->next_suite < CLASS_COUNT * count && len < survey->chunk_max) {
        enum suite_class wanted = (enum suite_class)(survey->next_suite / count);
        if (wanted == CLASS_DHE && len != 0 && survey->next_suite % count == 0)
            break;
        const struct tls_suite *suite = &suites[survey->next_suite++ % count];
        if (tls_suite_fits(suite, survey_versions[survey->version]) && class_of(survey, suite) == wanted &&
            (posture_kinds(suite) & survey->posture->spared) == 0 &&
            (wanted != CLASS_DHE || !is_accepted(survey, survey_versions[survey->version], suite->id)))
            survey->chunk[len++] = suite->id;
    }
    survey->chunk[len] = 0;
    survey->chunk_number++;
    return survey->is_chunk_open = len != 0;
}

/* The suites found in this version, the last chosen first: a server that follows the client's order will now choose
 * another one than before. */
static bool preference_fill(struct suite_survey *survey)
{
    size_t len = 0;
    for (size_t i = survey->accepted_count; i-- > 0 && len < survey->chunk_max;)
        if (survey->accepted[i].version == survey_versions[survey->version])
            survey->chunk[len++] = survey->accepted[i].suite;
    survey->chunk[len] = 0;
    return len > 1;
}

/* ---- the order between chunks ---- */

static size_t chunk_end(const struct suite_survey *survey, size_t from)
{
    size_t at = from;
    while (at < survey->accepted_count && survey->accepted[at].chunk == survey->accepted[from].chunk)
        at++;
    return at;
}

static void order_begin(struct suite_survey *survey)
{
    size_t begin = survey->accepted_count;
    while (begin > 0 && survey->accepted[begin - 1].version == survey_versions[survey->version])
        begin--;
    survey->order.is_begun = true;
    survey->order.hellos = 0;
    survey->order.begin = begin;
    survey->order.at = survey->order.end = chunk_end(survey, begin);
    survey->order.asks = ORDER_BEHIND;
}

/* TLS 1.3 comes after the order of an older version: its suites matter more. */
static bool has_room_for_order(const struct suite_survey *survey)
{
    unsigned kept = survey->versions[4] ? SUITE_SURVEY_KEPT_FOR_13 : 0;
    return survey->connections + kept < survey->connections_max;
}

/* The next two suites to be compared; false: the order is known, or cannot be found. */
static bool order_fill(struct suite_survey *survey)
{
    const struct suite_accepted *accepted = survey->accepted;
    if (survey->order.at == survey->order.end) {
        if (survey->order.end >= survey->accepted_count)
            return false;
        survey->order.end = chunk_end(survey, survey->order.at);
        survey->order.asks = ORDER_BEHIND;
    }
    if (survey->order.hellos++ == SUITE_SURVEY_ORDER_HELLOS || !has_room_for_order(survey))
        return false;
    size_t first = survey->order.asks == ORDER_BEHIND   ? survey->order.at - 1
                   : survey->order.asks == ORDER_BEFORE ? survey->order.begin
                                                        : (survey->order.low + survey->order.high) / 2;
    size_t second = survey->order.asks == ORDER_BEFORE ? survey->order.end - 1 : survey->order.at;
    survey->chunk[0] = accepted[first].suite;
    survey->chunk[1] = accepted[second].suite;
    survey->chunk[2] = 0;
    return true;
}

/* Moves those from `from` up to `to` ahead of `before`, in their order. */
static void move_ahead(struct suite_survey *survey, size_t before, size_t from, size_t to)
{
    for (; from < to; from++, before++) {
        struct suite_accepted moved = survey->accepted[from];
        memmove(&survey->accepted[before + 1], &survey->accepted[before], (from - before) * sizeof moved);
        survey->accepted[before] = moved;
    }
}

/* The first of the chunk goes to `low`; the next one follows it. */
static void order_place(struct suite_survey *survey)
{
    move_ahead(survey, survey->order.low, survey->order.at, survey->order.at + 1);
    survey->order.at++;
    survey->order.low++;
    survey->order.high = survey->order.at;
}

/* is_first: the server chose the one of chunk[0]. */
static void order_note(struct suite_survey *survey, bool is_first)
{
    if (survey->order.asks == ORDER_BEHIND) {
        survey->order.asks = is_first ? ORDER_BEHIND : ORDER_BEFORE;
        if (is_first)
            survey->order.at = survey->order.end;
    } else if (survey->order.asks == ORDER_BEFORE && !is_first) {
        move_ahead(survey, survey->order.begin, survey->order.at, survey->order.end);
        survey->order.at = survey->order.end;
    } else if (survey->order.asks == ORDER_BEFORE) {
        survey->order.asks = ORDER_WITHIN;
        survey->order.low = survey->order.begin;
        survey->order.high = survey->order.at;
    } else if (is_first) {
        survey->order.low = (survey->order.low + survey->order.high) / 2 + 1;
    } else {
        survey->order.high = (survey->order.low + survey->order.high) / 2;
    }
    while (survey->order.asks == ORDER_WITHIN && survey->order.at < survey->order.end && survey->order.low >= survey->order.high)
        order_place(survey);
}

/* The place of a suite among those from `begin` on. */
static size_t place_of(const struct suite_survey *survey, size_t begin, uint16_t suite)
{
    size_t at = begin;
    while (at < survey->accepted_count && survey->accepted[at].suite != suite)
        at++;
    return at;
}

/* A server has one order for all versions: older versions reuse it. */
static void order_older(struct suite_survey *survey)
{
    struct suite_accepted *list = survey->accepted;
    size_t begin = survey->order.begin;
    for (size_t i = 1; i < begin; i++)
        for (size_t k = i; k > 0 && list[k].version == list[k - 1].version &&
                           place_of(survey, begin, list[k].suite) < place_of(survey, begin, list[k - 1].suite); k--) {
            struct suite_accepted moved = list[k];
            list[k] = list[k - 1];
            list[k - 1] = moved;
        }
}

/* The highest version before TLS 1.3, whose suites are one list anyway. */
static bool is_highest_old(const struct suite_survey *survey)
{
    for (size_t newer = survey->version + 1; newer < 4; newer++)
        if (survey->versions[newer])
            return false;
    return survey->version < 4;
}

static bool order_next(struct suite_survey *survey)
{
    if (!is_highest_old(survey) || survey->preference == NULL || strcmp(survey->preference, "server") != 0)
        return false;
    if (!survey->order.is_begun)
        order_begin(survey);
    if (order_fill(survey))
        return true;
    order_older(survey);
    return false;
}

static void version_next(struct suite_survey *survey)
{
    survey->version++;
    survey->next_suite = 0;
    survey->split.is_by_kind = survey->split.has_shown;
    survey->is_chunk_open = survey->is_preference_asked = survey->order.is_begun = false;
}

static void plan_fill(struct suite_survey *survey, struct tls_hello_plan *plan)
{
    uint16_t version = survey_versions[survey->version];
    survey->version_list[0] = version;
    survey->offer = (struct tls_offer){.version = version < 0x0303 ? version : 0x0303,
                                       .versions = version == 0x0304 ? survey->version_list : NULL,
                                       .suites = survey->chunk,
                                       .groups = version == 0x0304 ? offer_ask_tls13.groups : offer_groups_all,
                                       .schemes = version >= 0x0303 ? offer_schemes_all : NULL,
                                       .shares = offer_ask_tls13.shares,
                                       .no_extensions = version == 0x0300,
                                       .renegotiation_info = true,
                                       .want = TLS_WANT_HELLO};
    *plan = (struct tls_hello_plan){.name = survey->order.is_begun ? "suites_order" : "suites",
                                    .variant = VARIANT_LEGACY,
                                    .send_server_name = version != 0x0300,
                                    .is_posture = true,
                                    .offer = &survey->offer};
}

static bool survey_next(struct suite_survey *survey)
{
    for (; survey->version < 5; version_next(survey)) {
        if (!survey->versions[survey->version])
            continue;
        if (survey->is_chunk_open || chunk_fill(survey))
            return true;
        bool decides = survey->version >= 3 || is_highest_old(survey);
        if (!survey->is_preference_asked && decides && preference_fill(survey))
            return survey->is_preference_asked = true;
        if (order_next(survey))
            return true;
    }
    return false;
}

bool suite_survey_next(struct suite_survey *survey, struct tls_hello_plan *plan)
{
    if (survey->ended != NULL || !survey_next(survey))
        return false;
    if (survey->connections++ == survey->connections_max) {
        survey->ended = "limit";
        return false;
    }
    plan_fill(survey, plan);
    return true;
}

static void chunk_remove(struct suite_survey *survey, uint16_t suite)
{
    bool found = tls_list_remove(survey->chunk, suite);
    survey->is_chunk_open = found && survey->chunk[0] != 0;       /* else a suite that was not offered could be chosen for ever */
}

void suite_survey_note(struct suite_survey *survey, enum outcome outcome, const struct tls_facts *facts)
{
    bool has_chain = outcome == OUTCOME_CERTIFICATE || outcome == OUTCOME_NO_CERTIFICATE;
    bool has_answer = has_chain && facts != NULL && facts->cipher_suite > 0 &&
                      facts->version == survey_versions[survey->version];
    if (has_answer)
        suite_survey_alive(survey);
    if (survey->order.is_begun) {
        if (has_answer)
            order_note(survey, facts->cipher_suite == survey->chunk[0]);
        else
            survey->order.at = survey->order.end = survey->accepted_count;         /* it stays as it is */
        return;
    }
    if (survey->is_preference_asked) {
        if (has_answer)     /* the last accepted was offered first: a client's order takes it */
            *(survey->version == 4 ? &survey->preference_13 : &survey->preference) =
                facts->cipher_suite == survey->chunk[0] ? "client" : "server";
        return;
    }
    bool is_closed = outcome == OUTCOME_CLOSED || outcome == OUTCOME_RESET;
    if (is_closed && !survey->closes && !survey->is_repeated && !survey->is_preference_asked) {
        survey->is_repeated = true;
        return;
    }
    survey->closes |= is_closed;
    survey->is_repeated = false;
    split_note(survey, has_answer);
    if (!has_answer) {
        survey->is_chunk_open = (is_failure(outcome, facts) && chunk_split(survey)) ||
                                (posture_is_refusal(outcome) && keys_split(survey));
        survey->is_unproven = true;
        if (!posture_is_refusal(outcome) && !has_chain)
            survey->ended = outcome_name(outcome);
        return;
    }
    uint16_t suite = (uint16_t)facts->cipher_suite;
    if (tls_list_holds(survey->chunk, suite) && survey->accepted_count < SUITE_SURVEY_MAX) {
        survey->accepted[survey->accepted_count].chunk = survey->chunk_number;
        survey->accepted[survey->accepted_count].version = facts->version;
        survey->accepted[survey->accepted_count++].suite = suite;
        posture_see_suite(survey->posture, suite);
    }
    chunk_remove(survey, suite);
}

void suite_survey_see(struct suite_survey *survey, uint16_t version, uint16_t suite)
{
    if (is_accepted(survey, version, suite) || survey->accepted_count == SUITE_SURVEY_MAX || version < 0x0300)
        return;
    survey->accepted[survey->accepted_count++] = (struct suite_accepted){.version = version, .suite = suite};
    if (survey->ended == NULL)
        survey->ended = "a suite was refused, and accepted later";
}

bool suite_survey_is_unproven(const struct suite_survey *survey)
{
    return survey != NULL && survey->is_unproven;
}

void suite_survey_alive(struct suite_survey *survey)
{
    if (survey == NULL)
        return;
    survey->is_unproven = false;
    posture_alive(survey->posture);
}

const char *suite_survey_lack(const struct suite_survey *survey)
{
    if (survey->ended != NULL)
        return survey->ended;
    return survey->is_unproven ? "the endpoint stopped answering" : NULL;
}

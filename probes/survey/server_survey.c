#include "probes/survey/server_survey.h"

#include "probes/base/memory.h"
#include "probes/survey/survey_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SILENCES_MAX 2          /* a filter may have begun to drop our packets: the survey ends */

static const char untested[] = "untested";
static const char wrong_name[] = "certsweep-asks-a-name-that-is-not-here.invalid";

/* ---- the table ---- */

enum name_sent { NAME_USUAL, NAME_NONE, NAME_WRONG };

/* items: separated by blanks. A refusal of the hello refuses each of them (note_refusal()); an answer accepts each
 * if note is NULL. */
static const struct question {
    const char *name;
    const char *items;
    bool (*is_due)(const struct server_survey *survey);
    void (*fill)(struct server_survey *survey);
    bool (*note)(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
    enum name_sent name_sent;
    bool is_unusual;                    /* no client of today sends it: left out if only usual hellos may be sent */
} questions[] = {
    {"survey_features",    "session_ticket heartbeat next_protocol client_certificate clock", survey_due_old, survey_fill_features, survey_note_features, NAME_USUAL, false},
    {"survey_etm",         "encrypt_then_mac", survey_due_etm, survey_fill_etm, survey_note_etm, NAME_USUAL, false},
    {"survey_fallback",    "fallback_scsv", survey_due_fallback, survey_fill_fallback, survey_note_fallback, NAME_USUAL, false},
    {"survey_both",        "", survey_due_tls12, survey_fill_both, survey_note_both, NAME_USUAL, false},
    {"survey_schemes",     "", survey_due_schemes, survey_fill_schemes, survey_note_scheme, NAME_USUAL, false},
    {"survey_groups",      "", survey_due_groups, survey_fill_groups, survey_note_group, NAME_USUAL, false},
    {"survey_ecdhe",       "ecdh_reuse group_preference_12", survey_due_old, survey_fill_ecdhe, survey_note_ecdhe, NAME_USUAL, false},
    {"survey_groups_13",   "", survey_due_tls13, survey_fill_groups_13, survey_note_group, NAME_USUAL, false},
    {"survey_order_13",    "group_preference", survey_due_order, survey_fill_order_13, survey_note_order, NAME_USUAL, false},
    /* The first of these hellos offers certificate compression, too. */
    {"survey_schemes_13",  "certificate_compression client_certificate", survey_due_tls13, survey_fill_schemes_13, survey_note_scheme_13, NAME_USUAL, false},
    {"survey_version",     "tolerates_version", survey_due_old, survey_fill_version, survey_note_version, NAME_USUAL, true},
    {"survey_dhe",         "dh_prime dh_reuse", survey_due_dhe, survey_fill_dhe, survey_note_dhe, NAME_USUAL, false},
    {"survey_export_rsa",  "export_rsa_bits export_rsa_reuse", survey_due_export, survey_fill_export_rsa, survey_note_export_rsa, NAME_USUAL, true},
    {"survey_export_dhe",  "export_dh_bits", survey_due_export, survey_fill_export_dhe, survey_note_export_dhe, NAME_USUAL, true},
    {"survey_share",       "ecdh_reuse", survey_due_only_13, survey_fill_share, survey_note_share, NAME_USUAL, false},
    {"survey_sslv2",       "sslv2_format", survey_due_old, survey_fill_sslv2_format, NULL, NAME_USUAL, true},
    {"survey_tolerance",   "", survey_due_always, survey_fill_tolerance, survey_note_tolerance, NAME_USUAL, true},
    {"survey_extension",   "tolerates_extension", survey_due_always, survey_fill_extension, NULL, NAME_USUAL, true},
    {"survey_length",      "tolerates_length", survey_due_always, survey_fill_length, NULL, NAME_USUAL, true},
    {"survey_grease",      "tolerates_grease", survey_due_always, survey_fill_grease, NULL, NAME_USUAL, false},
    {"survey_older",       "", survey_due_older, survey_fill_older, survey_note_refused, NAME_USUAL, false},
    {"survey_no_sslv2",    "", survey_due_no_sslv2, survey_fill_no_sslv2, NULL, NAME_USUAL, true},
    {"survey_rest",        "", survey_due_rest, survey_fill_rest, survey_note_refused, NAME_USUAL, false},
    {"survey_alpn",        "", survey_due_alpn, survey_fill_alpn, survey_note_alpn, NAME_USUAL, false},
    {"survey_usual",       "", survey_due_usual, survey_fill_chain, survey_note_usual, NAME_USUAL, false},
    {"survey_no_name",     "sni_none", survey_due_name, survey_fill_chain, survey_note_sni_none, NAME_NONE, false},
    {"survey_wrong_name",  "sni_wrong", survey_due_name, survey_fill_chain, survey_note_sni_wrong, NAME_WRONG, true},
};
#define QUESTIONS (sizeof questions / sizeof questions[0])

/* For these a refusal means something else. */
static bool refusal_is_untested(const char *item, const char **why)
{
    static const struct {
        const char *item, *why;
    } untestable[] = {
        {"encrypt_then_mac", "a hello with CBC suites alone was refused"},
        {"ecdh_reuse", "a hello with ECDHE suites alone was refused"},
        {"export_rsa_reuse", "no RSA_EXPORT suite is accepted"},
        {"dh_prime", "refused when asked again"}, {"dh_reuse", "refused when asked again"},
        {"session_ticket", "its hello was refused"}, {"heartbeat", "its hello was refused"},
        {"next_protocol", "its hello was refused"}, {"client_certificate", "its hello was refused"},
        {"clock", "its hello was refused"}, {"certificate_compression", "its hello was refused"},
        {"group_preference", "its hello was refused"}, {"group_preference_12", "a hello with ECDHE suites alone was refused"},
    };
    for (size_t i = 0; i < sizeof untestable / sizeof untestable[0]; i++)
        if (strcmp(untestable[i].item, item) == 0) {
            *why = untestable[i].why;
            return true;
        }
    return false;
}

unsigned server_survey_connections(enum tls_depth depth)
{
    return depth == TLS_DEPTH_DEEP ? 45 : 0;    /* of a current server: tests/scanner/run/test_dry_run_wire.c */
}

unsigned server_survey_connections_max(enum tls_depth depth)
{
    return depth == TLS_DEPTH_DEEP ? SURVEY_CONNECTIONS_MAX + CONTRADICTIONS_AGAIN_MAX : 0;
}

unsigned server_survey_connections_alerts(enum tls_depth depth)
{
    return depth == TLS_DEPTH_DEEP ? 1 : 0;     /* the first hello is sent again */
}

/* Said as soon as it is seen, so that it has its hello. */
static void tell_several(struct server_survey *survey)
{
    const char *text = contradictions_text(tls_strategy_contradictions(survey->strategy));
    if (text != NULL)
        survey_items_set(survey->items, "several", "accepted", text);
}

struct server_survey *server_survey_create(struct tls_strategy *strategy, const char *server_name, bool is_direct)
{
    struct tls_hello_plan plan = {.offer = &offer_combined};
    if (!tls_strategy_adapt(strategy, &plan))
        return NULL;
    struct server_survey *survey = xcalloc(1, sizeof *survey);
    survey->strategy = strategy;
    survey->has_name = client_hello_may_send_name(server_name);
    survey->is_direct = is_direct;
    survey->items = survey_items_create();
    tell_several(survey);
    return survey;
}

void server_survey_destroy(struct server_survey *survey)
{
    if (survey == NULL)
        return;
    survey_items_destroy(survey->items);
    free(survey);
}

static bool plan_fill(struct server_survey *survey, struct tls_hello_plan *plan)
{
    const struct question *question = &questions[survey->row];
    question->fill(survey);
    *plan = (struct tls_hello_plan){.name = question->name,
                                    .variant = VARIANT_LEGACY,
                                    .send_server_name = question->name_sent != NAME_NONE,
                                    .server_name = question->name_sent == NAME_WRONG ? wrong_name : NULL,
                                    .is_posture = true,
                                    .offer = &survey->offer};
    if (question->fill == survey_fill_alpn || question->fill == survey_fill_sslv2_format)
        return true;                        /* what a usual hello needs would change the question */
    return tls_strategy_adapt(survey->strategy, plan);
}

static bool may_connect(struct server_survey *survey)
{
    if (survey->is_over)
        return false;
    if (survey->connections + 2 > SURVEY_CONNECTIONS_MAX) {     /* the last one is for the hello that worked */
        survey->ended = "limit";
        survey->is_over = true;
    }
    return !survey->is_over;
}

static bool is_spared(const struct server_survey *survey, size_t row)
{
    return questions[row].is_unusual && tls_strategy_is_usual(survey->strategy);
}

/* Other questions' answers have filled every item of this one. */
static bool is_answered(const struct server_survey *survey, const struct question *question)
{
    char item[80];
    const char *at = question->items;
    for (size_t len; *at != '\0'; at += len + (at[len] == ' ')) {
        len = strcspn(at, " ");
        snprintf(item, sizeof item, "%.*s", (int)len, at);
        if (survey_items_value(survey->items, item) == NULL)
            return false;
    }
    return question->items[0] != '\0';
}

static bool is_due(const struct server_survey *survey, size_t row)
{
    return !is_spared(survey, row) && questions[row].is_due(survey) && !is_answered(survey, &questions[row]);
}

static bool question_next(struct server_survey *survey)
{
    for (; survey->row < QUESTIONS; survey->row++, survey->asked_of_row = 0)
        if (survey->asked_of_row != 0 || is_due(survey, survey->row))
            return may_connect(survey);
    return false;
}

bool server_survey_next(struct server_survey *survey, struct tls_hello_plan *plan)
{
    if (survey->ended == NULL && tls_strategy_again(survey->strategy, plan))
        return true;
    if (question_next(survey)) {
        survey->connections++;
        plan_fill(survey, plan);
        survey->asked_of_row++;
        return true;
    }
    if (survey->is_again_asked || survey->silences >= SILENCES_MAX || !survey_items_unproven(survey->items))
        return false;
    survey->is_again_asked = true;
    survey->is_over = true;
    survey->connections++;
    survey_both_offer(survey, TLS_WANT_HELLO);
    *plan = (struct tls_hello_plan){.name = "survey_again", .variant = VARIANT_LEGACY, .send_server_name = true,
                                    .is_posture = true, .offer = &survey->offer};
    return tls_strategy_adapt(survey->strategy, plan);
}

/* Sets every item of the question to what a refusal means for it; items that have a value keep it. */
static void note_refusal(struct server_survey *survey, const struct question *question, const char *untested_why,
                         const struct tls_facts *facts)
{
    char item[80];
    const char *why = NULL, *at = question->items;
    const char *alert = facts == NULL || facts->alert < 0 ? NULL : tls_alert_name((uint32_t)facts->alert);
    for (size_t len; *at != '\0'; at += len + (at[len] == ' ')) {
        len = strcspn(at, " ");
        snprintf(item, sizeof item, "%.*s", (int)len, at);
        if (survey_items_value(survey->items, item) != NULL)
            continue;
        if (untested_why != NULL || refusal_is_untested(item, &why))
            survey_items_set(survey->items, item, untested, untested_why != NULL ? untested_why : why);
        else
            survey_items_refuse(survey->items, item, alert);
    }
}

/* The server read SSLv2's framing, and rejected the content. */
static bool is_read_and_refused(const struct tls_facts *facts)
{
    return facts != NULL && (facts->alert == 40 || facts->alert == 71);
}

static bool is_inappropriate_fallback(const struct tls_facts *facts)
{
    return facts != NULL && facts->alert == 86;
}

static bool has_answer(enum outcome outcome, const struct tls_facts *facts)
{
    return (outcome == OUTCOME_CERTIFICATE || outcome == OUTCOME_NO_CERTIFICATE) && facts != NULL &&
           (facts->version != 0 || facts->group >= 0);
}

static bool note_answer(struct server_survey *survey, const struct question *question, const struct tls_facts *facts,
                        int64_t now_us)
{
    survey_items_alive(survey->items);
    if (question->fill == survey_fill_tolerance || question->fill == survey_fill_extension || question->fill == survey_fill_length || question->fill == survey_fill_grease ||
        (question->fill == survey_fill_chain && question->name_sent == NAME_USUAL))
        survey_keep_leaf(survey, facts);
    if (question->note != NULL)
        return question->note(survey, facts, now_us);
    if (question->items[0] != '\0')
        survey_set(survey, question->items, true, tls_version_name(facts->version));
    return false;
}

/* A filter may have begun to drop our packets, or the server is gone. */
static void end_if_gone(struct server_survey *survey, enum outcome outcome)
{
    if (survey->silences < SILENCES_MAX && outcome != OUTCOME_REFUSED && outcome != OUTCOME_UNREACHABLE)
        return;
    survey->ended = outcome_name(outcome);
    survey->is_over = true;
}

void server_survey_note(struct server_survey *survey, struct tls_hello_plan *plan, enum outcome outcome, const struct tls_facts *facts,
                        int64_t now_us)
{
    bool is_answer = has_answer(outcome, facts);
    enum contradictions_verdict verdict = tls_strategy_check(survey->strategy, plan, outcome, facts);
    tell_several(survey);
    if (verdict != ANSWER_STANDS) {
        end_if_gone(survey, outcome);
        return;
    }
    if (is_answer && facts->version != 0)
        tls_strategy_see(survey->strategy, plan, facts);
    if (is_answer && survey->is_again_asked)
        survey_items_alive(survey->items);
    if (survey->row >= QUESTIONS || survey->is_again_asked)
        return;
    const struct question *question = &questions[survey->row];
    bool is_same = false;
    survey->silences = is_answer || posture_is_refusal(outcome) ? 0 : survey->silences + 1;
    if (is_answer)
        is_same = note_answer(survey, question, facts, now_us);
    else if (question->fill == survey_fill_fallback && is_inappropriate_fallback(facts))
        survey_set(survey, "fallback_scsv", true, NULL);
    else if (question->fill == survey_fill_sslv2_format && is_read_and_refused(facts))
        survey_set(survey, "sslv2_format", true, "read, and its suites refused");
    else if (question->fill == survey_fill_both && posture_is_refusal(outcome))
        survey->is_both_refused = true;
    else if (question->fill == survey_fill_groups && posture_is_refusal(outcome))
        is_same = survey_keep_curves(survey);
    else if (question->fill == survey_fill_schemes && posture_is_refusal(outcome))
        is_same = survey_next_schemes(survey);
    else if ((question->fill == survey_fill_older || question->fill == survey_fill_rest) && posture_is_refusal(outcome))
        is_same = survey->asked_of_row < SURVEY_CONFIRM;
    else if (question->fill == survey_fill_fallback)
        note_refusal(survey, question, facts != NULL && facts->detail[0] != '\0' ? facts->detail : outcome_name(outcome), facts);
    else
        note_refusal(survey, question, posture_is_refusal(outcome) ? NULL : outcome_name(outcome), facts);
    end_if_gone(survey, outcome);
    tell_several(survey);
    if (!is_same) {
        survey->row++;
        survey->asked_of_row = 0;
    }
}

/* Where no EXPORT suite is accepted, no question about their keys is due: they are refused. */
static bool is_refused_with_export(const struct server_survey *survey, const char *item)
{
    return strncmp(item, "export_", 7) == 0 && strstr(item, "_bits") != NULL &&
           strcmp(tls_strategy_item(survey->strategy, "export"), "refused") == 0;
}

/* Items that were not asked are listed too, with the reason. */
static void name_untested(struct server_survey *survey)
{
    char item[80];
    for (size_t row = 0; row < QUESTIONS; row++)
        for (const char *at = questions[row].items; *at != '\0';) {
            size_t len = strcspn(at, " ");
            snprintf(item, sizeof item, "%.*s", (int)len, at);
            at += len + (at[len] == ' ');
            if (survey_items_value(survey->items, item) != NULL)
                continue;
            if (is_refused_with_export(survey, item))
                survey_items_set(survey->items, item, "refused", NULL);
            else
                survey_items_set(survey->items, item, untested, survey->ended != NULL         ? survey->ended
                                                               : is_spared(survey, row) ? "spared: no client of today asks so"
                                                                                        : "does not apply");
        }
}

/* No contradiction was seen: is that enough to say that there is none? */
static void deny_several(struct server_survey *survey)
{
    bool is_confirmed = contradictions_agreed(tls_strategy_contradictions(survey->strategy)) >= 2 || survey_accepts_the_worst(survey);
    const char *why = survey->ended != NULL                           ? survey->ended
                      : !tls_strategy_knows_suites(survey->strategy) ? "the list of suites is not whole"
                      : !is_confirmed                                ? "too few answers"
                                                                     : NULL;
    survey_items_set(survey->items, "several", why == NULL ? "refused" : untested, why);
}

size_t server_survey_items(struct server_survey *survey, const struct tls_posture_item **items)
{
    survey_items_stopped(survey->items);
    name_untested(survey);
    if (survey_items_value(survey->items, "several") == NULL)
        deny_several(survey);
    survey_items_set(survey->items, "survey", survey->ended == NULL ? "accepted" : untested, survey->ended);
    return survey_items_list(survey->items, items);
}

size_t server_survey_items_now(const struct server_survey *survey, const struct tls_posture_item **items)
{
    return survey_items_list(survey->items, items);
}

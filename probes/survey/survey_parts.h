/* The parts of the survey: what it knows, which questions are due (survey_due.c), the offers that ask them (survey_fill_*: groups and
 * schemes one by one in survey_lists.c, what was refused once more in survey_refused.c, the others in survey_offers.c), and what their
 * answers say (survey_answers.c: survey_note_*). The table that joins them is in server_survey.c. */
#pragma once
#include "probes/survey/survey_items.h"
#include "probes/tls/offers.h"
#include "probes/tls/posture.h"

#define SURVEY_LIST_MAX 64      /* of groups or schemes that one hello offers */
#define SURVEY_ALPN_MAX 400
#define SURVEY_CONFIRM 3       /* so often in a row, so that servers that take turns by two or three are all asked */

/* Keys of the server's that later ones are compared with: of the first and the last group of TLS 1.2 or older (or of a TLS 1.3
 * share), of DHE, of RSA_EXPORT. */
enum survey_key { KEY_FIRST, KEY_LAST, KEY_DHE, KEY_EXPORT_RSA, KEY_COUNT };

struct survey_list {                        /* what is asked one by one: groups or schemes */
    uint16_t left[SURVEY_LIST_MAX];         /* still to be offered */
    uint16_t found[SURVEY_LIST_MAX];        /* in the order of the server's choices */
    size_t count;                           /* of those found */
};

struct server_survey {
    struct tls_strategy *strategy;
    struct survey_items *items;
    bool has_name, is_direct;
    size_t row;                             /* the question under way */
    unsigned asked_of_row;                  /* hellos of it so far */
    unsigned connections, silences;
    bool is_again_asked, is_over;
    const char *ended;                      /* why it ended early; NULL it did not */
    struct tls_offer offer;
    uint16_t suites[HELLO_SUITES + 1];
    struct survey_list groups, schemes;
    uint16_t offered_groups[2 * SURVEY_LIST_MAX];  /* those left, and the curves that a certificate needs */
    size_t alpn_count;
    uint16_t offered_schemes[SURVEY_LIST_MAX];     /* those left, of one kind of key */
    bool keeps_curves, is_ecdsa_asked, is_both_refused;
    uint16_t versions[2];
    char alpn[SURVEY_ALPN_MAX];
    struct {                                /* is_known: an answer held it */
        uint8_t sha256[32];
        int32_t group;
        bool is_known;
    } keys[KEY_COUNT];
    uint16_t share_group;                          /* of TLS 1.3: the server's first classical one; 0 not known */
    uint16_t one_group[2];
    uint8_t leaf[32];                       /* SHA-256 of the usual certificate; has_leaf */
    bool has_leaf;
};

/* "accepted" or "refused", by an answer. */
void survey_set(struct server_survey *survey, const char *item, bool is_accepted, const char *detail);

/* The usual hello, and which part of its answer is wanted. */
void survey_both_offer(struct server_survey *survey, enum tls_want want);

/* What the strategy has found: an item that is accepted; the highest version up to TLS 1.2, 0 none. */
bool survey_speaks(const struct server_survey *survey, const char *item);
uint16_t survey_highest_old(const struct server_survey *survey);
/* A better letter hangs on what was refused; where the worst is accepted, nothing does. */
bool survey_accepts_the_worst(const struct server_survey *survey);

/* The hello from which most questions start: of TLS 1.2 or older, or of TLS 1.3 alone. */
void survey_old_offer(struct server_survey *survey, enum tls_want want);
void survey_offer_13(struct server_survey *survey, enum tls_want want);
/* Suites of this version for which `fits` is true; those that need a certificate come from every table. */
void survey_fill_suites(struct server_survey *survey, uint16_t version, bool (*fits)(const struct tls_suite *suite));
bool survey_is_ecdhe(const struct tls_suite *suite);

/* True if the question applies to this server. */
bool survey_due_old(const struct server_survey *survey);
bool survey_due_tls12(const struct server_survey *survey);
bool survey_due_tls13(const struct server_survey *survey);
bool survey_due_always(const struct server_survey *survey);
bool survey_due_only_13(const struct server_survey *survey);
bool survey_due_fallback(const struct server_survey *survey);
bool survey_due_dhe(const struct server_survey *survey);
bool survey_due_export(const struct server_survey *survey);
bool survey_due_name(const struct server_survey *survey);
bool survey_due_order(const struct server_survey *survey);
bool survey_due_alpn(const struct server_survey *survey);
bool survey_due_etm(const struct server_survey *survey);
bool survey_due_groups(const struct server_survey *survey);
bool survey_due_schemes(const struct server_survey *survey);
bool survey_due_older(const struct server_survey *survey);
bool survey_due_usual(const struct server_survey *survey);
bool survey_due_rest(const struct server_survey *survey);
bool survey_due_no_sslv2(const struct server_survey *survey);

/* Each fills survey->offer, the next hello of its question. */
void survey_fill_features(struct server_survey *survey);
void survey_fill_etm(struct server_survey *survey);
void survey_fill_fallback(struct server_survey *survey);
void survey_fill_both(struct server_survey *survey);
void survey_fill_groups(struct server_survey *survey);
void survey_fill_groups_13(struct server_survey *survey);
void survey_fill_order_13(struct server_survey *survey);
void survey_fill_schemes(struct server_survey *survey);
void survey_fill_schemes_13(struct server_survey *survey);
void survey_fill_alpn(struct server_survey *survey);
void survey_fill_dhe(struct server_survey *survey);
void survey_fill_export_rsa(struct server_survey *survey);
void survey_fill_export_dhe(struct server_survey *survey);
void survey_fill_ecdhe(struct server_survey *survey);
void survey_fill_share(struct server_survey *survey);
void survey_fill_chain(struct server_survey *survey);
void survey_fill_sslv2_format(struct server_survey *survey);
void survey_fill_version(struct server_survey *survey);
void survey_fill_tolerance(struct server_survey *survey);
void survey_fill_extension(struct server_survey *survey);
void survey_fill_length(struct server_survey *survey);
void survey_fill_grease(struct server_survey *survey);
void survey_fill_older(struct server_survey *survey);
void survey_fill_rest(struct server_survey *survey);
void survey_fill_no_sslv2(struct server_survey *survey);

/* The usual certificate, with which those of other names are compared: the first that a usual hello brings. */
void survey_keep_leaf(struct server_survey *survey, const struct tls_facts *facts);

/* After the remaining groups were refused: true if they are offered once more, together with the certificate's
 * curve. */
bool survey_keep_curves(struct server_survey *survey);
bool survey_next_schemes(struct server_survey *survey);
void survey_groups_are_over(struct server_survey *survey);

/* Each reads an answer; true if the same question is to be asked once more. now_us: UTC. */
bool survey_note_features(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_refused(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_etm(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_fallback(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_both(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_group(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_order(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_scheme(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_scheme_13(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_alpn(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_dhe(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_export_rsa(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_export_dhe(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_version(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_ecdhe(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_share(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_tolerance(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_usual(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_sni_none(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);
bool survey_note_sni_wrong(struct server_survey *survey, const struct tls_facts *facts, int64_t now_us);

#include "reports/server_test/server_test_report.h"
#include "reports/server_test/server_test_features.h"

#include "inventory/server_test/hellos.h"
#include "probes/base/clean_text.h"
#include "probes/base/clock.h"
#include "probes/tls/names.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define LABEL 16
#define CLIENTS_NAMED 6         /* one screen without -v */
#define FAULTS_NAMED  6
#define PROVISIONAL "provisional: Heartbleed, CCS, Ticketbleed, ROBOT and padding oracles are not tested"

struct screen {
    FILE *out;
    unsigned width, at;             /* at: columns used of this line */
};

/* A label, then words that wrap behind it. */
static void label(struct screen *screen, const char *name)
{
    screen->at = (unsigned)fprintf(screen->out, "%-*s", LABEL, name);
}

static void word(struct screen *screen, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void word(struct screen *screen, const char *format, ...)
{
    char text[512], clean[600];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t shown = clean_text_into(clean, sizeof clean, text, len < 0 ? 0 : strlen(text));
    if (screen->at > LABEL && screen->at + 1 + shown > screen->width)
        screen->at = (unsigned)fprintf(screen->out, "\n%-*s", LABEL, "") - 1;
    screen->at += (unsigned)fprintf(screen->out, "%s%s", screen->at > LABEL ? " " : "", clean);
}

static void line_end(struct screen *screen)
{
    fputc('\n', screen->out);
    screen->at = 0;
}

static void show_head(struct screen *screen, const struct server_facts *facts)
{
    char address[ADDRESS_TEXT_SIZE], time[CLOCK_TEXT_SIZE];
    const struct endpoint *endpoint = &facts->endpoint;
    bool is_6 = endpoint->address.len == 16;
    address_format(&endpoint->address, address);
    clock_format_us(facts->began_us, time);
    time[10] = ' ';
    clean_text_print(screen->out, "%s%s%s%s%s:%u (%s), tested %.16s UTC, %u connections\n", endpoint->server_name,
                     endpoint->server_name[0] == '\0' ? "" : " ", is_6 ? "[" : "", address, is_6 ? "]" : "", endpoint->port,
                     facts->protocol, time, facts->connections);
}

static void show_grade(struct screen *screen, const struct grade *grade)
{
    fputc('\n', screen->out);
    label(screen, "Grade");
    bool is_trust = strcmp(grade->letter, grade->letter_trusted) != 0;
    const char *bound = grade->is_cut ? "at best " : "";
    word(screen, "%s%s", is_trust ? "" : bound, grade->letter);
    if (is_trust)
        word(screen, "(if trust and name are given: %s%s),", bound, grade->letter_trusted);
    word(screen, PROVISIONAL);
    line_end(screen);
    for (size_t i = 0; i < grade->cap_count; i++) {
        label(screen, i == 0 ? "  capped by" : "");
        word(screen, "%-2s %s", grade->caps[i].letter, grade->caps[i].fact);
        line_end(screen);
    }
    label(screen, "  score");
    word(screen, "%.1f of 100: protocols %.1f, key exchange %.1f, ciphers %.1f", grade->total, grade->protocol,
         grade->key_exchange, grade->cipher);
    line_end(screen);
    if (grade->untested[0] != '\0') {
        label(screen, "  untested");
        word(screen, "%s: the letter may be too good", grade->untested);
        line_end(screen);
    }
}

static void show_several(struct screen *screen, const struct server_facts *facts)
{
    if (!server_accepts(facts, "several"))
        return;
    label(screen, "  several");
    word(screen, "the same hello is answered now so, now otherwise (%s):", server_detail(facts, "several"));
    word(screen, "several servers stand here, or one that answers by chance;");
    word(screen, "the letter is the best that it may be, and what is said below may be of any");
    line_end(screen);
}

static void show_chain(struct screen *screen, const struct server_judgement *judgement)
{
    const struct server_chain *chain = server_usual_chain(judgement->facts);
    const struct chain_check *check = &judgement->chain;
    char until[CLOCK_TEXT_SIZE];
    if (chain == NULL || chain->count == 0)
        return;
    const struct cert *leaf = chain->certs[0];
    clock_format_us(leaf->not_after * 1000000, until);
    fputc('\n', screen->out);
    label(screen, "Certificate");
    word(screen, "%s,", leaf->subject == NULL ? "no subject" : leaf->subject);
    word(screen, "%s %u%s%s,", leaf->key_algorithm == NULL ? "unknown key" : leaf->key_algorithm, leaf->key_bits,
         leaf->signature_hash == NULL ? "" : " ", leaf->signature_hash == NULL ? "" : leaf->signature_hash);
    word(screen, "%s %.10s", check->is_expired ? "EXPIRED on" : "valid until", until);
    line_end(screen);
    label(screen, "  issued by");
    word(screen, "%s%s%s", leaf->issuer == NULL ? "nobody" : leaf->issuer, cert_validation(leaf) == NULL ? "" : "; validation: ",
         cert_validation(leaf) == NULL ? "" : cert_validation(leaf));
    line_end(screen);
    label(screen, "  name");
    word(screen, check->name_matches ? "matches" : judgement->facts->endpoint.server_name[0] != '\0'
                                                       ? "does not match" : "does not hold the address (no name was asked)");
    line_end(screen);
    static const char *const faults[] = {"misordered", "a certificate twice", "certificates that do not belong to it",
                                         "the root is sent too (harmless)", "incomplete"};
    label(screen, "  chain");
    word(screen, "%zu certificate%s%s", chain->count, chain->count == 1 ? "" : "s", check->faults == 0 ? "" : ":");
    for (unsigned i = 0; i < 5; i++)
        if (check->faults & 1u << i)
            word(screen, "%s%s", faults[i], check->faults >> (i + 1) != 0 ? "," : "");
    line_end(screen);
    for (size_t i = 0; i < check->trust_count; i++) {
        label(screen, i == 0 ? "  trust" : "");
        word(screen, "%s: %s%s%s%s", check->trust[i].store, check->trust[i].is_trusted ? "trusted" : "not trusted",
             check->trust[i].reason[0] == '\0' ? "" : " (", check->trust[i].reason, check->trust[i].reason[0] == '\0' ? "" : ")");
        line_end(screen);
    }
    for (size_t i = 0; i < judgement->outside_count; i++) {
        const struct outside_trust *trust = &judgement->outside[i];
        static const char *const words[] = {"not trusted", "trusted", "unknown"};
        label(screen, i == 0 ? "  programmes" : "");
        word(screen, "%s: %s%s%s%s%s", trust->programme, words[trust->state], trust->since[0] == '\0' ? "" : ", since ", trust->since,
             trust->because[0] == '\0' ? "" : "; ", trust->because);
        line_end(screen);
    }
    label(screen, "  revocation");
    bool has_staple = chain->staple.status != NULL;
    bool is_old = chain->staple.next_update != 0 && chain->staple.next_update * 1000000 < judgement->facts->began_us;
    word(screen, "%s%s%s; %s", has_staple ? "an OCSP response is stapled: " : "no OCSP response is stapled",
         has_staple ? chain->staple.status : "", is_old ? ", but out of date" : "",
         leaf->must_staple ? "the certificate demands one" : "the certificate demands none");
    line_end(screen);
    label(screen, "  SCTs");
    word(screen, "%u in the certificate, %u in the handshake, %u in the OCSP response", leaf->sct_count, chain->sct_count,
         chain->staple.sct_count);
    line_end(screen);
}

static void show_versions(struct screen *screen, const struct server_facts *facts)
{
    fputc('\n', screen->out);
    for (size_t state = 0; state < 3; state++) {
        static const char *const states[] = {"accepted", "refused", "untested"};
        bool any = false;
        for (size_t i = SERVER_VERSIONS; i-- > 0;) {
            const char *item = server_versions[i].item;
            if (strcmp(server_value(facts, item), states[state]) != 0)
                continue;
            if (!any)
                label(screen, state == 0 ? "Versions" : state == 1 ? "  refused" : "  untested");
            any = true;
            const char *why = state == 2 ? server_detail(facts, item) : "";
            word(screen, "%s%s%s%s", server_versions[i].title, why[0] == '\0' ? "" : " (", why, why[0] == '\0' ? "" : ")");
        }
        if (any)
            line_end(screen);
    }
}

static const char *remark(const struct tls_suite *suite)
{
    if (suite == NULL)
        return "";
    if (suite->enc == TLS_ENC_NULL || suite->is_export || suite->auth == TLS_AUTH_ANON || suite->bits < 112)
        return "  INSECURE";
    if (suite->enc == TLS_ENC_RC4 || suite->enc == TLS_ENC_3DES_CBC)
        return "  weak";
    if (!tls_suite_has_forward_secrecy(suite))
        return "  no forward secrecy";
    return tls_suite_is_aead(suite) || suite->is_tls13 ? "" : "  CBC";
}

/* Those of one version; the last ones may have been found out of turn. */
static void show_suites_of(struct screen *screen, const struct server_facts *facts, uint16_t version)
{
    size_t at = 0;
    uint16_t of_suite;
    const struct tls_suite *suite;
    for (bool is_first = true; (suite = server_suites_next(facts, &at, &of_suite)) != NULL;) {
        if (of_suite != version)
            continue;
        label(screen, is_first ? tls_version_name(version) : "");
        fprintf(screen->out, "%s%s\n", suite->name, remark(suite));
        is_first = false;
    }
}

static void show_suites(struct screen *screen, const struct server_facts *facts)
{
    size_t at = 0;
    const char *preference = server_value(facts, "suite_preference");
    if (server_items_next(facts, "suite:", &at) != NULL)
        fprintf(screen->out, "\n%-*s%s\n", LABEL, "Suites",
                strcmp(preference, "server") == 0   ? "the server's order decides"
                : strcmp(preference, "client") == 0 ? "the client's order decides"
                                                    : "whether the server's or the client's order decides is unknown");
    for (uint16_t version = 0x0300; version <= 0x0304; version++)
        show_suites_of(screen, facts, version);
    const char *lack = server_detail(facts, "suites");
    if (lack[0] != '\0')
        clean_text_print(screen->out, "%-*sthe list may lack some: %s\n", LABEL, "", lack);
}

/* "group:TLSv1.3:x25519": one line a version. */
static void show_listed(struct screen *screen, const struct server_facts *facts, const char *prefix, const char *title)
{
    size_t at = 0, len = strlen(prefix);
    const struct server_item *item;
    char version[16] = "";
    bool is_first = true;
    while ((item = server_items_next(facts, prefix, &at)) != NULL) {
        char this_version[16], heading[40];
        const char *rest = item->item + len, *colon = strchr(rest, ':');
        snprintf(this_version, sizeof this_version, "%.*s", colon == NULL ? 0 : (int)(colon - rest), rest);
        if (is_first || strcmp(version, this_version) != 0) {
            if (!is_first)
                line_end(screen);
            snprintf(heading, sizeof heading, "%s", is_first ? title : "");
            label(screen, heading);
            if (this_version[0] != '\0')
                word(screen, "%s:", this_version);
            memcpy(version, this_version, sizeof version);
            is_first = false;
        }
        word(screen, "%s", colon == NULL ? rest : colon + 1);
    }
    if (!is_first)
        line_end(screen);
}

/* Its value is a number, where there is one. */
static bool is_number(const char *item)
{
    size_t len = strlen(item);
    return len > 5 && strcmp(item + len - 5, "_bits") == 0;
}

static void show_features(struct screen *screen, const struct server_facts *facts, bool is_long)
{
    size_t count;
    const struct server_test_feature *features = server_test_features(&count);
    label(screen, "Features");
    for (size_t i = 0; i < count; i++) {
        const char *value = server_value(facts, features[i].item), *detail = server_detail(facts, features[i].item);
        bool is_untested = strcmp(value, "untested") == 0;
        if (!is_long && (is_untested || !features[i].is_usual))
            continue;
        const char *shown = strcmp(value, "accepted") == 0 ? "yes" : strcmp(value, "refused") != 0 ? value : is_number(features[i].item) ? "none" : "no";
        bool has_detail = detail[0] != '\0' && (is_long || strncmp(features[i].item, "sni", 3) == 0);
        word(screen, "%s: %s%s%s%s;", features[i].title, shown, has_detail ? " (" : "", has_detail ? detail : "",
             has_detail ? ")" : "");
    }
    line_end(screen);
}

static void show_weaknesses(struct screen *screen, const struct server_judgement *judgement, bool is_long)
{
    static const enum weakness_state order[] = {WEAKNESS_YES, WEAKNESS_POTENTIAL, WEAKNESS_UNTESTED, WEAKNESS_NO,
                                                WEAKNESS_NOT_TESTED};
    static const char *const titles[] = {"Weaknesses", "  potential", "  untested", "  not possible", "  not tested"};
    fputc('\n', screen->out);
    for (size_t o = 0; o < 5; o++) {
        bool any = false;
        for (size_t i = 0; i < judgement->weakness_count; i++) {
            const struct weakness *weakness = &judgement->weaknesses[i];
            if (weakness->state != order[o])
                continue;
            if (!any)
                label(screen, titles[o]);
            any = true;
            if (order[o] == WEAKNESS_NOT_TESTED || (order[o] == WEAKNESS_NO && !is_long))
                word(screen, "%s;", weakness->name);
            else
                word(screen, "%s (%s);", weakness->name, weakness->because);
        }
        if (any)
            line_end(screen);
        else if (order[o] == WEAKNESS_YES)
            fprintf(screen->out, "%-*snone that these answers show\n", LABEL, titles[0]);
    }
}

/* Without -v only those that cannot connect, and how many can; with -v all. */
static void show_clients(struct screen *screen, const struct server_judgement *judgement, bool is_long)
{
    size_t connects = 0, untested = 0;
    for (size_t i = 0; i < judgement->client_count; i++) {
        connects += judgement->clients[i].connects;
        untested += !judgement->clients[i].is_known;
    }
    if (!clients_are_simulated(judgement->clients, judgement->client_count))
        return;
    label(screen, "Clients");
    word(screen, "%zu of %zu would connect%s", connects, judgement->client_count,
         connects == judgement->client_count ? "" : ";");
    if (untested != 0)
        word(screen, "%zu untested (not all suites and groups were asked);", untested);
    size_t left = judgement->client_count - connects - untested, named = 0;
    for (size_t i = 0; i < judgement->client_count && !is_long && named < CLIENTS_NAMED; i++)
        if (!judgement->clients[i].connects && judgement->clients[i].is_known) {
            named++;
            word(screen, "not %s (%s, %s);", judgement->clients[i].client->name, judgement->clients[i].client->year,
                 judgement->clients[i].why_not);
        }
    if (!is_long && named < left)
        word(screen, "nor %zu more (-v names them)", left - named);
    line_end(screen);
    for (size_t i = 0; i < judgement->client_count && is_long; i++) {
        const struct client_result *result = &judgement->clients[i];
        label(screen, "");
        fprintf(screen->out, "%-15s %s  ", result->client->name, result->client->year);
        if (result->connects)
            fprintf(screen->out, "%s %s%s%s\n", tls_version_name(result->version), result->suite, result->group == NULL ? "" : " ",
                    result->group == NULL ? "" : result->group);
        else
            fprintf(screen->out, "%s: %s\n", result->is_known ? "no connection" : "untested", result->why_not);
    }
}

static void show_profiles(struct screen *screen, const struct server_judgement *judgement, bool is_long)
{
    for (size_t i = 0; i < judgement->profile_count; i++) {
        const struct profile_result *profile = &judgement->profiles[i];
        label(screen, i == 0 ? "Profiles" : "");
        if (strcmp(profile->name, "policy") == 0)
            word(screen, "policy");
        if (profile->failed == 0)
            word(screen, "%s: passes%s", profile->title, profile->untested == 0 ? "" : " what was tested");
        else
            word(screen, "%s: fails %u of %u:", profile->title, profile->failed, profile->clauses);
        size_t shown = is_long || profile->fault_count <= FAULTS_NAMED + 1 ? profile->fault_count : FAULTS_NAMED;
        for (size_t f = 0; f < shown; f++)
            word(screen, "%s%s", profile->faults[f].text, f + 1 < profile->fault_count ? ";" : "");
        if (shown < profile->fault_count)
            word(screen, "%zu more (-v)", profile->fault_count - shown);
        line_end(screen);
    }
}

/* Wraps between its words; end: behind the last. */
static void show_words(struct screen *screen, const char *text, const char *end)
{
    for (size_t len; text[0] != '\0'; text += len) {
        text += strspn(text, " ");
        len = strcspn(text, " ");
        if (len != 0)
            word(screen, "%.*s%s", (int)len, text, text[len] == '\0' ? end : "");
    }
}

static void show_outlook(struct screen *screen, const struct server_judgement *judgement)
{
    for (size_t i = 0; i < judgement->outlook_count; i++) {
        label(screen, i == 0 ? "Announced" : "");
        word(screen, "from %s: %s (%s)", judgement->outlook[i].date, judgement->outlook[i].text, judgement->outlook[i].source);
        line_end(screen);
    }
}

static void show_steps(struct screen *screen, const struct server_judgement *judgement)
{
    for (size_t i = 0; i < judgement->step_count; i++) {
        const struct server_step *step = &judgement->steps[i];
        label(screen, i == 0 ? "What to do" : "");
        show_words(screen, step->severity, ":");
        show_words(screen, step->what, "");
        show_words(screen, step->why, "");
        show_words(screen, step->until, ";");
        word(screen, "done when");
        show_words(screen, step->done, ".");
        line_end(screen);
    }
}

/* -v: the proof of each answer. */
static void show_hellos(struct screen *screen, const struct server_facts *facts)
{
    struct server_hello hellos[SERVER_HELLOS_MAX];
    size_t count = server_hellos(facts, hellos);
    for (size_t i = 0; i < count; i++) {
        char time[CLOCK_TEXT_SIZE], number[12];
        clock_format_us(facts->began_us + hellos[i].from_us, time);
        if (i == 0)
            fprintf(screen->out, "\n%-*swhat each hello asked, when, and what it told\n", LABEL, "Hellos");
        snprintf(number, sizeof number, "  h%u", hellos[i].number);
        label(screen, number);
        word(screen, "%.12s %s%s%s, %u connection%s:", time + 11, hellos[i].version, hellos[i].version[0] == '\0' ? "" : ": ",
             server_hello_words(&hellos[i]), hellos[i].connections, hellos[i].connections == 1 ? "" : "s");
        show_words(screen, hellos[i].items, "");
        line_end(screen);
    }
}

void server_test_text(FILE *out, const struct server_judgement *judgement, bool is_long, unsigned width)
{
    struct screen screen = {.out = out, .width = width < 60 ? 60 : width};
    const struct server_facts *facts = judgement->facts;
    show_head(&screen, facts);
    if (!judgement->grade.is_known) {
        clean_text_print(out, "\n%-*snone: %s%s%s\n", LABEL, "Grade", outcome_name(facts->outcome),
                         facts->detail[0] == '\0' ? "" : ": ", facts->detail);
        return;
    }
    show_grade(&screen, &judgement->grade);
    show_several(&screen, facts);
    show_chain(&screen, judgement);
    show_versions(&screen, facts);
    show_suites(&screen, facts);
    fputc('\n', out);
    show_listed(&screen, facts, "group:", "Groups");
    show_listed(&screen, facts, "alpn:", "ALPN");
    if (is_long)
        show_listed(&screen, facts, "scheme:", "Signatures");
    show_features(&screen, facts, is_long);
    show_weaknesses(&screen, judgement, is_long);
    fputc('\n', out);
    show_clients(&screen, judgement, is_long);
    show_profiles(&screen, judgement, is_long);
    show_outlook(&screen, judgement);
    if (is_long) {
        show_steps(&screen, judgement);
        show_hellos(&screen, facts);
    }
}

void server_test_twins(FILE *out, const char *place, const struct server_test_origin *origin, unsigned width)
{
    struct screen screen = {.out = out, .width = width < 60 ? 60 : width};
    label(&screen, "Addresses");
    word(&screen, "%s answers", place);
    word(&screen, origin->difference_count == 0 ? "as %s does" : "otherwise than %s:", origin->twin);
    size_t listed = 0;
    for (size_t i = 0; i < origin->difference_count; i++) {
        const struct server_change *change = &origin->differences[i];
        listed += strchr(change->what, ':') != NULL;
        if (strchr(change->what, ':') == NULL)
            word(&screen, "%s %.20s there, %.20s here;", change->what, change->before, change->after);
    }
    if (listed != 0)
        word(&screen, "%zu suites, groups and schemes (--format json has them)", listed);
    line_end(&screen);
}

#include "tests/farm/face.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *outcome;
} behaviours[BEHAVE_COUNT] = {
    [BEHAVE_TLS] = {"tls", "certificate"},
    [BEHAVE_SILENCE] = {"silence", "timeout_handshake"},
    [BEHAVE_DRIP] = {"drip", "timeout_handshake"},
    [BEHAVE_HALF] = {"half", "timeout_handshake"},
    [BEHAVE_CUT] = {"cut", "closed"},
    [BEHAVE_ENDLESS] = {"endless", "not_tls"},
    [BEHAVE_ENDLESS_RECORDS] = {"endless-records", "too_large|timeout_handshake"},
    [BEHAVE_ENDLESS_MESSAGE] = {"endless-message", "too_large"},
    [BEHAVE_FLOOD] = {"flood", "too_large"},
    [BEHAVE_RESET_ACCEPT] = {"reset-accept", "reset"},
    [BEHAVE_RESET_HELLO] = {"reset-hello", "reset"},
    [BEHAVE_CLOSE_HELLO] = {"close-hello", "closed"},
    [BEHAVE_GARBAGE] = {"garbage", "not_tls"},
    [BEHAVE_HTTP] = {"http", "not_tls"},
    [BEHAVE_SSH] = {"ssh", "not_tls"},
    [BEHAVE_ECHO] = {"echo", "tls_error"},
};

static bool parse_version(const char *text, int *version)
{
    static const struct {
        const char *text;
        int version;
    } versions[] = {{"1.0", TLS1_VERSION}, {"1.1", TLS1_1_VERSION}, {"1.2", TLS1_2_VERSION}, {"1.3", TLS1_3_VERSION}};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(text, versions[i].text) == 0)
            return *version = versions[i].version, true;
    return false;
}

static bool parse_behave(const char *text, enum behave *behave)
{
    for (int i = 0; i < BEHAVE_COUNT; i++)
        if (strcmp(text, behaviours[i].name) == 0)
            return *behave = (enum behave)i, true;
    return false;
}

static bool parse_keys(struct face *face, char *text)
{
    char *rest = NULL;
    face->key_count = 0;
    for (char *key = strtok_r(text, ",", &rest); key != NULL; key = strtok_r(NULL, ",", &rest)) {
        if (face->key_count == FACE_KEYS_MAX)
            return false;
        snprintf(face->keys[face->key_count++], sizeof face->keys[0], "%s", key);
    }
    return face->key_count > 0;
}

static bool parse_no_name(struct face *face, const char *text)
{
    face->no_name = strcmp(text, "fatal") == 0     ? SSL_TLSEXT_ERR_ALERT_FATAL
                    : strcmp(text, "warning") == 0 ? SSL_TLSEXT_ERR_ALERT_WARNING
                                                   : SSL_TLSEXT_ERR_OK;
    return true;
}

static bool keep(char *to, size_t size, const char *text)
{
    return (size_t)snprintf(to, size, "%s", text) < size;
}

static bool parse_word(struct face *face, const char *word, char *value)
{
    if (strcmp(word, "version") == 0)
        return parse_version(value, &face->min_version) && parse_version(value, &face->max_version);
    if (strcmp(word, "min") == 0)
        return parse_version(value, &face->min_version);
    if (strcmp(word, "max") == 0)
        return parse_version(value, &face->max_version);
    if (strcmp(word, "key") == 0)
        return parse_keys(face, value);
    if (strcmp(word, "chain") == 0)
        return (face->chain = (unsigned)strtoul(value, NULL, 10)) > 0;
    if (strcmp(word, "bytes") == 0)
        return (face->bytes = strtoul(value, NULL, 10)) > 0;
    if (strcmp(word, "mtls") == 0)
        return face->mtls = true, face->mtls_required = strcmp(value, "required") == 0, true;
    if (strcmp(word, "name") == 0)
        return face->named = true, face->name_count < FACE_NAMES_MAX &&
               keep(face->names[face->name_count++].name, sizeof face->names[0].name, value);
    if (strcmp(word, "no-name") == 0)
        return parse_no_name(face, value);
    if (strcmp(word, "groups") == 0)
        return keep(face->groups, sizeof face->groups, value);
    if (strcmp(word, "ciphers") == 0)
        return keep(face->ciphers, sizeof face->ciphers, value);
    if (strcmp(word, "suites") == 0)
        return keep(face->suites, sizeof face->suites, value);
    if (strcmp(word, "expect") == 0)
        return keep(face->expect, sizeof face->expect, value);
    if (strcmp(word, "ask") == 0)
        return keep(face->ask, sizeof face->ask, value);
    if (strcmp(word, "refuse") == 0)
        return face->refuse_generator = strcmp(value, "generator") == 0;
    if (strcmp(word, "starttls") == 0)
        return (face->dialect = dialect_find(value)) != NULL;
    if (strcmp(word, "greet") == 0)
        return (face->greet_ms = (unsigned)strtoul(value, NULL, 10)) > 0;
    if (strcmp(word, "behave") == 0)
        return parse_behave(value, &face->behave);
    if (strcmp(word, "connections") == 0)
        return face->connections = atoi(value), true;
    if (strcmp(word, "split") == 0 && strcmp(value, "address") == 0)
        return face->split_by_address = true;
    if (strcmp(word, "split") == 0)
        return (face->split = (unsigned)strtoul(value, NULL, 10)) > 0;
    return false;
}

static bool parse_place(struct face *face, char *place)
{
    char *colon = strrchr(place, ':');
    if (colon == NULL)
        return false;
    *colon = '\0';
    char *plus = strchr(place, '+');
    if (plus != NULL) {
        *plus = '\0';
        face->count = (unsigned)strtoul(plus + 1, NULL, 10);
    }
    long port = strtol(colon + 1, NULL, 10);
    face->port = (uint16_t)port;
    return port > 0 && port < 65536 && address_parse(place, &face->first);
}

bool face_parse(struct face *face, const char *line, struct error *err)
{
    char copy[1024], *rest = NULL;
    *face = (struct face){.min_version = TLS1_VERSION, .max_version = TLS1_3_VERSION, .chain = 2, .key_count = 1,
                          .keys = {"p256"}, .no_name = SSL_TLSEXT_ERR_OK, .connections = 1};
    if (!keep(copy, sizeof copy, line))
        return error_set(err, ERROR_INPUT, "a face of more than 1023 characters");
    char *place = strtok_r(copy, " \t\r\n", &rest);
    if (place == NULL || !parse_place(face, place))
        return error_set(err, ERROR_INPUT, "no ADDRESS[+COUNT]:PORT: %s", line);
    for (char *word; (word = strtok_r(NULL, " \t\r\n", &rest)) != NULL;) {
        char *value = strchr(word, '=');
        if (value != NULL)
            *value++ = '\0';
        if (value == NULL || !parse_word(face, word, value))
            return error_set(err, ERROR_INPUT, "%s: not understood in: %s", word, line);
    }
    if (face->name_count == 0)
        snprintf(face->names[face->name_count++].name, sizeof face->names[0].name, "farm.example");
    return true;
}

static int on_client_certificate(int preverified, X509_STORE_CTX *store)
{
    (void)preverified;
    (void)store;
    return 1;
}

static int on_server_name(SSL *ssl, int *alert, void *opaque)
{
    struct face *face = opaque;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    for (unsigned i = 0; name != NULL && i < face->name_count; i++) {
        if (strcasecmp(face->names[i].name, name) == 0) {
            SSL_set_SSL_CTX(ssl, face->names[i].context);
            return SSL_TLSEXT_ERR_OK;
        }
    }
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return face->no_name;
}

static bool open_context(struct face *face, struct face_name *name, struct error *err)
{
    SSL_CTX *context = name->context = SSL_CTX_new(TLS_server_method());
    bool ok = SSL_CTX_set_min_proto_version(context, face->min_version) &&
              SSL_CTX_set_max_proto_version(context, face->max_version) &&
              SSL_CTX_set_cipher_list(context, face->ciphers[0] != '\0' ? face->ciphers : "ALL:@SECLEVEL=0") &&
              (face->suites[0] == '\0' || SSL_CTX_set_ciphersuites(context, face->suites)) &&
              (face->groups[0] == '\0' || SSL_CTX_set1_groups_list(context, face->groups));
    if (!ok)
        return error_set(err, ERROR_INPUT, "port %u: OpenSSL refuses versions, ciphers, suites or groups", face->port);
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_dh_auto(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
    if (face->mtls) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (face->mtls_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                           on_client_certificate);
    }
    if (face->named) {
        SSL_CTX_set_tlsext_servername_callback(context, on_server_name);
        SSL_CTX_set_tlsext_servername_arg(context, face);
    }
    for (unsigned k = 0; k < face->key_count; k++) {
        struct identity *identity = &name->identities[k];
        if (!identity_init(identity, face->keys[k], name->name, face->chain, face->bytes))
            return error_set(err, ERROR_INPUT, "port %u: no such key: %s", face->port, face->keys[k]);
        if (SSL_CTX_use_cert_and_key(context, identity->leaf, identity->key, identity->rest, 1) != 1)
            return error_set(err, ERROR_INPUT, "port %u: OpenSSL refuses the certificate", face->port);
    }
    if (face->mtls)
        SSL_CTX_add_client_CA(context, name->identities[0].leaf);
    return true;
}

bool face_open(struct face *face, struct error *err)
{
    for (unsigned i = 0; i < face->name_count; i++)
        if (!open_context(face, &face->names[i], err))
            return false;
    return true;
}

static void print_line(const struct face *face, const struct address *address, const struct face_name *name,
                       const char *hashes)
{
    char text[ADDRESS_TEXT_SIZE];
    address_format(address, text);
    const char *outcome = face->expect[0] != '\0' ? face->expect : behaviours[face->behave].outcome;
    bool certificate = strstr(outcome, "certificate") != NULL;
    printf("%s\t%u\t%s\t%s\t%s\t%d\t%s\n", text, face->port, face->ask[0] != '\0' ? face->ask : face->named ? name->name : "-",
           face->dialect == NULL ? "tls" : face->dialect->name, outcome, certificate ? face->connections : 0,
           certificate ? hashes : "-");
}

/* Of two keys either chain is right. */
static char *hashes_of(const struct face *face, const struct face_name *name)
{
    char *all = identity_hashes(&name->identities[0]);
    for (unsigned k = 1; k < face->key_count; k++) {
        char *one = identity_hashes(&name->identities[k]), *both = NULL;
        if (asprintf(&both, "%s|%s", all, one) < 0)
            exit(1);
        free(all);
        free(one);
        all = both;
    }
    return all;
}

void face_print_expectation(const struct face *face)
{
    unsigned names = face->ask[0] != '\0' ? 1 : face->name_count;
    for (unsigned i = 0; i < names; i++) {
        char *hashes = hashes_of(face, &face->names[i]);
        for (unsigned a = 0; a == 0 || a < face->count; a++) {
            struct address address = address_of_value(address_value(&face->first) + a, face->first.len);
            print_line(face, &address, &face->names[i], hashes);
        }
        free(hashes);
    }
}

/* agree FOUND: asks libssl about every certificate of a scan's JSON lines, where TLS is spoken directly. What it gets, chain,
 * version and suite, must be what the scan has. Prints each that differs; exit 1 where one differs, or none was asked. */
#include "tests/farm/oracle.h"

#include "probes/tls/names.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(json_t *line, const char *key)
{
    const char *text = json_string_value(json_object_get(line, key));
    return text == NULL ? "" : text;
}

static int number_of(json_t *line, const char *key)
{
    json_t *number = json_object_get(line, key);
    return json_is_integer(number) ? (int)json_integer_value(number) : -1;
}

static bool chain_is(json_t *line, const char *text)
{
    json_t *chain = json_object_get(line, "chain");
    size_t count = json_array_size(chain);
    if (text == NULL || strlen(text) != count * 65 - 1)
        return false;
    for (size_t i = 0; i < count; i++)
        if (strncmp(json_string_value(json_array_get(chain, i)), text + i * 65, 64) != 0)
            return false;
    return true;
}

enum verdict { AGREES, DIFFERS, NOT_SPOKEN };

static enum verdict judge(json_t *line)
{
    struct oracle_answer answer = {0};
    const struct tls_group *group = tls_group_parse(text_of(line, "group"));
    int32_t suite = number_of(line, "cipher_suite_id");
    uint16_t version;
    bool same = false, is_known = tls_version_parse(text_of(line, "tls_version"), &version) &&
                                  oracle_knows(version, suite, group);
    const char *address = text_of(line, "address"), *name = text_of(line, "server_name");
    int port = number_of(line, "port");
    if (is_known)
        same = oracle_ask(address, (uint16_t)port, name, &answer) && answer.version == version &&
               answer.cipher_suite == suite && chain_is(line, answer.chain);
    if (!is_known)
        printf("not spoken by this libssl: %s %d %s: %s %s %s\n", address, port, name, text_of(line, "tls_version"),
               text_of(line, "cipher_suite"), text_of(line, "group"));
    else if (!same)
        printf("%s %d %s: %s %s with %zu certificates; libssl gets %s %s%s\n", address, port, name,
               text_of(line, "tls_version"), text_of(line, "cipher_suite"),
               json_array_size(json_object_get(line, "chain")), tls_version_name(answer.version),
               answer.cipher_suite < 0 ? "no suite" : tls_suite_name((uint32_t)answer.cipher_suite),
               answer.chain == NULL ? " and no chain" : chain_is(line, answer.chain) ? "" : " and another chain");
    oracle_answer_clear(&answer);
    return !is_known ? NOT_SPOKEN : same ? AGREES : DIFFERS;
}

int main(int argc, char **argv)
{
    FILE *file = argc < 2 ? NULL : fopen(argv[1], "r");
    if (file == NULL)
        return fprintf(stderr, "usage: agree FOUND\n"), 2;
    unsigned counts[3] = {0};
    char *text = NULL;
    size_t size = 0;
    while (getline(&text, &size, file) >= 0) {
        json_t *line = json_loads(text, 0, NULL);
        if (strcmp(text_of(line, "outcome"), "certificate") == 0 && strcmp(text_of(line, "protocol"), "tls") == 0)
            counts[judge(line)]++;
        json_decref(line);
    }
    printf("libssl agrees on %u of %u, and does not speak with %u more\n", counts[AGREES], counts[AGREES] + counts[DIFFERS],
           counts[NOT_SPOKEN]);
    free(text);
    fclose(file);
    return counts[AGREES] > 0 && counts[DIFFERS] == 0 ? 0 : 1;
}

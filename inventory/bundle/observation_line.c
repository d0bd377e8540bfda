#include "inventory/bundle/observation_line.h"

#include "probes/base/clock.h"
#include "probes/tls/names.h"

static const char *text_or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

static void write_endpoint(struct json_line *line, const struct observation *observation)
{
    const struct endpoint *endpoint = &observation->endpoint;
    char address[ADDRESS_TEXT_SIZE];
    json_line_text(line, "transport", transport_name(endpoint->transport));
    address_format(&endpoint->address, address);
    json_line_text(line, "address", text_or_null(address));
    if (endpoint->zone[0] != '\0')
        json_line_text(line, "zone", endpoint->zone);
    if (endpoint->port == 0)
        json_line_null(line, "port");
    else
        json_line_int(line, "port", endpoint->port);
    json_line_text(line, "server_name", text_or_null(endpoint->server_name));
    if (observation->name_source != NAME_SOURCE_NONE)
        json_line_text(line, "name_source", name_source_name(observation->name_source));
    if (observation->peer.len != 0) {
        address_format(&observation->peer, address);
        json_line_text(line, "peer_address", address);
    }
}

static void write_number(struct json_line *line, const char *key, int32_t number)
{
    if (number < 0)
        json_line_null(line, key);
    else
        json_line_int(line, key, number);
}

static void write_tls(struct json_line *line, const struct observation *observation)
{
    const char *suite =
        observation->cipher_suite < 0 ? NULL : tls_suite_name((uint32_t)observation->cipher_suite);
    const char *group = observation->group < 0 ? NULL : tls_group_name((uint16_t)observation->group);
    json_line_text(line, "tls_version", tls_version_name(observation->tls_version));
    json_line_text(line, "cipher_suite", suite);
    write_number(line, "cipher_suite_id", observation->cipher_suite);
    json_line_text(line, "group", group);
    json_line_text(line, "alpn", text_or_null(observation->alpn));
    if (observation->key_proven == KEY_PROVEN_UNKNOWN)
        json_line_null(line, "key_proven");
    else
        json_line_bool(line, "key_proven", observation->key_proven == KEY_PROVEN_TRUE);
}

void observation_line_write(struct json_line *line, const char *scan_id, const char *site,
                            const struct observation *observation, const uint8_t (*chain)[32],
                            size_t chain_count)
{
    char time[CLOCK_TEXT_SIZE];
    clock_format_us(observation->time_us, time);
    json_line_begin(line);
    json_line_text(line, "time", time);
    json_line_text(line, "scan", scan_id);
    json_line_text(line, "site", site);
    json_line_text(line, "method", method_name(observation->method));
    write_endpoint(line, observation);
    json_line_text(line, "protocol", text_or_null(observation->protocol));
    json_line_text(line, "role", role_name(observation->role));
    json_line_text(line, "variant", variant_name(observation->variant));
    json_line_text(line, "outcome", outcome_name(observation->outcome));
    json_line_text(line, "detail", text_or_null(observation->detail));
    write_tls(line, observation);
    json_line_array_begin(line, "chain");
    for (size_t i = 0; i < chain_count; i++)
        json_line_hex(line, NULL, chain[i], 32);
    json_line_array_end(line);
    if (observation->method == METHOD_ACTIVE) {
        json_line_int(line, "connections", observation->connections);
        json_line_object_begin(line, "times_ms");
        json_line_milliseconds(line, "dns", observation->dns_us);
        json_line_milliseconds(line, "connect", observation->connect_us);
        json_line_milliseconds(line, "handshake", observation->handshake_us);
        json_line_object_end(line);
    } else {
        json_line_null(line, "times_ms");       /* a connection that we did not make has no times */
    }
    json_line_end(line);
}

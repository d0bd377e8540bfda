/* Reads nmap -oX: the certificate of each port, as the script ssl-cert saw it. */
#include "inventory/results/results_parts.h"

#include "inventory/certificate/pem.h"
#include "probes/base/byte_buffer.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct nmap {
    struct results *results;
    XML_Parser parser;
    char address[ADDRESS_TEXT_SIZE], name[SERVER_NAME_SIZE], time[32], transport[8];
    long port;
    bool in_script, in_pem;
    struct byte_buffer pem;
};

/* expat 2.9 has line numbers of 64 bits and deprecates the other call. */
static size_t line_of(XML_Parser parser)
{
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9
    return XML_GetCurrentLineNumber64(parser);
#else
    return XML_GetCurrentLineNumber(parser);
#endif
}

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from == NULL ? "" : from);
}

static const char *attribute(const char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2)
        if (strcmp(attributes[i], name) == 0)
            return attributes[i + 1];
    return NULL;
}

static bool is(const char **attributes, const char *name, const char *value)
{
    const char *given = attribute(attributes, name);
    return given != NULL && strcmp(given, value) == 0;
}

static void on_start(void *user, const char *element, const char **attributes)
{
    struct nmap *nmap = user;
    if (strcmp(element, "host") == 0) {
        nmap->address[0] = nmap->name[0] = '\0';
        copy(nmap->time, sizeof nmap->time, attribute(attributes, "starttime"));
    } else if (strcmp(element, "nmaprun") == 0) {
        copy(nmap->time, sizeof nmap->time, attribute(attributes, "start"));
    } else if (strcmp(element, "address") == 0 && !is(attributes, "addrtype", "mac")) {
        copy(nmap->address, sizeof nmap->address, attribute(attributes, "addr"));
    } else if (strcmp(element, "hostname") == 0 && is(attributes, "type", "user")) {
        copy(nmap->name, sizeof nmap->name, attribute(attributes, "name"));
    } else if (strcmp(element, "port") == 0) {
        const char *port = attribute(attributes, "portid");
        nmap->port = port == NULL ? 0 : strtol(port, NULL, 10);
        copy(nmap->transport, sizeof nmap->transport, attribute(attributes, "protocol"));
    } else if (strcmp(element, "script") == 0) {
        nmap->in_script = is(attributes, "id", "ssl-cert");
    } else if (strcmp(element, "elem") == 0 && nmap->in_script && is(attributes, "key", "pem")) {
        nmap->in_pem = true;
        byte_buffer_consume(&nmap->pem, byte_buffer_len(&nmap->pem));
    }
}

static void on_text(void *user, const char *text, int len)
{
    struct nmap *nmap = user;
    if (nmap->in_pem)
        byte_buffer_append(&nmap->pem, text, (size_t)len);
}

static void add(struct nmap *nmap)
{
    struct byte_reader text = byte_buffer_reader(&nmap->pem);
    struct pem_reader reader = pem_reader_of(text.at, text.left);
    struct pem_block block = {0};
    struct result result;
    result_init(&result, nmap->results);
    result_time(&result, nmap->time);
    if (strcmp(nmap->transport, "udp") == 0)
        result.seen.endpoint.transport = TRANSPORT_UDP;
    if (pem_next(&reader, &block) && block.fault == NULL) {
        result.chain[0] = (struct der){.bytes = block.der, .len = block.len};
        result.count = 1;
    }
    if (result_place(&result, nmap->address, nmap->port, nmap->name))
        results_add(nmap->results, &result);
    else
        results_fault(nmap->results, line_of(nmap->parser), "a certificate without an address and port");
    free(block.der);
}

static void on_end(void *user, const char *element)
{
    struct nmap *nmap = user;
    if (strcmp(element, "elem") == 0 && nmap->in_pem) {
        nmap->in_pem = false;
        add(nmap);
    } else if (strcmp(element, "script") == 0) {
        nmap->in_script = false;
    }
}

void results_read_nmap(struct results *results, struct byte_reader text)
{
    struct nmap nmap = {.results = results, .parser = XML_ParserCreate(NULL)};
    byte_buffer_init(&nmap.pem, 1u << 20);
    XML_SetUserData(nmap.parser, &nmap);
    XML_SetElementHandler(nmap.parser, on_start, on_end);
    XML_SetCharacterDataHandler(nmap.parser, on_text);
    enum XML_Status status = XML_STATUS_OK;
    while (status == XML_STATUS_OK && text.left > 0) {
        size_t len = text.left < (1u << 20) ? text.left : 1u << 20;
        const uint8_t *bytes;
        if (!byte_reader_bytes(&text, len, &bytes))
            break;
        status = XML_Parse(nmap.parser, (const char *)bytes, (int)len, text.left == 0);
    }
    if (status != XML_STATUS_OK)            /* a scan that was stopped ends in the middle of its file */
        results_fault(results, line_of(nmap.parser), XML_ErrorString(XML_GetErrorCode(nmap.parser)));
    XML_ParserFree(nmap.parser);
    byte_buffer_clear(&nmap.pem);
}

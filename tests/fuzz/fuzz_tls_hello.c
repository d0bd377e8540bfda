/* The hello writer round trip: whatever is offered, what is written parses, and says what was offered. */
#include "probes/tls/client_hello.h"
#include "probes/tls/message_reader.h"
#include "probes/tls/messages.h"

#include <stdlib.h>
#include <string.h>

/* A list of up to 64 numbers, none of them 0. */
static const uint16_t *list_take(struct byte_reader *in, uint16_t list[65])
{
    uint8_t count = 0;
    size_t len = 0;
    byte_reader_u8(in, &count);
    for (count %= 65; count > 0; count--)
        if (byte_reader_u16(in, &list[len]) && list[len] != 0)
            len++;
        else
            break;
    list[len] = 0;
    return list;
}

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void same(const uint16_t *list, struct byte_reader written)
{
    uint16_t value;
    for (; *list != 0; list++)
        must(byte_reader_u16(&written, &value) && value == *list);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    static const uint8_t zeros[32];
    uint16_t lists[6][65];
    uint8_t bytes[4096], flags = 0, name_len = 0;
    const uint8_t *name;
    char server_name[256] = "";
    struct byte_reader in = byte_reader_of(input, len);
    byte_reader_u8(&in, &flags);
    byte_reader_u8(&in, &name_len);
    if (byte_reader_bytes(&in, name_len, &name))
        memcpy(server_name, name, name_len);
    struct tls_offer offer = {.version = 0x0303,
                              .suites = list_take(&in, lists[0]),
                              .groups = list_take(&in, lists[1]),
                              .schemes = list_take(&in, lists[2]),
                              .cert_schemes = list_take(&in, lists[3]),
                              .versions = list_take(&in, lists[4]),
                              .shares = list_take(&in, lists[5]),
                              .alpn = (flags & 1) != 0 ? "h2,http/1.1" : NULL,
                              .no_extensions = (flags & 2) != 0,
                              .status_request = (flags & 4) != 0,
                              .scts = (flags & 8) != 0,
                              .extended_master_secret = (flags & 16) != 0,
                              .renegotiation_info = (flags & 32) != 0,
                              .compress_certificate = (flags & 64) != 0};
    struct byte_writer out = byte_writer_of(bytes, sizeof bytes);
    client_hello_write(&(struct client_hello_input){.offer = &offer, .server_name = server_name, .random = zeros,
                                                    .session_id = zeros, .retry_group = -1, .cookie = in},
                       &out);
    if (!byte_writer_ok(&out))
        return 0;
    must(offer.no_extensions || out.len < 256 || out.len > 511);
    struct client_hello hello;
    must(client_hello_parse(byte_reader_of(bytes + TLS_MESSAGE_HEADER_LEN, out.len - TLS_MESSAGE_HEADER_LEN), &hello));
    must(hello.legacy_version == 0x0303);
    same(offer.suites, hello.cipher_suites);
    if (offer.no_extensions)
        return 0;
    same(offer.groups, hello.supported_groups);
    same(offer.schemes, hello.signature_algorithms);
    same(offer.cert_schemes, hello.signature_algorithms_cert);
    must(hello.has_server_name == client_hello_may_send_name(server_name));
    must((strcmp(hello.first_alpn, "h2") == 0) == (offer.alpn != NULL));
    return 0;
}

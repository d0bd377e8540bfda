#include "scanner/passive/handshake/certificate_list.h"

#include "probes/tls/messages.h"

void certificate_list_read(struct byte_reader body, uint16_t version, struct certificate_list *list)
{
    struct certificate_message message;
    struct byte_reader extensions, staple = {0};
    list->count = 0;
    list->too_long = false;
    list->ocsp_staple = NULL;
    list->ocsp_staple_len = 0;
    list->sct_count = 0;
    list->bytes = body.at;
    list->bytes_len = body.left;
    list->cut = !certificate_parse(body, version, &message);
    if (list->cut) {                                    /* a wrong length: whole entries are read */
        message = (struct certificate_message){.list = body};
        if (version == 0x0304 || !byte_reader_skip(&message.list, 3))
            return;
    }
    struct der cert;
    while (list->count < HANDSHAKE_CHAIN_MAX && certificate_next(&message, &cert, &extensions)) {
        if (cert.len == 0)
            continue;
        if (list->count == 0)
            certificate_extensions_parse(extensions, &staple, &list->sct_count);
        list->certificates[list->count++] = cert;
    }
    list->too_long = list->count == HANDSHAKE_CHAIN_MAX && message.list.left != 0;
    list->cut |= message.list.left != 0 && !list->too_long;
    if (staple.left != 0) {
        list->ocsp_staple = staple.at;
        list->ocsp_staple_len = staple.left;
    }
}

/* Both directions of one connection as TLS records: a byte says which end and how many bytes (or a gap) follow. */
#include "scanner/passive/handshake/tls_session.h"
#include "tests/fuzz/read_handshake.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct tls_session_owner owner = {.on_handshake = read_handshake, .want_ja3 = true};
    struct tls_session_ends ends = {.transport = TRANSPORT_TCP};
    struct tls_session *session = tls_session_create(&owner, &ends, "tls");
    while (len > 1) {
        unsigned end = bytes[0] & 1;
        size_t piece = bytes[0] >> 2;
        bool is_gap = (bytes[0] & 2) && piece < 8;
        bytes++;
        len--;
        if (piece == 63 || piece > len)
            piece = len;
        if (is_gap) {
            tls_session_gap(session, end, piece);
            continue;
        }
        tls_session_bytes(session, end, bytes, piece);
        bytes += piece;
        len -= piece;
    }
    tls_session_destroy(session);
    return 0;
}

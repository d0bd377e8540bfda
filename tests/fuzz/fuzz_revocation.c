/* Revocation lists, OCSP answers, and what is made of their octets. */
#include "inventory/verdicts/revocation/crl.h"
#include "inventory/verdicts/revocation/ocsp.h"
#include "inventory/verdicts/revocation/revocation_text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct crl crl;
    struct crl_entry entry;
    struct ocsp ocsp;
    struct ocsp_answer answer;
    if (crl_read(&crl, byte_reader_of(data, size))) {
        size_t count = 0;
        free(points_text_of(crl.points));
        while (crl_entry_next(&crl, &entry)) {
            free(serial_text_of(entry.serial_number));
            if (++count > size)
                abort();            /* an entry takes octets */
        }
    }
    if (ocsp_read(&ocsp, byte_reader_of(data, size)))
        while (ocsp_answer_next(&ocsp, &answer))
            free(serial_text_of(answer.serial_number));
    return 0;
}

#include "probes/tls/suite_refusals.h"

#include "probes/tls/names.h"

#include <assert.h>

static size_t index_of(uint16_t version)
{
    assert(version >= 0x0300 && version <= 0x0303);
    return version - 0x0300u;
}

void suite_refusals_add(struct suite_refusals *refusals, const struct tls_offer *offer)
{
    size_t count, version = index_of(offer->version);
    const struct tls_suite *suites = tls_suites(&count);
    assert(count <= 64 * SUITE_REFUSALS_WORDS);
    refusals->is_any[version] = true;
    for (size_t i = 0; i < count; i++)
        if (tls_list_holds(offer->suites, suites[i].id))
            refusals->suites[version][i / 64] |= 1ull << i % 64;
}

void suite_refusals_lower(struct suite_refusals *refusals, uint16_t version, uint16_t lower)
{
    refusals->is_any[index_of(lower)] |= refusals->is_any[index_of(version)];
    for (size_t i = 0; i < SUITE_REFUSALS_WORDS; i++)
        refusals->suites[index_of(lower)][i] |= refusals->suites[index_of(version)][i];
}

void suite_refusals_leave_out(struct suite_refusals *refusals, bool (*is_left_out)(const struct tls_suite *suite))
{
    size_t count;
    const struct tls_suite *suites = tls_suites(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t version = 0; version < SUITE_REFUSALS_VERSIONS && is_left_out(&suites[i]); version++)
            refusals->suites[version][i / 64] |= 1ull << i % 64;
}

bool suite_refusals_any(const struct suite_refusals *refusals, uint16_t version)
{
    return refusals->is_any[index_of(version)];
}

size_t suite_refusals_rest(const struct suite_refusals *refusals, uint16_t version, uint16_t *list, size_t most)
{
    size_t count, len = 0;
    const struct tls_suite *suites = tls_suites(&count);
    const uint64_t *refused = refusals->suites[index_of(version)];
    for (int sends_certificate = 1; sends_certificate >= 0; sends_certificate--)
        for (size_t i = 0; i < count && len < most; i++)
            if ((refused[i / 64] >> i % 64 & 1) == 0 && tls_suite_fits(&suites[i], version) &&
                tls_suite_sends_certificate(&suites[i]) == (sends_certificate == 1))
                list[len++] = suites[i].id;
    list[len] = 0;
    return len;
}

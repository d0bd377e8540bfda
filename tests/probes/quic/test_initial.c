/* Keys of QUIC's Initial packets against the standards' own examples: RFC 9001, appendix A.1; RFC 9369,
 * appendix A.1; draft-ietf-quic-tls-29, appendix A.1. All from the connection id 8394c8f03e515708. */
#include "tests/cmocka_all.h"

#include "probes/base/hex.h"
#include "probes/quic/initial.h"

#include <string.h>

static const struct {
    uint32_t version;
    bool is_client;
    const char *key, *iv, *mask_key;
} examples[] = {
    {QUIC_VERSION_1, true, "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c",
     "9f50449e04a0e810283a1e9933adedd2"},
    {QUIC_VERSION_1, false, "cf3a5331653c364c88f0f379b6067e37", "0ac1493ca1905853b0bba03e",
     "c206b8d9b9f0f37644430b490eeaa314"},
    {QUIC_VERSION_2, true, "8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f",
     "45b95e15235d6f45a6b19cbcb0294ba9"},
    {QUIC_VERSION_2, false, "82db637861d55e1d011f19ea71d5d2a7", "dd13c276499c0249d3310652",
     "edf6d05c83121201b436e16877593c3a"},
    {0xff00001d, true, "175257a31eb09dea9366d8bb79ad80ba", "6b26114b9cba2b63a9e8dd4f",
     "9ddd12c994c0698b89374a9c077a3077"},
    {0xff00001d, false, "149d0b1662ab871fbe63c49b5e655a5d", "bab2b12a4c76016ace47856d",
     "c0c499a65a60024a18a250974ea01dfa"},
};

static void initial_keys_are_those_of_the_standards(void **state)
{
    static const uint8_t id[8] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct quic_keys keys;
        char text[33];
        assert_true(
            quic_initial_keys(examples[i].version, byte_reader_of(id, 8), examples[i].is_client, &keys));
        hex_format(keys.key, 16, text);
        assert_string_equal(text, examples[i].key);
        hex_format(keys.iv, 12, text);
        assert_string_equal(text, examples[i].iv);
        hex_format(keys.mask_key, 16, text);
        assert_string_equal(text, examples[i].mask_key);
    }
}

static void an_unknown_version_has_no_keys(void **state)
{
    struct quic_keys keys;
    (void)state;
    assert_false(quic_version_is_known(0x51303433)); /* Google's Q043 */
    assert_false(quic_initial_keys(0x51303433, byte_reader_of(NULL, 0), true, &keys));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(initial_keys_are_those_of_the_standards),
        cmocka_unit_test(an_unknown_version_has_no_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

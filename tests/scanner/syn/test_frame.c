/* Frames as bytes: what we write is read again, and what answers it is understood, whatever its length. */
#include "scanner/syn/frame.h"
#include "tests/cmocka_all.h"

#include <string.h>

static struct frame_syn syn_of(const char *source, const char *destination)
{
    struct frame_syn syn = {.source_port = 61001, .destination_port = 443, .sequence = 0xfffffff0};
    assert_true(address_parse(source, &syn.source));
    assert_true(address_parse(destination, &syn.destination));
    return syn;
}

static uint32_t ones_sum(const uint8_t *bytes, size_t len, uint32_t sum)
{
    for (size_t i = 0; i < len; i += 2)
        sum += (uint32_t)(bytes[i] << 8 | (i + 1 < len ? bytes[i + 1] : 0));
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static void checksums_add_up(void **state)
{
    (void)state;
    uint8_t bytes[FRAME_SIZE];
    struct frame_syn syn = syn_of("10.0.0.1", "10.0.0.2");
    assert_int_equal(frame_write_syn(&syn, bytes), 44);
    assert_int_equal(ones_sum(bytes, 20, 0), 0xffff);
    assert_int_equal(ones_sum(bytes + 12, 32, 6 + 24),
                     0xffff); /* addresses and TCP, with protocol and length */
    syn = syn_of("2001:db8::1", "2001:db8::2");
    assert_int_equal(frame_write_syn(&syn, bytes), 64);
    assert_int_equal(ones_sum(bytes + 8, 56, 6 + 24), 0xffff);
}

/* The host's answer to our SYN: ends turned round, our number acknowledged. */
static size_t answer_to(const struct frame_syn *syn, uint8_t flags, uint8_t *bytes)
{
    struct frame_syn back = {.source = syn->destination,
                             .destination = syn->source,
                             .source_port = syn->destination_port,
                             .destination_port = syn->source_port,
                             .sequence = 77};
    size_t len = frame_write_syn(&back, bytes), head = syn->source.len == 4 ? 20 : 40;
    uint32_t acknowledged = syn->sequence + 1;
    for (unsigned i = 0; i < 4; i++)
        bytes[head + 8 + i] = (uint8_t)(acknowledged >> (24 - 8 * i));
    bytes[head + 13] = flags;
    return len;
}

static void assert_is_ours(const struct frame_answer *answer, const struct frame_syn *syn)
{
    assert_int_equal(address_compare(&answer->syn.source, &syn->source), 0);
    assert_int_equal(address_compare(&answer->syn.destination, &syn->destination), 0);
    assert_int_equal(answer->syn.source_port, syn->source_port);
    assert_int_equal(answer->syn.destination_port, syn->destination_port);
    assert_true(answer->syn.sequence == syn->sequence);
}

static void answers_are_understood_in_both_families(void **state)
{
    (void)state;
    const struct frame_syn syns[] = {syn_of("10.0.0.1", "10.0.0.2"), syn_of("2001:db8::1", "2001:db8::2")};
    static const struct {
        uint8_t flags;
        enum frame_kind kind;
    } cases[] = {{0x12, FRAME_SYN_ACK}, {0x14, FRAME_RESET}, {0x10, FRAME_OTHER},
                 {0x02, FRAME_OTHER},   {0x04, FRAME_OTHER}, {0x16, FRAME_RESET}};
    uint8_t bytes[FRAME_SIZE];
    struct frame_answer answer;
    for (size_t i = 0; i < 2; i++) {
        for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
            size_t len = answer_to(&syns[i], cases[c].flags, bytes);
            frame_read_answer(byte_reader_of(bytes, len), &answer);
            assert_int_equal(answer.kind, cases[c].kind);
            if (answer.kind != FRAME_OTHER)
                assert_is_ours(&answer, &syns[i]);
        }
    }
}

static void an_unreachable_quotes_our_syn(void **state)
{
    (void)state;
    struct frame_syn syn = syn_of("10.0.0.1", "10.0.0.2");
    uint8_t bytes[28 + FRAME_SIZE] = {
        0x45, [9] = 1, [12] = 10, [15] = 254, [16] = 10, [19] = 1, [20] = 3, [21] = 13};
    struct frame_answer answer;
    frame_write_syn(&syn, bytes + 28);
    frame_read_answer(byte_reader_of(bytes, 28 + 20 + 8),
                      &answer); /* 8 bytes of TCP are all that must come */
    assert_int_equal(answer.kind, FRAME_UNREACHABLE);
    assert_int_equal(answer.icmp_code, 13);
    assert_is_ours(&answer, &syn);
    for (size_t len = 0; len < 28 + 20 + 8; len++) {
        frame_read_answer(byte_reader_of(bytes, len), &answer);
        assert_int_equal(answer.kind, FRAME_OTHER);
    }
    bytes[20] = 11; /* time exceeded */
    frame_read_answer(byte_reader_of(bytes, 28 + 28), &answer);
    assert_int_equal(answer.kind, FRAME_OTHER);
}

static void fragments_and_cut_headers_are_nothing_of_ours(void **state)
{
    (void)state;
    struct frame_syn syn = syn_of("10.0.0.1", "10.0.0.2");
    uint8_t bytes[FRAME_SIZE];
    struct frame_answer answer;
    size_t len = answer_to(&syn, 0x12, bytes);
    bytes[7] = 1;
    frame_read_answer(byte_reader_of(bytes, len), &answer);
    assert_int_equal(answer.kind, FRAME_OTHER);
    bytes[7] = 0;
    bytes[0] = 0x44; /* a header of 16 bytes */
    frame_read_answer(byte_reader_of(bytes, len), &answer);
    assert_int_equal(answer.kind, FRAME_OTHER);
}

static void neighbours_are_asked_and_their_answers_read(void **state)
{
    (void)state;
    static const uint8_t own_mac[6] = {2, 0, 0, 0, 0, 1}, its_mac[6] = {2, 0, 0, 0, 0, 2};
    uint8_t ask[FRAME_ASK_SIZE], mac[6];
    struct address own, asked, other;
    assert_true(address_parse("10.0.0.1", &own));
    assert_true(address_parse("10.0.0.2", &asked));
    assert_true(address_parse("10.0.0.3", &other));
    assert_int_equal(frame_write_neighbour_ask(own_mac, &own, &asked, ask), 42);
    assert_false(frame_read_neighbour_answer(ask, 42, &asked, mac)); /* our own request */
    ask[21] = 2;
    memcpy(ask + 22, its_mac, 6);
    memcpy(ask + 28, asked.bytes, 4);
    assert_true(frame_read_neighbour_answer(ask, 42, &asked, mac));
    assert_memory_equal(mac, its_mac, 6);
    assert_false(frame_read_neighbour_answer(ask, 42, &other, mac));

    assert_true(address_parse("2001:db8::1", &own));
    assert_true(address_parse("2001:db8::2", &asked));
    assert_int_equal(frame_write_neighbour_ask(own_mac, &own, &asked, ask), FRAME_ASK_SIZE);
    assert_int_equal(ones_sum(ask + 14 + 8, 64, 58 + 32), 0xffff);
    assert_false(frame_read_neighbour_answer(ask, FRAME_ASK_SIZE, &asked, mac));
    ask[54] = 136;
    ask[78] = 2; /* the target's link-layer address */
    memcpy(ask + 80, its_mac, 6);
    assert_true(frame_read_neighbour_answer(ask, FRAME_ASK_SIZE, &asked, mac));
    assert_memory_equal(mac, its_mac, 6);
    for (size_t len = 0; len < FRAME_ASK_SIZE; len++)
        assert_false(frame_read_neighbour_answer(ask, len, &asked, mac));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksums_add_up),
        cmocka_unit_test(answers_are_understood_in_both_families),
        cmocka_unit_test(an_unreachable_quotes_our_syn),
        cmocka_unit_test(fragments_and_cut_headers_are_nothing_of_ours),
        cmocka_unit_test(neighbours_are_asked_and_their_answers_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "probes/tls/offers.h"

/* ---- suites ---- */

static const uint16_t suites_combined[] = {
    0x1301, 0x1302, 0x1303, 0x1304, 0x1305, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc02b, 0xc02f, 0xc0ad, 0xc0ac,
    0xc0af, 0xc0ae, 0x009f, 0xccaa, 0x009e, 0xc09f, 0xc09e, 0x00a3, 0x00a2, 0xc024, 0xc028, 0xc023, 0xc027,
    0xc00a, 0xc014, 0xc009, 0xc013, 0x006b, 0x0067, 0x0039, 0x0033, 0x0038, 0x0032, 0x0088, 0x0045, 0xc005,
    0xc00f, 0xc004, 0xc00e, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f, 0x0084, 0x0041, 0xc008, 0xc012,
    0x0016, 0x000a, 0xc007, 0xc011, 0x0005, 0x0004, 0};

static const uint16_t suites_tls12[] = {       /* the same without TLS 1.3's */
    0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc02b, 0xc02f, 0xc0ad, 0xc0ac, 0xc0af, 0xc0ae, 0x009f, 0xccaa, 0x009e,
    0xc09f, 0xc09e, 0x00a3, 0x00a2, 0xc024, 0xc028, 0xc023, 0xc027, 0xc00a, 0xc014, 0xc009, 0xc013, 0x006b,
    0x0067, 0x0039, 0x0033, 0x0038, 0x0032, 0x0088, 0x0045, 0xc005, 0xc00f, 0xc004, 0xc00e, 0x009d, 0x009c,
    0x003d, 0x003c, 0x0035, 0x002f, 0x0084, 0x0041, 0xc008, 0xc012, 0x0016, 0x000a, 0xc007, 0xc011, 0x0005,
    0x0004, 0};

static const uint16_t suites_other[] = {       /* what combined has no room for, with (EC)DHE or RSA */
    0xc052, 0xc053, 0xc05c, 0xc05d, 0xc060, 0xc061, 0xc07c, 0xc07d, 0xc086, 0xc087, 0xc08a, 0xc08b, 0xc0a2,
    0xc0a3, 0xcc13, 0xcc14, 0xcc15, 0xc050, 0xc051, 0xc07a, 0xc07b, 0xc09c, 0xc09d, 0xc0a0, 0xc0a1, 0x009a,
    0x00be, 0x00c4, 0xc044, 0xc045, 0xc048, 0xc049, 0xc04c, 0xc04d, 0xc072, 0xc073, 0xc076, 0xc077, 0x0096,
    0x00ba, 0x00c0, 0xc03c, 0xc03d, 0x0007, 0};

static const uint16_t suites_more[] = {       /* and the rest: DSS, static DH */
    0xc080, 0xc081, 0x00a0, 0x00a1, 0x00a4, 0x00a5, 0xc02d, 0xc02e, 0xc031, 0xc032, 0xc07e, 0xc07f, 0xc082,
    0xc083, 0xc088, 0xc089, 0xc08c, 0xc08d, 0x0040, 0x0044, 0x006a, 0x0087, 0x0099, 0x00bd, 0x00c3, 0x0030,
    0x0031, 0x0036, 0x0037, 0x003e, 0x003f, 0x0042, 0x0043, 0x0068, 0x0069, 0x0085, 0x0086, 0x0097, 0x0098,
    0x00bb, 0x00bc, 0x00c1, 0x00c2, 0xc025, 0xc026, 0xc029, 0xc02a, 0xc074, 0xc075, 0xc078, 0xc079, 0x0012,
    0x0066, 0x000c, 0x000d, 0x000f, 0x0010, 0xc002, 0xc003, 0xc00c, 0xc00d, 0};

static const uint16_t suites_small[] = {
    0xc02c, 0xc030, 0xc02b, 0xc02f, 0xc00a, 0xc014, 0xc009, 0xc013, 0x009e, 0x0039, 0x0033, 0x0032, 0x009d,
    0x009c, 0x003c, 0x0035, 0x002f, 0x000a, 0x0005, 0x0004, 0};

static const uint16_t suites_tls10[] = {
    0xc00a, 0xc014, 0xc009, 0xc013, 0x0039, 0x0038, 0x0033, 0x0032, 0x0035, 0x002f, 0x0016, 0x0013, 0x000a,
    0x0005, 0x0004, 0x0009, 0x0015, 0};

static const uint16_t suites_rsa[] = {       /* signed with RSA */
    0x1301, 0x1302, 0x1303, 0x1304, 0x1305, 0xc030, 0xcca8, 0xc02f, 0x009f, 0xccaa, 0x009e, 0xc09f, 0xc09e,
    0xc028, 0xc027, 0xc014, 0xc013, 0x006b, 0x0067, 0x0039, 0x0033, 0x0088, 0x0045, 0xc00f, 0xc00e, 0x009d,
    0x009c, 0x003d, 0x003c, 0x0035, 0x002f, 0x0084, 0x0041, 0xc012, 0x0016, 0x000a, 0xc011, 0x0005, 0x0004,
    0};

static const uint16_t suites_ecdsa[] = {       /* signed with ECDSA or EdDSA */
    0x1301, 0x1302, 0x1303, 0x1304, 0x1305, 0xc02c, 0xcca9, 0xc02b, 0xc0ad, 0xc0ac, 0xc0af, 0xc0ae, 0xc024,
    0xc023, 0xc00a, 0xc009, 0xc005, 0xc004, 0xc008, 0xc007, 0};

static const uint16_t suites_tls13[] = {
    0x1301, 0x1302, 0x1303, 0x1304, 0x1305, 0};

static const uint16_t suites_rc4[] = {
    0x0004, 0x0005, 0x0066, 0xc002, 0xc007, 0xc00c, 0xc011, 0};

static const uint16_t suites_3des[] = {
    0x000a, 0x000d, 0x0010, 0x0013, 0x0016, 0xc003, 0xc008, 0xc00d, 0xc012, 0};

static const uint16_t suites_export[] = {
    0x0003, 0x0006, 0x0008, 0x000b, 0x000e, 0x0011, 0x0014, 0x0060, 0x0061, 0x0062, 0x0063, 0x0064, 0x0065,
    0};

static const uint16_t suites_null[] = {
    0x0001, 0x0002, 0x003b, 0xc001, 0xc006, 0xc00b, 0xc010, 0};

static const uint16_t suites_anonymous[] = {
    0x0018, 0x001a, 0x001b, 0x0034, 0x003a, 0x0046, 0x006c, 0x006d, 0x0089, 0x009b, 0x00a6, 0x00a7, 0x00bf,
    0x00c5, 0xc016, 0xc017, 0xc018, 0xc019, 0xc046, 0xc047, 0xc05a, 0xc05b, 0xc084, 0xc085, 0};

static const uint16_t suites_static_rsa[] = {
    0x0004, 0x0005, 0x0007, 0x0009, 0x000a, 0x002f, 0x0035, 0x003c, 0x003d, 0x0041, 0x0084, 0x0096, 0x009c,
    0x009d, 0x00ba, 0x00c0, 0xc03c, 0xc03d, 0xc050, 0xc051, 0xc07a, 0xc07b, 0xc09c, 0xc09d, 0xc0a0, 0xc0a1,
    0};

static const uint16_t suites_dhe[] = {
    0x009e, 0x009f, 0x00a2, 0x00a3, 0xc052, 0xc053, 0xc056, 0xc057, 0xc07c, 0xc07d, 0xc080, 0xc081, 0xc09e,
    0xc09f, 0xc0a2, 0xc0a3, 0xcc15, 0xccaa, 0x0032, 0x0033, 0x0038, 0x0039, 0x0040, 0x0044, 0x0045, 0x0067,
    0x006a, 0x006b, 0x0087, 0x0088, 0x0099, 0x009a, 0x00bd, 0x00be, 0x00c3, 0x00c4, 0xc042, 0xc043, 0xc044,
    0xc045, 0x0012, 0x0013, 0x0015, 0x0016, 0x0066, 0};

static const uint16_t suites_no_cbc[] = {       /* AEAD alone */
    0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc02b, 0xc02f, 0xc0ad, 0xc0ac, 0xc0af, 0xc0ae, 0x009f, 0xccaa, 0x009e,
    0xc09f, 0xc09e, 0x00a3, 0x00a2, 0x009d, 0x009c, 0};

/* ---- groups, schemes, versions ---- */

const uint16_t offer_groups_all[] = {       /* those of the shares first; then every curve a certificate may be on */
    29, 23, 24, 25, 30, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104, 26, 27, 28, 31, 32, 33, 21, 22, 19, 20, 0};
static const uint16_t groups_hybrid[] = {
    29, 23, 24, 25, 30, 0x11ec, 0x11eb, 0x11ed, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104, 26, 27, 28, 31, 32, 33, 21, 22,
    0};
static const uint16_t groups_small[] = {29, 23, 24, 25, 0};
static const uint16_t groups_curves[] = {29, 23, 24, 25, 30, 26, 27, 28, 21, 22, 0};     /* no ffdhe: see dhe */
static const uint16_t groups_only_hybrid[] = {0x11ec, 0x11eb, 0x11ed, 0x6399, 0};

const uint16_t offer_schemes_all[] = {      /* SHA-1 last; MD5 is not offered */
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601,
    0x081a, 0x081b, 0x081c, 0x0402, 0x0303, 0x0301, 0x0203, 0x0201, 0x0202, 0};
static const uint16_t schemes_small[] = {0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601,
                                         0x0203, 0x0201, 0x0202, 0};
static const uint16_t schemes_rsa[] = {0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601,
                                       0x0301, 0x0201, 0};
static const uint16_t schemes_ecdsa[] = {0x0403, 0x0503, 0x0603, 0x081a, 0x081b, 0x081c, 0x0303, 0x0203, 0};
static const uint16_t schemes_eddsa[] = {0x0807, 0x0808, 0};

static const uint16_t versions_all[] = {0x0304, 0x0303, 0x0302, 0x0301, 0};
static const uint16_t versions_13_12[] = {0x0304, 0x0303, 0};
static const uint16_t versions_13[] = {0x0304, 0};
static const uint16_t versions_12[] = {0x0303, 0};

static const uint16_t shares_three[] = {GROUP_X25519, GROUP_SECP256R1, GROUP_SECP384R1, 0};
static const uint16_t shares_none[] = {0};

/* ---- offers ---- */

#define EXTENSIONS .status_request = true, .scts = true, .extended_master_secret = true, .renegotiation_info = true
#define BOTH_VERSIONS .version = 0x0303, .versions = versions_all, .shares = shares_three, EXTENSIONS
#define EVERY_SCHEME .schemes = offer_schemes_all
#define CERT_SCHEMES .cert_schemes = offer_schemes_all

const struct tls_offer offer_combined = {
    BOTH_VERSIONS, EVERY_SCHEME, .suites = suites_combined, .groups = offer_groups_all};
const struct tls_offer offer_real_shares = {
    BOTH_VERSIONS, EVERY_SCHEME, .suites = suites_combined, .groups = offer_groups_all, .real_shares = true};
const struct tls_offer offer_hybrid = {
    BOTH_VERSIONS, EVERY_SCHEME, .suites = suites_combined, .groups = groups_hybrid};
const struct tls_offer offer_other_suites = {
    .version = 0x0303, .suites = suites_other, .groups = offer_groups_all, EVERY_SCHEME, EXTENSIONS};
const struct tls_offer offer_more_suites = {
    .version = 0x0303, .suites = suites_more, .groups = offer_groups_all, EVERY_SCHEME, EXTENSIONS};
const struct tls_offer offer_small = {
    .version = 0x0303, .suites = suites_small, .groups = groups_small, .schemes = schemes_small,
    .renegotiation_info = true};
const struct tls_offer offer_tls10 = {
    .version = 0x0301, .suites = suites_tls10, .groups = groups_small, .renegotiation_info = true};
const struct tls_offer offer_ssl3 = {
    .version = 0x0300, .suites = suites_tls10, .no_extensions = true, .renegotiation_info = true};

const struct tls_offer offer_proof = {
    BOTH_VERSIONS, EVERY_SCHEME, .suites = suites_combined, .groups = offer_groups_all, .want = TLS_WANT_PROOF};
const struct tls_offer offer_tls12 = {
    .version = 0x0303, .suites = suites_tls12, .groups = offer_groups_all, EVERY_SCHEME, EXTENSIONS,
    .want = TLS_WANT_PROOF};
const struct tls_offer offer_rsa = {
    BOTH_VERSIONS, CERT_SCHEMES, .schemes = schemes_rsa, .suites = suites_rsa, .groups = offer_groups_all,
    .want = TLS_WANT_PROOF};
const struct tls_offer offer_ecdsa = {
    BOTH_VERSIONS, CERT_SCHEMES, .schemes = schemes_ecdsa, .suites = suites_ecdsa, .groups = offer_groups_all,
    .want = TLS_WANT_PROOF};
const struct tls_offer offer_eddsa = {      /* Ed25519 and Ed448 came with TLS 1.2's RFC 8422: older versions have none */
    .version = 0x0303, .versions = versions_13_12, .shares = shares_three, EXTENSIONS, CERT_SCHEMES,
    .schemes = schemes_eddsa, .suites = suites_ecdsa, .groups = offer_groups_all, .want = TLS_WANT_PROOF};

#define ASK_HELLO .want = TLS_WANT_HELLO
#define ASK_12 .version = 0x0303, .groups = offer_groups_all, EVERY_SCHEME, ASK_HELLO, .extended_master_secret = true, \
    .renegotiation_info = true

const struct tls_offer offer_ask_sslv2 = {.version = 0x0002};
const struct tls_offer offer_ask_sslv3 = {
    .version = 0x0300, .suites = suites_tls10, .no_extensions = true, .renegotiation_info = true, ASK_HELLO};
const struct tls_offer offer_ask_tls10 = {
    .version = 0x0301, .suites = suites_tls12, .groups = groups_curves, .renegotiation_info = true, ASK_HELLO};
const struct tls_offer offer_ask_tls11 = {
    .version = 0x0302, .suites = suites_tls12, .groups = groups_curves, .renegotiation_info = true, ASK_HELLO};
const struct tls_offer offer_ask_tls12 = {ASK_12, .versions = versions_12, .suites = suites_tls12, .deflate = true};
const struct tls_offer offer_ask_tls13 = {
    .version = 0x0303, .versions = versions_13, .suites = suites_tls13, .groups = offer_groups_all, EVERY_SCHEME,
    .shares = shares_three, ASK_HELLO};
const struct tls_offer offer_ask_rc4 = {ASK_12, .suites = suites_rc4};
const struct tls_offer offer_ask_3des = {ASK_12, .suites = suites_3des};
const struct tls_offer offer_ask_export = {ASK_12, .suites = suites_export};
const struct tls_offer offer_ask_null = {ASK_12, .suites = suites_null};
const struct tls_offer offer_ask_anonymous = {ASK_12, .suites = suites_anonymous};
const struct tls_offer offer_ask_static_rsa = {ASK_12, .suites = suites_static_rsa};
const struct tls_offer offer_ask_no_cbc = {ASK_12, .suites = suites_no_cbc};
const struct tls_offer offer_ask_dhe = {    /* no ffdhe group: some servers hide their own weak parameters behind it */
    .version = 0x0303, .suites = suites_dhe, .groups = groups_curves, EVERY_SCHEME, .renegotiation_info = true,
    .want = TLS_WANT_KEY_EXCHANGE};
const struct tls_offer offer_ask_hybrid = {     /* a HelloRetryRequest that names one is the proof */
    .version = 0x0303, .versions = versions_13, .suites = suites_tls13, .groups = groups_only_hybrid, EVERY_SCHEME,
    .shares = shares_none, ASK_HELLO};

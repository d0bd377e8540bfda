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

/* What combined has no room for and sends a certificate (without DH_DSS with Camellia and SHA-256, which no library
 * implements), and two of combined's for a raw public key up to TLS 1.2. */
static const uint16_t suites_rest[] = {
    0x1301, 0x1302, 0x1303, 0x1304, 0x1305, 0xc02b, 0xc02f, 0xc052, 0xc053, 0xc05c, 0xc05d, 0xc060, 0xc061, 0xc07c, 0xc07d,
    0xc086, 0xc087, 0xc08a, 0xc08b, 0xc0a2, 0xc0a3, 0xcc13, 0xcc14, 0xcc15, 0xc050, 0xc051, 0xc07a, 0xc07b,
    0xc09c, 0xc09d, 0xc0a0, 0xc0a1, 0x009a, 0x00be, 0x00c4, 0xc044, 0xc045, 0xc048, 0xc049, 0xc04c, 0xc04d,
    0xc072, 0xc073, 0xc076, 0xc077, 0x0096, 0x00ba, 0x00c0, 0xc03c, 0xc03d, 0xc102, 0xc101, 0xc100, 0x0081,
    0x0080, 0x0007, 0x0013, 0x0015, 0x0009, 0xc080, 0xc081, 0x00a0, 0x00a1, 0x00a4, 0x00a5, 0xc02d, 0xc02e,
    0xc031, 0xc032, 0xc07e, 0xc07f, 0xc082, 0xc083, 0xc088, 0xc089, 0xc08c, 0xc08d, 0x0040, 0x0044, 0x006a,
    0x0087, 0x0099, 0x00bd, 0x00c3, 0x0030, 0x0031, 0x0036, 0x0037, 0x003e, 0x003f, 0x0042, 0x0043, 0x0068,
    0x0069, 0x0085, 0x0086, 0x0097, 0x0098, 0x00bc, 0x00c2, 0xc025, 0xc026, 0xc029, 0xc02a,
    0xc074, 0xc075, 0xc078, 0xc079, 0x0012, 0x0066, 0x000c, 0x000d, 0x000f, 0x0010, 0xc002, 0xc003, 0xc00c,
    0xc00d, 0x0062, 0x0064, 0x0008, 0x0014, 0x0006, 0x0003, 0xc0b4, 0xc0b5, 0};

static const uint16_t suites_special[] = {       /* PSK, anonymous, EXPORT, NULL; of the PSK suites only RSA_PSK sends a certificate */
    0x00ac, 0x00ad, 0xc06e, 0xc06f, 0xc092, 0xc093, 0xccae, 0xccac, 0xd001, 0xd002, 0xd003, 0xd005, 0x00aa,
    0x00ab, 0xc06c, 0xc06d, 0xc090, 0xc091, 0xc0a6, 0xc0a7, 0xccad, 0x00a8, 0x00a9, 0xc06a, 0xc06b, 0xc08e,
    0xc08f, 0xc0a4, 0xc0a5, 0xc0a8, 0xc0a9, 0xc0aa, 0xc0ab, 0xccab, 0x00a6, 0x00a7, 0xc05a, 0xc05b, 0xc084,
    0xc085, 0x0094, 0x0095, 0x00b6, 0x00b7, 0xc068, 0xc069, 0xc098, 0xc099, 0xc035, 0xc036, 0xc037, 0xc038,
    0xc070, 0xc071, 0xc09a, 0xc09b, 0x0090, 0x0091, 0x00b2, 0x00b3, 0xc066, 0xc067, 0xc096, 0xc097, 0x008c,
    0x008d, 0x00ae, 0x00af, 0xc064, 0xc065, 0xc094, 0xc095, 0x0034, 0x003a, 0x0046, 0x006c, 0x006d, 0x0089,
    0x009b, 0x00bf, 0x00c5, 0xc018, 0xc019, 0xc046, 0xc047, 0x0093, 0xc034, 0x008f, 0x008b, 0x001b, 0xc017,
    0x0092, 0xc033, 0x008e, 0x008a, 0x0018, 0xc016, 0x0063, 0x0065, 0x0060, 0x0061, 0x000b, 0x000e, 0x0011,
    0xc010, 0xc006, 0xc00b, 0xc001, 0x003b, 0x0002, 0x0001, 0x002e, 0x00b8, 0x00b9, 0xc039, 0xc03a, 0x002d,
    0x00b4, 0x00b5, 0x002c, 0x00b0, 0x00b1, 0x0019, 0x001a, 0xc015, 0x0017, 0};

static const uint16_t suites_legacy[] = {       /* EXPORT, then NULL: the server still sends a certificate */
    0x0062, 0x0063, 0x0064, 0x0065, 0x0060, 0x0061, 0x0008, 0x000b, 0x000e, 0x0011, 0x0014, 0x0006, 0x0003, 0xc010,
    0xc006, 0xc00b, 0xc001, 0x003b, 0x0002, 0x0001, 0};

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

static const uint16_t suites_tls13[] = {       /* the last two protect only integrity (RFC 9150) */
    0x1301, 0x1302, 0x1303, 0x1304, 0x1305, 0xc0b4, 0xc0b5, 0};

static const uint16_t suites_dhe[] = {
    0x009e, 0x009f, 0x00a2, 0x00a3, 0xc052, 0xc053, 0xc056, 0xc057, 0xc07c, 0xc07d, 0xc080, 0xc081, 0xc09e,
    0xc09f, 0xc0a2, 0xc0a3, 0xcc15, 0xccaa, 0x0032, 0x0033, 0x0038, 0x0039, 0x0040, 0x0044, 0x0045, 0x0067,
    0x006a, 0x006b, 0x0087, 0x0088, 0x0099, 0x009a, 0x00bd, 0x00be, 0x00c3, 0x00c4, 0xc042, 0xc043, 0xc044,
    0xc045, 0x0012, 0x0013, 0x0015, 0x0016, 0x0066, 0};

static const uint16_t suites_no_cbc[] = {       /* AEAD alone */
    0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc02b, 0xc02f, 0xc0ad, 0xc0ac, 0xc0af, 0xc0ae, 0x009f, 0xccaa, 0x009e,
    0xc09f, 0xc09e, 0x00a3, 0x00a2, 0x009d, 0x009c, 0xc09d, 0xc09c, 0xc0a1, 0xc0a0, 0xc0a3, 0xc0a2, 0xc05d,
    0xc05c, 0xc061, 0xc060, 0xc053, 0xc052, 0xc051, 0xc050, 0xc087, 0xc086, 0xc08b, 0xc08a, 0xc07d, 0xc07c,
    0xc07b, 0xc07a, 0};

/* ---- groups, schemes, versions ---- */

const uint16_t offer_groups_all[] = {       /* those of the shares first; then every curve a certificate may be on */
    29, 23, 24, 25, 30, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104, 26, 27, 28, 31, 32, 33, 21, 22, 19, 20, 0};
static const uint16_t groups_every[] = {     /* and the post-quantum ones, whose share is sent only on HelloRetryRequest */
    29, 23, 24, 25, 30, 0x11ec, 0x11eb, 0x11ed, 0x0201, 0x0202, 0x0200, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104, 26, 27, 28,
    31, 32, 33, 21, 22, 19, 20, 0};
static const uint16_t groups_small[] = {29, 23, 24, 25, 0};
static const uint16_t groups_curves[] = {29, 23, 24, 25, 30, 26, 27, 28, 21, 22, 0};     /* no ffdhe: see dhe */
static const uint16_t groups_only_hybrid[] = {0x11ec, 0x11eb, 0x11ed, 0x6399, 0};

const uint16_t offer_schemes_all[] = {      /* SHA-1 last; MD5 is not offered */
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601,
    0x081a, 0x081b, 0x081c, 0x0402, 0x0303, 0x0301, 0x0203, 0x0201, 0x0202, 0x0904, 0x0905, 0x0906, 0};
static const uint16_t schemes_small[] = {0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601,
                                         0x0203, 0x0201, 0x0202, 0};
static const uint16_t schemes_rsa[] = {0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601,
                                       0x0301, 0x0201, 0};
static const uint16_t schemes_ecdsa[] = {0x0403, 0x0503, 0x0603, 0x081a, 0x081b, 0x081c, 0x0303, 0x0203, 0};
static const uint16_t schemes_eddsa[] = {0x0807, 0x0808, 0};
static const uint16_t schemes_mldsa[] = {0x0904, 0x0905, 0x0906, 0};

static const uint16_t versions_all[] = {0x0304, 0x0303, 0x0302, 0x0301, 0};
static const uint16_t versions_13_12[] = {0x0304, 0x0303, 0};
static const uint16_t versions_13[] = {0x0304, 0};

static const uint16_t shares_three[] = {GROUP_X25519, GROUP_SECP256R1, GROUP_SECP384R1, 0};
static const uint16_t shares_two[] = {GROUP_X25519, GROUP_SECP256R1, 0};       /* a P-384 key takes a millisecond */
static const uint16_t shares_none[] = {0};

/* ---- offers ---- */

#define EXTENSIONS .status_request = true, .scts = true, .extended_master_secret = true, .renegotiation_info = true
#define BOTH_VERSIONS .version = 0x0303, .versions = versions_all, .shares = shares_three, EXTENSIONS
#define EVERY_SCHEME .schemes = offer_schemes_all
#define CERT_SCHEMES .cert_schemes = offer_schemes_all

const struct tls_offer offer_combined = {
    BOTH_VERSIONS, EVERY_SCHEME, .suites = suites_combined, .groups = offer_groups_all};
const struct tls_offer offer_real_shares = {
    .version = 0x0303, .versions = versions_all, .shares = shares_two, EXTENSIONS, EVERY_SCHEME, .suites = suites_combined, .groups = offer_groups_all, .real_shares = true};
#define REST BOTH_VERSIONS, EVERY_SCHEME, .suites = suites_rest, .groups = groups_every
const struct tls_offer offer_rest = {REST, .certificate_types = TLS_TYPES_EITHER};
const struct tls_offer offer_rest_certificate = {REST};
const struct tls_offer offer_special = {    /* TLS 1.3 too, although it needs a certificate: the server may prefer it */
    .version = 0x0303, .suites = suites_special, .groups = offer_groups_all, EVERY_SCHEME, EXTENSIONS};
const struct tls_offer offer_alpn = {
    BOTH_VERSIONS, EVERY_SCHEME, .suites = suites_combined, .groups = offer_groups_all,
    .alpn = "http/1.1,h2,http/1.0,dot,imap,pop3,managesieve,ftp,nntp,xmpp-client,xmpp-server,postgresql,tds/8.0,mqtt,sip/2,"
            "irc,radius/1.0,radius/1.1"};
const struct tls_offer offer_raw_key = {
    BOTH_VERSIONS, EVERY_SCHEME, .suites = suites_combined, .groups = offer_groups_all,
    .certificate_types = TLS_TYPES_RAW_KEY};
const struct tls_offer offer_small = {
    .version = 0x0303, .suites = suites_small, .groups = groups_small, .schemes = schemes_small,
    .renegotiation_info = true};
const struct tls_offer offer_tls10 = {
    .version = 0x0301, .suites = suites_tls10, .groups = groups_small, .renegotiation_info = true};
const struct tls_offer offer_tls10_plain = {
    .version = 0x0301, .suites = suites_tls10, .no_extensions = true, .renegotiation_info = true};
const struct tls_offer offer_ssl3 = {
    .version = 0x0300, .suites = suites_tls10, .no_extensions = true, .renegotiation_info = true};
const struct tls_offer offer_legacy_ssl3 = {.version = 0x0300, .suites = suites_legacy, .no_extensions = true};
const struct tls_offer offer_libssl = {.version = 0x0303, .by_libssl = true};

const struct tls_offer offer_proof = {
    BOTH_VERSIONS, EVERY_SCHEME, .suites = suites_combined, .groups = offer_groups_all, .want = TLS_WANT_PROOF};
const struct tls_offer offer_tls12 = {
    .version = 0x0303, .suites = suites_tls12, .groups = offer_groups_all, EVERY_SCHEME, EXTENSIONS, .deflate = true,
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

const struct tls_offer offer_pq = {         /* only ML-DSA, which needs TLS 1.3, with shares that every server supports */
    .version = 0x0303, .versions = versions_13, .shares = shares_three, EXTENSIONS, CERT_SCHEMES,
    .schemes = schemes_mldsa, .suites = suites_tls13, .groups = groups_every, .want = TLS_WANT_PROOF};
const struct tls_offer offer_other_keys = {
    .version = 0x0303, .versions = versions_13, .shares = shares_three, EXTENSIONS, CERT_SCHEMES, .suites = suites_tls13,
    .groups = groups_every, .want = TLS_WANT_PROOF};

#define ASK_HELLO .want = TLS_WANT_HELLO
#define ASK_12 .version = 0x0303, .groups = offer_groups_all, EVERY_SCHEME, ASK_HELLO, .extended_master_secret = true, \
    .renegotiation_info = true, .deflate = true

const struct tls_offer offer_ask_sslv2 = {.version = 0x0002};
const struct tls_offer offer_ask_sslv3 = {
    .version = 0x0300, .suites = suites_tls10, .no_extensions = true, .renegotiation_info = true, ASK_HELLO};
const struct tls_offer offer_ask_tls10 = {
    .version = 0x0301, .suites = suites_tls12, .groups = groups_curves, .renegotiation_info = true, ASK_HELLO};
const struct tls_offer offer_ask_tls11 = {
    .version = 0x0302, .suites = suites_tls12, .groups = groups_curves, .renegotiation_info = true, ASK_HELLO};
const struct tls_offer offer_ask_tls13 = {  /* keys we can compute: an alert may follow the ServerHello, encrypted */
    .version = 0x0303, .versions = versions_13, .suites = suites_tls13, .groups = groups_every, EVERY_SCHEME,
    .shares = shares_three};
const struct tls_offer offer_ask_12 = {ASK_12};
const struct tls_offer offer_ask_old = {
    .version = 0x0301, .groups = groups_curves, .renegotiation_info = true, ASK_HELLO};
const struct tls_offer offer_ask_no_cbc = {ASK_12, .suites = suites_no_cbc};
const struct tls_offer offer_ask_dhe = {    /* no ffdhe group: some servers hide their own weak parameters behind it */
    .version = 0x0303, .suites = suites_dhe, .groups = groups_curves, EVERY_SCHEME, .renegotiation_info = true,
    .want = TLS_WANT_KEY_EXCHANGE};
const struct tls_offer offer_ask_hybrid = {     /* a HelloRetryRequest that names one proves support */
    .version = 0x0303, .versions = versions_13, .suites = suites_tls13, .groups = groups_only_hybrid, EVERY_SCHEME,
    .shares = shares_none, ASK_HELLO};

/* Shared by the text dialects: lines that end in LF, complete or not, replies with three-digit codes (RFC 5321,
 * section 4.2; RFC 959, section 4.2; RFC 3977, section 3.2), and the server's words cleaned for the detail. Every
 * state of such a dialect begins with a text_input, which bounds what is read. */
#pragma once
#include "probes/base/probe.h"

#define TEXT_LINE_MAX 8192          /* a longer line is TEXT_GARBAGE */

struct text_input {
    uint32_t consumed;              /* of PROBE_INPUT_LIMIT */
    uint32_t literal_left;          /* bytes of a literal still to skip (text_skip_literal) */
    uint16_t continued_code;        /* inside a multi-line reply: its code */
};

struct text_line {                  /* without CR LF; borrowed from the input */
    const char *bytes;
    size_t len;
};

enum text_result {
    TEXT_MORE,                      /* not whole yet */
    TEXT_LINE,
    TEXT_GARBAGE,                   /* control characters, too long, too much: no text protocol */
};

enum text_result text_read_line(struct text_input *input, struct byte_reader *in, struct text_line *line);

struct text_reply {
    unsigned code;                  /* 100 .. 599 */
    bool last;                      /* false: more lines of this reply follow */
    struct text_line text;          /* behind "250-" or "250 " */
};

/* One line of a reply. A line without its required code is TEXT_GARBAGE. */
enum text_result text_read_reply(struct text_input *input, struct byte_reader *in, struct text_reply *reply);

/* Where the line ends in a literal, "{12}" or "{12+}" (RFC 3501, section 4.3; RFC 5804, section 4), its bytes
 * are skipped by the reads that follow; what then comes up to the next CR LF is a line of its own. False if
 * the literal is longer than the limit. */
bool text_expect_literal(struct text_input *input, const struct text_line *line);

/* Begins with the word, followed by a space or the end; any case. */
bool text_line_starts(const struct text_line *line, const char *word);

/* The server's words into detail (DETAIL_SIZE): printable ASCII, everything else a '?', cut where too long. */
void text_detail(char *detail, const void *bytes, size_t len);
void text_detail_line(char *detail, const struct text_line *line);
void text_detail_reply(char *detail, const struct text_reply *reply);       /* "454 TLS not available" */

/* The last step of each dialect. The server sends no plaintext after its go-ahead, since in TLS the client sends
 * first. Bytes that already follow it were injected (as in CVE-2011-0411 and CVE-2021-23222): they are reported in
 * the detail, and left in the input for the TLS reader. */
enum probe_step text_start_tls(const struct byte_reader *in, char *detail);

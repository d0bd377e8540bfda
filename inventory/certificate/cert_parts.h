/* Inside of inventory/certificate: the parts of one parse, each with its own file. */
#pragma once
#include "inventory/certificate/cert.h"
#include "inventory/certificate/cert_time.h"
#include "inventory/certificate/der.h"

/* cert_text.c: a text that grows, and characters. */
struct text {
    char *at;
    size_t len, size;
};
void text_add(struct text *text, const void *bytes, size_t len);
void text_add_string(struct text *text, const char *string);
char *text_take(struct text *text);             /* ends it with a NUL; yours now */

/* Reads the next character of a string of this type, and its bytes. Always consumes something: an invalid character
 * is TEXT_BAD and takes one byte, or one unit of the wide types. */
#define TEXT_BAD UINT32_MAX
uint32_t text_char_next(struct byte_reader *value, uint8_t tag, struct byte_reader *raw);
size_t text_utf8_put(uint32_t code, uint8_t out[4]);

/* cert_key.c: SubjectPublicKeyInfo. */
enum field cert_key_parse(struct cert *cert, struct byte_reader spki);

/* cert_signature.c: AlgorithmIdentifier of the signature. */
enum field cert_signature_parse(struct cert *cert, struct byte_reader algorithm);
struct pss_parameters {         /* RFC 4055, 3.1 */
    const char *hash, *mask_hash;       /* "sha256"; NULL unknown */
    int64_t salt_len;
    bool absent;
};
bool cert_pss_parse(struct byte_reader parameters, struct pss_parameters *pss);

/* cert_general_names.c: GeneralName. Names are added to cert->names, or as "kind:text" to a list. */
bool cert_general_name(const struct der_item *item, struct cert_name *name);
bool cert_general_names_add(struct cert *cert, struct byte_reader names);
bool cert_general_names_list(struct byte_reader names, struct cert_texts *texts);
bool cert_name_constraints_parse(struct cert *cert, struct byte_reader value);

/* cert_extensions.c: the inside of Extensions; sets the states of all extension fields. */
void cert_extensions_parse(struct cert *cert, struct byte_reader extensions);

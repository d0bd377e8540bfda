/* Inside of inventory/certificate: the parts of one parse, each with its own file. */
#pragma once
#include "inventory/certificate/cert.h"
#include "inventory/certificate/der.h"

/* cert_key.c: SubjectPublicKeyInfo and AlgorithmIdentifier. */
enum field cert_key_parse(struct cert *cert, struct byte_reader spki);
enum field cert_signature_parse(struct cert *cert, struct byte_reader algorithm);

/* cert_extensions.c: the inside of Extensions; sets the states of all extension fields. */
void cert_extensions_parse(struct cert *cert, struct byte_reader extensions);

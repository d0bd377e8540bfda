/* The kind of key that an answer shows. */
#pragma once
#include "probes/tls/capture.h"

/* The variant that would bring a key of this scheme; 0 if none would. */
enum variant key_type_of_scheme(int32_t scheme);
/* By the scheme that signed, or the suite of TLS 1.2 or older; 0 not known. */
enum variant key_type(const struct tls_facts *facts);

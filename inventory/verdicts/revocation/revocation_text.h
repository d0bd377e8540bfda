/* Formats fields of lists and answers as the database stores them. */
#pragma once
#include "probes/base/byte_reader.h"

#define SERIAL_OCTETS_MAX 64        /* RFC 5280 allows 20; a CA would not list a longer one */

/* The content of an INTEGER as certificate_facts.serial_number writes it: hexadecimal without leading zeros, "-" ahead of a
 * negative one. Yours: free(); NULL if it is empty or longer than SERIAL_OCTETS_MAX. */
char *serial_text_of(struct byte_reader content);

/* The URIs among GeneralNames as an array for PostgreSQL; yours: free(). at NULL: {}. */
char *points_text_of(struct byte_reader general_names);

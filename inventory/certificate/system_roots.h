/* The public roots that this machine trusts. */
#pragma once

#define SYSTEM_ROOTS_FILE "/etc/ssl/certs/ca-certificates.crt"      /* package ca-certificates */

/* The PEM file of public roots: the one that CERTSWEEP_ROOTS names, else SYSTEM_ROOTS_FILE. It need not exist. */
const char *system_roots_file(void);

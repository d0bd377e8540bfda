/* Hives of the Windows registry (SOFTWARE, NTUSER.DAT), by libhivex: certificates in binary values, with the key that holds each as
 * label. Windows keeps a certificate in the value "Blob" below SystemCertificates\STORE\Certificates: a list of properties, of which
 * number 32 is the certificate. */
#pragma once
#include "scanner/files/found.h"

/* Loads libhivex, and makes the memory in which it gets to see a hive, since it opens nothing but files. Before confinement. */
void registry_hive_prepare(void);

bool registry_hive_is(struct byte_reader head);

/* False: libhivex cannot read it. */
bool registry_hive_read(struct byte_reader bytes, struct found *found);

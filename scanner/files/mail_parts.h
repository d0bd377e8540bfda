/* Mail: an mbox, or one message (a file of a Maildir, .eml), by GMime: each part decoded (base64, quoted-printable) and looked into as
 * a file, S/MIME signatures and attached archives among them. */
#pragma once
#include "scanner/files/scanner_parts.h"

#define MAIL_MESSAGE_MAX (64u << 20)
#define MAIL_DEPTH_MAX   32             /* multiparts in each other */

/* Before confinement: loads GMime, which also looks into the locale. */
void mail_prepare(void);

bool mail_is_head(struct byte_reader head);

/* As container_look(). */
bool mail_look(struct file_scanner *scanner, const struct place *place, struct byte_reader head, struct source *source, struct found *found);

/* Folders of programs that renew certificates by themselves: certbot's live/, archive/ and renewal/; acme.sh's NAME/NAME.conf. */
#pragma once
#include <stdbool.h>

/* certbot's: ROOT/archive/NAME/cert3.pem, where ROOT/live/NAME/cert.pem points to cert4.pem. */
bool certbot_has_replaced(const char *path);
/* acme.sh's: NAME/backup/cert.bak, where NAME/NAME.conf is its settings; the folder of a key on a curve is called NAME_ecc. */
bool acme_sh_has_replaced(const char *path);

struct renewer {
    const char *name;           /* "certbot", "acme.sh" */
    bool renews;                /* false: its settings for this certificate say that it shall not */
};

/* What keeps the certificate in this file. False: nothing that is known. */
bool renewer_of(const char *path, struct renewer *renewer);

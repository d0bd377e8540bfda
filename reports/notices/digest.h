/* One message for a contact: all that is due, as text and HTML. Quoted text is foreign: it is cleaned, and only the
 * mail library puts it into headers. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct digest_item {
    const char *key;                /* of its certificate, or of its record */
    const char *sha256;             /* NULL: of a record that does not tell it */
    const char *step, *owner, *name, *not_after, *act_by, *places, *next_step;
    long long days;                 /* until act_by; negative: late */
    const char *zone;               /* of these days */
    bool is_unseen;                 /* known by its record alone: nobody has seen the certificate */
    bool is_escalated;              /* it stayed overdue, and the contact is told as a manager */
    const char *told, *told_on;     /* then: who was told before, and when last; NULL: nobody, and not before today */
};

struct digest {
    const char *contact, *from, *reply_to;      /* reply_to NULL: from */
    const char *organization;       /* NULL: not given */
    const struct digest_item *items;        /* escalated ones last */
    size_t count;
};

/* "2 certificates need renewal, the first by 28 Nov 2026", "Escalated: portal.example, 9 days late, Web team". Yours. */
char *digest_subject(const struct digest *digest);
char *digest_text(const struct digest *digest);
/* "Department of Technology at certificates@tech.example". organization NULL: the address alone. Yours. */
char *digest_answer_to(const char *organization, const char *address);
/* The same for the same contact and items, so that a mail or ticket system can recognise a duplicate; hexadecimal.
 * Yours. */
char *digest_id(const struct digest *digest);

/* The whole message (RFC 5322, multipart/alternative), lines ended by CR LF; yours. */
char *digest_message(const struct digest *digest, size_t *len);

/* For a webhook: subject, text and items as JSON; yours. */
char *digest_json(const struct digest *digest);

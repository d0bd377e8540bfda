/* Do the answers of one server test agree? One server answers the same hello alike. Where several stand behind one address, or
 * one answers by chance, a refusal or a choice may be another one's: a letter that hangs on it would be wrong. So each
 * answer is compared with those before it, and one that does not fit is a doubt only, because a server may have its reasons: the same
 * hello is sent once more, and two different answers to one hello are a contradiction, whatever the reasons.
 *
 *   a doubt                                                       what the stage gets that asked
 *   refused, although what it offers was accepted before          the second answer
 *   refused, and the plan says that much hangs on it              the second answer
 *   a lower version than one that it offers and that was accepted the second answer
 *   another certificate for the same kind of key                  the first answer
 *   of two suites now this one, now that one                      the first answer
 *   an extension now, and not then                                the first answer
 *
 * A close or a reset before an answer is a limit of the server's, and no contradiction. */
#pragma once
#include "probes/tls/capture.h"
#include "probes/tls/client_hello.h"

#define CONTRADICTIONS_AGAIN_MAX 10     /* hellos sent again, of a whole test: so much it may cost more */

struct contradictions;

struct contradictions *contradictions_create(void);
void contradictions_destroy(struct contradictions *contradictions);     /* NULL is fine */

enum contradictions_verdict {
    ANSWER_STANDS,              /* the stage is to note it */
    ANSWER_WAITS,               /* the hello is sent again, and the stage gets what comes then */
    ANSWER_IS_EXTRA,            /* the second answer to a hello whose first one stood */
};

/* To be called before a stage notes how its hello ended. A plan whose answer shows a certificate that was not seen yet makes an
 * observation, although it was a question: is_posture is cleared. */
enum contradictions_verdict contradictions_note(struct contradictions *contradictions, struct tls_hello_plan *plan, enum outcome outcome,
                                                const struct tls_facts *facts);

/* Is a hello to be sent again? Then the plan is it; its offer lives until the next note. */
bool contradictions_again(struct contradictions *contradictions, struct tls_hello_plan *plan);

/* What a stage found out by itself: refused, then accepted. */
void contradictions_add(struct contradictions *contradictions, const char *detail);

/* The first contradiction in words, and how many followed; NULL none. Borrowed. */
const char *contradictions_text(const struct contradictions *contradictions);
/* How many hellos were sent twice, and answered alike. */
unsigned contradictions_agreed(const struct contradictions *contradictions);

/* Which hello told what, and when: the proof behind each line of a server test. One row for each question, since a question may
 * take many connections (suites one by one). After each hello the items are looked at again: what differs was told by this hello. */
#pragma once
#include "probes/survey/server_survey.h"
#include "probes/tls/strategy.h"

struct hello_log;

struct hello_log *hello_log_create(int64_t began_us);           /* UTC: what offsets are counted from */
void hello_log_destroy(struct hello_log *log);                  /* NULL is fine */

void hello_log_begin(struct hello_log *log, const struct tls_hello_plan *plan, int64_t now_us);
/* survey: NULL before it begins. */
void hello_log_end(struct hello_log *log, const struct tls_strategy *strategy, const struct server_survey *survey, int64_t now_us);

/* As items of the endpoint: "hello:01" ..., connections, "NAME VERSION FROM TO ITEM ITEM ...": VERSION "-" where several were
 * offered; from the first connection's begin to the last one's end, in microseconds. posture and survey are the final lists
 * (tls_strategy_posture(), server_survey_items()). */
void hello_log_tell(const struct hello_log *log, const struct tls_posture_item *posture, size_t posture_count,
                    const struct tls_posture_item *survey, size_t survey_count,
                    void (*tell)(void *context, const struct tls_posture_item *item), void *context);

/* The keeper's part of HTTP requests to CAs: it starts a worker, confined like a scan's, sends it all questions,
 * and passes on the answers as they arrive, so that only one is in memory. Answers are foreign input. */
#pragma once
#include "probes/base/byte_reader.h"
#include "probes/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct fetch_question {
    const char *url;                /* as a certificate or the policy has it */
    struct byte_reader body;        /* an OCSP request, sent by POST; empty: GET */
};

struct fetch_request {
    const char *scope;              /* text of a scope file; NULL: private addresses alone */
    const char *scope_label;        /* its name in messages */
    const struct fetch_question *questions;
    size_t count;
    /* fault NULL: body is what the server sent. False ends the run. Each question is answered at most once. */
    bool (*on_answer)(void *context, size_t number, const char *fault, struct byte_reader body, struct error *err);
    void *context;
};

bool fetch_run(const struct fetch_request *request, struct error *err);

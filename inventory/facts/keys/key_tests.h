/* Runs all tests of one public key that belong to computing its certificate's facts. */
#pragma once
#include "inventory/certificate/cert.h"
#include "inventory/facts/keys/key_finding.h"
#include "inventory/facts/keys/rsa_tests.h"

struct key_tests {                  /* one per thread */
    struct rsa_tests rsa;
};

void key_tests_init(struct key_tests *tests);
void key_tests_clear(struct key_tests *tests);
void key_tests_run(struct key_tests *tests, const struct cert *cert, struct key_findings *findings);

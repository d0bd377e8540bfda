#include "inventory/facts/facts.h"
#include "inventory/facts/keys_gcd.h"
#include "inventory/store/database.h"
#include "inventory/store/rights.h"
#include "probes/base/counted.h"
#include "probes/base/log.h"
#include "scanner/cli/command.h"

#include <stdio.h>

static void on_progress(const char *stage, size_t done, size_t total)
{
    if (total > 10000)              /* progress is reported only where the work takes minutes */
        log_info("keys gcd: %zu of %zu moduli %s", done, total, stage);
}

static void print_report(FILE *out, const struct keys_gcd_report *report, bool no_prime_test)
{
    fprintf(out, "%s; %zu new tested, %zu compared with all others.\n", COUNTED_AS(report->moduli, "RSA modulus", "distinct RSA moduli"), report->tested,
            report->compared);
    if (report->excluded > 0)
        fprintf(out, "%s a small factor: faults by themselves, compared with none.\n", COUNTED_AS(report->excluded, "is even or has", "are even or have"));
    if (no_prime_test)
        fputs("Not tested: whether a new modulus is itself a prime (--no-prime-test).\n", out);
    fprintf(out, "Found now: %zu with a factor below 65,536, %zu that are primes, %zu that share a prime, %zu that are multiples of another.\n",
            report->small_factors, report->primes, report->shared, report->multiples);
    if (report->small_factors + report->primes + report->shared + report->multiples > 0)
        fputs("Next: certsweep reconcile\n", out);
}

static int run(const struct command *command, struct options *options)
{
    (void)command;
    struct error err = {0};
    struct keys_gcd_report report;
    const struct keys_gcd_options keys = {option_given(options, "no-prime-test"), on_progress};
    if (argument_count(options) > 0)
        error_set(&err, ERROR_USAGE, "no argument is expected: certsweep keys gcd");
    struct db *db = err.kind == ERROR_NONE ? database_open_made(option_get(options, "db"), &err) : NULL;
    bool ok = db != NULL && rights_require(db, "facts_pending", "and what is found of keys is kept", &err) &&
              facts_update(db, &err) && keys_gcd_run(db, &keys, &report, &err);
    db_close(db);
    struct output *output = ok ? output_open(options, &err) : NULL;
    if (output != NULL)
        print_report(output_file(output), &report, keys.no_prime_test);
    return output != NULL && output_close(output, true, &err) ? 0 : command_fail(&err);
}

static const struct option_spec keys_options[] = {
    {"no-prime-test", 0, NULL, "Leave out whether a modulus is itself a prime: 2 to 4 ms per new modulus of 2,048 bits. A later run without this "
                               "option makes up for it.", false, false},
    {NULL, 0, NULL, NULL, false, false},
};

static const char *const examples[] = {
    "certsweep keys gcd", "after each load, or once a week: find keys that share a prime",
    "certsweep keys gcd --no-prime-test", "the same at once for a million new keys",
    NULL,
};

const struct command command_keys[] = {
    {"keys gcd", "", "find RSA keys that share primes over the whole inventory",
     "Two RSA keys that share a prime number are both broken: anybody who has both computes both private keys. Devices that made their "
     "keys at the first boot do that. Each distinct modulus is compared once with all others (product and remainder trees; what came "
     "since the last run, with itself and with the rest), and tested for prime factors below 65,536 and for being a prime itself. What "
     "is found becomes verdicts K10, K11 and K13 at the next reconcile; until then the keys are untested. Memory stays below 2 GB "
     "for a million keys.",
     keys_options, examples, run},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};

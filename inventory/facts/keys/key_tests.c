#include "inventory/facts/keys/key_tests.h"

#include "inventory/facts/keys/known_keys.h"
#include "probes/base/memory.h"

void key_tests_init(struct key_tests *tests)
{
    rsa_tests_init(&tests->rsa);
}

void key_tests_clear(struct key_tests *tests)
{
    rsa_tests_clear(&tests->rsa);
}

static void form_tell(const struct cert *cert, struct key_findings *findings)
{
    if (cert->key_faults & CERT_KEY_OFF_CURVE)
        key_findings_add(findings, KEY_POINT_OFF_CURVE, xstrdup("{}"));
    if (cert->key_faults & CERT_KEY_INFINITY)
        key_findings_add(findings, KEY_POINT_INFINITY, xstrdup("{}"));
    if (cert->key_faults & CERT_KEY_EXPLICIT_PARAMETERS)
        key_findings_add(findings, KEY_EXPLICIT_PARAMETERS,
                         cert->key_explicit_curve == NULL ? xstrdup("{}") : xasprintf("{\"curve\": \"%s\"}", cert->key_explicit_curve));
    if (cert->key_faults & CERT_KEY_FALSE_GENERATOR)
        key_findings_add(findings, KEY_FALSE_GENERATOR, xasprintf("{\"curve\": \"%s\"}", cert->key_explicit_curve));
}

void key_tests_run(struct key_tests *tests, const struct cert *cert, struct key_findings *findings)
{
    const char *source = cert->spki.left == 0 ? NULL : known_key_source(cert->spki_sha256);
    if (source != NULL)
        key_findings_add(findings, KEY_KNOWN, xasprintf("{\"source\": \"%s\"}", source));
    form_tell(cert, findings);
    if (cert->rsa_modulus_content.at != NULL)
        rsa_tests_run(&tests->rsa, cert->rsa_modulus_content, cert->rsa_exponent_content, findings);
}

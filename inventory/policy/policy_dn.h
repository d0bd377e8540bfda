/* A name, or a part of one, as people copy it: "O=Example Agency", "CN=Issuing CA, O=Example Agency, C=US" in either order,
 * "/C=US/O=Example Agency", "organizationName = Example Agency", with quotes and escapes (RFC 4514; openssl; Windows). */
#pragma once

/* Its attributes, a line each, spelled as certificate_facts.issuer_attributes spells them ("O=Example Agency"). NULL if there is
 * none. Yours: free(). */
char *policy_dn_attributes(const char *text);

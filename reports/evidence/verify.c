#include "reports/evidence/evidence.h"

#include "probes/base/clean_text.h"
#include "probes/base/counted.h"
#include "probes/base/memory.h"
#include "probes/base/user_file.h"
#include "reports/evidence/seal.h"
#include "reports/evidence/sums.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SUMS_MAX (16U << 20)

static void tell_file(void *context, const char *name, const char *state)
{
    clean_text_print(context, "%-8s %s\n", state, name);
}

static char *read_sums(const char *path, size_t *len, struct error *err)
{
    FILE *file = user_file_fopen(path);
    if (file == NULL) {
        error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
        return NULL;
    }
    char *text = xmalloc(SUMS_MAX);
    *len = fread(text, 1, SUMS_MAX, file);
    bool ok = !ferror(file) && *len < SUMS_MAX;
    fclose(file);
    if (ok)
        return text;
    free(text);
    error_set(err, ERROR_INPUT, "%s: not readable, or larger than a list may be", path);
    return NULL;
}

/* False: the seal is bad. */
static bool tell_seal(FILE *out, const char *what, enum seal seal, const char *detail, const char *absent)
{
    switch (seal) {
    case SEAL_ABSENT: clean_text_print(out, "%s: none. %s\n", what, absent); return true;
    case SEAL_GOOD: clean_text_print(out, "%s: good, %s\n", what, detail); return true;
    case SEAL_UNTRUSTED: clean_text_print(out, "%s: is valid, %s; the signer was not verified: name the roots with --ca FILE\n", what, detail); return true;
    case SEAL_BAD: clean_text_print(out, "%s: BAD, %s\n", what, detail); return false;
    }
    abort();
}

static bool tell_seals(const char *folder, const char *roots, const char *text, size_t len, FILE *out)
{
    char detail[256], *signature = xasprintf("%s/" SUMS_NAME ".p7s", folder), *reply = xasprintf("%s/" SUMS_NAME ".tsr", folder);
    char *query = xasprintf("%s/" SUMS_NAME ".tsq", folder);
    enum seal seal = seal_check_signature(signature, text, len, roots, detail);
    bool ok = tell_seal(out, "Signature", seal, detail, "Sign with: certsweep report discovery --evidence FOLDER --sign-cert FILE --sign-key FILE");
    seal = seal_check_time(reply, query, text, len, roots, detail);
    ok &= tell_seal(out, "Time stamp", seal, detail, "Send " SUMS_NAME ".tsq to a time stamp authority, and put its reply here as " SUMS_NAME ".tsr");
    free(signature);
    free(reply);
    free(query);
    return ok;
}

bool evidence_verify(const char *folder, const char *roots, FILE *out, struct evidence_account *account, struct error *err)
{
    struct sums_account sums;
    size_t len = 0;
    char *path = xasprintf("%s/" SUMS_NAME, folder), *text = read_sums(path, &len, err);
    free(path);
    if (text == NULL)
        return false;
    bool ok = sums_compare(folder, tell_file, out, &sums, err);
    if (ok) {
        fprintf(out, "Files: %zu as they were, %zu changed, %zu missing, %zu added", sums.right, sums.changed, sums.missing, sums.added);
        if (sums.bad_lines != 0)
            fprintf(out, ", %s of " SUMS_NAME " not readable", COUNTED(sums.bad_lines, "line"));
        fputs("\n", out);
        account->is_whole = tell_seals(folder, roots, text, len, out) && sums.changed + sums.missing + sums.added + sums.bad_lines == 0 &&
                            sums.right > 0;
        fputs(account->is_whole ? "The evidence is whole.\n" : "The evidence is NOT whole.\n", out);
    }
    free(text);
    return ok;
}

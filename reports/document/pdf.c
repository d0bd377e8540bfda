#include "reports/document/pdf.h"

#include "inventory/store/child_process.h"
#include "probes/base/log.h"
#include "probes/base/memory.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct pdf {
    char *browser, *other;          /* programs that make it; one may be NULL */
    char *folder, *html, *pdf;      /* a folder of our own, and two files in it, from the moment that a program needs them */
    FILE *file;                     /* the page, without a name */
};

static const char *const browsers[] = {"chromium", "chromium-browser", "google-chrome-stable", "google-chrome", NULL};
static const char *const others[] = {"weasyprint", NULL};

/* In one folder, which is absolute: a file that can be started. */
static char *find_in(const char *folder, size_t len, const char *name)
{
    struct stat status;
    char *path = xasprintf("%.*s/%s", (int)len, folder, name);
    if (folder[0] == '/' && stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0)
        return path;
    free(path);
    return NULL;
}

/* The first of these programs that PATH has, as a shell would find it, though folders like "." are passed over; yours. NULL: none. */
static char *find_program(const char *const *names)
{
    const char *path = getenv("PATH");
    for (; *names != NULL; names++)
        for (const char *at = path == NULL || path[0] == '\0' ? "/usr/local/bin:/usr/bin:/bin" : path; *at != '\0';) {
            size_t len = strcspn(at, ":");
            char *found = find_in(at, len, *names);
            if (found != NULL)
                return found;
            at += len + (at[len] == ':');
        }
    return NULL;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    remove(path);
    return 0;
}

static void destroy(struct pdf *pdf)
{
    if (pdf->file != NULL)
        fclose(pdf->file);
    if (pdf->folder != NULL)
        nftw(pdf->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(pdf->browser);
    free(pdf->other);
    free(pdf->folder);
    free(pdf->html);
    free(pdf->pdf);
    free(pdf);
}

struct pdf *pdf_begin(struct error *err)
{
    struct pdf *pdf = xcalloc(1, sizeof *pdf);
    pdf->browser = find_program(browsers);
    pdf->other = find_program(others);
    if (pdf->browser == NULL && pdf->other == NULL) {
        destroy(pdf);
        error_set(err, ERROR_SYSTEM, "PDF is made by Chromium or WeasyPrint, and neither is in PATH (Debian packages chromium, weasyprint). "
                                     "Or take --format html, and print it from a browser");
        return NULL;
    }
    pdf->file = tmpfile();
    if (pdf->file != NULL)
        return pdf;
    error_set(err, ERROR_IO, "a temporary file in %s: %s", P_tmpdir, strerror(errno));
    destroy(pdf);
    return NULL;
}

FILE *pdf_html(struct pdf *pdf)
{
    return pdf->file;
}

/* If it fails, its own messages are reported. */
static bool run(const char *const *argv, const struct pdf *pdf, struct error *err)
{
    char *output = NULL;
    int exit_code = 0;
    struct stat status;
    const struct child_process child = {.argv = argv};
    bool ok = child_process_run(&child, &exit_code, &output, err);
    if (ok && (exit_code != 0 || stat(pdf->pdf, &status) != 0 || status.st_size == 0))
        ok = error_set(err, ERROR_SYSTEM, "%s made no PDF (exit %d): %.400s", argv[0], exit_code, output == NULL ? "" : output);
    free(output);
    return ok;
}

static bool run_browser(const char *browser, const struct pdf *pdf, struct error *err)
{
    char *profile = xasprintf("--user-data-dir=%s/profile", pdf->folder), *to = xasprintf("--print-to-pdf=%s", pdf->pdf);
    char *from = xasprintf("file://%s", pdf->html);
    const char *argv[] = {browser, "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-crash-reporter",
                          "--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND",
                          "--no-pdf-header-footer", profile, to, from, NULL, NULL};
    if (geteuid() == 0)
        argv[13] = "--no-sandbox";      /* Chromium's sandbox does not start as root; the page is our own */
    bool ok = run(argv, pdf, err);
    free(profile);
    free(to);
    free(from);
    return ok;
}

static bool make(const struct pdf *pdf, struct error *err)
{
    if (pdf->browser != NULL && run_browser(pdf->browser, pdf, err))
        return true;
    if (pdf->other == NULL)
        return false;
    if (pdf->browser != NULL) {
        log_warning("%s; trying WeasyPrint", err->text);
        *err = (struct error){0};
    }
    const char *argv[] = {pdf->other, "-q", pdf->html, pdf->pdf, NULL};
    return run(argv, pdf, err);
}

static bool copy(const struct pdf *pdf, FILE *out, struct error *err)
{
    char buffer[65536];
    FILE *in = fopen(pdf->pdf, "r");
    if (in == NULL)
        return error_set(err, ERROR_IO, "%s: %s", pdf->pdf, strerror(errno));
    for (size_t got; (got = fread(buffer, 1, sizeof buffer, in)) > 0;)
        fwrite(buffer, 1, got, out);
    bool ok = !ferror(in) || error_set(err, ERROR_IO, "%s: %s", pdf->pdf, strerror(errno));
    fclose(in);
    return ok;
}

/* Gives the page a name. */
static bool place(struct pdf *pdf, struct error *err)
{
    const char *temporary = getenv("TMPDIR");
    char *folder = xasprintf("%s/certsweep-pdf.XXXXXX", temporary == NULL || temporary[0] != '/' ? "/tmp" : temporary), buffer[65536];
    if (mkdtemp(folder) == NULL) {
        error_set(err, ERROR_IO, "%s: %s", folder, strerror(errno));
        free(folder);
        return false;
    }
    pdf->folder = folder;
    pdf->html = xasprintf("%s/page.html", folder);
    pdf->pdf = xasprintf("%s/page.pdf", folder);
    rewind(pdf->file);
    FILE *out = fopen(pdf->html, "w");
    for (size_t got; out != NULL && (got = fread(buffer, 1, sizeof buffer, pdf->file)) > 0;)
        fwrite(buffer, 1, got, out);
    bool ok = out != NULL && !ferror(out) && !ferror(pdf->file);
    ok = (out == NULL || fclose(out) == 0) && ok;
    return ok || error_set(err, ERROR_IO, "%s: %s", pdf->html, errno != 0 ? strerror(errno) : "it cannot be written");
}

/* The page as it was written to its temporary file, which has no name. */
static bool page_is_whole(const struct pdf *pdf, struct error *err)
{
    errno = 0;
    if (fflush(pdf->file) == 0 && !ferror(pdf->file))
        return true;
    return error_set(err, ERROR_IO, "a temporary file in %s: %s", P_tmpdir, errno != 0 ? strerror(errno) : "it cannot be written");
}

bool pdf_end(struct pdf *pdf, bool whole, FILE *out, struct error *err)
{
    /* Ctrl-C ends the program that makes it; we go when the folder is removed. */
    sigset_t ends, before;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, &before);
    bool ok = page_is_whole(pdf, err) && whole && place(pdf, err) && make(pdf, err) && copy(pdf, out, err);
    destroy(pdf);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return ok;
}

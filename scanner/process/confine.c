#include "scanner/process/confine.h"

#include "probes/base/log.h"
#include "probes/base/memory.h"
#include "scanner/process/confine_calls.h"
#include "scanner/process/landlock.h"

#include <cap-ng.h>
#include <dlfcn.h>
#include <errno.h>
#include <iconv.h>
#include <langinfo.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static const char *const worker_users[] = {"certsweep-net", "nobody"};

bool confine_die_with(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return false;
    return getppid() == parent; /* it may have ended before the line above */
}

int confine_signals(void)
{
    sigset_t set;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN); /* Ctrl-C reaches the whole group: the keeper decides */
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

unsigned long confine_raise_descriptors(void)
{
    struct rlimit none = {0, 0}, limit;
    setrlimit(RLIMIT_CORE, &none);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1024;
    if (limit.rlim_cur < limit.rlim_max) {
        struct rlimit raised = {limit.rlim_max, limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
            return raised.rlim_cur;
    }
    return limit.rlim_cur;
}

static bool is_kept(const char *entry, bool is_keeper)
{
    static const char *const whole[] = {"PATH=", "LANG=", "LC_ALL=", "TZ=", "TERM=", "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "LSAN_OPTIONS="};
    static const char *const keepers[] = {"PG", "CERTSWEEP_", "LC_", "SUDO_USER="};      /* the last one: who decides */
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
        if (strncmp(entry, whole[i], strlen(whole[i])) == 0)
            return true;
    for (size_t i = 0; i < sizeof keepers / sizeof keepers[0] && is_keeper; i++)
        if (strncmp(entry, keepers[i], strlen(keepers[i])) == 0)
            return true;
    return false;
}

void confine_clear_environment(bool is_keeper)
{
    size_t count = 0, kept = 0;
    while (environ != NULL && environ[count] != NULL)
        count++;
    char **entries = xcalloc(count + 1, sizeof *entries);
    for (size_t i = 0; i < count; i++) {
        if (is_kept(environ[i], is_keeper))
            entries[kept++] = xstrdup(environ[i]);
        else
            memset(environ[i], 0, strlen(environ[i]));      /* clearenv() alone would leave the text in memory */
    }
    clearenv();
    for (size_t i = 0; i < kept; i++) {
        char *equals = strchr(entries[i], '=');
        *equals = '\0';
        setenv(entries[i], equals + 1, 1);
        free(entries[i]);
    }
    free(entries);
}

/* Root becomes the first of worker_users that exists; any other user stays as it is. */
static bool drop_privileges(struct error *err)
{
    const struct passwd *user = NULL;
    capng_clear(CAPNG_SELECT_BOTH);
    if (geteuid() != 0) {
        if (capng_apply(CAPNG_SELECT_CAPS) != 0)
            return error_set(err, ERROR_SYSTEM, "the worker cannot drop its capabilities: %s",
                             strerror(errno));
        return true;
    }
    for (size_t i = 0; i < sizeof worker_users / sizeof worker_users[0] && user == NULL; i++)
        user = getpwnam(worker_users[i]);
    if (user == NULL)
        return error_set(err, ERROR_SYSTEM,
                         "started by root, but neither the system user certsweep-net nor nobody exists for the "
                         "worker (adduser --system certsweep-net)");
    if (strcmp(user->pw_name, worker_users[0]) != 0)
        log_info("no system user certsweep-net: the worker runs as %s", user->pw_name);
    int failed = capng_change_id((int)user->pw_uid, (int)user->pw_gid,
                                 CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT);
    if (failed != 0 || geteuid() == 0 || getuid() == 0 || setuid(0) == 0)
        return error_set(err, ERROR_SYSTEM, "the worker cannot become %s (libcap-ng: %d)", user->pw_name,
                         failed);
    return true;
}

/* --- what libraries would load later --------------------------------------------------------------------- */

/* After this no code can be mapped, so shared objects that are loaded on first use are loaded now: OpenSSL reads
 * its settings and loads the providers that they name; NSS was loaded with the worker's user; a character set
 * converter (for libidn2), the time zone, and the unwinder for threads that end. */
static void load_what_comes_later(void)
{
    unsigned char byte;
    OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL);
    EVP_MD_free(EVP_MD_fetch(NULL, "SHA256", NULL));
    RAND_bytes(&byte, 1);
    iconv_t converter = iconv_open("UTF-8", nl_langinfo(CODESET));
    if (converter != (iconv_t)-1)
        iconv_close(converter);
    tzset();
    dlopen("libgcc_s.so.1", RTLD_NOW);
}

/* --- all of it ------------------------------------------------------------------------------------------- */

/* For the resolver, and for libraries that read /dev/urandom instead of calling getrandom(). */
static const char *const readable[] = {"/etc/resolv.conf", "/etc/hosts",    "/etc/nsswitch.conf", "/etc/host.conf", "/etc/services",
                                       "/etc/localtime",   "/dev/urandom", "/dev/random",        "/dev/null",      NULL};

static bool enter_landlock(const struct confinement *confinement, struct error *err)
{
    const struct landlock_rules rules = {.abi_max = confinement->landlock == 0 ? -1 : confinement->landlock - 1,
                                         .reads_everywhere = CONFINE_UNDER_SANITIZER,
                                         .connects = confinement->sockets == CONFINE_IP_SOCKETS,
                                         .readable = {readable, confinement->readable}};
    int abi = landlock_enter(&rules, err);
    if (abi == 0)
        log_info("this kernel has no Landlock: the worker can read what its user can, and change nothing");
    return abi >= 0;
}

static bool leave_terminal(struct error *err)
{
    return getsid(0) == getpid() || setsid() > 0 ||
           error_set(err, ERROR_SYSTEM, "the worker cannot leave the terminal: %s", strerror(errno));
}

bool confine_keeper(struct error *err)
{
    if (CONFINE_UNDER_SANITIZER)
        prctl(PR_SET_DUMPABLE, 1); /* another user's process is not, and the leak check traces */
    return confine_hostile_calls(err);
}

bool confine_become(pid_t keeper, struct error *err)
{
    if (!leave_terminal(err) || !drop_privileges(err))
        return false;
    return keeper == 0 || confine_die_with(keeper) || error_set(err, ERROR_SYSTEM, "the keeper has ended");
}

bool confine_enter(const struct confinement *confinement, struct error *err)
{
    if (!confine_become(confinement->keeper, err))
        return false;
    load_what_comes_later();
    if (!CONFINE_UNDER_SANITIZER)
        prctl(PR_SET_DUMPABLE, 0);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return error_set(err, ERROR_SYSTEM, "the worker cannot give up new privileges: %s", strerror(errno));
    return enter_landlock(confinement, err) && confine_calls(confinement->sockets == CONFINE_IP_SOCKETS, err);
}

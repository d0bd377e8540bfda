#include "reports/document/file_sum.h"

#include "probes/base/hex.h"
#include "probes/base/memory.h"
#include "probes/base/user_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Does a link lead elsewhere? Root's starter follows the links of root, and so its answer is compared with the folder's. False, too, where
 * nothing is there. */
static bool is_led_away(const char *path)
{
    const char *name = strrchr(path, '/');
    char *folder = name == NULL ? xstrdup(".") : xasprintf("%.*s", (int)(name - path) + 1, path);
    char *real = user_file_real_path(path), *base = user_file_real_path(folder);
    char *expected = base == NULL ? NULL : xasprintf("%s/%s", strcmp(base, "/") == 0 ? "" : base, name == NULL ? path : name + 1);
    bool is_away = real != NULL && expected != NULL && strcmp(real, expected) != 0;
    free(folder);
    free(real);
    free(base);
    free(expected);
    return is_away;
}

/* A pipe that was put in its place is not waited for. */
static int open_file(const char *path)
{
    struct stat status;
    if ((lstat(path, &status) == 0 && !S_ISREG(status.st_mode)) || is_led_away(path)) {
        errno = ELOOP;
        return -1;
    }
    return user_file_open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
}

bool file_sum(const char *path, char hex[65])
{
    unsigned char digest[32], buffer[65536];
    int fd = open_file(path);
    EVP_MD_CTX *sha = EVP_MD_CTX_new();
    bool ok = fd >= 0 && sha != NULL && EVP_DigestInit_ex(sha, EVP_sha256(), NULL) == 1;
    ssize_t got = 0;
    while (ok && ((got = read(fd, buffer, sizeof buffer)) > 0 || (got < 0 && errno == EINTR)))
        ok = got < 0 || EVP_DigestUpdate(sha, buffer, (size_t)got) == 1;
    ok = ok && got == 0 && EVP_DigestFinal_ex(sha, digest, NULL) == 1;
    if (ok)
        hex_format(digest, sizeof digest, hex);
    int error = errno;
    EVP_MD_CTX_free(sha);
    if (fd >= 0)
        close(fd);
    errno = error;
    return ok;
}

bool file_sum_line(char *line, char hex[65], char **name)
{
    line[strcspn(line, "\r\n")] = '\0';
    if (strlen(line) < 67 || strspn(line, "0123456789abcdef") != 64 || line[64] != ' ' || (line[65] != ' ' && line[65] != '*'))
        return false;
    memcpy(hex, line, 64);
    hex[64] = '\0';
    *name = line + 66;
    return strchr(*name, '/') == NULL && strcmp(*name, "..") != 0 && strcmp(*name, ".") != 0;
}

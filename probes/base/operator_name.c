#include "probes/base/operator_name.h"

#include "probes/base/user_file.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *operator_name(void)
{
    static char name[128];              /* other calls of getpwuid() overwrite its answer */
    const char *sudo_user = getenv("SUDO_USER");
    bool is_root = getuid() == 0 || user_file_starter() >= 0;       /* the keeper has given root's rights up */
    const struct passwd *user = getpwuid(is_root ? 0 : getuid());
    snprintf(name, sizeof name, "%s", sudo_user != NULL && sudo_user[0] != '\0' && is_root ? sudo_user : user == NULL ? "unknown" : user->pw_name);
    return name;
}

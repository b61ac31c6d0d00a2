/* SPDX-License-Identifier: Apache-2.0 */
#include "store/user.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static bool told;

bool store_privileged(void)
{
    return told || getauxval(AT_SECURE) != 0;
}

void store_privileged_set(void)
{
    told = true;
}

const char *store_env(const char *name)
{
    return store_privileged() ? NULL : secure_getenv(name);
}

enum store_err store_home(char **out)
{
    const char *home = store_env("HOME");
    struct passwd account;
    struct passwd *found = NULL;
    char buffer[4096];

    *out = NULL;
    if (store_privileged())
        return STORE_OK;
    if (home == NULL || home[0] != '/') {
        int err = getpwuid_r(geteuid(), &account, buffer, sizeof buffer, &found);
        home = err == 0 && found != NULL ? found->pw_dir : NULL;
    }
    if (home == NULL || home[0] != '/')
        return STORE_OK;
    *out = strdup(home);
    return *out == NULL ? STORE_NO_MEMORY : STORE_OK;
}

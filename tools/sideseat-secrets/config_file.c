/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/config_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/user.h"

char *config_file_find(void)
{
    const char *given = store_env(CONFIG_FILE_VARIABLE);
    char *home = NULL;
    char *path = NULL;
    char *real;

    if (given != NULL)
        path = strdup(given);
    else if (store_home(&home) == STORE_OK && home != NULL &&
             asprintf(&path, "%s/.sideseat/sideseat.json", home) < 0)
        path = NULL;
    free(home);
    /* a link stays one: its target is replaced */
    real = path == NULL ? NULL : realpath(path, NULL);
    if (real == NULL)
        return path;
    free(path);
    return real;
}

const char *config_setting_name(const char *path)
{
    static const char *const sections[] = {"secrets.", "pkcs11."};

    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
        if (strncmp(path, sections[i], strlen(sections[i])) == 0)
            return path + strlen(sections[i]);
    return path;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEYRING "SIDESEAT_SECRETS_KEYUTILS_KEYRING"

/* The variable that names a place in the store, for the backends that have one. */
static const char *variable_of(const char *backend)
{
    static const char *const variables[][2] = {
        {"keyutils", KEYRING},
        {"vault", "SIDESEAT_SECRETS_VAULT_PREFIX"},
        {"aws", "SIDESEAT_SECRETS_AWS_PREFIX"},
    };

    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
        if (strcmp(variables[i][0], backend) == 0)
            return variables[i][1];
    return NULL;
}

bool place_is_folder(const char *backend)
{
    return strcmp(backend, "secret-service") != 0 && strcmp(backend, "vault") != 0 &&
           strcmp(backend, "aws") != 0;
}

bool place_make(const char *backend)
{
    static unsigned count;
    const char *variable = variable_of(backend);
    char name[64];

    if (strcmp(backend, "secret-service") == 0)
        return getenv("SIDESEAT_SERVICE") != NULL && system("\"$SIDESEAT_SERVICE\" --fresh") == 0;
    if (variable == NULL)
        return true;
    snprintf(name, sizeof name, "conformance-%ld-%u", (long)getpid(), count++);
    return setenv(variable, name, 1) == 0;
}

const char *place_configuration(const char *backend)
{
    if (strcmp(backend, "vault") == 0 || strcmp(backend, "aws") == 0)
        return "{\"secrets\": {\"aws\": {\"recovery_window_days\": 0}},"
               " \"pkcs11\": {\"cache\": {\"ttl_s\": 0, \"negative_s\": 0}}}";
    return "{}";
}

void place_remove(const char *backend)
{
    if (strcmp(backend, "keyutils") == 0 &&
        system("ring=$(keyctl search @u keyring \"$" KEYRING "\" 2>/dev/null) && "
               "keyctl clear $ring && keyctl unlink $ring @u && keyctl revoke $ring") != 0)
        return; /* there was none */
}

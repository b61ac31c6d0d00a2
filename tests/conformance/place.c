/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEYRING "SIDESEAT_SECRETS_KEYUTILS_KEYRING"
#define SEEN_AT_ONCE "\"pkcs11\": {\"cache\": {\"ttl_s\": 0, \"negative_s\": 0}}"

static bool fresh_service(void)
{
    return getenv("SIDESEAT_SERVICE") != NULL && system("\"$SIDESEAT_SERVICE\" --fresh") == 0;
}

static void remove_keyring(void)
{
    if (system("ring=$(keyctl search @u keyring \"$" KEYRING "\" 2>/dev/null) && "
               "keyctl clear $ring && keyctl unlink $ring @u && keyctl revoke $ring") != 0)
        return; /* there was none */
}

/* A removed secret can be made again at once. */
static bool without_recovery(void)
{
    return setenv("SIDESEAT_SECRETS_AWS_RECOVERY_WINDOW_DAYS", "0", 1) == 0;
}

static const struct place places[] = {
    {.backend = "file"},
    {.backend = "memory", .until_exit = true},
    {.backend = "env", .read_only = true},
    {.backend = "keyutils", .no_times = true, .variable = KEYRING, .remove = remove_keyring},
    {.backend = "data-protection-keychain"},
    {.backend = "keychain"},
    {.backend = "credential-manager",
     .short_keys = system_credentials_short,
     .make = system_credentials_make},
    {.backend = "secret-service", .elsewhere = true, .make = fresh_service},
    {.backend = "vault",
     .elsewhere = true,
     .variable = "SIDESEAT_SECRETS_VAULT_PREFIX",
     .configuration = "{" SEEN_AT_ONCE "}"},
    {.backend = "aws",
     .elsewhere = true,
     .variable = "SIDESEAT_SECRETS_AWS_PREFIX",
     .make = without_recovery,
     .configuration = "{" SEEN_AT_ONCE "}"},
};

const struct place *place_find(const char *backend)
{
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (strcmp(places[i].backend, backend) == 0)
            return &places[i];
    return NULL;
}

bool place_make(const struct place *place)
{
    static unsigned count;
    char name[64];

    snprintf(name, sizeof name, "conformance-%ld-%u", (long)getpid(), count++);
    if (place->variable != NULL && setenv(place->variable, name, 1) != 0)
        return false;
    return place->make == NULL || place->make();
}

const char *place_configuration(const struct place *place)
{
    return place->configuration == NULL ? "{}" : place->configuration;
}

bool place_takes_long_keys(const struct place *place)
{
    return place->short_keys == NULL || !place->short_keys();
}

void place_remove(const struct place *place)
{
    if (place->remove != NULL)
        place->remove();
}

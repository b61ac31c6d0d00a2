/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/platform.h"

#include <stdio.h>
#include <string.h>

#include "store/backend.h"

/* The system's own store; whatever is not here has the file. */
static const struct choice {
    const char *system;
    const char *backend;
    bool needs_bus;
} choices[] = {
    {"Linux", "secret-service", true},
    /* its backend gives way to the login keychain if this program has no entitlement */
    {"macOS", "data-protection-keychain", false},
    {"Windows", "credential-manager", false},
};

static const struct choice *find_choice(const char *system)
{
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++)
        if (strcmp(choices[i].system, system) == 0)
            return &choices[i];
    return NULL;
}

const char *platform_choose(const struct platform_system *system, char *why, size_t size)
{
    const struct choice *choice = find_choice(system->name);

    snprintf(why, size, "this is %s", system->name);
    if (choice == NULL)
        return "file";
    if (choice->needs_bus && !system->has_bus(why, size))
        return "file";
    if (store_registry_find(choice->backend) != NULL)
        return choice->backend;
    snprintf(why, size, "this build has no backend %s", choice->backend);
    return "file";
}

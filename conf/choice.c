/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/choice.h"

#include <stdio.h>
#include <string.h>

#include "store/backend.h"

/* The system's own store; whatever is not here has the file. */
static const struct row {
    const char *system;
    const char *backend;
    bool needs_bus;
} rows[] = {
    {"Linux", "secret-service", true},
    /* its backend gives way to the login keychain if this program has no entitlement */
    {"macOS", "data-protection-keychain", false},
    {"Windows", "credential-manager", false},
};

static const struct row *row_of(const char *system)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].system, system) == 0)
            return &rows[i];
    return NULL;
}

const char *choice_find(const struct choice_system *system, char *why, size_t size)
{
    const struct row *row = row_of(system->name);

    snprintf(why, size, "this is %s", system->name);
    if (row == NULL)
        return "file";
    if (row->needs_bus && !system->has_bus(why, size))
        return "file";
    if (store_registry_find(row->backend) != NULL)
        return row->backend;
    snprintf(why, size, "this build has no backend %s", row->backend);
    return "file";
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "conf_registry.h"

#include <string.h>

#include "store/backend.h"

bool registry_has_secret_service = true;

/* The Secret Service is last, where it can be left out. */
static const struct store_registration rows[] = {
    {.name = "file"},  {.name = "env"}, {.name = "keyutils"},
    {.name = "vault"}, {.name = "aws"}, {.name = "secret-service"},
};

const struct store_registration *store_registry_at(size_t index)
{
    size_t count = sizeof rows / sizeof rows[0];

    if (!registry_has_secret_service)
        count--;
    return index < count ? &rows[index] : NULL;
}

const struct store_registration *store_registry_find(const char *name)
{
    const struct store_registration *row;

    for (size_t i = 0; (row = store_registry_at(i)) != NULL; i++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

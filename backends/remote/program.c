/* SPDX-License-Identifier: Apache-2.0 */
#include "program.h"

#include <stdio.h>
#include <unistd.h>

#include "store/backend.h"

#define EVERY_BACKEND "sideseat-store"

const char *program_find_in(const char *folder, const struct store_conf *conf, struct program *room)
{
    const char *configured = store_conf_text(conf, "store.program");
    const struct store_registration *row = store_registry_find(store_conf_backend(conf));

    if (configured != NULL)
        return configured;
    if (row != NULL && row->program != NULL) {
        snprintf(room->path, sizeof room->path, "%s/%s", folder, row->program);
        if (access(room->path, X_OK) == 0)
            return room->path;
    }
    snprintf(room->path, sizeof room->path, "%s/" EVERY_BACKEND, folder);
    return room->path;
}

const char *program_find(const struct store_conf *conf, struct program *room)
{
    return program_find_in(SIDESEAT_STORE_FOLDER, conf, room);
}

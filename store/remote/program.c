/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/program.h"

#include <stdio.h>
#include <unistd.h>

#include "store/backend.h"
#include "store/log.h"
#include "store/trusted_file.h"
#include "store/user.h"

#define EVERY_BACKEND "sideseat-store"

const char *program_find_in(const char *folder, const struct store_conf *conf, struct program *room)
{
    const char *configured = store_conf_text(conf, "store.program");
    const struct store_registration *row = store_registry_find(store_conf_backend(conf));

    if (configured != NULL && !store_privileged())
        return configured;
    if (row != NULL && row->program != NULL) {
        snprintf(room->path, sizeof room->path, "%s/%s", folder, row->program);
        if (access(room->path, X_OK) == 0)
            return room->path;
    }
    snprintf(room->path, sizeof room->path, "%s/" EVERY_BACKEND, folder);
    return room->path;
}

enum store_err program_check(const struct store_conf *conf)
{
    const char *configured = store_conf_text(conf, "store.program");
    char why[STORE_TRUSTED_WHY];
    enum store_err err;

    if (configured == NULL)
        return STORE_OK; /* the package's own */
    if (store_privileged()) {
        store_log(STORE_LOG_WARNING,
                  "store: pkcs11.store.program is not followed in a program with raised "
                  "privileges; the installed one is started");
        return STORE_OK;
    }
    err = store_trusted_program(configured, why);
    if (err != STORE_BAD_CONF)
        return err == STORE_NO_MEMORY ? err : STORE_OK; /* the start reports a missing program */
    store_log(STORE_LOG_ERROR, "store: pkcs11.store.program: %s", why);
    return err;
}

const char *program_find(const struct store_conf *conf, struct program *room)
{
    return program_find_in(SIDESEAT_STORE_FOLDER, conf, room);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/program.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/path.h"
#include "platform/program.h"
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
        snprintf(room->path, sizeof room->path, "%s/%s%s", folder, row->program,
                 platform_program_suffix);
        if (access(room->path, X_OK) == 0)
            return room->path;
    }
    snprintf(room->path, sizeof room->path, "%s/" EVERY_BACKEND "%s", folder,
             platform_program_suffix);
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

/* The folder of the programs that were installed with this module, wherever that was moved to, in
 * `room`; false if there is none. A privileged process takes root's alone. */
static bool program_folder(char room[PATH_MAX])
{
    char program[PATH_MAX + sizeof "/" EVERY_BACKEND + sizeof ".exe"];
    char beside[PATH_MAX + sizeof "/" SIDESEAT_STORE_FROM_MODULE];
    char why[STORE_TRUSTED_WHY];
    char path[PATH_MAX];
    char *folder;

    if (!platform_program_self(path, sizeof path) || !platform_path_parent(path))
        return false;
    snprintf(beside, sizeof beside, "%s/" SIDESEAT_STORE_FROM_MODULE, path);
    folder = realpath(beside, NULL);
    snprintf(room, PATH_MAX, "%s", folder == NULL ? "" : folder);
    free(folder);
    if (room[0] == '\0')
        return false;
    snprintf(program, sizeof program, "%s/" EVERY_BACKEND "%s", room, platform_program_suffix);
    return access(program, X_OK) == 0 &&
           (!store_privileged() || store_trusted_program(program, why) == STORE_OK);
}

const char *program_find(const struct store_conf *conf, struct program *room)
{
    char folder[PATH_MAX];

    return program_find_in(program_folder(folder) ? folder : SIDESEAT_STORE_FOLDER, conf, room);
}

void program_tell(const struct store_conf *conf, struct store_finding *finding)
{
    const char *socket_path = store_conf_text(conf, "store.socket");
    bool same = strcmp(finding->text, "sideseat-store " SIDESEAT_VERSION) == 0;
    size_t len = strlen(finding->text);
    struct program room;

    if (socket_path != NULL)
        snprintf(finding->text + len, sizeof finding->text - len, ", shared at %s", socket_path);
    else
        snprintf(finding->text + len, sizeof finding->text - len, ", %s",
                 program_find(conf, &room));
    if (same)
        return;
    finding->err = STORE_BAD_CONF;
    snprintf(finding->remedy, sizeof finding->remedy,
             "the module is version " SIDESEAT_VERSION "; install both from one package");
}

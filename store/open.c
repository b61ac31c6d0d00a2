/* SPDX-License-Identifier: Apache-2.0 */
#include "store/backend.h"

#include <stdio.h>
#include <string.h>

#include "store/cache/cache.h"
#ifdef STORE_REMOTE
#include "store/remote/remote.h"
#endif
#include "store/log.h"

/* Logs the valid names. */
static enum store_err unknown_backend(const char *name)
{
    char known[256] = "";
    const struct store_registration *row;

    for (size_t i = 0; (row = store_registry_at(i)) != NULL; i++) {
        size_t len = strlen(known);
        snprintf(known + len, sizeof known - len, "%s%s", i == 0 ? "" : ", ", row->name);
    }
    store_log(STORE_LOG_ERROR, "conf: this build has no backend \"%s\"; it has: %s", name, known);
    return STORE_BAD_CONF;
}

/* A store program of another family was named for this backend. */
static enum store_err absent_backend(const char *name)
{
    store_log(STORE_LOG_ERROR,
              "conf: this store program was built without backend %s; take pkcs11.store.program "
              "out, or name sideseat-store there, which has every backend",
              name);
    return STORE_BAD_CONF;
}

/* Another operating system has this store. */
static enum store_err foreign_backend(const struct store_registration *row)
{
    store_log(STORE_LOG_ERROR,
              "conf: the backend %s is only on %s; name another with SIDESEAT_SECRETS_BACKEND or "
              "secrets.backend in sideseat.json",
              row->name, row->system);
    return STORE_BAD_CONF;
}

enum store_err store_open_at(struct store *out, const struct store_conf *conf, enum store_side side)
{
    struct store opened = {.registration = store_registry_find(store_conf_backend(conf))};

    *out = (struct store){0};
    if (opened.registration == NULL)
        return unknown_backend(store_conf_backend(conf));
    opened.backend = opened.registration->backend;
    if (opened.backend == NULL && opened.registration->system != NULL)
        return foreign_backend(opened.registration);
#ifdef STORE_REMOTE
    if (side == STORE_IN_STORE_PROCESS)
        opened.backend =
            opened.registration->read_only ? &remote_read_only_backend : &remote_backend;
#else
    (void)side;
#endif
    if (opened.backend == NULL)
        return absent_backend(opened.registration->name);
    TRY(opened.backend->open(&opened.ctx, conf));
    *out = opened;
    return STORE_OK;
}

void store_close(struct store *store)
{
    if (store->backend != NULL)
        store->backend->close(store->ctx);
    *store = (struct store){0};
}

enum store_err store_open(struct store *out, const struct store_conf *conf)
{
#ifdef STORE_PROCESS
    return store_open_at(out, conf, STORE_IN_PROCESS); /* this is the store process already */
#else
    const struct store_registration *row = store_registry_find(store_conf_backend(conf));
    enum store_err err;

    if (row != NULL)
        store_conf_warn(conf);
    TRY(store_open_at(out, conf, row == NULL ? STORE_IN_PROCESS : row->side));
    err = row->cached ? cache_wrap(out, conf) : STORE_OK;
    if (err != STORE_OK)
        store_close(out);
    return err;
#endif
}

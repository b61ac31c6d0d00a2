/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/find_history.h"

#include <string.h>

#include "module/ckr.h"
#include "module/object/object_publish.h"
#include "module/object/object_session.h"
#include "module/token_version.h"

/* Makes the session's object for one version. */
static CK_RV version_object(const struct lookup *lookup, const struct store_versions *versions,
                            size_t index, CK_OBJECT_HANDLE *out)
{
    struct session_attributes *own = session_attributes_new(OBJECT_BIT(OBJECT_PRIVATE));
    const char *key = lookup->query->key;
    AUTO_SECRET nothing = {0};

    if (own == NULL)
        return CKR_HOST_MEMORY;
    own->version = versions->all[index];
    own->destroyed_by_remove = versions->destroyed_by_remove;
    if (store_secret_set(&own->texts[OBJECT_LABEL], key, strlen(key)) == STORE_OK &&
        store_secret_set(&own->texts[OBJECT_APPLICATION], OBJECT_APPLICATION_TEXT,
                         strlen(OBJECT_APPLICATION_TEXT)) == STORE_OK)
        return object_publish_own(lookup->caller, OBJECT_VERSION, own, &nothing, out);
    session_attributes_free(own);
    return CKR_HOST_MEMORY;
}

CK_RV find_history(struct lookup *lookup)
{
    AUTO_VERSIONS versions = {0};
    enum store_err err = token_versions(lookup->token, lookup->query->key, &versions);
    CK_RV rv = CKR_OK;

    if (err == STORE_NOT_FOUND || err == STORE_BAD_KEY)
        return CKR_OK;
    if (err == STORE_UNSUPPORTED)
        return CKR_FUNCTION_NOT_SUPPORTED;
    if (err != STORE_OK)
        return ckr_from_store(CKR_CALL_FIND, err);
    object_close_versions(&lookup->token->objects, lookup->caller->handle);
    for (size_t i = 0; rv == CKR_OK && i < versions.count; i++) {
        CK_OBJECT_HANDLE handle = 0;

        rv = version_object(lookup, &versions, i, &handle);
        if (rv == CKR_OK)
            rv = lookup_pick(lookup, handle);
    }
    return rv;
}

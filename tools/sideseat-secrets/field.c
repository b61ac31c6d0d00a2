/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/field.h"

#include <string.h>

#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/member.h"
#include "tools/sideseat-secrets/search.h"

/* NOT_FOUND is not printed. */
static enum outcome find(struct client *client, const struct request *request, const char *key,
                         const struct uri *uri, bool along, CK_OBJECT_HANDLE *out)
{
    if (!along)
        return object_find_key(client, request, key, uri, out);
    STEP(client_use(client, request, uri, client->access));
    return search_along(client, request, key, out);
}

enum outcome field_read(struct client *client, const struct request *request, const char *key,
                        const struct uri *uri, bool along, CK_OBJECT_HANDLE *object,
                        struct store_secret *out)
{
    const char *hash = strrchr(key, '#');
    enum outcome outcome = find(client, request, key, uri, along, object);
    char before[LABEL_SIZE];
    CK_RV rv;

    if (outcome != OUTCOME_NOT_FOUND || hash == NULL || hash == key || hash[1] == '\0' ||
        (size_t)(hash - key) >= sizeof before) {
        hash = NULL;
    } else {
        memcpy(before, key, (size_t)(hash - key));
        before[hash - key] = '\0';
        outcome = find(client, request, before, uri, along, object);
    }
    if (outcome == OUTCOME_NOT_FOUND)
        return along ? search_absent(request, key) : object_absent("secret", key, "");
    STEP(outcome);
    rv = object_read(client, *object, CKA_VALUE, out);
    if (rv != CKR_OK)
        return outcome_of_rv("read", hash == NULL ? key : before, rv);
    return hash == NULL ? OUTCOME_OK : member_pick(before, hash + 1, out);
}

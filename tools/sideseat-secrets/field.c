/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/field.h"

#include "tools/sideseat-secrets/member.h"
#include "tools/sideseat-secrets/remedy.h"
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

enum outcome field_find(struct client *client, const struct request *request, const char *key,
                        const struct uri *uri, bool along, struct field *out)
{
    enum outcome outcome = find(client, request, key, uri, along, &out->object);

    out->name = NULL;
    if (outcome == OUTCOME_NOT_FOUND)
        out->name = object_field(key, out->owner);
    return out->name == NULL ? outcome
                             : find(client, request, out->owner, uri, along, &out->object);
}

enum outcome field_read(struct client *client, const struct request *request, const char *key,
                        const struct uri *uri, bool along, CK_OBJECT_HANDLE *object,
                        struct store_secret *out)
{
    struct field field;
    enum outcome outcome;
    CK_RV rv;

    if (uri->parsed != NULL) /* an absent token is told here: it is not an absent secret */
        STEP(client_use(client, request, uri, client->access));
    outcome = field_find(client, request, key, uri, along, &field);
    if (outcome == OUTCOME_NOT_FOUND)
        return along ? search_absent(request, key) : object_absent("secret", key, "");
    STEP(outcome);
    *object = field.object;
    rv = object_read(client, *object, CKA_VALUE, out);
    if (rv != CKR_OK)
        return outcome_of_rv("read", field.name == NULL ? key : field.owner, rv);
    return field.name == NULL ? OUTCOME_OK : member_pick(field.owner, field.name, out);
}

enum outcome field_refuse(struct client *client, const struct request *request, size_t index)
{
    const struct uri *token = &request->uris[0]; /* that the first key names */
    const char *key = request->keys[index];
    struct field field = {.name = NULL};
    enum outcome outcome = OUTCOME_NOT_FOUND;
    char owner[LABEL_SIZE];
    char edit[REMEDY_SIZE];
    char uri[REMEDY_SIZE];

    if (request->uris[index].parsed == NULL && object_field(key, owner) != NULL)
        outcome = field_find(client, request, key, token, false, &field);
    if (outcome == OUTCOME_NOT_FOUND || (outcome == OUTCOME_OK && field.name == NULL))
        return OUTCOME_OK;
    STEP(outcome);
    remedy_line(client, "edit", owner, edit);
    remedy_line(client, "uri", key, uri);
    outcome_print("a field can only be read, and %s would be a secret of its own beside %s; to "
                  "change the field: %s; for the secret, give its URI: %s",
                  key, owner, edit, uri);
    return OUTCOME_USAGE;
}

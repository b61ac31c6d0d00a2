/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/label.h"

/* How many handles are asked for at a time. */
#define BATCH 256

static enum outcome pass_found(struct client *client, const char *thing, search_fn *each, void *arg)
{
    CK_OBJECT_HANDLE objects[BATCH];
    CK_ULONG count = 0;

    do {
        CK_RV rv = client->p11->C_FindObjects(client->session, objects, BATCH, &count);

        if (rv != CKR_OK)
            return outcome_of_rv("list", thing, rv);
        for (CK_ULONG i = 0; i < count; i++) {
            AUTO_SECRET label = {0};
            char key[LABEL_SIZE];

            object_read_optional(client, objects[i], CKA_LABEL, &label);
            if (label.len == 0 || label.len >= sizeof key)
                continue; /* deleted meanwhile, or none of ours */
            memcpy(key, label.data, label.len);
            key[label.len] = '\0';
            STEP(each(arg, client, objects[i], key));
        }
    } while (count > 0);
    return OUTCOME_OK;
}

/* Passes the objects that match the rows to `each`. */
static enum outcome search_rows(struct client *client, CK_ATTRIBUTE *rows, CK_ULONG count,
                                const char *thing, search_fn *each, void *arg)
{
    CK_RV rv = client->p11->C_FindObjectsInit(client->session, rows, count);
    enum outcome outcome;

    if (rv != CKR_OK)
        return outcome_of_rv("list", thing, rv);
    outcome = pass_found(client, thing, each, arg);
    (void)client->p11->C_FindObjectsFinal(client->session);
    return outcome;
}

enum outcome search_class(struct client *client, CK_OBJECT_CLASS class, const char *thing,
                          search_fn *each, void *arg)
{
    const CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE rows[] = {OBJECT_ROW(CKA_CLASS, &class, sizeof class),
                           OBJECT_ROW(CKA_TOKEN, &yes, sizeof yes)};

    return search_rows(client, rows, 2, thing, each, arg);
}

enum outcome search_scope(struct client *client, const char *scope, search_fn *each, void *arg)
{
    const char *thing = scope == NULL ? "the secrets" : scope;
    const char *slash = scope == NULL ? NULL : strchr(scope, '/');
    const CK_OBJECT_CLASS class = CKO_DATA;
    const CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE rows[4] = {OBJECT_ROW(CKA_CLASS, &class, sizeof class),
                            OBJECT_ROW(CKA_TOKEN, &yes, sizeof yes)};
    CK_ULONG count = 2;

    if (scope != NULL) {
        size_t len = slash == NULL ? strlen(scope) : (size_t)(slash - scope);
        rows[count++] = (CK_ATTRIBUTE)OBJECT_ROW(CKA_SIDESEAT_SCOPE, scope, len);
    }
    if (slash != NULL)
        rows[count++] =
            (CK_ATTRIBUTE)OBJECT_ROW(CKA_SIDESEAT_SCOPE_ID, slash + 1, strlen(slash + 1));
    return search_rows(client, rows, count, thing, each, arg);
}

/* "org/acme,global" for CKA_SIDESEAT_FALLBACK; the caller frees it. NULL: out of memory. */
static char *join_scopes(const struct request *request)
{
    size_t size = 1;
    size_t used = 0;
    char *text;

    for (size_t i = 0; i < request->scope_count; i++)
        size += strlen(request->scopes[i]) + 1;
    text = calloc(size, 1);
    for (size_t i = 0; text != NULL && i < request->scope_count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? "," : "",
                                 request->scopes[i]);
    return text;
}

enum outcome search_along(struct client *client, const struct request *request, const char *name,
                          CK_OBJECT_HANDLE *out)
{
    const CK_OBJECT_CLASS class = CKO_DATA;
    char *scopes = join_scopes(request);
    enum outcome outcome;

    if (scopes == NULL)
        return outcome_no_memory();
    const CK_ATTRIBUTE rows[] = {
        OBJECT_ROW(CKA_CLASS, &class, sizeof class),
        OBJECT_ROW(CKA_LABEL, name, strlen(name)),
        OBJECT_ROW(CKA_SIDESEAT_FALLBACK, scopes, strlen(scopes)),
    };
    outcome = object_find(client, rows, sizeof rows / sizeof rows[0], name, out);
    free(scopes);
    return outcome;
}

enum outcome search_absent(const struct request *request, const char *name)
{
    char *scopes = join_scopes(request);

    if (scopes == NULL)
        return outcome_no_memory();
    outcome_print("no secret %s in %s", name, scopes);
    free(scopes);
    return OUTCOME_NOT_FOUND;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "tools/sideseat-secrets/object.h"
#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/label.h"

/* How many handles are asked for at a time, and how much text is kept before it is written. */
#define BATCH 256
#define KEEP ((size_t)64 * 1024)

/* Prints text of the module's so that a terminal cannot be steered by it. */
static void put_text(const struct store_secret *text)
{
    char copy[LABEL_SIZE] = "";
    char shown[LABEL_SIZE];

    if (text->len > 0)
        memcpy(copy, text->data, text->len < sizeof copy ? text->len : sizeof copy - 1);
    label_for_output(copy, shown);
    (void)fputs(shown, stdout);
}

static enum outcome print_text(struct client *client, const struct request *request,
                               CK_OBJECT_HANDLE object, const struct store_secret *label)
{
    static const CK_ATTRIBUTE_TYPE details[] = {CKA_SIDESEAT_CREATED_AT, CKA_SIDESEAT_UPDATED_AT,
                                                CKA_SIDESEAT_VERSION, CKA_SIDESEAT_BACKEND};

    put_text(label);
    for (size_t i = 0; request->details && i < sizeof details / sizeof details[0]; i++) {
        AUTO_SECRET detail = {0};

        object_read_optional(client, object, details[i], &detail);
        (void)fputs(detail.len > 0 ? "\t" : "\t-", stdout);
        put_text(&detail);
    }
    if (putchar('\n') != EOF)
        return OUTCOME_OK;
    outcome_print("cannot write to standard output");
    return OUTCOME_FAILED;
}

static enum outcome print_object(struct client *client, const struct request *request,
                                 CK_OBJECT_HANDLE object, struct print_json *json)
{
    static const struct {
        CK_ATTRIBUTE_TYPE type;
        const char *name;
    } parts[] = {{CKA_SIDESEAT_SCOPE, "scope"},
                 {CKA_SIDESEAT_SCOPE_ID, "scope_id"},
                 {CKA_SIDESEAT_NAME, "name"}};
    AUTO_SECRET label = {0};

    object_read_optional(client, object, CKA_LABEL, &label);
    if (label.len == 0)
        return OUTCOME_OK; /* deleted meanwhile, or none of ours */
    if (!request->json)
        return print_text(client, request, object, &label);
    (void)yajl_gen_map_open(json->gen);
    print_json_bytes(json, "key", &label);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        AUTO_SECRET part = {0};

        object_read_optional(client, object, parts[i].type, &part);
        print_json_bytes(json, parts[i].name, &part);
    }
    if (request->details)
        object_print_details(client, object, json);
    (void)yajl_gen_map_close(json->gen);
    return print_json_flush(json, KEEP);
}

/* Prints the objects of the search that has begun. */
static enum outcome print_found(struct client *client, const struct request *request,
                                const char *thing, struct print_json *json)
{
    CK_OBJECT_HANDLE objects[BATCH];
    CK_ULONG count = 0;

    do {
        CK_RV rv = client->p11->C_FindObjects(client->session, objects, BATCH, &count);

        if (rv != CKR_OK)
            return outcome_of_rv("list", thing, rv);
        for (CK_ULONG i = 0; i < count; i++)
            STEP(print_object(client, request, objects[i], json));
    } while (count > 0);
    return OUTCOME_OK;
}

/* Lists one scope ("org/acme", "org"), or everything for NULL. */
static enum outcome list_scope(struct client *client, const struct request *request,
                               const char *scope, struct print_json *json)
{
    const char *thing = scope == NULL ? "the secrets" : scope;
    const char *slash = scope == NULL ? NULL : strchr(scope, '/');
    const CK_OBJECT_CLASS class = CKO_DATA;
    const CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE rows[4] = {OBJECT_ROW(CKA_CLASS, &class, sizeof class),
                            OBJECT_ROW(CKA_TOKEN, &yes, sizeof yes)};
    CK_ULONG count = 2;
    enum outcome outcome;
    CK_RV rv;

    if (scope != NULL) {
        size_t len = slash == NULL ? strlen(scope) : (size_t)(slash - scope);
        rows[count++] = (CK_ATTRIBUTE)OBJECT_ROW(CKA_SIDESEAT_SCOPE, scope, len);
    }
    if (slash != NULL)
        rows[count++] =
            (CK_ATTRIBUTE)OBJECT_ROW(CKA_SIDESEAT_SCOPE_ID, slash + 1, strlen(slash + 1));
    rv = client->p11->C_FindObjectsInit(client->session, rows, count);
    if (rv != CKR_OK)
        return outcome_of_rv("list", thing, rv);
    outcome = print_found(client, request, thing, json);
    (void)client->p11->C_FindObjectsFinal(client->session);
    return outcome;
}

enum outcome command_list(const struct request *request)
{
    AUTO_CLIENT client = {0};
    AUTO_JSON json = {0};

    STEP(client_open(&client, request, CLIENT_READ));
    if (request->json) {
        if (!print_json_open(&json))
            return outcome_no_memory();
        (void)yajl_gen_array_open(json.gen);
    }
    if (request->scope_count == 0)
        STEP(list_scope(&client, request, NULL, &json));
    for (size_t i = 0; i < request->scope_count; i++)
        STEP(list_scope(&client, request, request->scopes[i], &json));
    if (!request->json)
        return OUTCOME_OK;
    (void)yajl_gen_array_close(json.gen);
    return print_json_close(&json);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/object.h"

#include <stdio.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "store/scope.h"
#include "tools/sideseat-secrets/remedy.h"

/* A value that grows between the length query and the read is asked for again, this often. */
#define READ_ATTEMPTS 4

enum outcome object_find(struct client *client, const CK_ATTRIBUTE *rows, CK_ULONG count,
                         const char *thing, CK_OBJECT_HANDLE *out)
{
    CK_ULONG found = 0;
    CK_RV rv =
        client->p11->C_FindObjectsInit(client->session, (CK_ATTRIBUTE *)(uintptr_t)rows, count);

    if (rv != CKR_OK)
        return outcome_of_rv("look up", thing, rv);
    rv = client->p11->C_FindObjects(client->session, out, 1, &found);
    (void)client->p11->C_FindObjectsFinal(client->session);
    if (rv != CKR_OK)
        return outcome_of_rv("look up", thing, rv);
    return found > 0 ? OUTCOME_OK : OUTCOME_NOT_FOUND;
}

static enum outcome find_label(struct client *client, const char *key, const CK_ATTRIBUTE *id,
                               CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *out)
{
    const CK_BBOOL yes = CK_TRUE;
    const CK_ATTRIBUTE rows[] = {
        OBJECT_ROW(CKA_CLASS, &class, sizeof class),
        OBJECT_ROW(CKA_TOKEN, &yes, sizeof yes),
        OBJECT_ROW(CKA_LABEL, key, strlen(key)),
        OBJECT_ROW(CKA_ID, id == NULL ? NULL : id->pValue, id == NULL ? 0 : id->ulValueLen),
    };
    CK_ULONG count = sizeof rows / sizeof rows[0];

    return object_find(client, rows, id == NULL ? count - 1 : count, key, out);
}

enum outcome object_find_data(struct client *client, const char *key, CK_OBJECT_HANDLE *out)
{
    return find_label(client, key, NULL, CKO_DATA, out);
}

bool object_scope_read(const char *key, struct object_scope *out)
{
    struct store_scope_key parts;

    if (store_scope_complete(key, strlen(key), out->key) != STORE_OK ||
        store_scope_parse(out->key, strlen(out->key), &parts) != STORE_OK)
        return false;
    out->count = parts.id_len > 0 ? 3 : 2;
    out->rows[0] = (CK_ATTRIBUTE)OBJECT_ROW(CKA_SIDESEAT_SCOPE, parts.scope, strlen(parts.scope));
    out->rows[1] = (CK_ATTRIBUTE)OBJECT_ROW(CKA_SIDESEAT_NAME, parts.name, parts.name_len);
    out->rows[2] = (CK_ATTRIBUTE)OBJECT_ROW(CKA_SIDESEAT_SCOPE_ID, parts.id, parts.id_len);
    return true;
}

/* Finds an object of one of our secrets by the scope key, whatever its label is. */
static enum outcome find_scoped(struct client *client, const char *key, const CK_ATTRIBUTE *id,
                                CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *out)
{
    const CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE rows[OBJECT_SCOPE_ROWS + 3] = {
        OBJECT_ROW(CKA_CLASS, &class, sizeof class),
        OBJECT_ROW(CKA_TOKEN, &yes, sizeof yes),
    };
    struct object_scope scope;
    CK_ULONG count = 2;

    if (!object_scope_read(key, &scope))
        return OUTCOME_NOT_FOUND;
    for (CK_ULONG i = 0; i < scope.count; i++)
        rows[count++] = scope.rows[i];
    if (id != NULL)
        rows[count++] = *id;
    return object_find(client, rows, count, key, out);
}

/* A rule of pkcs11.keys can give the objects of a key pair another label than the scope key, and
 * even that of another secret: the scope key comes first. */
static enum outcome find_named(struct client *client, const struct request *request,
                               const char *key, const struct uri *uri, CK_OBJECT_CLASS class,
                               CK_OBJECT_HANDLE *out)
{
    bool pair = class == CKO_PRIVATE_KEY || class == CKO_PUBLIC_KEY;
    enum outcome outcome = OUTCOME_NOT_FOUND;

    STEP(client_use(client, request, uri, client->access));
    if (pair && client->ours)
        outcome = find_scoped(client, key, uri_id(uri), class, out);
    return outcome == OUTCOME_NOT_FOUND ? find_label(client, key, uri_id(uri), class, out)
                                        : outcome;
}

enum outcome object_find_asked(struct client *client, const struct request *request, size_t index,
                               CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *out)
{
    return find_named(client, request, request->keys[index], &request->uris[index], class, out);
}

bool object_key(struct client *client, CK_OBJECT_HANDLE object, char out[STORE_KEY_MAX + 1])
{
    AUTO_SECRET scope = {0};
    AUTO_SECRET id = {0};
    AUTO_SECRET name = {0};
    int len;

    object_read_optional(client, object, CKA_SIDESEAT_SCOPE, &scope);
    object_read_optional(client, object, CKA_SIDESEAT_SCOPE_ID, &id);
    object_read_optional(client, object, CKA_SIDESEAT_NAME, &name);
    if (scope.len == 0 || name.len == 0)
        return false;
    len = snprintf(out, STORE_KEY_MAX + 1, "%.*s/%.*s%s%.*s", (int)scope.len,
                   (const char *)scope.data, (int)id.len, id.len > 0 ? (const char *)id.data : "",
                   id.len > 0 ? "/" : "", (int)name.len, (const char *)name.data);
    return len > 0 && len <= STORE_KEY_MAX;
}

enum outcome object_find_other(struct client *client, CK_OBJECT_HANDLE object,
                               CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *out)
{
    char key[STORE_KEY_MAX + 1];
    AUTO_SECRET id = {0};
    const CK_BBOOL yes = CK_TRUE;

    if (object_key(client, object, key))
        return find_scoped(client, key, NULL, class, out);
    object_read_optional(client, object, CKA_ID, &id);
    const CK_ATTRIBUTE rows[] = {
        OBJECT_ROW(CKA_CLASS, &class, sizeof class),
        OBJECT_ROW(CKA_TOKEN, &yes, sizeof yes),
        OBJECT_ROW(CKA_ID, id.data, id.len),
    };
    return id.len == 0 ? OUTCOME_NOT_FOUND
                       : object_find(client, rows, sizeof rows / sizeof rows[0], "a key", out);
}

enum outcome object_absent(const char *what, const char *key, const char *more)
{
    char full[STORE_KEY_MAX + 1];

    if (store_scope_complete(key, strlen(key), full) != STORE_OK) {
        outcome_print("'%s' is not a key; a key is %s", key, REQUEST_KEY_FORMS);
        return OUTCOME_USAGE;
    }
    outcome_print("no %s %s%s", what, key, more);
    return OUTCOME_NOT_FOUND;
}

enum outcome object_find_key(struct client *client, const struct request *request, const char *key,
                             const struct uri *uri, CK_OBJECT_HANDLE *out)
{
    return find_named(client, request, key, uri, CKO_DATA, out);
}

const char *object_field(const char *key, char owner[LABEL_SIZE])
{
    const char *hash = strrchr(key, '#');

    if (hash == NULL || hash == key || hash[1] == '\0' || (size_t)(hash - key) >= LABEL_SIZE)
        return NULL;
    memcpy(owner, key, (size_t)(hash - key));
    owner[hash - key] = '\0';
    return hash + 1;
}

enum outcome object_find_secret(struct client *client, const struct request *request,
                                const char *key, const struct uri *uri, CK_OBJECT_HANDLE *out)
{
    enum outcome outcome = object_find_key(client, request, key, uri, out);
    char owner[LABEL_SIZE];
    const char *field = object_field(key, owner);
    char line[REMEDY_SIZE];

    if (outcome != OUTCOME_NOT_FOUND)
        return outcome;
    if (field == NULL || object_find_key(client, request, owner, uri, out) != OUTCOME_OK)
        return object_absent("secret", key, "");
    remedy_line(client, "edit", owner, line);
    outcome_print("no secret %s; a field of %s can only be read; change the whole value with: %s",
                  key, owner, line);
    return OUTCOME_NOT_FOUND;
}

CK_RV object_read(struct client *client, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                  struct store_secret *out)
{
    CK_RV rv = CKR_BUFFER_TOO_SMALL;

    for (int i = 0; i < READ_ATTEMPTS && rv == CKR_BUFFER_TOO_SMALL; i++) {
        CK_ATTRIBUTE row = {type, NULL, 0};
        unsigned char *bytes = NULL;

        rv = client->p11->C_GetAttributeValue(client->session, object, &row, 1);
        if (rv != CKR_OK)
            return rv;
        if (store_secret_resize(out, row.ulValueLen, &bytes) != STORE_OK)
            return CKR_HOST_MEMORY;
        if (row.ulValueLen == 0)
            return CKR_OK;
        row.pValue = bytes;
        rv = client->p11->C_GetAttributeValue(client->session, object, &row, 1);
        /* shorter by now, or (by a broken module) longer than there is room for */
        if (rv == CKR_OK && row.ulValueLen > out->len)
            rv = CKR_GENERAL_ERROR;
        if (rv == CKR_OK && store_secret_resize(out, row.ulValueLen, &bytes) != STORE_OK)
            rv = CKR_HOST_MEMORY;
    }
    return rv;
}

void object_read_optional(struct client *client, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                          struct store_secret *out)
{
    if (object_read(client, object, type, out) != CKR_OK)
        store_secret_wipe(out);
}

bool object_is(struct client *client, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
    CK_BBOOL value = CK_FALSE;
    CK_ATTRIBUTE row = {type, &value, sizeof value};

    return client->p11->C_GetAttributeValue(client->session, object, &row, 1) == CKR_OK &&
           row.ulValueLen == sizeof value && value != CK_FALSE;
}

CK_RV object_read_versioned(struct client *client, CK_OBJECT_HANDLE object,
                            struct store_secret *value, char version[OBJECT_VERSION_SIZE])
{
    CK_RV rv = CKR_BUFFER_TOO_SMALL;

    for (int i = 0; i < READ_ATTEMPTS && rv == CKR_BUFFER_TOO_SMALL; i++) {
        CK_ATTRIBUTE rows[] = {{CKA_VALUE, NULL, 0},
                               {CKA_SIDESEAT_VERSION, version, OBJECT_VERSION_SIZE - 1}};
        unsigned char *bytes = NULL;

        rv = client->p11->C_GetAttributeValue(client->session, object, rows, 1);
        if (rv == CKR_SIDESEAT_NO_VALUE)
            (void)snprintf(version, OBJECT_VERSION_SIZE, "0");
        if (rv != CKR_OK)
            return rv;
        if (store_secret_resize(value, rows[0].ulValueLen, &bytes) != STORE_OK)
            return CKR_HOST_MEMORY;
        rows[0].pValue = bytes;
        rv = client->p11->C_GetAttributeValue(client->session, object, rows, 2);
        if (rv == CKR_ATTRIBUTE_TYPE_INVALID) { /* another module */
            version[0] = '\0';
            return object_read(client, object, CKA_VALUE, value);
        }
        if (rv == CKR_OK &&
            (rows[0].ulValueLen > value->len || rows[1].ulValueLen >= OBJECT_VERSION_SIZE))
            rv = CKR_GENERAL_ERROR;
        if (rv == CKR_OK && store_secret_resize(value, rows[0].ulValueLen, &bytes) != STORE_OK)
            rv = CKR_HOST_MEMORY;
        if (rv == CKR_OK)
            version[rows[1].ulValueLen] = '\0';
    }
    return rv;
}

void object_print_details(struct client *client, CK_OBJECT_HANDLE object, struct print_json *json)
{
    static const struct {
        CK_ATTRIBUTE_TYPE type;
        const char *name;
    } texts[] = {
        {CKA_SIDESEAT_CREATED_AT, "created_at"},
        {CKA_SIDESEAT_UPDATED_AT, "updated_at"},
        {CKA_SIDESEAT_VERSION, "version"},
        {CKA_SIDESEAT_BACKEND, "backend"},
    };
    AUTO_SECRET stale = {0};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        AUTO_SECRET text = {0};

        object_read_optional(client, object, texts[i].type, &text);
        if (text.len > 0)
            print_json_bytes(json, texts[i].name, &text);
        else
            print_json_text(json, texts[i].name, NULL);
    }
    object_read_optional(client, object, CKA_SIDESEAT_STALE, &stale);
    print_json_flag(json, "stale", store_secret_equal(&stale, "1", 1));
}

enum outcome object_print(struct client *client, CK_OBJECT_HANDLE object)
{
    char key[STORE_KEY_MAX + 1];
    AUTO_PRINT_JSON json = {0};
    AUTO_SECRET label = {0};

    if (!print_json_open(&json))
        return outcome_no_memory();
    object_read_optional(client, object, CKA_LABEL, &label);
    (void)yajl_gen_map_open(json.gen);
    if (object_key(client, object, key))
        print_json_text(&json, "key", key);
    else
        print_json_bytes(&json, "key", &label);
    object_print_details(client, object, &json);
    (void)yajl_gen_map_close(json.gen);
    return print_json_close(&json);
}

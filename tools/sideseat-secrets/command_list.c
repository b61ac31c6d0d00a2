/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "tools/sideseat-secrets/object.h"
#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/table.h"

/* How many handles are asked for at a time, and how much text is kept before it is written. */
#define BATCH 256
#define KEEP ((size_t)64 * 1024)

/* The form in which the secrets are printed: JSON or a table, unless it is keys alone. */
struct output {
    struct print_json json;
    struct table table;
};

static void output_clear(struct output *out)
{
    print_json_clear(&out->json);
    table_clear(&out->table);
}

#define AUTO_OUTPUT __attribute__((cleanup(output_clear))) struct output

static void copy_text(const struct store_secret *text, char out[LABEL_SIZE])
{
    size_t len = text->len < LABEL_SIZE ? text->len : LABEL_SIZE - 1;

    if (len > 0)
        memcpy(out, text->data, len);
    out[len] = '\0';
}

static const char *const titles[] = {"KEY", "CREATED", "UPDATED", "VERSION", "BACKEND"};

/* Adds a row: the key, two times, version and backend. */
static void add_details(struct client *client, CK_OBJECT_HANDLE object,
                        const struct store_secret *label, struct table *table)
{
    static const CK_ATTRIBUTE_TYPE details[] = {CKA_SIDESEAT_CREATED_AT, CKA_SIDESEAT_UPDATED_AT,
                                                CKA_SIDESEAT_VERSION, CKA_SIDESEAT_BACKEND};
    char text[LABEL_SIZE];

    copy_text(label, text);
    table_add(table, text);
    for (size_t i = 0; i < sizeof details / sizeof details[0]; i++) {
        AUTO_SECRET detail = {0};
        char when[TABLE_TIME_SIZE];

        object_read_optional(client, object, details[i], &detail);
        copy_text(&detail, text);
        if (i < 2)
            table_time(table, text, strlen(text), when);
        table_add(table, i < 2 ? when : text);
    }
}

static enum outcome print_key(const struct store_secret *label)
{
    char copy[LABEL_SIZE];
    char shown[LABEL_SIZE];

    copy_text(label, copy);
    label_for_output(copy, shown);
    if (puts(shown) != EOF)
        return OUTCOME_OK;
    outcome_print("cannot write to standard output");
    return OUTCOME_FAILED;
}

static enum outcome print_object(struct client *client, const struct request *request,
                                 CK_OBJECT_HANDLE object, struct output *out)
{
    static const struct {
        CK_ATTRIBUTE_TYPE type;
        const char *name;
    } parts[] = {{CKA_SIDESEAT_SCOPE, "scope"},
                 {CKA_SIDESEAT_SCOPE_ID, "scope_id"},
                 {CKA_SIDESEAT_NAME, "name"}};
    struct print_json *json = &out->json;
    AUTO_SECRET label = {0};

    object_read_optional(client, object, CKA_LABEL, &label);
    if (label.len == 0)
        return OUTCOME_OK; /* deleted meanwhile, or none of ours */
    if (!request->json && request->details) {
        add_details(client, object, &label, &out->table);
        return OUTCOME_OK;
    }
    if (!request->json)
        return print_key(&label);
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
                                const char *thing, struct output *out)
{
    CK_OBJECT_HANDLE objects[BATCH];
    CK_ULONG count = 0;

    do {
        CK_RV rv = client->p11->C_FindObjects(client->session, objects, BATCH, &count);

        if (rv != CKR_OK)
            return outcome_of_rv("list", thing, rv);
        for (CK_ULONG i = 0; i < count; i++)
            STEP(print_object(client, request, objects[i], out));
    } while (count > 0);
    return OUTCOME_OK;
}

/* Lists one scope ("org/acme", "org"), or everything for NULL. */
static enum outcome list_scope(struct client *client, const struct request *request,
                               const char *scope, struct output *out)
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
    outcome = print_found(client, request, thing, out);
    (void)client->p11->C_FindObjectsFinal(client->session);
    return outcome;
}

enum outcome command_list(const struct request *request)
{
    AUTO_CLIENT client = {0};
    AUTO_OUTPUT out = {0};

    STEP(client_open(&client, request, CLIENT_READ));
    table_begin(&out.table, titles, sizeof titles / sizeof titles[0]);
    if (request->json) {
        if (!print_json_open(&out.json))
            return outcome_no_memory();
        (void)yajl_gen_array_open(out.json.gen);
    }
    if (request->scope_count == 0)
        STEP(list_scope(&client, request, NULL, &out));
    for (size_t i = 0; i < request->scope_count; i++)
        STEP(list_scope(&client, request, request->scopes[i], &out));
    if (!request->json)
        return table_end(&out.table);
    (void)yajl_gen_array_close(out.json.gen);
    return print_json_close(&out.json);
}

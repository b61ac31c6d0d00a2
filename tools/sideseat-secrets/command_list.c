/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "store/case.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/search.h"
#include "tools/sideseat-secrets/status.h"
#include "tools/sideseat-secrets/table.h"

/* How much text is kept before it is written. */
#define KEEP ((size_t)64 * 1024)

/* The form in which the secrets are printed: JSON or a table, unless it is keys alone. */
struct output {
    const struct request *request;
    bool found;
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
static void add_details(struct client *client, CK_OBJECT_HANDLE object, const char *key,
                        struct table *table)
{
    static const CK_ATTRIBUTE_TYPE details[] = {CKA_SIDESEAT_CREATED_AT, CKA_SIDESEAT_UPDATED_AT,
                                                CKA_SIDESEAT_VERSION, CKA_SIDESEAT_BACKEND};
    char text[LABEL_SIZE];

    table_add(table, key);
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

static enum outcome print_key(const char *key)
{
    char shown[LABEL_SIZE];

    label_for_output(key, shown);
    if (puts(shown) != EOF)
        return OUTCOME_OK;
    outcome_print("cannot write to standard output");
    return OUTCOME_FAILED;
}

static enum outcome print_object(struct client *client, const struct request *request,
                                 CK_OBJECT_HANDLE object, const char *key, struct output *out)
{
    static const struct {
        CK_ATTRIBUTE_TYPE type;
        const char *name;
    } parts[] = {{CKA_SIDESEAT_SCOPE, "scope"},
                 {CKA_SIDESEAT_SCOPE_ID, "scope_id"},
                 {CKA_SIDESEAT_NAME, "name"}};
    struct print_json *json = &out->json;

    if (!request->json && request->details) {
        add_details(client, object, key, &out->table);
        return OUTCOME_OK;
    }
    if (!request->json)
        return print_key(key);
    (void)yajl_gen_map_open(json->gen);
    print_json_text(json, "key", key);
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

/* True if the key has the text of `search`, in whatever case. */
static bool is_wanted(const struct request *request, const char *key)
{
    const char *text = request->places[0];
    char lower_key[LABEL_SIZE];
    char lower_text[LABEL_SIZE];

    if (text == NULL)
        return true;
    if (!store_case_lower(key, strlen(key), lower_key, sizeof lower_key) ||
        !store_case_lower(text, strlen(text), lower_text, sizeof lower_text))
        return strstr(key, text) != NULL;
    return strstr(lower_key, lower_text) != NULL;
}

/* True for a deleted secret that the store still lists, as Vault does while versions remain. */
static bool is_gone(struct client *client, CK_OBJECT_HANDLE object)
{
    AUTO_SECRET version = {0};

    return object_read(client, object, CKA_SIDESEAT_VERSION, &version) == CKR_OBJECT_HANDLE_INVALID;
}

/* Prints a secret that was found, if it is wanted. Only the details make the store tell of each. */
static enum outcome pass(void *arg, struct client *client, CK_OBJECT_HANDLE object, const char *key)
{
    struct output *out = arg;

    if (!is_wanted(out->request, key) || (out->request->details && is_gone(client, object)))
        return OUTCOME_OK;
    out->found = true;
    return print_object(client, out->request, object, key, out);
}

enum outcome command_list(const struct request *request)
{
    AUTO_CLIENT client = {0};
    AUTO_OUTPUT out = {.request = request};

    if (request->command->flags == COMMAND_PLACE && request->places[0] == NULL) {
        outcome_print("TEXT is missing; see: sideseat-secrets search --help");
        return OUTCOME_USAGE;
    }
    if (request->tokens && request->command->flags == COMMAND_PLACE) {
        outcome_print("search looks for keys; the tokens are printed by: sideseat-secrets list "
                      "--tokens");
        return OUTCOME_USAGE;
    }
    if (request->tokens)
        return command_tokens(request);
    STEP(client_open(&client, request, CLIENT_READ));
    table_begin(&out.table, titles, sizeof titles / sizeof titles[0]);
    if (request->json) {
        if (!print_json_open(&out.json))
            return outcome_no_memory();
        (void)yajl_gen_array_open(out.json.gen);
    }
    if (request->scope_count == 0)
        STEP(search_scope(&client, NULL, pass, &out));
    for (size_t i = 0; i < request->scope_count; i++)
        STEP(search_scope(&client, request->scopes[i], pass, &out));
    if (!request->json) {
        STEP(table_end(&out.table));
    } else {
        (void)yajl_gen_array_close(out.json.gen);
        STEP(print_json_close(&out.json));
    }
    STEP(status_whole(&client));
    if (request->places[0] == NULL || out.found)
        return OUTCOME_OK;
    outcome_print("no key contains '%s'", request->places[0]);
    return OUTCOME_NOT_FOUND;
}

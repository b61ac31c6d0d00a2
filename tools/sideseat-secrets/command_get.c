/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/field.h"
#include "tools/sideseat-secrets/history.h"
#include "tools/sideseat-secrets/member.h"
#include "tools/sideseat-secrets/option.h"

/* The values that were read, one for each key, so that a key that fails prints none of them. */
struct values {
    struct store_secret *all;
    size_t count;
};

static void values_wipe(struct values *values)
{
    for (size_t i = 0; values->all != NULL && i < values->count; i++)
        store_secret_wipe(&values->all[i]);
    free(values->all);
}

#define AUTO_VALUES __attribute__((cleanup(values_wipe))) struct values

static void add_json(struct client *client, CK_OBJECT_HANDLE object,
                     const struct store_secret *value, struct print_json *json)
{
    AUTO_SECRET label = {0};

    object_read_optional(client, object, CKA_LABEL, &label);
    (void)yajl_gen_map_open(json->gen);
    print_json_bytes(json, "key", &label);
    print_json_value(json, value);
    object_print_details(client, object, json);
    (void)yajl_gen_map_close(json->gen);
}

/* Writes the bytes. A terminal gets nothing that it would obey instead of showing it. */
static enum outcome write_value(const struct request *request, size_t index,
                                const struct store_secret *value)
{
    bool terminal = isatty(STDOUT_FILENO) != 0;
    bool raw = request->raw || !terminal;

    if (!raw && !print_is_text(value)) {
        outcome_print("%s has %zu bytes that are not only printable text, which could steer the "
                      "terminal; send them to a file or a program, show them with --json, or ask "
                      "for them with --raw",
                      request->keys[index], value->len);
        return OUTCOME_USAGE;
    }
    STEP(print_bytes(value->data, value->len));
    /* A person's next prompt begins on a line of its own; a program gets the exact bytes. */
    if (request->key_count > 1 || (!raw && value->len > 0 && value->data[value->len - 1] != '\n'))
        return print_bytes("\n", 1);
    return OUTCOME_OK;
}

/* Finds the versions of a key or, with `field` then set, of the KEY of KEY#FIELD. */
static enum outcome find_versions(struct client *client, const struct request *request,
                                  size_t index, char owner[LABEL_SIZE], const char **field,
                                  struct history *out)
{
    const char *key = request->keys[index];

    STEP(client_use(client, request, &request->uris[index], client->access));
    STEP(history_find(client, key, out));
    *field = out->kept && out->count == 0 ? object_field(key, owner) : NULL;
    if (*field == NULL)
        return history_need(client, request, index, out);
    STEP(history_find(client, owner, out));
    return out->count > 0 ? OUTCOME_OK : object_absent("secret", key, "");
}

/* Reads one version of a key, or a field of it. */
static enum outcome read_version(struct client *client, const struct request *request, size_t index,
                                 CK_OBJECT_HANDLE *object, struct store_secret *value)
{
    const char *key = request->keys[index];
    const char *field = NULL;
    char owner[LABEL_SIZE];
    struct history history;

    if (request->scope_count > 0) {
        outcome_print("--version goes with a key, not with --scope");
        return OUTCOME_USAGE;
    }
    STEP(find_versions(client, request, index, owner, &field, &history));
    if (field != NULL)
        key = owner;
    STEP(history_pick(client, &history, key, option_text(request, OPTION_VERSION), object));
    STEP(history_value(client, key, *object, value));
    return field == NULL ? OUTCOME_OK : member_pick(owner, field, value);
}

/* Reads the value of one key, and for JSON what else there is while the token is connected. */
static enum outcome read_one(struct client *client, const struct request *request, size_t index,
                             struct store_secret *value, struct print_json *json)
{
    const char *key = request->keys[index];
    CK_OBJECT_HANDLE object = 0;

    if (option_given(request, OPTION_VERSION))
        STEP(read_version(client, request, index, &object, value));
    else
        STEP(field_read(client, request, key, &request->uris[index], request->scope_count > 0,
                        &object, value));
    if (request->json)
        add_json(client, object, value, json);
    return OUTCOME_OK;
}

enum outcome command_get(const struct request *request)
{
    bool array = request->json && request->key_count > 1;
    AUTO_VALUES values = {.count = request->key_count};
    AUTO_CLIENT client = {0};
    AUTO_PRINT_JSON json = {0};

    STEP(client_open(&client, request, CLIENT_READ));
    values.all = calloc(values.count, sizeof *values.all);
    if (values.all == NULL || (request->json && !print_json_open(&json)))
        return outcome_no_memory();
    if (array)
        (void)yajl_gen_array_open(json.gen);
    for (size_t i = 0; i < values.count; i++)
        STEP(read_one(&client, request, i, &values.all[i], &json));
    if (array)
        (void)yajl_gen_array_close(json.gen);
    if (request->json)
        return print_json_close(&json);
    for (size_t i = 0; i < values.count; i++)
        STEP(write_value(request, i, &values.all[i]));
    return OUTCOME_OK;
}

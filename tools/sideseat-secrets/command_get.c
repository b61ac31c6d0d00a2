/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/sideseat-secrets/object.h"
#include "sideseat-pkcs11.h"

/* "org/acme,global" for CKA_SIDESEAT_FALLBACK; the caller frees it. NULL: out of memory. */
static char *join_scopes(const struct request *request)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < request->scope_count; i++)
        (void)fprintf(out, "%s%s", i > 0 ? "," : "", request->scopes[i]);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* Finds the secret of this name in the first scope that has it, or prints that none has. */
static enum outcome find_along(struct client *client, const struct request *request,
                               CK_OBJECT_HANDLE *out)
{
    const CK_OBJECT_CLASS class = CKO_DATA;
    char *scopes = join_scopes(request);
    enum outcome outcome;

    if (scopes == NULL)
        return outcome_no_memory();
    const CK_ATTRIBUTE rows[] = {
        OBJECT_ROW(CKA_CLASS, &class, sizeof class),
        OBJECT_ROW(CKA_LABEL, request->keys[0], strlen(request->keys[0])),
        OBJECT_ROW(CKA_SIDESEAT_FALLBACK, scopes, strlen(scopes)),
    };
    outcome = object_find(client, rows, sizeof rows / sizeof rows[0], request->keys[0], out);
    if (outcome == OUTCOME_NOT_FOUND) {
        outcome_print("no secret %s in %s", request->keys[0], scopes);
    }
    free(scopes);
    return outcome;
}

static enum outcome write_json(struct client *client, CK_OBJECT_HANDLE object,
                               const struct store_secret *value)
{
    AUTO_JSON json = {0};
    AUTO_SECRET label = {0};

    if (!print_json_open(&json))
        return outcome_no_memory();
    object_read_optional(client, object, CKA_LABEL, &label);
    (void)yajl_gen_map_open(json.gen);
    print_json_bytes(&json, "key", &label);
    print_json_value(&json, value);
    object_print_details(client, object, &json);
    (void)yajl_gen_map_close(json.gen);
    return print_json_close(&json);
}

/* Writes the bytes. A terminal gets nothing that it would obey instead of showing it. */
static enum outcome write_value(const struct request *request, const struct store_secret *value)
{
    bool terminal = isatty(STDOUT_FILENO) != 0;

    if (terminal && !request->raw && !print_is_text(value)) {
        outcome_print("%s has %zu bytes that are not only printable text, which could steer the "
                      "terminal; send them to a file or a program, show them with --json, or ask "
                      "for them with --raw",
                      request->keys[0], value->len);
        return OUTCOME_USAGE;
    }
    STEP(print_bytes(value->data, value->len));
    /* A person's next prompt begins on a line of its own; a program gets the exact bytes. */
    if (terminal && !request->raw && value->len > 0 && value->data[value->len - 1] != '\n')
        return print_bytes("\n", 1);
    return OUTCOME_OK;
}

enum outcome command_get(const struct request *request)
{
    AUTO_CLIENT client = {0};
    AUTO_SECRET value = {0};
    CK_OBJECT_HANDLE object = 0;
    CK_RV rv;

    STEP(client_open(&client, request, CLIENT_READ));
    if (request->scope_count > 0)
        STEP(find_along(&client, request, &object));
    else
        STEP(object_find_secret(&client, request->keys[0], &object));
    rv = object_read(&client, object, CKA_VALUE, &value);
    if (rv != CKR_OK)
        return outcome_of_rv("read", request->keys[0], rv);
    if (request->json)
        return write_json(&client, object, &value);
    return write_value(request, &value);
}

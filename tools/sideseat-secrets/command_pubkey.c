/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/jwk.h"
#include "tools/sideseat-secrets/option.h"

static enum outcome add_jwk(struct client *client, CK_OBJECT_HANDLE object, const char *name,
                            struct store_secret *out)
{
    json_t *json = NULL;
    enum outcome outcome = jwk_make(client, object, name, &json);
    char *text;

    if (outcome != OUTCOME_OK)
        return outcome;
    text = json_dumps(json, JSON_COMPACT);
    if (text == NULL || store_secret_append(out, text, strlen(text)) != STORE_OK ||
        store_secret_append(out, "\n", 1) != STORE_OK)
        outcome = outcome_no_memory();
    free(text);
    json_decref(json);
    return outcome;
}

static enum outcome format_key(struct client *client, CK_OBJECT_HANDLE object, const char *name,
                               const char *format, struct store_secret *out)
{
    AUTO_PUBLIC_KEY key = {0};
    enum store_err err;

    if (strcmp(format, "jwk") == 0)
        return add_jwk(client, object, name, out);
    STEP(public_key_read(client, object, name, &key));
    err = strcmp(format, "ssh") == 0 ? public_key_ssh(&key, name, out) : public_key_pem(&key, out);
    if (err == STORE_CORRUPT) {
        outcome_print("OpenSSH has no keys of the kind of %s; use --format pem", name);
        return OUTCOME_FAILED;
    }
    if (err == STORE_UNSUPPORTED) {
        outcome_print("--format pem needs OpenSSL, which this build does not have; there are ssh "
                      "and jwk");
        return OUTCOME_USAGE;
    }
    return err == STORE_OK ? OUTCOME_OK : outcome_no_memory();
}

static enum outcome print_key(const struct request *request, const char *format,
                              const struct store_secret *text)
{
    AUTO_PRINT_JSON json = {0};

    if (!request->json)
        return print_bytes(text->data, text->len);
    if (!print_json_open(&json))
        return outcome_no_memory();
    (void)yajl_gen_map_open(json.gen);
    print_json_text(&json, "key", request->keys[0]);
    print_json_text(&json, "format", format);
    print_json_bytes(&json, "public_key", text);
    (void)yajl_gen_map_close(json.gen);
    return print_json_close(&json);
}

enum outcome command_pubkey(const struct request *request)
{
    const char *format = option_text(request, OPTION_FORMAT);
    const char *name = request->keys[0];
    AUTO_CLIENT client = {0};
    AUTO_SECRET text = {0};
    CK_OBJECT_HANDLE object = 0;

    if (format == NULL)
        format = "pem";
    if (strcmp(format, "pem") != 0 && strcmp(format, "ssh") != 0 && strcmp(format, "jwk") != 0) {
        outcome_print("no format '%s'; there are pem, ssh and jwk", format);
        return OUTCOME_USAGE;
    }
    STEP(client_open(&client, request, CLIENT_READ));
    STEP(jwk_find_public(&client, request, 0, &object));
    STEP(format_key(&client, object, name, format, &text));
    return print_key(request, format, &text);
}

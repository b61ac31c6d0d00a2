/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "tools/sideseat-secrets/jwk.h"

/* The most key pairs that are printed without naming them. */
#define HANDLES_MAX 1024

/* Takes over the key. */
static enum outcome add(json_t *keys, json_t *jwk)
{
    return json_array_append_new(keys, jwk) == 0 ? OUTCOME_OK : outcome_no_memory();
}

static enum outcome add_named(struct client *client, const struct request *request, json_t *keys)
{
    for (size_t i = 0; i < request->key_count; i++) {
        json_t *jwk = NULL;
        STEP(jwk_of_key(client, request, i, &jwk));
        STEP(add(keys, jwk));
    }
    return OUTCOME_OK;
}

static enum outcome find_all(struct client *client, CK_OBJECT_HANDLE handles[HANDLES_MAX],
                             CK_ULONG *count)
{
    const CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
    const CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE rows[] = {OBJECT_ROW(CKA_CLASS, &class, sizeof class),
                           OBJECT_ROW(CKA_TOKEN, &yes, sizeof yes)};
    CK_RV rv = client->p11->C_FindObjectsInit(client->session, rows, 2);

    if (rv == CKR_OK)
        rv = client->p11->C_FindObjects(client->session, handles, HANDLES_MAX, count);
    (void)client->p11->C_FindObjectsFinal(client->session);
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("list", "the key pairs", rv);
}

static enum outcome add_all(struct client *client, json_t *keys)
{
    CK_OBJECT_HANDLE handles[HANDLES_MAX];
    CK_ULONG count = 0;

    STEP(find_all(client, handles, &count));
    if (count == HANDLES_MAX) {
        outcome_print("more than %d key pairs; name the ones to print", HANDLES_MAX - 1);
        return OUTCOME_FAILED;
    }
    for (CK_ULONG i = 0; i < count; i++) {
        AUTO_PUBLIC_KEY key = {0};
        json_t *jwk = NULL;
        STEP(public_key_read(client, handles[i], "a key pair", &key));
        STEP(jwk_make(client, &key, &jwk));
        STEP(add(keys, jwk));
    }
    return OUTCOME_OK;
}

static enum outcome print_set(const json_t *set)
{
    char *text = json_dumps(set, JSON_COMPACT);
    enum outcome outcome = text == NULL ? outcome_no_memory() : print_bytes(text, strlen(text));

    free(text);
    return outcome == OUTCOME_OK ? print_bytes("\n", 1) : outcome;
}

enum outcome command_jwks(const struct request *request)
{
    AUTO_CLIENT client = {0};
    json_t *keys = json_array();
    json_t *set = json_pack("{s:o}", "keys", keys);
    enum outcome outcome = set == NULL ? outcome_no_memory() : OUTCOME_OK;

    if (outcome == OUTCOME_OK)
        outcome = client_open(&client, request, CLIENT_READ);
    if (outcome == OUTCOME_OK)
        outcome =
            request->key_count > 0 ? add_named(&client, request, keys) : add_all(&client, keys);
    if (outcome == OUTCOME_OK)
        outcome = print_set(set);
    json_decref(set);
    return outcome;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "tools/sideseat-secrets/jwk.h"
#include "tools/sideseat-secrets/search.h"

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

/* The public keys that a search has found. */
struct found {
    CK_OBJECT_HANDLE *all;
    size_t count;
};

static enum outcome keep(void *arg, struct client *client, CK_OBJECT_HANDLE object,
                         const char *name)
{
    struct found *found = arg;
    CK_OBJECT_HANDLE *more = realloc(found->all, (found->count + 1) * sizeof *more);

    (void)client;
    (void)name;
    if (more == NULL)
        return outcome_no_memory();
    found->all = more;
    found->all[found->count++] = object;
    return OUTCOME_OK;
}

/* Adds the key pairs of the token. Each takes a search of its own, so the first one ends before. */
static enum outcome add_all(struct client *client, json_t *keys)
{
    struct found found = {0};
    enum outcome outcome = search_class(client, CKO_PUBLIC_KEY, "the key pairs", keep, &found);

    for (size_t i = 0; outcome == OUTCOME_OK && i < found.count; i++) {
        char name[STORE_KEY_MAX + 1] = "a key of the token";
        json_t *jwk = NULL;

        (void)object_key(client, found.all[i], name);
        outcome = jwk_make(client, found.all[i], name, &jwk);
        if (outcome == OUTCOME_OK)
            outcome = add(keys, jwk);
    }
    free(found.all);
    return outcome;
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

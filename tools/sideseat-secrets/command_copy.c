/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "store/scope.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/history.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/search.h"
#include "tools/sideseat-secrets/transfer.h"

/* The part of the source that is copied, and where it goes to. */
struct copy {
    const struct request *request;
    struct transfer transfer;
    enum outcome unread; /* of the first secret that could not be read */
    size_t unread_count;
    struct client dropper; /* --move: a session that is not busy with a search */
    size_t kept_count;     /* --move: of the secrets whose older versions remain in the source */
};

/* True for "org/acme/", the beginning of keys. */
static bool is_prefix(const char *text)
{
    return text[0] != '\0' && text[strlen(text) - 1] == '/';
}

/* Refuses arguments that are neither keys nor the beginnings of keys. */
static enum outcome check_parts(const struct request *request)
{
    char full[STORE_KEY_MAX + 1];

    for (size_t i = 0; i < request->key_count; i++) {
        const char *part = request->keys[i];
        char sample[LABEL_SIZE];

        if (request->uris[i].parsed != NULL) {
            outcome_print("copy takes keys, not URIs, which name a token each: '%s'", part);
            return OUTCOME_USAGE;
        }
        (void)snprintf(sample, sizeof sample, "%s%s", part, is_prefix(part) ? "x/x" : "");
        if (store_scope_complete(part, strlen(part), full) == STORE_OK)
            continue;
        if (is_prefix(part) && (strcmp(part, "global/") == 0 ||
                                store_scope_parse(sample, strlen(sample), NULL) == STORE_OK))
            continue;
        outcome_print("'%s' is neither a key nor the beginning of keys, such as org/acme/; a key "
                      "is %s",
                      part, REQUEST_KEY_FORMS);
        return OUTCOME_USAGE;
    }
    return OUTCOME_OK;
}

/* True if the arguments name this key, or do not choose at all. */
static bool is_chosen(const struct request *request, const char *key)
{
    char full[STORE_KEY_MAX + 1];

    for (size_t i = 0; i < request->key_count; i++) {
        const char *part = request->keys[i];

        if (is_prefix(part) && strncmp(key, part, strlen(part)) == 0)
            return true;
        if (store_scope_complete(part, strlen(part), full) == STORE_OK && strcmp(full, key) == 0)
            return true;
    }
    return request->key_count == 0;
}

static enum outcome take(void *arg, struct client *client, CK_OBJECT_HANDLE object, const char *key)
{
    struct copy *copy = arg;
    AUTO_SECRET value = {0};
    enum outcome outcome;
    CK_RV rv;

    if (!is_chosen(copy->request, key))
        return OUTCOME_OK;
    rv = object_read(client, object, CKA_VALUE, &value);
    if (rv == CKR_OK)
        return transfer_add(&copy->transfer, key, &value);
    if (rv == CKR_OBJECT_HANDLE_INVALID)
        return OUTCOME_OK; /* deleted, although the store still lists it */
    /* the others are copied all the same */
    outcome = outcome_of_rv("read", key, rv);
    if (copy->unread_count++ == 0)
        copy->unread = outcome;
    return OUTCOME_OK;
}

/* Names the keys of the arguments that the source does not have. */
static enum outcome check_found(struct copy *copy)
{
    enum outcome outcome = OUTCOME_OK;
    char full[STORE_KEY_MAX + 1];

    for (size_t i = 0; i < copy->request->key_count; i++) {
        const char *part = copy->request->keys[i];

        if (is_prefix(part) || store_scope_complete(part, strlen(part), full) != STORE_OK ||
            transfer_find(&copy->transfer, full) != NULL || copy->unread_count > 0)
            continue;
        outcome = object_absent("secret", full, "");
    }
    return outcome;
}

static enum outcome open_token(struct client *client, const struct request *request,
                               const char *label, enum client_access access)
{
    struct request one = *request;

    one.token = label;
    one.key_count = 0;
    if (!client->initialized)
        STEP(client_load(client, &one));
    return client_use(client, &one, &(struct uri){0}, access);
}

/* --move: the source's secret goes once the target is known to have its value, unless another
 * program has changed it since. */
static enum outcome drop(void *arg, struct client *client, CK_OBJECT_HANDLE object, const char *key)
{
    struct copy *copy = arg;
    struct transfer_item *item = transfer_find(&copy->transfer, key);
    AUTO_SECRET value = {0};
    bool kept = false;
    CK_RV rv;

    if (item == NULL || (item->state != TRANSFER_WRITTEN && item->state != TRANSFER_EQUAL))
        return OUTCOME_OK;
    rv = object_read(client, object, CKA_VALUE, &value);
    if (rv == CKR_OK && !store_secret_equal(&item->value, value.data, value.len)) {
        outcome_print("%s has changed in the source, and stays there; copy it again", key);
        item->state = TRANSFER_FAILED;
        item->outcome = OUTCOME_CONFLICT;
        return OUTCOME_OK;
    }
    item->rv = rv;
    if (rv == CKR_OK)
        item->outcome = history_drop(&copy->dropper, key, object, &kept);
    if (rv != CKR_OK || item->outcome != OUTCOME_OK)
        item->state = TRANSFER_FAILED;
    copy->kept_count += kept;
    return OUTCOME_OK;
}

/* For --move: deletes from the source each secret that the target has. */
static enum outcome drop_all(struct copy *copy, struct client *client)
{
    const struct request *request = copy->request;
    const CK_FLAGS flags = CKF_SERIAL_SESSION | CKF_RW_SESSION;
    enum outcome outcome;
    CK_RV rv;

    STEP(open_token(client, request, request->places[0], CLIENT_WRITE));
    copy->dropper = *client;
    copy->dropper.session = 0;
    rv = client->p11->C_OpenSession(client->slot, flags, NULL, NULL, &copy->dropper.session);
    if (rv != CKR_OK)
        return outcome_of_rv("write to token", request->places[0], rv);
    outcome = search_scope(client, NULL, drop, copy);
    client_disconnect(&copy->dropper);
    if (copy->kept_count > 0)
        outcome_print("the older versions of %zu secrets remain in %s; bring one back with: "
                      "sideseat-secrets undelete -t %s KEY",
                      copy->kept_count, request->places[0], request->places[0]);
    return outcome;
}

/* Reads the source. */
static enum outcome collect(struct copy *copy)
{
    const struct request *request = copy->request;
    AUTO_CLIENT client = {0};

    STEP(open_token(&client, request, request->places[0], CLIENT_READ));
    STEP(search_scope(&client, NULL, take, copy));
    STEP(transfer_sort(&copy->transfer));
    return check_found(copy);
}

static enum outcome write_all(struct copy *copy)
{
    const struct request *request = copy->request;
    AUTO_CLIENT client = {0};

    STEP(open_token(&client, request, request->places[1],
                    copy->transfer.dry ? CLIENT_READ : CLIENT_WRITE));
    return transfer_write(&copy->transfer, &client);
}

static enum outcome verify_all(struct copy *copy)
{
    const struct request *request = copy->request;
    AUTO_CLIENT client = {0};

    STEP(open_token(&client, request, request->places[1], CLIENT_READ));
    STEP(transfer_verify(&copy->transfer, &client));
    return option_given(request, OPTION_MOVE) ? drop_all(copy, &client) : OUTCOME_OK;
}

static enum outcome take_options(const struct request *request, struct transfer *transfer)
{
    if (strcmp(request->places[0], request->places[1]) == 0) {
        outcome_print("both tokens are '%s'", request->places[0]);
        return OUTCOME_USAGE;
    }
    if (request->token != NULL) {
        outcome_print("copy takes its two tokens as arguments, not with --token");
        return OUTCOME_USAGE;
    }
    STEP(transfer_take_options(transfer, request, "copy"));
    return check_parts(request);
}

/* Each step has a module of its own, so that none reads what another has kept in memory. */
static enum outcome run_steps(struct copy *copy)
{
    const struct request *request = copy->request;
    enum outcome outcome;

    STEP(take_options(request, &copy->transfer));
    STEP(collect(copy));
    STEP(write_all(copy));
    if (!copy->transfer.dry)
        STEP(verify_all(copy));
    outcome = transfer_tell(&copy->transfer, request);
    return outcome == OUTCOME_OK ? copy->unread : outcome;
}

enum outcome command_copy(const struct request *request)
{
    struct copy copy = {.request = request};
    enum outcome outcome = run_steps(&copy);

    transfer_free(&copy.transfer);
    return outcome;
}

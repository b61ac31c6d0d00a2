/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "store/scope.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/history.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/make.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/random.h"
#include "tools/sideseat-secrets/remedy.h"
#include "tools/sideseat-secrets/scratch.h"
#include "tools/sideseat-secrets/search.h"
#include "tools/sideseat-secrets/status.h"
#include "tools/sideseat-secrets/transfer.h"

/* The part of the source that is copied, and where it goes to. */
struct copy {
    const struct request *request;
    struct transfer transfer;
    struct client dropper; /* --move: a session that is not busy with a search */
    enum outcome whole;    /* of status_whole, once the source is listed */
    size_t kept_count;     /* --move: of the secrets whose older versions remain in the source */
};

/* True for "org/acme/", the beginning of keys. A URI names one key. */
static bool is_prefix(const struct request *request, size_t index)
{
    const char *text = request->keys[index];

    return request->uris[index].parsed == NULL && text[0] != '\0' && text[strlen(text) - 1] == '/';
}

/* Refuses arguments that are neither keys nor the beginnings of keys. */
static enum outcome check_parts(const struct request *request)
{
    char full[STORE_KEY_MAX + 1];

    for (size_t i = 0; i < request->key_count; i++) {
        const char *part = request->keys[i];
        char sample[LABEL_SIZE];

        (void)snprintf(sample, sizeof sample, "%s%s", part, is_prefix(request, i) ? "x/x" : "");
        if (store_scope_complete(part, strlen(part), full) == STORE_OK)
            continue;
        if (is_prefix(request, i) && (strcmp(part, "global/") == 0 ||
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

        if (is_prefix(request, i) && strncmp(key, part, strlen(part)) == 0)
            return true;
        if (store_scope_complete(part, strlen(part), full) == STORE_OK && strcmp(full, key) == 0)
            return true;
    }
    return request->key_count == 0;
}

/* Writes what tells a secret from a later one of the same key and value; "" if the store has no
 * versions or no times. */
static void identify(struct client *client, CK_OBJECT_HANDLE object, char out[TRANSFER_SOURCE_SIZE])
{
    static const CK_ATTRIBUTE_TYPE types[] = {CKA_SIDESEAT_VERSION, CKA_SIDESEAT_CREATED_AT,
                                              CKA_SIDESEAT_UPDATED_AT};
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        AUTO_SECRET part = {0};

        object_read_optional(client, object, types[i], &part);
        if (part.len == 0 || used + part.len + 2 > TRANSFER_SOURCE_SIZE) {
            out[0] = '\0';
            return;
        }
        used += (size_t)snprintf(out + used, TRANSFER_SOURCE_SIZE - used, "%.*s ", (int)part.len,
                                 (const char *)part.data);
    }
}

static enum outcome take(void *arg, struct client *client, CK_OBJECT_HANDLE object, const char *key)
{
    struct copy *copy = arg;
    AUTO_SECRET value = {0};
    struct transfer_item *item;
    CK_RV rv;

    if (!is_chosen(copy->request, key))
        return OUTCOME_OK;
    rv = object_read(client, object, CKA_VALUE, &value);
    if (rv == CKR_OBJECT_HANDLE_INVALID)
        return OUTCOME_OK; /* deleted, although the store still lists it */
    STEP(transfer_add(&copy->transfer, key, &value));
    item = &copy->transfer.items[copy->transfer.count - 1];
    if (rv == CKR_OK && option_given(copy->request, OPTION_MOVE))
        identify(client, object, item->source);
    if (rv != CKR_OK) { /* the others are copied all the same */
        item->state = TRANSFER_FAILED;
        item->outcome = outcome_of_rv("read", key, rv);
    }
    return OUTCOME_OK;
}

/* True if argument `index` is the key of one before it, too. */
static bool is_repeated(const struct request *request, size_t index, const char *full)
{
    char other[STORE_KEY_MAX + 1];

    for (size_t i = 0; i < index; i++)
        if (store_scope_complete(request->keys[i], strlen(request->keys[i]), other) == STORE_OK &&
            strcmp(other, full) == 0)
            return true;
    return false;
}

/* Looks up key `index` of the request, and passes its secret to `each`. */
static enum outcome pass_one(struct copy *copy, struct client *client, size_t index,
                             search_fn *each)
{
    const char *key = copy->request->keys[index];
    char full[STORE_KEY_MAX + 1];
    CK_OBJECT_HANDLE object = 0;
    enum outcome outcome;

    if (store_scope_complete(key, strlen(key), full) != STORE_OK ||
        is_repeated(copy->request, index, full))
        return OUTCOME_OK;
    outcome = object_find_data(client, full, &object);
    if (outcome == OUTCOME_OK)
        return each(copy, client, object, full);
    return outcome == OUTCOME_NOT_FOUND ? OUTCOME_OK : outcome;
}

/* Passes the chosen secrets of the source to `each`, and perhaps others. */
static enum outcome search_chosen(struct copy *copy, struct client *client, search_fn *each)
{
    const struct request *request = copy->request;
    bool single = request->key_count > 0 && request->key_count <= TRANSFER_SINGLE_MOST;

    for (size_t i = 0; i < request->key_count; i++)
        single = single && !is_prefix(request, i);
    if (!single)
        return search_scope(client, NULL, each, copy);
    for (size_t i = 0; i < request->key_count; i++)
        STEP(pass_one(copy, client, i, each));
    return OUTCOME_OK;
}

/* Refuses URIs that name something else than a secret of the source. */
static enum outcome check_uris(struct client *client, const struct request *request)
{
    for (size_t i = 0; i < request->key_count; i++) {
        const struct uri *uri = &request->uris[i];

        if (uri->parsed == NULL || (uri_id(uri) == NULL && client_fits(client, uri)))
            continue;
        outcome_print("the URI of %s has an id or names another token than the source, %s; give "
                      "the secret's key, or its URI as 'sideseat-secrets uri' prints it",
                      request->keys[i], client->label);
        return OUTCOME_USAGE;
    }
    return OUTCOME_OK;
}

/* Names the keys of the arguments that the source does not have. */
static enum outcome check_found(struct copy *copy)
{
    const struct request *request = copy->request;
    enum outcome outcome = OUTCOME_OK;
    char full[STORE_KEY_MAX + 1];

    for (size_t i = 0; i < request->key_count; i++) {
        const char *part = request->keys[i];

        if (is_prefix(request, i) || store_scope_complete(part, strlen(part), full) != STORE_OK ||
            transfer_find(&copy->transfer, full) != NULL)
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

static bool has_arrived(const struct transfer_item *item)
{
    return item->state == TRANSFER_WRITTEN || item->state == TRANSFER_EQUAL;
}

static enum outcome refuse_move(const char *source, const char *target)
{
    outcome_print("%s and %s are one store, in which --move would delete the only copy; nothing "
                  "is deleted; leave out --move, or name another store",
                  source, target);
    return OUTCOME_USAGE;
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

    if (item == NULL || !has_arrived(item))
        return OUTCOME_OK;
    rv = object_read(client, object, CKA_VALUE, &value);
    if (rv == CKR_OK && !store_secret_equal(&item->value, value.data, value.len)) {
        outcome_print("%s has changed in the source, and stays there; copy it again", key);
        item->state = TRANSFER_FAILED;
        item->outcome = OUTCOME_CONFLICT;
        return OUTCOME_OK;
    }
    if (rv == CKR_OK)
        item->outcome = history_drop(&copy->dropper, key, object, &kept);
    else
        item->outcome = outcome_of_rv("read", key, rv);
    if (item->outcome != OUTCOME_OK)
        item->state = TRANSFER_FAILED;
    copy->kept_count += kept;
    return OUTCOME_OK;
}

/* True if the source still has a secret, as it was, that was made in the target: there was none of
 * this key in the target while there was one in the source, so these are two stores. */
static bool is_apart(struct copy *copy, struct client *client)
{
    struct request one = *copy->request;

    one.token = one.places[0];
    for (size_t i = 0; i < copy->transfer.count; i++) {
        const struct transfer_item *item = &copy->transfer.items[i];
        CK_OBJECT_HANDLE object = 0;
        char now[TRANSFER_SOURCE_SIZE];

        if (!item->made || item->state != TRANSFER_WRITTEN || item->source[0] == '\0')
            continue;
        if (object_find_key(client, &one, item->key, &(struct uri){0}, &object) != OUTCOME_OK)
            return false;
        identify(client, object, now);
        return strcmp(now, item->source) == 0;
    }
    return false;
}

/* Where keys can be made if these secrets could. */
static void scratch_prefix(const struct transfer *transfer, char out[SCRATCH_PREFIX_MAX + 1])
{
    static const char name[] = "sideseat-copy-";
    const char *key = transfer->items[0].key;
    struct store_scope_key parts;
    int len = 0;

    if (store_scope_parse(key, strlen(key), &parts) == STORE_OK)
        len = snprintf(out, SCRATCH_PREFIX_MAX + 1, "%.*s%s", (int)(parts.name - key), key, name);
    if (len == 0 || len > SCRATCH_PREFIX_MAX)
        (void)snprintf(out, SCRATCH_PREFIX_MAX + 1, "global/%s", name);
}

/* Makes a secret in the target and another one of the same key in the source: only one store for
 * both refuses that. Unlike a look for the first one, this is as certain as the stores' own rule
 * that a key is not made twice. */
static enum outcome try_both(struct client *source, struct client *target, const char *prefix)
{
    static const char what[] = "tell the two stores apart by storing";
    AUTO_SECRET value = {0};
    struct scratch here = {0};
    struct scratch there = {0};
    enum outcome outcome = scratch_make(target, what, prefix, &there);
    CK_RV rv;

    store_secret_wipe(&there.value);
    STEP(outcome);
    memcpy(here.key, there.key, sizeof here.key);
    outcome = random_text(random_find("hex"), SCRATCH_RANDOM, &value);
    if (outcome == OUTCOME_OK) {
        rv = make_secret(source, here.key, &value, "0", &here.object);
        if (rv == CKR_OK)
            outcome = scratch_drop(source, &here);
        else if (rv != CKR_SIDESEAT_CONFLICT)
            outcome = outcome_of_rv(what, here.key, rv);
        else
            outcome = refuse_move(source->label, target->label);
    }
    if (outcome == OUTCOME_OK)
        return scratch_drop(target, &there);
    (void)!scratch_drop(target, &there);
    return outcome;
}

/* For --move: refuses if both tokens may be one store, whatever they are called and however they
 * are set up, since each deletion would take the only copy. `client` is the source. */
static enum outcome check_apart(struct copy *copy, struct client *client)
{
    const struct request *request = copy->request;
    struct client target = *client;
    char prefix[SCRATCH_PREFIX_MAX + 1];
    enum outcome outcome;

    if (is_apart(copy, client))
        return OUTCOME_OK;
    scratch_prefix(&copy->transfer, prefix);
    target.session = 0;
    outcome = open_token(&target, request, request->places[1], CLIENT_WRITE);
    if (outcome == OUTCOME_OK)
        outcome = try_both(client, &target, prefix);
    client_disconnect(&target);
    return outcome;
}

/* For --move: deletes from the source each secret that the target has. */
static enum outcome drop_all(struct copy *copy)
{
    const struct request *request = copy->request;
    const CK_FLAGS flags = CKF_SERIAL_SESSION | CKF_RW_SESSION;
    AUTO_CLIENT client = {0};
    char line[REMEDY_SIZE];
    enum outcome outcome;
    size_t arrived = 0;
    CK_RV rv;

    for (size_t i = 0; i < copy->transfer.count; i++)
        arrived += has_arrived(&copy->transfer.items[i]);
    if (arrived == 0)
        return OUTCOME_OK;
    STEP(client_load_with(&client, request, "cache.ttl_s='0'"));
    STEP(open_token(&client, request, request->places[0], CLIENT_WRITE));
    STEP(check_apart(copy, &client));
    copy->dropper = client;
    copy->dropper.session = 0;
    rv = client.p11->C_OpenSession(client.slot, flags, NULL, NULL, &copy->dropper.session);
    if (rv != CKR_OK)
        return outcome_of_rv("write to token", request->places[0], rv);
    outcome = search_chosen(copy, &client, drop);
    client_disconnect(&copy->dropper);
    remedy_line(&client, "undelete", "KEY", line);
    if (copy->kept_count > 0)
        outcome_print("the older versions of %zu secrets remain in %s; bring one back with: %s",
                      copy->kept_count, request->places[0], line);
    return outcome;
}

/* Reads the source. */
static enum outcome collect(struct copy *copy)
{
    const struct request *request = copy->request;
    AUTO_CLIENT client = {0};

    STEP(open_token(&client, request, request->places[0], CLIENT_READ));
    STEP(check_uris(&client, request));
    outcome_gather();
    STEP(search_chosen(copy, &client, take));
    STEP(transfer_sort(&copy->transfer));
    copy->whole = status_whole(&client); /* the secrets that can be read are copied */
    return copy->whole == OUTCOME_OK ? check_found(copy) : OUTCOME_OK;
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
    return transfer_verify(&copy->transfer, &client);
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
    enum outcome moved = OUTCOME_OK;
    enum outcome outcome;

    STEP(take_options(request, &copy->transfer));
    STEP(collect(copy));
    STEP(write_all(copy));
    if (!copy->transfer.dry)
        STEP(verify_all(copy));
    if (!copy->transfer.dry && option_given(request, OPTION_MOVE))
        moved = drop_all(copy);
    outcome = transfer_tell(&copy->transfer, request);
    if (moved != OUTCOME_OK)
        return moved;
    return outcome != OUTCOME_OK ? outcome : copy->whole;
}

enum outcome command_copy(const struct request *request)
{
    struct copy copy = {.request = request};
    enum outcome outcome = run_steps(&copy);

    transfer_free(&copy.transfer);
    return outcome;
}

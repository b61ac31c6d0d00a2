/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "store/scope.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/search.h"
#include "tools/sideseat-secrets/writer.h"

void transfer_free(struct transfer *transfer)
{
    for (size_t i = 0; i < transfer->count; i++) {
        free(transfer->items[i].key);
        store_secret_wipe(&transfer->items[i].value);
    }
    free(transfer->items);
    memset(transfer, 0, sizeof *transfer);
}

enum outcome transfer_take_options(struct transfer *transfer, const struct request *request,
                                   const char *verb)
{
    bool keep = option_given(request, OPTION_IF_ABSENT);
    bool overwrite = option_given(request, OPTION_OVERWRITE);

    if (keep && overwrite) {
        outcome_print("--if-absent and --overwrite exclude each other");
        return OUTCOME_USAGE;
    }
    transfer->verb = verb;
    transfer->dry = option_given(request, OPTION_DRY_RUN);
    transfer->policy = overwrite ? TRANSFER_OVERWRITE : keep ? TRANSFER_KEEP : TRANSFER_REFUSE;
    return OUTCOME_OK;
}

enum outcome transfer_add(struct transfer *transfer, const char *key,
                          const struct store_secret *value)
{
    char full[STORE_KEY_MAX + 1];
    struct transfer_item *item;

    if (store_scope_complete(key, strlen(key), full) != STORE_OK) {
        outcome_print("'%s' is not a key; a key is %s", key, REQUEST_KEY_FORMS);
        return OUTCOME_USAGE;
    }
    if (transfer->count == transfer->room) {
        size_t room = transfer->room * 2 + 16;
        struct transfer_item *more = reallocarray(transfer->items, room, sizeof *more);
        if (more == NULL)
            return outcome_no_memory();
        transfer->items = more;
        transfer->room = room;
    }
    item = &transfer->items[transfer->count];
    memset(item, 0, sizeof *item);
    item->key = strdup(full);
    if (item->key == NULL)
        return outcome_no_memory();
    store_secret_share(&item->value, value);
    item->version[0] = '0';
    transfer->count++;
    return OUTCOME_OK;
}

static int compare(const void *a, const void *b)
{
    const struct transfer_item *one = a;
    const struct transfer_item *other = b;

    return strcmp(one->key, other->key);
}

enum outcome transfer_sort(struct transfer *transfer)
{
    if (transfer->count > 0)
        qsort(transfer->items, transfer->count, sizeof *transfer->items, compare);
    for (size_t i = 1; i < transfer->count; i++) {
        if (compare(&transfer->items[i - 1], &transfer->items[i]) != 0)
            continue;
        outcome_print("two of the names become the key %s; leave one out, or rename it",
                      transfer->items[i].key);
        return OUTCOME_USAGE;
    }
    return OUTCOME_OK;
}

struct transfer_item *transfer_find(struct transfer *transfer, const char *key)
{
    struct transfer_item wanted = {.key = (char *)(uintptr_t)key};

    if (transfer->count == 0)
        return NULL;
    return bsearch(&wanted, transfer->items, transfer->count, sizeof wanted, compare);
}

/* Finds the state of a secret that the token has. */
static void classify(struct transfer *transfer, struct transfer_item *item, struct client *client,
                     CK_OBJECT_HANDLE object)
{
    AUTO_SECRET version = {0};
    AUTO_SECRET value = {0};
    CK_RV rv = object_read(client, object, CKA_VALUE, &value);

    if (rv == CKR_SIDESEAT_NO_VALUE || rv == CKR_OBJECT_HANDLE_INVALID)
        return; /* a write gives it its first value */
    if (rv != CKR_OK) {
        item->state = TRANSFER_FAILED;
        item->outcome = outcome_of_rv(transfer->verb, item->key, rv);
        return;
    }
    object_read_optional(client, object, CKA_SIDESEAT_VERSION, &version);
    item->version[0] = '\0';
    if (version.len > 0 && version.len < sizeof item->version) {
        memcpy(item->version, version.data, version.len);
        item->version[version.len] = '\0';
    }
    if (store_secret_equal(&item->value, value.data, value.len))
        item->state = TRANSFER_EQUAL;
    else if (transfer->policy == TRANSFER_OVERWRITE)
        item->state = TRANSFER_REPLACED;
    else
        item->state = transfer->policy == TRANSFER_KEEP ? TRANSFER_KEPT : TRANSFER_CONFLICT;
}

/* True if the store would answer any other question in the same way. */
static bool is_final(enum outcome outcome)
{
    return outcome == OUTCOME_LOCKED || outcome == OUTCOME_UNREACHABLE ||
           outcome == OUTCOME_UNAUTHENTICATED;
}

/* Finds the state of a secret that the token may have. A failure is the store's own. */
static enum outcome look_up(struct transfer *transfer, struct transfer_item *item,
                            struct client *client)
{
    CK_OBJECT_HANDLE object = 0;
    enum outcome outcome = object_find_data(client, item->key, &object);

    if (outcome == OUTCOME_OK) {
        classify(transfer, item, client, object);
    } else if (outcome == OUTCOME_NOT_FOUND) {
        item->state = TRANSFER_ABSENT;
    } else {
        item->state = TRANSFER_FAILED;
        item->outcome = outcome;
    }
    return item->state == TRANSFER_FAILED && is_final(item->outcome) ? item->outcome : OUTCOME_OK;
}

static enum outcome classify_found(void *arg, struct client *client, CK_OBJECT_HANDLE object,
                                   const char *key)
{
    struct transfer_item *item = transfer_find(arg, key);

    if (item != NULL && item->state != TRANSFER_FAILED)
        classify(arg, item, client, object);
    return OUTCOME_OK;
}

enum outcome transfer_write(struct transfer *transfer, struct client *client)
{
    outcome_gather();
    if (transfer->count > TRANSFER_SINGLE_MOST)
        STEP(search_scope(client, NULL, classify_found, transfer));
    for (size_t i = 0; transfer->count <= TRANSFER_SINGLE_MOST && i < transfer->count; i++)
        if (transfer->items[i].state != TRANSFER_FAILED)
            STEP(look_up(transfer, &transfer->items[i], client));
    if (!transfer->dry)
        writer_run(transfer, client);
    return OUTCOME_OK;
}

/* The written ones that the listing has shown; a store may list new ones late. */
struct verification {
    struct transfer *transfer;
    bool *seen; /* one for each item */
};

static enum outcome check_found(void *arg, struct client *client, CK_OBJECT_HANDLE object,
                                const char *key)
{
    struct verification *verification = arg;
    struct transfer_item *item = transfer_find(verification->transfer, key);

    if (item == NULL || item->state != TRANSFER_WRITTEN)
        return OUTCOME_OK;
    verification->seen[item - verification->transfer->items] = true;
    classify(verification->transfer, item, client, object);
    return OUTCOME_OK;
}

enum outcome transfer_verify(struct transfer *transfer, struct client *client)
{
    struct verification verification = {transfer, calloc(transfer->count + 1, sizeof(bool))};
    enum outcome outcome = OUTCOME_OK;

    if (verification.seen == NULL)
        return outcome_no_memory();
    if (transfer->count > TRANSFER_SINGLE_MOST)
        outcome = search_scope(client, NULL, check_found, &verification);
    for (size_t i = 0; outcome == OUTCOME_OK && i < transfer->count; i++) {
        struct transfer_item *item = &transfer->items[i];
        bool written = item->state == TRANSFER_WRITTEN || verification.seen[i];

        /* another program was faster: perhaps with the same value */
        if ((written && !verification.seen[i]) || item->state == TRANSFER_CONFLICT)
            outcome = look_up(transfer, item, client);
        if (!written || item->state == TRANSFER_FAILED)
            continue;
        if (item->state == TRANSFER_EQUAL) {
            item->state = TRANSFER_WRITTEN;
            continue;
        }
        item->state = TRANSFER_FAILED;
        item->outcome = OUTCOME_FAILED;
        outcome_print("%s was written, but the store gives another value; either somebody else has "
                      "changed it, or the store is at fault",
                      item->key);
    }
    free(verification.seen);
    return outcome;
}

static const char *const words[] = {
    [TRANSFER_ABSENT] = "absent",        [TRANSFER_REPLACED] = "different",
    [TRANSFER_EQUAL] = "equal",          [TRANSFER_KEPT] = "kept",
    [TRANSFER_CONFLICT] = "conflicting", [TRANSFER_WRITTEN] = "written",
    [TRANSFER_FAILED] = "failed",
};

#define STATES (sizeof words / sizeof words[0])

static enum outcome tell_json(const struct transfer *transfer, const size_t counts[STATES])
{
    AUTO_PRINT_JSON json = {0};

    if (!print_json_open(&json))
        return outcome_no_memory();
    (void)yajl_gen_map_open(json.gen);
    for (size_t i = 0; i < STATES; i++)
        print_json_number(&json, words[i], counts[i]);
    print_json_name(&json, "secrets");
    (void)yajl_gen_array_open(json.gen);
    for (size_t i = 0; i < transfer->count; i++) {
        (void)yajl_gen_map_open(json.gen);
        print_json_text(&json, "key", transfer->items[i].key);
        print_json_text(&json, "state", words[transfer->items[i].state]);
        (void)yajl_gen_map_close(json.gen);
    }
    (void)yajl_gen_array_close(json.gen);
    (void)yajl_gen_map_close(json.gen);
    return print_json_close(&json);
}

static void tell_text(const struct transfer *transfer, const size_t counts[STATES])
{
    const char *between = "";
    char shown[LABEL_SIZE];

    for (size_t i = 0; transfer->dry && i < transfer->count; i++) {
        label_for_output(transfer->items[i].key, shown);
        (void)printf("%s: %s\n", shown, words[transfer->items[i].state]);
    }
    for (size_t i = 0; i < STATES; i++) {
        if (counts[i] == 0)
            continue;
        (void)printf("%s%zu %s", between, counts[i], words[i]);
        between = ", ";
    }
    (void)puts(transfer->count == 0 ? "nothing to do" : "");
}

enum outcome transfer_tell(struct transfer *transfer, const struct request *request)
{
    enum outcome first = OUTCOME_OK;
    size_t counts[STATES] = {0};

    for (size_t i = 0; i < transfer->count; i++) {
        const struct transfer_item *item = &transfer->items[i];
        enum outcome outcome = OUTCOME_OK;

        counts[item->state]++;
        if (item->state == TRANSFER_FAILED)
            outcome = item->rv == CKR_OK ? item->outcome
                                         : outcome_of_rv(transfer->verb, item->key, item->rv);
        else if (item->state == TRANSFER_CONFLICT)
            outcome = outcome_of_conflict(transfer->verb, item->key,
                                          "the token has another value, and nothing has changed; "
                                          "to replace it, add --overwrite, to keep it, "
                                          "--if-absent");
        if (first == OUTCOME_OK || (first == OUTCOME_CONFLICT && outcome != OUTCOME_OK))
            first = outcome;
    }
    outcome_gathered();
    if (request->json)
        STEP(tell_json(transfer, counts));
    else
        tell_text(transfer, counts);
    return first;
}

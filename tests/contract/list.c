/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static void an_empty_store_lists_nothing(void **state)
{
    struct contract *c = *state;

    contract_expect_keys(&c->store, "", (const char *const[]){NULL});
    contract_expect_keys(&c->store, "org/", (const char *const[]){NULL});
    contract_expect_keys(&c->store, "org/acme/", (const char *const[]){NULL});
}

static void put_all(const struct store *store, const char *const *keys)
{
    for (; *keys != NULL; keys++)
        assert_err(contract_put(store, *keys, *keys, NULL, NULL), STORE_OK);
}

#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void a_prefix_names_whole_parts(void **state)
{
    struct contract *c = *state;

    put_all(&c->store,
            KEYS("global/a", "global/org", "org/app/a", "org/app/b", "org/app-prod/a",
                 "org/app prod/a", "org/ap/a", "org/APP/a", "project/app/a", "user/app/a"));
    contract_expect_keys(&c->store, "",
                         KEYS("global/a", "global/org", "org/app/a", "org/app/b", "org/app-prod/a",
                              "org/app prod/a", "org/ap/a", "org/APP/a", "project/app/a",
                              "user/app/a"));
    contract_expect_keys(&c->store, "global/", KEYS("global/a", "global/org"));
    contract_expect_keys(&c->store, "org/",
                         KEYS("org/app/a", "org/app/b", "org/app-prod/a", "org/app prod/a",
                              "org/ap/a", "org/APP/a"));
    contract_expect_keys(&c->store, "org/app/", KEYS("org/app/a", "org/app/b"));
    contract_expect_keys(&c->store, "org/app-prod/", KEYS("org/app-prod/a"));
    contract_expect_keys(&c->store, "project/", KEYS("project/app/a"));
    contract_expect_keys(&c->store, "project/app/", KEYS("project/app/a"));
    contract_expect_keys(&c->store, "user/nobody/", (const char *const[]){NULL});
}

/* A scope is all that begins with it, however many parts the names have. */
static void names_with_slashes_are_listed_with_their_scope(void **state)
{
    struct contract *c = *state;

    put_all(&c->store, KEYS("org/acme/a", "org/acme/a/b", "org/acme/a/b/c/d", "org/acme/b/a",
                            "org/acme/global/a", "org/acme/a-b/c", "user/u1/a/b", "global/a"));
    contract_expect_keys(&c->store, "org/acme/",
                         KEYS("org/acme/a", "org/acme/a/b", "org/acme/a/b/c/d", "org/acme/b/a",
                              "org/acme/global/a", "org/acme/a-b/c"));
    contract_expect_keys(&c->store, "user/", KEYS("user/u1/a/b"));
    contract_expect_keys(&c->store, "",
                         KEYS("org/acme/a", "org/acme/a/b", "org/acme/a/b/c/d", "org/acme/b/a",
                              "org/acme/global/a", "org/acme/a-b/c", "user/u1/a/b", "global/a"));
    contract_expect(&c->store, "org/acme/a/b", "org/acme/a/b");
    assert_err(c->store.backend->remove(c->store.ctx, "org/acme/a/b", NULL), STORE_OK);
    contract_expect(&c->store, "org/acme/a/b", NULL);
    contract_expect(&c->store, "org/acme/a", "org/acme/a");
    contract_expect(&c->store, "org/acme/a/b/c/d", "org/acme/a/b/c/d");
}

static void prefixes_are_not_patterns(void **state)
{
    struct contract *c = *state;

    put_all(&c->store, KEYS("org/a/x", "org/%/x", "org/*/x", "org/\xc3\xbc/x"));
    contract_expect_keys(&c->store, "org/%/", KEYS("org/%/x"));
    contract_expect_keys(&c->store, "org/*/", KEYS("org/*/x"));
    contract_expect_keys(&c->store, "org/?/", (const char *const[]){NULL});
    contract_expect_keys(&c->store, "org/\xc3\xbc/", KEYS("org/\xc3\xbc/x"));
    if (c->harness->keys_are_paths)
        return;
    put_all(&c->store, KEYS("org/./x"));
    contract_expect_keys(&c->store, "org/./", KEYS("org/./x"));
}

/* A listing may carry records or only keys; a record is the same as that of a read. */
static void a_listing_agrees_with_reading(void **state)
{
    struct contract *c = *state;
    struct contract_listing listing;

    put_all(&c->store, KEYS("global/a", "org/acme/b", "user/u1/c"));
    assert_err(contract_list(&c->store, "", NULL, &listing), STORE_OK);
    assert_int_equal(listing.count, 3);
    for (size_t i = 0; i < listing.count; i++) {
        const struct store_record *given = &listing.items[i].record;
        AUTO_RECORD found = {0};
        assert_err(contract_get(&c->store, listing.items[i].key, &found), STORE_OK);
        assert_true(
            store_secret_equal(&found.value, listing.items[i].key, strlen(listing.items[i].key)));
        if (!listing.items[i].has_record)
            continue;
        if (given->value.len > 0)
            assert_true(store_secret_equal(&found.value, given->value.data, given->value.len));
        if (given->version[0] != '\0')
            assert_string_equal(given->version, found.version);
        if (given->created_ns != 0)
            assert_int_equal(given->created_ns, found.created_ns);
        if (given->updated_ns != 0)
            assert_int_equal(given->updated_ns, found.updated_ns);
    }
    contract_listing_free(&listing);
}

struct countdown {
    int left;
    int calls;
};

static enum store_err stop_after(void *arg, const char *key, enum store_err err,
                                 const struct store_record *record)
{
    struct countdown *countdown = arg;

    (void)key;
    (void)err;
    (void)record;
    countdown->calls++;
    return --countdown->left == 0 ? STORE_CANCELED : STORE_OK;
}

static void an_error_of_each_ends_the_listing(void **state)
{
    struct contract *c = *state;

    put_all(&c->store, KEYS("global/a", "global/b", "global/c", "org/x/d", "user/x/e"));
    for (int after = 1; after <= 5; after++) {
        struct countdown countdown = {.left = after};
        assert_err(c->store.backend->list(c->store.ctx, "", NULL, stop_after, &countdown),
                   STORE_CANCELED);
        assert_int_equal(countdown.calls, after);
    }
    contract_expect_keys(&c->store, "org/", KEYS("org/x/d")); /* the store is as well as ever */
}

static void many_secrets_are_all_listed(void **state)
{
    struct contract *c = *state;
    size_t count = c->harness->listing_count == 0 ? 1000 : c->harness->listing_count;
    struct contract_listing listing;
    char key[64];

    for (size_t i = 0; i < count; i++) {
        snprintf(key, sizeof key, "%s/%zu/number_%zu", i % 2 == 0 ? "org" : "user", i % 7, i);
        assert_err(contract_put(&c->store, key, key, NULL, NULL), STORE_OK);
    }
    assert_err(contract_list(&c->store, "", NULL, &listing), STORE_OK);
    assert_int_equal(listing.count, count);
    contract_listing_free(&listing);
    assert_err(contract_list(&c->store, "org/", NULL, &listing), STORE_OK);
    assert_int_equal(listing.count, (count + 1) / 2);
    contract_listing_free(&listing);
    for (size_t i = 0; i < count; i += 1 + count / 20) {
        snprintf(key, sizeof key, "%s/%zu/number_%zu", i % 2 == 0 ? "org" : "user", i % 7, i);
        contract_expect(&c->store, key, key);
    }
}

/* Lists with `generation`; the number of keys, or -1 for UNCHANGED. */
static int list_since(const struct store *store, const char *prefix, uint64_t *generation)
{
    struct contract_listing listing;
    enum store_err err = contract_list(store, prefix, generation, &listing);
    int count = (int)listing.count;

    if (err == STORE_UNCHANGED)
        assert_int_equal(count, 0);
    contract_listing_free(&listing);
    if (err == STORE_UNCHANGED)
        return -1;
    assert_err(err, STORE_OK);
    return count;
}

static void a_generation_never_hides_a_change(void **state)
{
    struct contract *c = *state;
    const struct store *store = &c->store;
    uint64_t generation = 0;
    uint64_t nothing = 0;
    int count;

    assert_int_equal(list_since(store, "", &generation), 0);
    assert_err(contract_put(store, "org/acme/a", "one", NULL, NULL), STORE_OK);
    assert_int_equal(list_since(store, "", &generation), 1);
    assert_err(contract_put(store, "org/acme/a", "two", NULL, NULL), STORE_OK);
    assert_int_equal(list_since(store, "", &generation), 1);
    assert_err(contract_put(store, "org/acme/b", "three", NULL, NULL), STORE_OK);
    assert_int_equal(list_since(store, "", &generation), 2);
    assert_err(c->store.backend->remove(store->ctx, "org/acme/a", NULL), STORE_OK);
    assert_int_equal(list_since(store, "", &generation), 1);
    count = list_since(store, "", &generation);
    assert_true(count == -1 || count == 1); /* UNCHANGED is a right, not a duty */
    if (count == -1)
        assert_true(generation != 0);
    assert_int_equal(list_since(store, "", &nothing), 1); /* 0 is always answered in full */
    assert_int_equal(list_since(store, "", NULL), 1);
}

static void a_generation_belongs_to_its_prefix(void **state)
{
    struct contract *c = *state;
    uint64_t generation = 0;

    assert_err(contract_put(&c->store, "org/acme/a", "one", NULL, NULL), STORE_OK);
    assert_int_equal(list_since(&c->store, "org/acme/", &generation), 1);
    assert_err(contract_put(&c->store, "org/acme/b", "two", NULL, NULL), STORE_OK);
    assert_err(contract_put(&c->store, "user/u1/b", "two", NULL, NULL), STORE_OK);
    assert_int_equal(list_since(&c->store, "org/acme/", &generation), 2);
}

struct churn {
    const struct store *store;
    _Atomic bool stop;
    _Atomic int failures;
};

/* Makes, changes and removes secrets beside those that stay. */
static void *churn_store(void *arg)
{
    struct churn *churn = arg;
    char key[64];

    for (int i = 0; !churn->stop; i++) {
        snprintf(key, sizeof key, "org/acme/come_and_go_%d", i % 10);
        if (contract_put(churn->store, key, "short-lived", NULL, NULL) != STORE_OK)
            churn->failures++;
        if (i % 2 == 1 && churn->store->backend->remove(churn->store->ctx, key, NULL) != STORE_OK)
            churn->failures++;
    }
    return NULL;
}

static void a_listing_beside_changes_misses_nothing_that_stays(void **state)
{
    struct contract *c = *state;
    struct churn churn = {.store = &c->store};
    pthread_t thread;
    char key[64];

    for (int i = 0; i < 20; i++) {
        snprintf(key, sizeof key, "org/acme/stays_%d", i);
        assert_err(contract_put(&c->store, key, "there", NULL, NULL), STORE_OK);
    }
    assert_int_equal(pthread_create(&thread, NULL, churn_store, &churn), 0);
    for (int round = 0; round < 20; round++) {
        struct contract_listing listing;
        size_t stays = 0;
        assert_err(contract_list(&c->store, "org/acme/", NULL, &listing), STORE_OK);
        for (size_t i = 0; i < listing.count; i++)
            stays += strncmp(listing.items[i].key, "org/acme/stays_", 15) == 0;
        assert_int_equal(stays, 20);
        contract_listing_free(&listing);
    }
    churn.stop = true;
    pthread_join(thread, NULL);
    assert_int_equal(churn.failures, 0);
}

void contract_list_cases(struct contract_list *list)
{
    CONTRACT_ADD(list, an_empty_store_lists_nothing);
    CONTRACT_ADD(list, a_prefix_names_whole_parts);
    CONTRACT_ADD(list, names_with_slashes_are_listed_with_their_scope);
    CONTRACT_ADD(list, prefixes_are_not_patterns);
    CONTRACT_ADD(list, a_listing_agrees_with_reading);
    CONTRACT_ADD(list, an_error_of_each_ends_the_listing);
    CONTRACT_ADD(list, many_secrets_are_all_listed);
    CONTRACT_ADD(list, a_generation_never_hides_a_change);
    CONTRACT_ADD(list, a_generation_belongs_to_its_prefix);
    CONTRACT_ADD(list, a_listing_beside_changes_misses_nothing_that_stays);
}

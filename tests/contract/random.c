/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backends/memory/memory.h"

/*
 * Random operations on the store and on the memory backend, which must answer alike. A failure is
 * repeated with the seed that it prints: CONTRACT_SEED=… CONTRACT_OPS=… program 'random*'.
 */

#define KEYS 48

struct known {
    char key[64];
    /* The versions after the last write and after the one before; each store has its own. */
    char store[2][STORE_VERSION_SIZE];
    char oracle[2][STORE_VERSION_SIZE];
};

struct trial {
    struct contract *c;
    struct store_ctx *oracle;
    uint64_t random;
    struct known known[KEYS];
    uint64_t generation;
    bool changed; /* since that generation */
};

static uint32_t next(struct trial *t, uint32_t below)
{
    t->random ^= t->random << 13;
    t->random ^= t->random >> 7;
    t->random ^= t->random << 17;
    return (uint32_t)(t->random >> 32) % below;
}

static void name_keys(struct trial *t)
{
    static const char *const scopes[] = {"global", "org/acme", "org/acme-prod", "user/u \xc3\xbc"};
    static const char *const names[] = {"key", "Key", "k.%y"};

    for (unsigned i = 0; i < KEYS; i++)
        snprintf(t->known[i].key, sizeof t->known[i].key, "%s/%s_%u", scopes[i % 4],
                 names[i / 4 % 3], i / 12);
}

/* A new value, mostly short, sometimes long, of any bytes or of text. */
static void make_value(struct trial *t, struct store_secret *value)
{
    size_t limit = t->c->harness->value_max == 0 ? 5000 : t->c->harness->value_max;
    /* all the keys together take their share of it */
    size_t room = t->c->harness->value_room == 0 ? limit : t->c->harness->value_room / 4;
    size_t len = 1 + next(t, next(t, 20) == 0 ? 5000 : 40);
    bool text = next(t, 2) == 0;
    unsigned char *bytes;

    limit = room < limit ? room : limit;
    len = len > limit ? limit : len;
    assert_err(store_secret_resize(value, len, &bytes), STORE_OK);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (unsigned char)(text ? 'a' + next(t, 26) : next(t, 256));
}

static void compare_records(const char *key, const struct store_record *store,
                            const struct store_record *oracle)
{
    if (!store_secret_equal(&store->value, oracle->value.data, oracle->value.len))
        fail_msg("%s has another value (%zu bytes, not %zu)", key, store->value.len,
                 oracle->value.len);
}

static void random_read(struct trial *t)
{
    struct known *known = &t->known[next(t, KEYS)];
    AUTO_RECORD store = {0};
    AUTO_RECORD oracle = {0};

    assert_err(contract_get(&t->c->store, known->key, &store),
               memory_backend.read(t->oracle, known->key, &oracle));
    compare_records(known->key, &store, &oracle);
    if (!t->c->harness->no_versions && oracle.version[0] != '\0')
        assert_string_equal(store.version, known->store[0]);
}

/* Chooses an if_version, the same for both stores. */
static void choose_version(struct trial *t, const struct known *known, const char **store,
                           const char **oracle)
{
    uint32_t choice = t->c->harness->no_versions ? 0 : next(t, 7);
    size_t which = choice == 3 ? 1 : 0;

    *store = *oracle = NULL;
    if (choice == 1)
        *store = *oracle = "0";
    if ((choice == 2 || choice == 3) && known->oracle[which][0] != '\0') {
        *store = known->store[which];
        *oracle = known->oracle[which];
    }
    if (choice == 4)
        *store = *oracle = "no such version";
    if (choice == 6)
        *store = *oracle = STORE_VERSION_ANY;
}

static void random_write(struct trial *t)
{
    struct known *known = &t->known[next(t, KEYS)];
    const struct store *store = &t->c->store;
    AUTO_SECRET value = {0};
    AUTO_RECORD in_store = {0};
    AUTO_RECORD in_oracle = {0};
    const char *store_version;
    const char *oracle_version;
    enum store_err err;

    make_value(t, &value);
    choose_version(t, known, &store_version, &oracle_version);
    err = memory_backend.write(t->oracle, known->key, &value, oracle_version, &in_oracle);
    assert_err(store->backend->write(store->ctx, known->key, &value, store_version, &in_store),
               err);
    if (err != STORE_OK)
        return;
    t->changed = true;
    memcpy(known->store[1], known->store[0], STORE_VERSION_SIZE);
    memcpy(known->oracle[1], known->oracle[0], STORE_VERSION_SIZE);
    strcpy(known->store[0], in_store.version);
    strcpy(known->oracle[0], in_oracle.version);
}

static void random_remove(struct trial *t)
{
    struct known *known = &t->known[next(t, KEYS)];
    const struct store *store = &t->c->store;
    const char *store_version;
    const char *oracle_version;
    enum store_err err;

    choose_version(t, known, &store_version, &oracle_version);
    if (store_version != NULL &&
        (strcmp(store_version, "0") == 0 || strcmp(store_version, STORE_VERSION_ANY) == 0))
        store_version = oracle_version = NULL;
    err = memory_backend.remove(t->oracle, known->key, oracle_version);
    assert_err(store->backend->remove(store->ctx, known->key, store_version), err);
    t->changed = t->changed || err == STORE_OK;
    if (err == STORE_OK && t->c->harness->versions_recur)
        memset(known->store, 0, sizeof known->store + sizeof known->oracle);
}

static void random_list(struct trial *t)
{
    static const char *const prefixes[] = {
        "", "global/", "org/", "org/acme/", "org/acme-prod/", "project/", "user/u \xc3\xbc/"};
    const char *prefix = prefixes[next(t, 7)];
    struct store oracle = {.backend = &memory_backend, .ctx = t->oracle};
    struct contract_listing listing;
    struct contract_listing expected;
    uint64_t *generation = prefix[0] == '\0' ? &t->generation : NULL;
    enum store_err err = contract_list(&t->c->store, prefix, generation, &listing);

    if (err == STORE_UNCHANGED) {
        assert_false(t->changed);
        return;
    }
    assert_err(err, STORE_OK);
    assert_err(contract_list(&oracle, prefix, NULL, &expected), STORE_OK);
    assert_int_equal(listing.count, expected.count);
    for (size_t i = 0; i < listing.count; i++) {
        assert_string_equal(listing.items[i].key, expected.items[i].key);
        if (listing.items[i].record.value.len > 0)
            compare_records(listing.items[i].key, &listing.items[i].record,
                            &expected.items[i].record);
    }
    t->changed = t->changed && generation == NULL;
    contract_listing_free(&listing);
    contract_listing_free(&expected);
}

static void random_reopen(struct trial *t)
{
    if (t->c->harness->private_ctx)
        return;
    store_close(&t->c->store);
    t->c->store = contract_open(t->c);
    t->generation = 0;
}

static void step(struct trial *t)
{
    uint32_t choice = next(t, 200);

    if (choice < 90)
        random_read(t);
    else if (choice < 150)
        random_write(t);
    else if (choice < 180)
        random_remove(t);
    else if (choice < 199)
        random_list(t);
    else
        random_reopen(t);
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL || text[0] == '\0' ? otherwise : strtoull(text, NULL, 0);
}

static void random_operations_answer_as_the_memory_backend(void **state)
{
    static struct trial trial;
    struct contract *c = *state;
    uint64_t operations = c->harness->operations == 0 ? 20000 : c->harness->operations;
    uint64_t seed = from_environment("CONTRACT_SEED", (uint64_t)time(NULL) * 2654435761u + 1);

    operations = from_environment("CONTRACT_OPS", operations);
    print_message("CONTRACT_SEED=%llu CONTRACT_OPS=%llu\n", (unsigned long long)seed,
                  (unsigned long long)operations);
    trial = (struct trial){.c = c, .random = seed | 1};
    name_keys(&trial);
    assert_err(memory_backend.open(&trial.oracle, NULL), STORE_OK);
    for (uint64_t i = 0; i < operations; i++)
        step(&trial);
    for (size_t i = 0; i < KEYS; i++) {
        AUTO_RECORD store = {0};
        AUTO_RECORD oracle = {0};
        assert_err(contract_get(&c->store, trial.known[i].key, &store),
                   memory_backend.read(trial.oracle, trial.known[i].key, &oracle));
        compare_records(trial.known[i].key, &store, &oracle);
    }
    memory_backend.close(trial.oracle);
}

void contract_random_cases(struct contract_list *list)
{
    CONTRACT_ADD(list, random_operations_answer_as_the_memory_backend);
}

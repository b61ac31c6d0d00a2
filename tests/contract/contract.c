/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/cache/cache.h"

static const struct contract_harness *current;

void contract_add(struct contract_list *list, const char *name, CMUnitTestFunction function)
{
    assert_true(list->count < sizeof list->tests / sizeof list->tests[0]);
    list->tests[list->count++] = (struct CMUnitTest){.name = name, .test_func = function};
}

bool contract_is_direct(void)
{
    return getenv("CONTRACT_CACHE") == NULL && getenv("CONTRACT_STORE") == NULL;
}

static bool setting(struct store_conf_set *set, const char *path, const char *value)
{
    return value != NULL &&
           store_conf_put(set, path, value, strlen(value), CONTRACT_ORIGIN) == STORE_OK;
}

struct store_conf_set *contract_settings(const char *backend, const char *const *settings)
{
    struct store_conf_set *set = NULL;
    bool ok = store_conf_begin(&set, "contract", backend) == STORE_OK;

    for (; ok && *settings != NULL; settings += 2)
        ok = setting(set, settings[0], settings[1]);
    if (ok)
        return set;
    store_conf_free(set);
    return NULL;
}

struct store_conf_set *contract_conf(const struct contract_harness *harness, const char *where)
{
    struct store_conf_set *set = harness->conf(where);
    const char *program = getenv("CONTRACT_STORE");

    if (set == NULL)
        return NULL;
    /* No test judges time: a machine that does much else may need far longer than the default. */
    if (setting(set, "timeout_ms", "60000") &&
        (program == NULL || setting(set, "store.program", program)) && contract_shared_use(set))
        return set;
    store_conf_free(set);
    return NULL;
}

enum store_err contract_open_conf(struct store *out, const struct store_conf *conf)
{
    if (getenv("CONTRACT_STORE") != NULL)
        TRY(store_open_at(out, conf, STORE_IN_STORE_PROCESS));
    else
        TRY(store_open(out, conf));
    return getenv("CONTRACT_CACHE") != NULL ? cache_wrap(out, conf) : STORE_OK;
}

static int store_setup(void **state)
{
    struct contract *c = calloc(1, sizeof *c);

    if (c == NULL)
        return -1;
    c->harness = current;
    if (!current->fresh(c->where)) {
        free(c);
        return -1;
    }
    c->conf = contract_conf(current, c->where);
    if (c->conf != NULL)
        contract_shared_start(c);
    if (c->conf == NULL || contract_open_conf(&c->store, store_conf_at(c->conf, 0)) != STORE_OK) {
        free(c);
        return -1;
    }
    *state = c;
    return 0;
}

static int store_teardown(void **state)
{
    struct contract *c = *state;

    store_close(&c->store);
    contract_shared_end();
    store_conf_free(c->conf);
    current->destroy(c->where);
    free(c);
    return 0;
}

struct store contract_open(const struct contract *c)
{
    struct store store;

    assert_err(contract_open_conf(&store, store_conf_at(c->conf, 0)), STORE_OK);
    return store;
}

enum store_err contract_put(const struct store *store, const char *key, const char *value,
                            const char *if_version, struct store_record *out)
{
    AUTO_SECRET secret = {0};

    TRY(store_secret_set(&secret, value, strlen(value)));
    return store->backend->write(store->ctx, key, &secret, if_version, out);
}

enum store_err contract_get(const struct store *store, const char *key, struct store_record *out)
{
    return store->backend->read(store->ctx, key, out);
}

void contract_expect(const struct store *store, const char *key, const char *value)
{
    AUTO_RECORD record = {0};
    enum store_err err = contract_get(store, key, &record);

    if (value == NULL) {
        assert_err(err, STORE_NOT_FOUND);
        assert_null(record.value.data);
        return;
    }
    assert_err(err, STORE_OK);
    if (!store_secret_equal(&record.value, value, strlen(value)))
        fail_msg("%s holds \"%.*s\" and not \"%s\"", key, (int)record.value.len,
                 (const char *)record.value.data, value);
}

static enum store_err keep_listed(void *arg, const char *key, enum store_err err,
                                  const struct store_record *record)
{
    struct contract_listing *listing = arg;
    struct contract_listed *items;

    assert_err(err, STORE_OK);
    assert_err(store_scope_parse(key, strlen(key), NULL), STORE_OK);
    items = realloc(listing->items, (listing->count + 1) * sizeof *items);
    assert_non_null(items);
    listing->items = items;
    items += listing->count++;
    memset(items, 0, sizeof *items);
    snprintf(items->key, sizeof items->key, "%s", key);
    items->has_record = record != NULL;
    if (record != NULL)
        store_record_share(&items->record, record);
    return STORE_OK;
}

static int compare_listed(const void *a, const void *b)
{
    return strcmp(((const struct contract_listed *)a)->key,
                  ((const struct contract_listed *)b)->key);
}

enum store_err contract_list(const struct store *store, const char *prefix, uint64_t *generation,
                             struct contract_listing *out)
{
    enum store_err err;

    *out = (struct contract_listing){0};
    err = store->backend->list(store->ctx, prefix, generation, keep_listed, out);
    if (out->count > 0)
        qsort(out->items, out->count, sizeof out->items[0], compare_listed);
    for (size_t i = 1; i < out->count; i++)
        if (strcmp(out->items[i - 1].key, out->items[i].key) == 0)
            fail_msg("%s is listed twice", out->items[i].key);
    return err;
}

void contract_listing_free(struct contract_listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        store_record_clear(&listing->items[i].record);
    free(listing->items);
    *listing = (struct contract_listing){0};
}

static bool listed(const struct contract_listing *listing, const char *key)
{
    for (size_t i = 0; i < listing->count; i++)
        if (strcmp(listing->items[i].key, key) == 0)
            return true;
    return false;
}

void contract_expect_keys(const struct store *store, const char *prefix, const char *const *keys)
{
    struct contract_listing listing;
    size_t count = 0;

    assert_err(contract_list(store, prefix, NULL, &listing), STORE_OK);
    for (; keys[count] != NULL; count++)
        if (!listed(&listing, keys[count]))
            fail_msg("listing \"%s\" misses %s", prefix, keys[count]);
    if (listing.count != count)
        fail_msg("listing \"%s\" gives %zu keys and not %zu", prefix, listing.count, count);
    contract_listing_free(&listing);
}

/* The exit code of a skipped test, unless everything has to be there. */
static int skipped(const char *backend)
{
    const char *ci = getenv("CI");

    fprintf(stderr, "there is no %s store on this machine\n", backend);
    return ci != NULL && strcmp(ci, "true") == 0 ? 1 : 77;
}

int contract_run(const struct contract_harness *harness, int argc, char **argv)
{
    static struct contract_list list;
    char where[CONTRACT_WHERE_SIZE];
    int failed;

    current = harness;
    if (argc > 1 && strcmp(argv[1], "child") == 0)
        return contract_child(harness, argc - 2, argv + 2);
    if (!harness->fresh(where))
        return skipped(harness->backend);
    harness->destroy(where);
    contract_read_cases(&list);
    if (harness->seed == NULL) {
        contract_write_cases(&list);
        if (!harness->no_versions)
            contract_compare_cases(&list);
        contract_value_cases(&list);
        contract_list_cases(&list);
        contract_thread_cases(&list);
        contract_random_cases(&list);
        contract_version_cases(&list);
    }
    if (harness->seed == NULL && !harness->private_ctx) {
        contract_share_cases(&list);
        contract_process_cases(&list);
    }
    for (size_t i = 0; i < list.count; i++) {
        list.tests[i].setup_func = store_setup;
        list.tests[i].teardown_func = store_teardown;
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    if (!contract_shared_prepare())
        return 1;
    failed = _cmocka_run_group_tests(harness->backend, list.tests, list.count, NULL, NULL);
    contract_shared_remove();
    return failed != 0;
}

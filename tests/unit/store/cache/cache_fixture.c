/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/store/cache/cache_fixture.h"

#include <string.h>

#include "store/cache/context.h"
#include "store/log.h"

_Atomic(int64_t) clock_ns;
struct store store;
struct store_conf_set *cache_set;
atomic_int lines;

static int64_t now(void)
{
    return atomic_load(&clock_ns);
}

static void count_line(void *arg, enum store_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
    atomic_fetch_add(&lines, 1);
}

void cache_put(const char *path, const char *value)
{
    assert_int_equal(store_conf_put(cache_set, path, value, strlen(value), "test"), STORE_OK);
}

int cache_setup(void **state)
{
    (void)state;
    atomic_store(&clock_ns, S);
    atomic_store(&lines, 0);
    store_log_redirect(count_line, NULL);
    assert_int_equal(store_conf_begin(&cache_set, "test", "aws"), STORE_OK);
    cache_put("cache.ttl_s", "100");
    cache_put("cache.entries", "10");
    cache_put("cache.stale_s", "1000");
    scripted_open(&store);
    assert_int_equal(cache_wrap(&store, store_conf_at(cache_set, 0)), STORE_OK);
    store.ctx->now = now;
    return 0;
}

int cache_teardown(void **state)
{
    (void)state;
    store.backend->close(store.ctx);
    store_conf_free(cache_set);
    store_log_redirect(NULL, NULL);
    return 0;
}

size_t keys_kept(void)
{
    return atomic_load(&store.ctx->shards.entries);
}

void expect_of(const char *key, enum store_err err, const char *value, bool stale)
{
    AUTO_RECORD record = {0};

    assert_int_equal(store.backend->read(store.ctx, key, &record), err);
    assert_int_equal(record.stale, stale);
    assert_true(store_secret_equal(&record.value, value, strlen(value)));
}

void expect(const char *value)
{
    expect_of("global/a", STORE_OK, value, false);
}

enum store_err put_value(const char *value)
{
    AUTO_SECRET secret = {0};

    assert_int_equal(store_secret_set(&secret, value, strlen(value)), STORE_OK);
    return store.backend->write(store.ctx, "global/a", &secret, NULL, NULL);
}

enum store_err count_ok(void *arg, const char *key, enum store_err err,
                        const struct store_record *record)
{
    int *count = arg;

    (void)key;
    assert_int_equal(err == STORE_OK, record != NULL);
    *count += err == STORE_OK && record->value.len > 0;
    return STORE_OK;
}

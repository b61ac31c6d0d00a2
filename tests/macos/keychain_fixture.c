/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/macos/keychain_fixture.h"

#include <stdio.h>
#include <string.h>

#include "store/log.h"
#include "tests/macos/place.h"

static char folder[256];
static struct store_conf_set *set;
static struct store store;

#define LINES_MAX 512
static char lines[LINES_MAX][512];
static size_t line_count;

static void keep_line(void *arg, enum store_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    if (line_count < LINES_MAX)
        snprintf(lines[line_count++], sizeof lines[0], "%s", text);
}

int fixture_logged(const char *text)
{
    int count = 0;

    for (size_t i = 0; i < line_count; i++)
        count += strstr(lines[i], text) != NULL;
    return count;
}

void fixture_forget_log(void)
{
    line_count = 0;
}

const char *fixture_folder(void)
{
    return folder;
}

static void close_store(void)
{
    store_close(&store);
    store_conf_free(set);
    set = NULL;
}

static enum store_err put_setting(const char *path, const char *value, const char *origin)
{
    return store_conf_put(set, path, value, strlen(value), origin);
}

void fixture_open(const char *backend, enum fixture_choice choice)
{
    close_store();
    assert_err(store_conf_begin(&set, "test", backend), STORE_OK);
    assert_err(put_setting("data_dir", folder, "the test"), STORE_OK);
    assert_err(put_setting("timeout_ms", "100", "the test"), STORE_OK);
    assert_err(put_setting("backend", backend,
                           choice == FIXTURE_BY_PLATFORM
                               ? "platform: this is macOS, so data-protection-keychain"
                               : "environment variable SIDESEAT_SECRETS_BACKEND"),
               STORE_OK);
    assert_err(store_open(&store, store_conf_at(set, 0)), STORE_OK);
}

int fixture_setup(void **state)
{
    (void)state;
    fixture_forget_log();
    store_log_redirect(keep_line, NULL);
    return place_make(folder, sizeof folder) ? 0 : -1;
}

int fixture_teardown(void **state)
{
    (void)state;
    close_store();
    store_log_redirect(NULL, NULL);
    store_secret_trim();
    place_remove(folder);
    return fixture_logged("s3cret") != 0 || place_leaks() ? -1 : 0;
}

enum store_err fixture_put(const char *key, const char *value, const char *if_version,
                           struct store_record *out)
{
    AUTO_SECRET secret = {0};

    assert_err(store_secret_set(&secret, value, strlen(value)), STORE_OK);
    return store.backend->write(store.ctx, key, &secret, if_version, out);
}

enum store_err fixture_get(const char *key, struct store_record *out)
{
    return store.backend->read(store.ctx, key, out);
}

enum store_err fixture_remove(const char *key, const char *if_version)
{
    return store.backend->remove(store.ctx, key, if_version);
}

enum store_err fixture_login(void)
{
    const struct store_secret pin = {0};

    return store.backend->login(store.ctx, &pin);
}

struct store_health fixture_health(void)
{
    struct store_health health;

    store.backend->health(store.ctx, &health);
    return health;
}

static enum store_err count_one(void *arg, const char *key, enum store_err err,
                                const struct store_record *record)
{
    (void)key;
    (void)record;
    (*(size_t *)arg)++;
    return err;
}

enum store_err fixture_list(size_t *count)
{
    *count = 0;
    return store.backend->list(store.ctx, "", NULL, count_one, count);
}

void fixture_expect(const char *key, const char *value)
{
    AUTO_RECORD record = {0};

    if (value == NULL) {
        assert_err(fixture_get(key, &record), STORE_NOT_FOUND);
        return;
    }
    assert_err(fixture_get(key, &record), STORE_OK);
    assert_true(store_secret_equal(&record.value, value, strlen(value)));
}

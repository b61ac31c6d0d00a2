/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/windows/credential_fixture.h"

#include <stdio.h>
#include <string.h>

#include "store/log.h"
#include "tests/windows/credentials.h"

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

static void close_store(void)
{
    store_close(&store);
    store_conf_free(set);
    set = NULL;
}

void fixture_open_for(const char *timeout_ms)
{
    close_store();
    assert_err(store_conf_begin(&set, "test", "credential-manager"), STORE_OK);
    assert_err(store_conf_put(set, "timeout_ms", timeout_ms, strlen(timeout_ms), "the test"),
               STORE_OK);
    assert_err(store_open(&store, store_conf_at(set, 0)), STORE_OK);
}

void fixture_open(void)
{
    fixture_open_for("60000");
}

int fixture_setup(void **state)
{
    (void)state;
    fixture_forget_log();
    store_log_redirect(keep_line, NULL);
    if (!credentials_make(folder, sizeof folder))
        return -1;
    fixture_open();
    return 0;
}

int fixture_teardown(void **state)
{
    (void)state;
    close_store();
    store_log_redirect(NULL, NULL);
    store_secret_trim();
    credentials_remove(folder);
    return fixture_logged("s3cret") != 0 ? -1 : 0;
}

enum store_err fixture_put(const char *key, const char *value, const char *if_version,
                           struct store_record *out)
{
    AUTO_SECRET secret = {0};

    assert_err(store_secret_set(&secret, value, strlen(value)), STORE_OK);
    return store.backend->write(store.ctx, key, &secret, if_version, out);
}

enum store_err fixture_put_long(const char *key, char letter, size_t len, const char *if_version)
{
    AUTO_SECRET secret = {0};
    unsigned char *bytes;

    assert_err(store_secret_resize(&secret, len, &bytes), STORE_OK);
    memset(bytes, letter, len);
    memcpy(bytes, "s3cret", 6);
    return store.backend->write(store.ctx, key, &secret, if_version, NULL);
}

enum store_err fixture_get(const char *key, struct store_record *out)
{
    return store.backend->read(store.ctx, key, out);
}

enum store_err fixture_remove(const char *key, const char *if_version)
{
    return store.backend->remove(store.ctx, key, if_version);
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

char fixture_letter(const struct store_secret *value)
{
    for (size_t i = 7; i < value->len; i++)
        if (value->data[i] != value->data[6])
            return 0;
    return value->len > 6 && memcmp(value->data, "s3cret", 6) == 0 ? (char)value->data[6] : 0;
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

void fixture_expect_long(const char *key, char letter, size_t len)
{
    AUTO_RECORD record = {0};

    assert_err(fixture_get(key, &record), STORE_OK);
    assert_int_equal(record.value.len, len);
    assert_int_equal(fixture_letter(&record.value), letter);
}

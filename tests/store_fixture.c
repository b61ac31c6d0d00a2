/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/store_fixture.h"

#include <stdio.h>
#include <string.h>

#include "store/log.h"

struct store fixture_store;
struct store_conf_set *fixture_set;

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

void fixture_keep_log(void)
{
    fixture_forget_log();
    store_log_redirect(keep_line, NULL);
}

void fixture_close(void)
{
    store_close(&fixture_store);
    store_conf_free(fixture_set);
    fixture_set = NULL;
}

bool fixture_end(void)
{
    fixture_close();
    store_log_redirect(NULL, NULL);
    store_secret_trim();
    return fixture_logged("s3cret") == 0;
}

enum store_err fixture_put(const char *key, const char *value, const char *if_version,
                           struct store_record *out)
{
    AUTO_SECRET secret = {0};

    assert_err(store_secret_set(&secret, value, strlen(value)), STORE_OK);
    return fixture_store.backend->write(fixture_store.ctx, key, &secret, if_version, out);
}

enum store_err fixture_get(const char *key, struct store_record *out)
{
    return fixture_store.backend->read(fixture_store.ctx, key, out);
}

enum store_err fixture_remove(const char *key, const char *if_version)
{
    return fixture_store.backend->remove(fixture_store.ctx, key, if_version);
}

struct store_health fixture_health(void)
{
    struct store_health health;

    fixture_store.backend->health(fixture_store.ctx, &health);
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
    return fixture_store.backend->list(fixture_store.ctx, "", NULL, count_one, count);
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

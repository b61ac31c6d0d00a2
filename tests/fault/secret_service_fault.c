/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/secret_service_fault.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "store/conf.h"
#include "store/log.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char logged[8192];
static size_t lines;

static void on_log(void *arg, enum store_log_level level, const char *text)
{
    size_t used;

    (void)arg;
    if (level > STORE_LOG_WARNING)
        return;
    pthread_mutex_lock(&lock);
    used = strlen(logged);
    snprintf(logged + used, sizeof logged - used, "%s\n", text);
    lines++;
    pthread_mutex_unlock(&lock);
}

int service_setup(void **state)
{
    (void)state;
    store_log_redirect(on_log, NULL);
    return 0;
}

void service_log_clear(void)
{
    pthread_mutex_lock(&lock);
    logged[0] = '\0';
    lines = 0;
    pthread_mutex_unlock(&lock);
}

void service_log_expect(const char *text)
{
    pthread_mutex_lock(&lock);
    if (lines != 1 || strstr(logged, text) == NULL)
        fail_msg("logged %zu lines instead of one with \"%s\":\n%s", lines, text, logged);
    /* text; remedy */
    if (strstr(logged, "; ") == NULL)
        fail_msg("no remedy in: %s", logged);
    pthread_mutex_unlock(&lock);
    service_log_clear();
}

void service_log_expect_nothing(void)
{
    if (lines != 0)
        fail_msg("logged: %s", logged);
}

static struct store_conf_set *conf_new(long timeout_ms, long login_timeout_ms)
{
    struct store_conf_set *set = NULL;
    char text[24];

    assert_store(store_conf_begin(&set, "test", "secret-service"), STORE_OK);
    snprintf(text, sizeof text, "%ld", timeout_ms);
    assert_store(store_conf_put(set, "timeout_ms", text, strlen(text), "test"), STORE_OK);
    snprintf(text, sizeof text, "%ld", login_timeout_ms);
    assert_store(store_conf_put(set, "login_timeout_ms", text, strlen(text), "test"), STORE_OK);
    return set;
}

struct service_store service_open(long timeout_ms, long login_timeout_ms)
{
    struct service_store s = {.conf = conf_new(timeout_ms, login_timeout_ms)};

    assert_store(store_open(&s.store, store_conf_at(s.conf, 0)), STORE_OK);
    service_log_clear();
    return s;
}

void service_close(struct service_store *s)
{
    store_close(&s->store);
    store_conf_free(s->conf);
}

enum store_err service_put(const struct service_store *s, const char *key, const char *value)
{
    AUTO_SECRET secret = {0};

    assert_store(store_secret_set(&secret, value, strlen(value)), STORE_OK);
    return s->store.backend->write(s->store.ctx, key, &secret, NULL, NULL);
}

enum store_err service_get(const struct service_store *s, const char *key)
{
    AUTO_RECORD record = {0};

    return s->store.backend->read(s->store.ctx, key, &record);
}

static enum store_err count_key(void *arg, const char *key, enum store_err err,
                                const struct store_record *record)
{
    (void)key, (void)record;
    assert_store(err, STORE_OK);
    (*(size_t *)arg)++;
    return STORE_OK;
}

enum store_err service_list(const struct service_store *s, const char *prefix, size_t *count)
{
    *count = 0;
    return s->store.backend->list(s->store.ctx, prefix, NULL, count_key, count);
}

void service_expect(const struct service_store *s, const char *key, const char *value)
{
    AUTO_RECORD record = {0};
    enum store_err err = s->store.backend->read(s->store.ctx, key, &record);

    assert_store(err, value == NULL ? STORE_NOT_FOUND : STORE_OK);
    if (value != NULL && !store_secret_equal(&record.value, value, strlen(value)))
        fail_msg("%s holds \"%.*s\"", key, (int)record.value.len, (const char *)record.value.data);
}

int service_shell_result(const char *command)
{
    int status = system(command);

    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void service_shell(const char *command)
{
    if (service_shell_result(command) != 0)
        fail_msg("failed: %s", command);
}

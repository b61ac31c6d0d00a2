/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/http/http.h"
#include "backends/http/retry.h"
#include "backends/vault/vault.h"
#include "store/log.h"
#include "store/scope.h"

/*
 * The vault backend gets any bytes as the server's answers. The first byte chooses the call, the
 * second the login; then come the answers, divided by bytes 0x1e: a line with the status (0: none)
 * and the value of every requested header, and the body.
 */

static struct store_conf_set *sets[3];
static const uint8_t *left;
static size_t left_len;
static bool absent_told; /* by a status or by the remains of a remove */

enum store_err __wrap_http_run(struct http_client *client, const struct http_request *request,
                               struct http_reply *reply);
enum store_err __wrap_http_run_many(struct http_client *client, const struct http_request *requests,
                                    size_t count, size_t at_once, http_each_fn *each, void *arg);
bool __wrap_http_retry_wait(struct http_retry *retry, int64_t asked_ms);

static void put(struct store_conf_set *set, const char *path, const char *value)
{
    FUZZ_CHECK(store_conf_put(set, path, value, strlen(value), "fuzz") == STORE_OK);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char *const methods[] = {"token", "approle", "none"};

    (void)argc;
    (void)argv;
    for (size_t i = 0; i < 3; i++) {
        FUZZ_CHECK(store_conf_begin(&sets[i], "fuzz", "vault") == STORE_OK);
        put(sets[i], "vault.address", "http://127.0.0.1:1");
        put(sets[i], "vault.token", "token");
        put(sets[i], "vault.auth.method", methods[i]);
        put(sets[i], "vault.auth.role_id", "role");
        put(sets[i], "vault.auth.secret_id", "secret");
    }
    store_log_redirect(fuzz_check_line, NULL);
    return 0;
}

/* The next of the answers; UNAVAILABLE if there is none. */
static enum store_err answer(struct http_reply *reply)
{
    const uint8_t *end = left_len == 0 ? NULL : memchr(left, 0x1e, left_len);
    size_t len = end == NULL ? left_len : (size_t)(end - left);
    const uint8_t *body = len == 0 ? NULL : memchr(left, '\n', len);
    char line[256] = "";
    char *header = line;
    size_t line_len = body == NULL ? len : (size_t)(body - left);

    memcpy(line, left, line_len < sizeof line ? line_len : sizeof line - 1);
    reply->status = (int)(strtoul(line, &header, 10) % 600);
    store_secret_wipe(&reply->body);
    if (body != NULL && len > line_len + 1)
        FUZZ_CHECK(store_secret_set(&reply->body, body + 1, len - line_len - 1) == STORE_OK);
    for (size_t i = 0; i < reply->wanted_count; i++)
        (void)snprintf(reply->wanted[i].out, reply->wanted[i].size, "%s",
                       header + (*header == ' '));
    for (size_t i = 0; i < reply->wanted_count; i++)
        if (strcmp(reply->wanted[i].name, "retry-after") == 0)
            FUZZ_CHECK(http_retry_after(reply->wanted[i].out) >= 0);
    left += end == NULL ? len : len + 1;
    left_len -= end == NULL ? len : len + 1;
    absent_told = absent_told || reply->status == 404;
    return reply->status == 0 ? STORE_UNAVAILABLE : STORE_OK;
}

enum store_err __wrap_http_run(struct http_client *client, const struct http_request *request,
                               struct http_reply *reply)
{
    (void)client;
    (void)request;
    return answer(reply);
}

enum store_err __wrap_http_run_many(struct http_client *client, const struct http_request *requests,
                                    size_t count, size_t at_once, http_each_fn *each, void *arg)
{
    (void)client;
    (void)requests;
    (void)at_once;
    for (size_t i = 0; i < count; i++) {
        struct http_reply reply = {.wanted = NULL};
        enum store_err err = answer(&reply);

        err = each(arg, i, err, &reply);
        store_secret_wipe(&reply.body);
        TRY(err);
    }
    return STORE_OK;
}

/* Once more and at once, as long as there is an answer. */
bool __wrap_http_retry_wait(struct http_retry *retry, int64_t asked_ms)
{
    (void)asked_ms;
    return ++retry->made < retry->attempts && left_len > 0;
}

static enum store_err each(void *arg, const char *key, enum store_err err,
                           const struct store_record *record)
{
    (void)arg;
    FUZZ_CHECK(store_scope_parse(key, strlen(key), NULL) == STORE_OK);
    FUZZ_CHECK(record == NULL || (err == STORE_OK && record->value.len > 0));
    FUZZ_CHECK(err != STORE_NOT_FOUND || absent_told);
    return STORE_OK;
}

static enum store_err call(struct store_ctx *ctx, unsigned which)
{
    static const char *const keys[] = {"global/a", "org/acme/b/c"};
    AUTO_RECORD record = {0};
    AUTO_SECRET value = {0};
    struct store_health health = {.err = STORE_OK};
    enum store_err err = store_secret_set(&value, "x", 1);

    FUZZ_CHECK(err == STORE_OK);
    if (which == 0) {
        err = vault_backend.read(ctx, keys[0], &record);
        FUZZ_CHECK((err == STORE_OK) == (record.value.len > 0));
        FUZZ_CHECK(memchr(record.version, '\0', sizeof record.version) != NULL);
    } else if (which == 1) {
        err = vault_backend.read_many(ctx, keys, 2, each, NULL);
    } else if (which == 2) {
        err = vault_backend.list(ctx, "", NULL, each, NULL);
        FUZZ_CHECK(err != STORE_NOT_FOUND);
    } else if (which == 3) {
        err = vault_backend.write(ctx, keys[0], &value, NULL, &record);
        FUZZ_CHECK(err != STORE_NOT_FOUND);
    } else if (which == 4 || which == 5) {
        err = vault_backend.remove(ctx, keys[0], which == 4 ? NULL : "7");
    } else {
        vault_backend.health(ctx, &health);
        FUZZ_CHECK(memchr(health.text, '\0', sizeof health.text) != NULL);
    }
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct store_ctx *ctx = NULL;
    enum store_err err;

    if (size < 2)
        return 0;
    left = data + 2;
    left_len = size - 2;
    absent_told =
        memmem(left, left_len, "remove", 6) != NULL || memchr(left, '\\', left_len) != NULL;
    FUZZ_CHECK(vault_backend.open(&ctx, store_conf_at(sets[data[1] % 3], 0)) == STORE_OK);
    for (unsigned times = 0; times < 2; times++) {
        err = call(ctx, data[0] % 7);
        FUZZ_CHECK(err != STORE_NOT_FOUND || absent_told);
        FUZZ_CHECK(err != STORE_LOCKED && err != STORE_FAILED);
    }
    vault_backend.close(ctx);
    return 0;
}

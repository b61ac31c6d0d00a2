/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/remote/call.h"
#include "store/remote/probe.h"
#include "store/remote/program.h"
#include "store/log.h"
#include "store/scope.h"
#include "store/time.h"

struct store_ctx {
    const struct store_conf *conf;
    struct pool pool;
    struct probe probe;
};

static enum store_err remote_open(struct store_ctx **out, const struct store_conf *conf)
{
    struct store_ctx *ctx = calloc(1, sizeof *ctx);

    if (ctx == NULL)
        return store_no_memory("store");
    ctx->conf = conf;
    pool_init(&ctx->pool, conf);
    probe_init(&ctx->probe, &ctx->pool);
    *out = ctx;
    return STORE_OK;
}

static void remote_close(struct store_ctx *ctx)
{
    if (ctx == NULL)
        return;
    probe_free(&ctx->probe);
    pool_free(&ctx->pool);
    free(ctx);
}

/* Makes a call whose answer is one record with its value. */
static enum store_err read_finish(struct store_ctx *ctx, struct frame_out *request,
                                  struct store_record *out)
{
    struct call call = {0};
    enum store_err err;

    TRY(call_make(&call, &ctx->pool, "timeout_ms", request));
    if (call.err == STORE_OK)
        frame_get_record(&call.in, out);
    out->audited = true;
    if (call.err == STORE_OK && out->value.len == 0)
        call.in.bad = true;
    err = call_end(&call);
    if (err != STORE_OK)
        store_record_clear(out);
    return err;
}

static enum store_err remote_read(struct store_ctx *ctx, const char *key, struct store_record *out)
{
    AUTO_FRAME_OUT request = {0};

    store_record_clear(out);
    frame_begin(&request, FRAME_READ);
    frame_put_text(&request, key);
    return read_finish(ctx, &request, out);
}

static enum store_err remote_read_many(struct store_ctx *ctx, const char *const *keys, size_t count,
                                       store_each_fn *each, void *arg)
{
    while (count > 0) {
        size_t now = count < FRAME_KEYS_MAX ? count : FRAME_KEYS_MAX;
        AUTO_FRAME_OUT request = {0};
        struct call call = {.each = each, .each_arg = arg};

        frame_begin(&request, FRAME_READ_MANY);
        frame_put_u32(&request, (uint32_t)now);
        for (size_t i = 0; i < now; i++)
            frame_put_text(&request, keys[i]);
        TRY(call_make(&call, &ctx->pool, "timeout_ms", &request));
        TRY(call_end(&call));
        keys += now;
        count -= now;
    }
    return STORE_OK;
}

static enum store_err remote_list(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                                  store_each_fn *each, void *arg)
{
    AUTO_FRAME_OUT request = {0};
    struct call call = {.each = each, .each_arg = arg};
    uint64_t now = 0;
    enum store_err err;

    frame_begin(&request, FRAME_LIST);
    frame_put_text(&request, prefix);
    frame_put_u8(&request, generation != NULL);
    frame_put_u64(&request, generation == NULL ? 0 : *generation);
    TRY(call_make(&call, &ctx->pool, "timeout_ms", &request));
    if (call.err == STORE_OK || call.err == STORE_UNCHANGED)
        now = frame_get_u64(&call.in);
    err = call_end(&call);
    if (generation != NULL && (err == STORE_OK || err == STORE_UNCHANGED))
        *generation = now;
    return err;
}

static void put_if_version(struct frame_out *request, const char *if_version)
{
    frame_put_u8(request, if_version != NULL);
    frame_put_text(request, if_version == NULL ? "" : if_version);
}

/* A longer value does not fit a frame and would cost the connection. */
static enum store_err check_size(const char *key, const struct store_secret *value)
{
    if (value->len <= FRAME_VALUE_MAX)
        return STORE_OK;
    store_log(STORE_LOG_ERROR,
              "store: the value for %s has %zu bytes, and the store process takes at most %zu; "
              "store a shorter one",
              key, value->len, FRAME_VALUE_MAX);
    return STORE_TOO_BIG;
}

static enum store_err remote_write(struct store_ctx *ctx, const char *key,
                                   const struct store_secret *value, const char *if_version,
                                   struct store_record *out)
{
    AUTO_FRAME_OUT request = {0};
    AUTO_RECORD record = {0};
    struct call call = {0};

    if (out != NULL)
        store_record_clear(out);
    TRY(check_size(key, value));
    frame_begin(&request, FRAME_WRITE);
    frame_put_text(&request, key);
    frame_put_bytes(&request, value->data, value->len);
    put_if_version(&request, if_version);
    TRY(call_make(&call, &ctx->pool, "timeout_ms", &request));
    if (call.err == STORE_OK)
        frame_get_record(&call.in, &record);
    TRY(call_end(&call));
    if (out != NULL)
        store_record_share(out, &record);
    return STORE_OK;
}

static enum store_err remote_remove(struct store_ctx *ctx, const char *key, const char *if_version)
{
    AUTO_FRAME_OUT request = {0};

    frame_begin(&request, FRAME_REMOVE);
    frame_put_text(&request, key);
    put_if_version(&request, if_version);
    return call_finish(&ctx->pool, "timeout_ms", &request);
}

static enum store_err remote_versions(struct store_ctx *ctx, const char *key,
                                      struct store_versions *out)
{
    AUTO_FRAME_OUT request = {0};
    struct call call = {0};
    enum store_err err = STORE_OK;
    enum store_err ended;

    frame_begin(&request, FRAME_VERSIONS);
    frame_put_text(&request, key);
    TRY(call_make(&call, &ctx->pool, "timeout_ms", &request));
    if (call.err == STORE_OK)
        err = frame_get_versions(&call.in, out);
    ended = call_end(&call);
    if (err == STORE_OK)
        err = ended;
    if (err != STORE_OK)
        store_versions_clear(out);
    return err;
}

static enum store_err remote_read_version(struct store_ctx *ctx, const char *key, const char *id,
                                          struct store_record *out)
{
    AUTO_FRAME_OUT request = {0};

    store_record_clear(out);
    if (strlen(id) >= STORE_VERSION_SIZE)
        return STORE_NOT_FOUND;
    frame_begin(&request, FRAME_READ_VERSION);
    frame_put_text(&request, key);
    frame_put_text(&request, id);
    return read_finish(ctx, &request, out);
}

/* RETIRE, RESTORE (which has an id) and DESTROY. */
static enum store_err change_versions(struct store_ctx *ctx, enum frame_type type, const char *key,
                                      const char *id)
{
    AUTO_FRAME_OUT request = {0};

    if (id != NULL && strlen(id) >= STORE_VERSION_SIZE)
        return STORE_NOT_FOUND;
    frame_begin(&request, type);
    frame_put_text(&request, key);
    if (id != NULL)
        frame_put_text(&request, id);
    return call_finish(&ctx->pool, "timeout_ms", &request);
}

static enum store_err remote_retire(struct store_ctx *ctx, const char *key)
{
    return change_versions(ctx, FRAME_RETIRE, key, NULL);
}

static enum store_err remote_restore(struct store_ctx *ctx, const char *key, const char *id)
{
    return change_versions(ctx, FRAME_RESTORE, key, id);
}

static enum store_err remote_destroy(struct store_ctx *ctx, const char *key)
{
    return change_versions(ctx, FRAME_DESTROY, key, NULL);
}

static enum store_err remote_login(struct store_ctx *ctx, const struct store_secret *pin)
{
    AUTO_FRAME_OUT request = {0};

    frame_begin(&request, FRAME_LOGIN);
    frame_put_bytes(&request, pin->data, pin->len);
    return call_finish(&ctx->pool, "login_timeout_ms", &request);
}

/* A store process that was never started has nothing to forget, and one that does not answer is
 * killed with all it remembers. A shared one keeps its login, which other hosts use, too. */
static void remote_logout(struct store_ctx *ctx)
{
    AUTO_FRAME_OUT request = {0};

    if (!pool_has_process(&ctx->pool))
        return;
    frame_begin(&request, FRAME_LOGOUT);
    if (call_finish(&ctx->pool, "timeout_ms", &request) != STORE_OK)
        pool_end_process(&ctx->pool);
}

static enum store_err remote_lock(struct store_ctx *ctx)
{
    AUTO_FRAME_OUT request = {0};

    frame_begin(&request, FRAME_LOCK);
    return call_finish(&ctx->pool, "login_timeout_ms", &request);
}

static void remote_health(struct store_ctx *ctx, struct store_health *out)
{
    AUTO_FRAME_OUT request = {0};
    struct call call = {0};
    enum store_err err;

    *out = (struct store_health){0};
    frame_begin(&request, FRAME_HEALTH);
    err = call_make(&call, &ctx->pool, "timeout_ms", &request);
    if (err == STORE_OK) {
        out->err = frame_get_err(&call.in);
        frame_get_text(&call.in, out->text, sizeof out->text);
        frame_get_text(&call.in, out->remedy, sizeof out->remedy);
        err = call_end(&call);
    }
    if (err == STORE_OK)
        return;
    out->err = err;
    snprintf(out->text, sizeof out->text, "sideseat-store: %s", store_err_text(err));
    snprintf(out->remedy, sizeof out->remedy, "%s",
             err == STORE_BAD_CONF ? "correct the setting that the log names; see sideseat.json(5)"
                                   : "the log says why; see sideseat-store(8)");
}

static void remote_examine(struct store_ctx *ctx, store_finding_fn *each, void *arg)
{
    struct store_finding all[FRAME_FINDINGS_MAX];
    AUTO_FRAME_OUT request = {0};
    struct call call = {0};
    uint32_t count;

    frame_begin(&request, FRAME_EXAMINE);
    if (call_make(&call, &ctx->pool, "timeout_ms", &request) != STORE_OK)
        return; /* health tells the same */
    count = frame_get_u32(&call.in);
    if (count == 0 || count > FRAME_FINDINGS_MAX)
        call.in.bad = true;
    for (uint32_t i = 0; i < count && !call.in.bad; i++)
        frame_get_finding(&call.in, &all[i]);
    if (call_end(&call) != STORE_OK)
        return;
    program_tell(ctx->conf, &all[0]);
    for (uint32_t i = 0; i < count; i++)
        each(arg, &all[i]);
}

static enum store_err remote_probe(struct store_ctx *ctx, int64_t wait_ns)
{
    return probe_check(&ctx->probe, wait_ns);
}

const struct store_backend remote_backend = {
    .open = remote_open,
    .close = remote_close,
    .read = remote_read,
    .read_many = remote_read_many,
    .list = remote_list,
    .write = remote_write,
    .remove = remote_remove,
    .versions = remote_versions,
    .read_version = remote_read_version,
    .retire = remote_retire,
    .restore = remote_restore,
    .destroy = remote_destroy,
    .login = remote_login,
    .logout = remote_logout,
    .lock = remote_lock,
    .health = remote_health,
    .examine = remote_examine,
    .probe = remote_probe,
};

const struct store_backend remote_read_only_backend = {
    .open = remote_open,
    .close = remote_close,
    .read = remote_read,
    .read_many = remote_read_many,
    .list = remote_list,
    .login = remote_login,
    .logout = remote_logout,
    .lock = remote_lock,
    .health = remote_health,
    .examine = remote_examine,
    .probe = remote_probe,
};

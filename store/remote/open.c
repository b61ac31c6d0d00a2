/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/open.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/remote/program.h"

/* The store process gets a tenth less time, within these limits: the backend's own error says more
 * than "no answer", so it should arrive before the module gives up. */
#define MARGIN_MIN_MS 5L
#define MARGIN_MAX_MS 500L
#define TIMEOUT_MIN_MS 50L /* conf/settings.c */

struct settings {
    struct frame_out *out;
    bool shared;
    uint32_t count;
};

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static long shorter(long timeout_ms)
{
    long margin = timeout_ms / 10;

    if (margin < MARGIN_MIN_MS)
        margin = MARGIN_MIN_MS;
    if (margin > MARGIN_MAX_MS)
        margin = MARGIN_MAX_MS;
    return timeout_ms - margin < TIMEOUT_MIN_MS ? TIMEOUT_MIN_MS : timeout_ms - margin;
}

/* True for settings of the module's side, which do not go to the store process. */
static bool stays_here(const char *path)
{
    return starts_with(path, "cache.") || starts_with(path, "store.") ||
           strcmp(path, "hmac_keys") == 0 || strcmp(path, "sensitive") == 0 ||
           strcmp(path, "keys") == 0;
}

static void put_setting(void *arg, const char *path, const char *value,
                        const struct store_secret *secret, const char *origin)
{
    struct settings *settings = arg;
    char number[24];

    if (stays_here(path) || (secret != NULL && settings->shared))
        return;
    if (strcmp(path, "timeout_ms") == 0 || strcmp(path, "login_timeout_ms") == 0) {
        snprintf(number, sizeof number, "%ld", shorter(strtol(value, NULL, 10)));
        value = number;
    }
    settings->count++;
    if (settings->out == NULL)
        return; /* only counting */
    frame_put_text(settings->out, path);
    frame_put_text(settings->out, origin);
    if (secret != NULL)
        frame_put_bytes(settings->out, secret->data, secret->len);
    else
        frame_put_text(settings->out, value);
}

static uint8_t log_level(void)
{
    uint8_t level = STORE_LOG_ERROR;

    while (level < STORE_LOG_DEBUG && store_log_enabled((enum store_log_level)(level + 1)))
        level++;
    return level;
}

static enum store_err open_encode(struct frame_out *out, const struct store_conf *conf)
{
    const char *log_target = store_conf_log_file();
    struct settings settings = {.shared = store_conf_text(conf, "store.socket") != NULL};

    frame_begin(out, FRAME_OPEN);
    frame_put_u32(out, FRAME_MAGIC);
    frame_put_u32(out, FRAME_VERSION);
    frame_put_u8(out, log_level());
    frame_put_text(out, log_target == NULL ? "stderr" : log_target);
    frame_put_text(out, store_conf_label(conf));
    frame_put_text(out, store_conf_backend(conf));
    store_conf_each(conf, put_setting, &settings);
    frame_put_u32(out, settings.count);
    settings.out = out;
    store_conf_each(conf, put_setting, &settings);
    return frame_end(out);
}

bool open_log_line(const struct store_secret *body)
{
    struct frame_in in = {.body = body};
    uint8_t level = frame_get_u8(&in);
    char text[FRAME_TEXT_MAX];

    frame_get_text(&in, text, sizeof text);
    if (!frame_done(&in) || level > STORE_LOG_DEBUG)
        return false;
    store_log((enum store_log_level)level, "%s", text);
    return true;
}

enum store_err open_connection(const struct channel *channel, const struct store_conf *conf,
                               int64_t deadline)
{
    AUTO_FRAME_OUT request = {0};
    AUTO_SECRET body = {0};
    struct frame_in in = {.body = &body};
    enum store_err err;
    uint8_t type;

    TRY(open_encode(&request, conf));
    TRY(channel_send(channel, &request, deadline));
    do {
        TRY(channel_receive(channel, &type, &body, deadline));
    } while (type == FRAME_LOG && open_log_line(&body));
    err = frame_get_err(&in);
    return type == FRAME_RESULT && frame_done(&in) ? err : STORE_CORRUPT;
}

enum store_err open_failed(enum store_err err, const struct store_conf *conf)
{
    const char *label = store_conf_label(conf);
    struct program program;

    if (err == STORE_UNAVAILABLE)
        store_log(STORE_LOG_ERROR,
                  "store: sideseat-store of token \"%s\" ended before it answered; run "
                  "\"%s --version\" to see whether its libraries are there",
                  label, program_find(conf, &program));
    if (err == STORE_TIMEOUT)
        store_log(STORE_LOG_ERROR,
                  "store: sideseat-store of token \"%s\" did not answer in time; "
                  "the next call asks again",
                  label);
    if (err == STORE_CORRUPT)
        store_log(STORE_LOG_ERROR,
                  "store: the process that answers for token \"%s\" is not sideseat-store; "
                  "check pkcs11.store in the configuration",
                  label);
    if (err == STORE_UNSUPPORTED)
        store_log(STORE_LOG_ERROR, "store: sideseat-store is of another version than the module; "
                                   "install both from one package and start it again");
    if (err == STORE_TOO_BIG)
        store_log(STORE_LOG_ERROR,
                  "store: the settings of token \"%s\" are too long to hand over; shorten them",
                  label);
    return err == STORE_NO_MEMORY ? store_no_memory("store") : err;
}

/* Adds one setting to the set. */
static enum store_err setting_decode(struct frame_in *in, struct store_conf_set *set)
{
    AUTO_SECRET value = {0};
    char path[128];
    char origin[FRAME_TEXT_MAX];

    frame_get_text(in, path, sizeof path);
    frame_get_text(in, origin, sizeof origin);
    frame_get_secret(in, &value, FRAME_VALUE_MAX);
    if (in->bad)
        return STORE_CORRUPT;
    return store_conf_put(set, path, value.len == 0 ? "" : (const char *)value.data, value.len,
                          origin);
}

enum store_err open_decode(const struct store_secret *body, enum store_log_level *level,
                           char target[FRAME_TEXT_MAX], struct store_conf_set **out)
{
    struct frame_in in = {.body = body};
    struct store_conf_set *set = NULL;
    enum store_err err = STORE_OK;
    char label[64];
    char backend[64];
    uint32_t count;

    *out = NULL;
    if (frame_get_u32(&in) != FRAME_MAGIC)
        return STORE_CORRUPT;
    if (frame_get_u32(&in) != FRAME_VERSION)
        return STORE_UNSUPPORTED;
    *level = (enum store_log_level)frame_get_u8(&in);
    frame_get_text(&in, target, FRAME_TEXT_MAX);
    frame_get_text(&in, label, sizeof label);
    frame_get_text(&in, backend, sizeof backend);
    count = frame_get_u32(&in);
    if (in.bad || *level > STORE_LOG_DEBUG || count > FRAME_SETTINGS_MAX)
        return STORE_CORRUPT;
    TRY(store_conf_begin(&set, label, backend));
    for (uint32_t i = 0; i < count && err == STORE_OK; i++)
        err = setting_decode(&in, set);
    if (err == STORE_OK && !frame_done(&in))
        err = STORE_CORRUPT;
    if (err == STORE_OK)
        *out = set;
    else
        store_conf_free(set);
    return err;
}

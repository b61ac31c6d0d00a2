/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/aws.h"

#include <stdlib.h>

#include "backends/http/http.h"
#include "backends/aws/files.h"
#include "backends/aws/operations.h"
#include "backends/aws/retry.h"
#include "store/log.h"
#include "store/time.h"
#include "store/user.h"

#define TIMEOUT_MS 10000
#define RECOVERY_MIN 7
#define RECOVERY_MAX 30

static enum store_err settings_read(struct store_ctx *ctx, const struct store_conf *conf)
{
    long timeout_ms = store_conf_number(conf, "timeout_ms");
    long attempts = store_conf_number(conf, "aws.max_attempts");
    const char *prefix = store_conf_text(conf, "aws.prefix");

    ctx->settings = (struct aws_settings){
        .profile = store_conf_text(conf, "aws.profile"),
        .endpoint_url = store_conf_text(conf, "aws.endpoint_url"),
        .fips = store_conf_flag(conf, "aws.use_fips"),
        .dual_stack = store_conf_flag(conf, "aws.use_dualstack"),
        .allow_http = store_conf_flag(conf, "aws.allow_http"),
    };
    ctx->timeout_ns = (timeout_ms > 0 ? timeout_ms : TIMEOUT_MS) * STORE_TIME_MS;
    ctx->attempts = attempts > 0 && attempts <= 100 ? (int)attempts : AWS_RETRY_ATTEMPTS;
    ctx->recovery_days = store_conf_number(conf, "aws.recovery_window_days");
    ctx->read_only = store_conf_read_only(conf, NULL);
    ctx->prefix = prefix == NULL ? "sideseat" : prefix;
    atomic_init(&ctx->budget, AWS_RETRY_BUDGET);
    if (!aws_name_prefix_valid(ctx->prefix)) {
        store_log(
            STORE_LOG_ERROR,
            "aws: secrets.aws.prefix is \"%s\"; names of secrets are made of letters, digits and "
            "/_+=.@- and the prefix has no '/' at its ends",
            ctx->prefix);
        return STORE_BAD_CONF;
    }
    if (ctx->recovery_days == 0 ||
        (ctx->recovery_days >= RECOVERY_MIN && ctx->recovery_days <= RECOVERY_MAX))
        return STORE_OK;
    store_log(STORE_LOG_ERROR,
              "aws: secrets.aws.recovery_window_days is %ld; AWS keeps a deleted secret for %d to "
              "%d days, and 0 deletes it for good at once",
              ctx->recovery_days, RECOVERY_MIN, RECOVERY_MAX);
    return STORE_BAD_CONF;
}

static void aws_close(struct store_ctx *ctx)
{
    if (ctx == NULL)
        return;
    http_client_close(ctx->http);
    aws_identity_close(&ctx->identity);
    aws_crypto_close(&ctx->crypto);
    (void)pthread_mutex_destroy(&ctx->lock);
    free(ctx);
}

/* Takes the certificates of our setting, of AWS_CA_BUNDLE or of the profile. This runs before any
 * other use of OpenSSL, so that OpenSSL wipes its memory. */
static enum store_err http_open(struct store_ctx *ctx, const char *ca_bundle)
{
    struct http_options options = {.ca_file = ca_bundle,
                                   .ca_setting = "aws.ca_bundle (AWS_CA_BUNDLE)"};
    AUTO_PROFILES profiles = {0};
    char bundle[AWS_PATH_SIZE];

    if (options.ca_file == NULL)
        options.ca_file = store_env("AWS_CA_BUNDLE");
    if (options.ca_file == NULL) {
        TRY(aws_profiles_load(&profiles, &ctx->settings));
        if (aws_profiles_text(&profiles, profiles.chosen, "ca_bundle", bundle, sizeof bundle))
            options.ca_file = bundle;
    }
    return http_client_open(&ctx->http, &options);
}

static enum store_err aws_open(struct store_ctx **out, const struct store_conf *conf)
{
    struct store_ctx *ctx = calloc(1, sizeof *ctx);
    enum store_err err;

    if (ctx == NULL)
        return STORE_NO_MEMORY;
    (void)pthread_mutex_init(&ctx->lock, NULL);
    err = aws_identity_open(&ctx->identity, &ctx->settings, ctx->region);
    if (err != STORE_OK) {
        free(ctx);
        return err;
    }
    err = settings_read(ctx, conf);
    if (err == STORE_OK)
        err = http_open(ctx, store_conf_text(conf, "aws.ca_bundle"));
    if (err == STORE_OK)
        err = aws_crypto_open(&ctx->crypto);
    if (err == STORE_OK)
        err = aws_context_locate(ctx, NULL, store_conf_text(conf, "aws.region"));
    if (err != STORE_OK) {
        aws_close(ctx);
        return err;
    }
    *out = ctx;
    return STORE_OK;
}

static void aws_logout(struct store_ctx *ctx)
{
    aws_identity_forget(&ctx->identity);
}

const struct store_backend aws_backend = {
    .open = aws_open,
    .close = aws_close,
    .read = aws_read,
    .read_many = aws_read_many,
    .list = aws_list,
    .write = aws_write,
    .remove = aws_remove,
    .versions = aws_versions,
    .read_version = aws_read_version,
    .retire = aws_retire,
    .restore = aws_restore,
    .destroy = aws_destroy,
    .logout = aws_logout,
    .health = aws_health,
    .examine = aws_examine,
};

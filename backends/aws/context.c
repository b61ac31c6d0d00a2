/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/context.h"

#include <stdio.h>
#include <string.h>

#include "backends/aws/sources.h"
#include "store/log.h"
#include "store/time.h"
#include "store/user.h"

struct aws_net aws_context_net(struct store_ctx *ctx)
{
    return (struct aws_net){
        .crypto = &ctx->crypto,
        .http = ctx->http,
        .clock = &ctx->clock,
        .deadline_ns = store_time_monotonic() + ctx->timeout_ns,
    };
}

/* Finds the region in AWS's order; NOT_FOUND, not logged, if it is not set anywhere. */
static enum store_err region_find(const struct aws_profiles *profiles, const struct aws_net *net,
                                  const char *set, char out[AWS_REGION_SIZE])
{
    const char *region = set;

    if (region == NULL)
        region = store_env("AWS_REGION");
    if (region == NULL)
        region = store_env("AWS_DEFAULT_REGION");
    if (region != NULL && region != set && region[strcspn(region, " \t\r\n")] != '\0') {
        store_log(STORE_LOG_ERROR,
                  "aws: %s has a blank or a line break in it; set it again without",
                  store_env("AWS_REGION") != NULL ? "AWS_REGION" : "AWS_DEFAULT_REGION");
        return STORE_BAD_CONF;
    }
    if (region != NULL) {
        /* a region that is too long becomes empty, not another one; aws_endpoint_find refuses it */
        out[0] = '\0';
        if (strlen(region) < AWS_REGION_SIZE)
            memcpy(out, region, strlen(region) + 1);
        return STORE_OK;
    }
    if (aws_profiles_text(profiles, profiles->chosen, "region", out, AWS_REGION_SIZE))
        return STORE_OK;
    return net == NULL ? STORE_NOT_FOUND : aws_region_from_instance(net, profiles, out);
}

static enum store_err locate(struct store_ctx *ctx, const struct aws_net *net,
                             const char *region_set)
{
    AUTO_PROFILES profiles = {0};
    struct aws_endpoint endpoint;
    char region[AWS_REGION_SIZE];
    enum store_err err;

    TRY(aws_profiles_load(&profiles, &ctx->settings));
    err = region_find(&profiles, net, region_set, region);
    if (err == STORE_NOT_FOUND && net == NULL)
        return STORE_OK;
    if (err == STORE_NOT_FOUND) {
        store_log(STORE_LOG_ERROR,
                  "aws: no region is set; set secrets.aws.region in sideseat.json, "
                  "AWS_REGION, or region in the profile");
        return STORE_BAD_CONF;
    }
    TRY(err);
    TRY(aws_endpoint_find(&profiles, AWS_SECRETS_MANAGER, region, &endpoint));
    (void)pthread_mutex_lock(&ctx->lock);
    if (!atomic_load(&ctx->located)) {
        memcpy(ctx->region, region, sizeof region);
        ctx->endpoint = endpoint;
        atomic_store(&ctx->located, true);
    }
    (void)pthread_mutex_unlock(&ctx->lock);
    return STORE_OK;
}

enum store_err aws_context_locate(struct store_ctx *ctx, const struct aws_net *net,
                                  const char *region_set)
{
    return atomic_load(&ctx->located) ? STORE_OK : locate(ctx, net, region_set);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/sources.h"

#include "store/log.h"

static enum store_err chain_ask(const struct aws_net *net, const struct aws_profiles *profiles,
                                const char *region, struct aws_keys *out)
{
    enum store_err err = aws_keys_from_environment(out);

    if (err == STORE_NOT_FOUND)
        err = aws_keys_from_profile(net, profiles, region, out);
    if (err == STORE_NOT_FOUND)
        err = aws_keys_from_web_identity_variables(net, profiles, region, out);
    if (err == STORE_NOT_FOUND)
        err = aws_keys_from_container(net, out);
    if (err == STORE_NOT_FOUND)
        err = aws_keys_from_instance(net, profiles, out);
    return err;
}

enum store_err aws_keys_find(const struct aws_net *net, const struct aws_profiles *profiles,
                             const char *region, struct aws_keys *out)
{
    AUTO_KEYS keys = {0};
    enum store_err err = chain_ask(net, profiles, region, &keys);

    if (err == STORE_NOT_FOUND) {
        store_log(STORE_LOG_ERROR,
                  "aws: no credentials in the environment, profile %s, web identity, container or "
                  "instance metadata; log in with: aws configure, or: aws sso login",
                  profiles->chosen);
        return STORE_AUTH;
    }
    TRY(err);
    aws_keys_share(out, &keys);
    return STORE_OK;
}

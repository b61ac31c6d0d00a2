/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/sources.h"

#include <stdio.h>
#include <string.h>

#include "store/log.h"
#include "store/user.h"

/* AWS refuses signatures made with a key that has a blank or a line break, as from a file read into
 * a variable; such a session token could not even be sent. */
static bool variable_clean(const char *name)
{
    const char *value = store_env(name);

    for (const char *p = value; p != NULL && *p != '\0'; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f) {
            store_log(STORE_LOG_ERROR,
                      "aws: %s has a blank, a line break or another control character in it; set "
                      "it again without",
                      name);
            return false;
        }
    return true;
}

enum store_err aws_keys_from_environment(struct aws_keys *out)
{
    const char *id = store_env("AWS_ACCESS_KEY_ID");
    const char *secret = store_env("AWS_SECRET_ACCESS_KEY");
    const char *token = store_env("AWS_SESSION_TOKEN");

    if (id == NULL && secret == NULL)
        return STORE_NOT_FOUND;
    if (!variable_clean("AWS_ACCESS_KEY_ID") || !variable_clean("AWS_SECRET_ACCESS_KEY") ||
        !variable_clean("AWS_SESSION_TOKEN"))
        return STORE_AUTH;
    if (id == NULL || secret == NULL || aws_keys_set_id(out, id, strlen(id)) != STORE_OK) {
        store_log(STORE_LOG_ERROR,
                  "aws: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must both be set, "
                  "or neither");
        return STORE_AUTH;
    }
    TRY(store_secret_set(&out->secret, secret, strlen(secret)));
    if (token != NULL)
        TRY(store_secret_set(&out->token, token, strlen(token)));
    (void)snprintf(out->source, sizeof out->source, "environment");
    return STORE_OK;
}

enum store_err aws_keys_from_web_identity_variables(const struct aws_net *net,
                                                    const struct aws_profiles *profiles,
                                                    const char *region, struct aws_keys *out)
{
    const char *file = store_env("AWS_WEB_IDENTITY_TOKEN_FILE");
    const char *arn = store_env("AWS_ROLE_ARN");
    const char *session = store_env("AWS_ROLE_SESSION_NAME");
    struct aws_role role = {0};

    if (file == NULL)
        return STORE_NOT_FOUND;
    if (!variable_clean("AWS_ROLE_ARN") || !variable_clean("AWS_ROLE_SESSION_NAME"))
        return STORE_AUTH;
    if (arn == NULL || strlen(arn) >= sizeof role.arn) {
        store_log(STORE_LOG_ERROR,
                  "aws: AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not "
                  "(or too long)");
        return STORE_AUTH;
    }
    (void)snprintf(role.arn, sizeof role.arn, "%s", arn);
    if (session != NULL)
        (void)snprintf(role.session, sizeof role.session, "%s", session);
    return aws_keys_from_web_identity(net, profiles, region, &role, file, out);
}

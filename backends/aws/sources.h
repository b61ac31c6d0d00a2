/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_SOURCES_H
#define BACKENDS_AWS_SOURCES_H

#include "backends/aws/endpoint.h"
#include "backends/aws/exchange.h"
#include "backends/aws/keys.h"
#include "backends/aws/profile.h"
#include "core/json.h"

/*
 * The sources of keys, and their order. Each function returns keys with their `source`; NOT_FOUND,
 * not logged, if the source is not set up at all, so that the next one is asked; and AUTH,
 * UNAVAILABLE, TIMEOUT or BAD_CONF, logged with the remedy, if it is set up but returns none: then
 * no other source is asked, so that a mistake does not silently become another identity.
 *
 * All end by net->deadline_ns. Threads: any number at once, each with its own profiles.
 */

/* The chain: environment, profile, web identity, container, instance. `region` is the region of
 * STS, "" if there is none. */
enum store_err aws_keys_find(const struct aws_net *net, const struct aws_profiles *profiles,
                             const char *region, struct aws_keys *out) STORE_CHECKED;

/* AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN. One without the other is an error.
 */
enum store_err aws_keys_from_environment(struct aws_keys *out) STORE_CHECKED;

/* The role and the token file that AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE name. */
enum store_err aws_keys_from_web_identity_variables(const struct aws_net *net,
                                                    const struct aws_profiles *profiles,
                                                    const char *region,
                                                    struct aws_keys *out) STORE_CHECKED;

/* The keys of the chosen profile: of a role, single sign-on, a program, or its own. */
enum store_err aws_keys_from_profile(const struct aws_net *net, const struct aws_profiles *profiles,
                                     const char *region, struct aws_keys *out) STORE_CHECKED;

/* The output of a program (`credential_process`). The words of `command` are split as a shell
 * would do it, but no shell runs and nothing is expanded. */
enum store_err aws_keys_from_process(const struct aws_net *net, const char *profile,
                                     const char *command, struct aws_keys *out) STORE_CHECKED;

/* Single sign-on with the token that `aws sso login` left, refreshed if possible. */
enum store_err aws_keys_from_sso(const struct aws_net *net, const struct aws_profiles *profiles,
                                 const char *profile, struct aws_keys *out) STORE_CHECKED;

/* The endpoint that ECS, EKS or Greengrass names in AWS_CONTAINER_CREDENTIALS_{RELATIVE,FULL}_URI.
 */
enum store_err aws_keys_from_container(const struct aws_net *net,
                                       struct aws_keys *out) STORE_CHECKED;

/* The role of the EC2 instance (IMDSv2 only). */
enum store_err aws_keys_from_instance(const struct aws_net *net,
                                      const struct aws_profiles *profiles,
                                      struct aws_keys *out) STORE_CHECKED;

/* The instance's region; NOT_FOUND, not logged, if this machine is not an instance. */
enum store_err aws_region_from_instance(const struct aws_net *net,
                                        const struct aws_profiles *profiles,
                                        char out[AWS_REGION_SIZE]) STORE_CHECKED;

/* A role to assume. */
struct aws_role {
    char arn[256];
    char session[65];       /* "": a generated one */
    char external_id[1225]; /* "": none */
    char seconds[12];       /* "": STS's default */
};

/* AssumeRole, signed with `keys`. */
enum store_err aws_keys_from_role(const struct aws_net *net, const struct aws_profiles *profiles,
                                  const char *region, const struct aws_role *role,
                                  const struct aws_keys *keys, struct aws_keys *out) STORE_CHECKED;

/* AssumeRoleWithWebIdentity with the token in a file, which is read each time: it rotates. */
enum store_err aws_keys_from_web_identity(const struct aws_net *net,
                                          const struct aws_profiles *profiles, const char *region,
                                          const struct aws_role *role, const char *token_file,
                                          struct aws_keys *out) STORE_CHECKED;

/* Keys as JSON: AccessKeyId, SecretAccessKey, the session token under the name `token`, Expiration.
 * AUTH, not logged, if one of the first two is missing or one of the three is invalid. */
enum store_err aws_keys_from_json(struct json_value object, const char *token,
                                  struct aws_keys *out) STORE_CHECKED;

/* A time as AWS's tools write it: ISO 8601 in its extended or its basic form, with 'T' or a blank,
 * any fraction, any offset or none (UTC). INT64_MAX after 2260, 1 before 1971; 0 for anything else.
 */
int64_t aws_time_parse(const char *text, size_t len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/sources.h"

#include <stdio.h>
#include <string.h>

#include "backends/aws/files.h"
#include "store/log.h"

/*
 * The keys of a profile, in the order of AWS's SDK for Rust, which sideseat uses: a role first,
 * then single sign-on, then a program, then keys in the profile itself. A role's source may be
 * another profile with a role, and so on; we collect the chain first, to find a loop before we ask
 * anybody.
 */

#define CHAIN_MAX 8

/* The profiles from the chosen one to the one that has keys of its own. */
struct role_chain {
    char names[CHAIN_MAX][AWS_PROFILE_NAME_SIZE];
    size_t count;
    bool self; /* the last profile's own keys assume its role */
};

static enum store_err profile_wrong(const char *profile, const char *what)
{
    store_log(STORE_LOG_ERROR, "aws: profile %s: %s", profile, what);
    return STORE_BAD_CONF;
}

static bool profile_sets(const struct aws_profiles *profiles, const char *profile, const char *name)
{
    return aws_profiles_find(profiles, profile, name) != NULL;
}

static enum store_err profile_static(const struct aws_profiles *profiles, const char *profile,
                                     struct aws_keys *out)
{
    const struct store_secret *id = aws_profiles_find(profiles, profile, "aws_access_key_id");
    const struct store_secret *secret =
        aws_profiles_find(profiles, profile, "aws_secret_access_key");
    const struct store_secret *token = aws_profiles_find(profiles, profile, "aws_session_token");

    if (id == NULL && secret == NULL)
        return STORE_NOT_FOUND;
    if (id == NULL || secret == NULL || aws_keys_set_id(out, id->data, id->len) != STORE_OK)
        return profile_wrong(profile,
                             "aws_access_key_id and aws_secret_access_key are both needed");
    if (!aws_keys_clean(secret))
        return profile_wrong(profile, "aws_secret_access_key has a blank or a line break in it");
    if (token != NULL && !aws_keys_clean(token))
        return profile_wrong(profile, "aws_session_token has a blank or a line break in it");
    store_secret_share(&out->secret, secret);
    if (token != NULL)
        store_secret_share(&out->token, token);
    (void)snprintf(out->source, sizeof out->source, "profile %.80s", profile);
    return STORE_OK;
}

/* Reads the role of a profile; false if it has none. */
static bool profile_role(const struct aws_profiles *profiles, const char *profile,
                         struct aws_role *out)
{
    *out = (struct aws_role){0};
    (void)aws_profiles_text(profiles, profile, "role_session_name", out->session,
                            sizeof out->session);
    (void)aws_profiles_text(profiles, profile, "external_id", out->external_id,
                            sizeof out->external_id);
    (void)aws_profiles_text(profiles, profile, "duration_seconds", out->seconds,
                            sizeof out->seconds);
    return aws_profiles_text(profiles, profile, "role_arn", out->arn, sizeof out->arn);
}

static enum store_err profile_web_identity(const struct aws_net *net,
                                           const struct aws_profiles *profiles, const char *profile,
                                           const char *region, struct aws_keys *out)
{
    struct aws_role role;
    char file[AWS_PATH_SIZE];

    if (!profile_role(profiles, profile, &role) ||
        !aws_profiles_text(profiles, profile, "web_identity_token_file", file, sizeof file))
        return profile_wrong(profile, "web_identity_token_file and role_arn are both needed");
    return aws_keys_from_web_identity(net, profiles, region, &role, file, out);
}

/* Finds keys without another profile: NOT_FOUND if the profile has none. */
static enum store_err profile_base(const struct aws_net *net, const struct aws_profiles *profiles,
                                   const char *profile, const char *region, struct aws_keys *out)
{
    char command[AWS_PATH_SIZE];

    if (profile_sets(profiles, profile, "web_identity_token_file"))
        return profile_web_identity(net, profiles, profile, region, out);
    if (profile_sets(profiles, profile, "sso_session") ||
        profile_sets(profiles, profile, "sso_account_id") ||
        profile_sets(profiles, profile, "sso_start_url"))
        return aws_keys_from_sso(net, profiles, profile, out);
    if (aws_profiles_text(profiles, profile, "credential_process", command, sizeof command))
        return aws_keys_from_process(net, profile, command, out);
    if (profile_sets(profiles, profile, "login_session"))
        return profile_wrong(profile,
                             "login_session is not supported; bridge it in another profile with: "
                             "credential_process = aws configure export-credentials --profile …");
    return profile_static(profiles, profile, out);
}

static enum store_err role_source(const struct aws_net *net, const struct aws_profiles *profiles,
                                  const char *profile, struct aws_keys *out)
{
    char source[32] = "";
    enum store_err err;

    (void)aws_profiles_text(profiles, profile, "credential_source", source, sizeof source);
    if (strcmp(source, "Environment") == 0)
        err = aws_keys_from_environment(out);
    else if (strcmp(source, "Ec2InstanceMetadata") == 0)
        err = aws_keys_from_instance(net, profiles, out);
    else if (strcmp(source, "EcsContainer") == 0)
        err = aws_keys_from_container(net, out);
    else
        return profile_wrong(profile,
                             "credential_source must be Environment, Ec2InstanceMetadata or "
                             "EcsContainer");
    if (err != STORE_NOT_FOUND)
        return err;
    store_log(STORE_LOG_ERROR, "aws: profile %s: credential_source %s returns no keys here",
              profile, source);
    return STORE_AUTH;
}

/* Assumes a role with the keys of another profile or of a credential_source. */
static bool profile_assumes(const struct aws_profiles *profiles, const char *profile)
{
    return profile_sets(profiles, profile, "role_arn") &&
           !profile_sets(profiles, profile, "web_identity_token_file");
}

static bool chain_has(const struct role_chain *chain, const char *name)
{
    for (size_t i = 0; i < chain->count; i++)
        if (strcmp(chain->names[i], name) == 0)
            return true;
    return false;
}

/* Adds the source profile of `profile`; `end` if there is none. */
static enum store_err chain_step(const struct aws_profiles *profiles, struct role_chain *chain,
                                 bool *end)
{
    const char *profile = chain->names[chain->count - 1];
    char source[AWS_PROFILE_NAME_SIZE];
    bool from_place = profile_sets(profiles, profile, "credential_source");
    bool from_profile =
        aws_profiles_text(profiles, profile, "source_profile", source, sizeof source);

    *end = true;
    if (!profile_assumes(profiles, profile))
        return STORE_OK;
    if (profile_sets(profiles, profile, "mfa_serial"))
        return profile_wrong(profile, "a role with mfa_serial needs a person to type a code; use "
                                      "single sign-on or credential_process");
    if (from_place == from_profile)
        return profile_wrong(profile, "a role needs either source_profile or credential_source");
    if (from_place)
        return STORE_OK;
    if (strcmp(source, profile) == 0) {
        chain->self = true;
        return STORE_OK;
    }
    if (chain_has(chain, source) || chain->count == CHAIN_MAX)
        return profile_wrong(profile,
                             "its source_profile forms a circle, or a chain that is too long");
    if (!aws_profiles_has(profiles, source))
        return profile_wrong(profile, "its source_profile does not exist");
    (void)snprintf(chain->names[chain->count++], AWS_PROFILE_NAME_SIZE, "%s", source);
    *end = false;
    return STORE_OK;
}

/* Finds the keys at the end of the chain, before any role. */
static enum store_err chain_base(const struct aws_net *net, const struct aws_profiles *profiles,
                                 const struct role_chain *chain, const char *region,
                                 struct aws_keys *out)
{
    const char *profile = chain->names[chain->count - 1];
    enum store_err err;

    if (chain->self)
        err = profile_static(profiles, profile, out);
    else if (profile_assumes(profiles, profile))
        return role_source(net, profiles, profile, out);
    else
        err = profile_base(net, profiles, profile, region, out);
    if (err == STORE_NOT_FOUND && (chain->count > 1 || chain->self))
        return profile_wrong(profile, "it is the source of a role, but has no keys");
    return err;
}

enum store_err aws_keys_from_profile(const struct aws_net *net, const struct aws_profiles *profiles,
                                     const char *region, struct aws_keys *out)
{
    struct role_chain chain = {.count = 1};
    AUTO_KEYS keys = {0};
    bool end = false;

    (void)snprintf(chain.names[0], AWS_PROFILE_NAME_SIZE, "%s", profiles->chosen);
    while (!end)
        TRY(chain_step(profiles, &chain, &end));
    TRY(chain_base(net, profiles, &chain, region, &keys));
    for (size_t i = chain.count; i-- > 0;) {
        AUTO_KEYS assumed = {0};
        struct aws_role role;

        if (!profile_assumes(profiles, chain.names[i]))
            continue;
        if (!profile_role(profiles, chain.names[i], &role))
            return profile_wrong(chain.names[i], "its role_arn is too long");
        TRY(aws_keys_from_role(net, profiles, region, &role, &keys, &assumed));
        aws_keys_share(&keys, &assumed);
    }
    aws_keys_share(out, &keys);
    return STORE_OK;
}

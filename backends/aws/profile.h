/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_PROFILE_H
#define BACKENDS_AWS_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "backends/aws/ini.h"

#define AWS_PROFILE_NAME_SIZE 256

/* Our own settings that override AWS's; NULL and false: not set. Outlives all its users. */
struct aws_settings {
    const char *profile;
    const char *endpoint_url; /* of Secrets Manager */
    bool fips;
    bool dual_stack;
    bool allow_http; /* to other machines, too */
};

/*
 * The profiles of ~/.aws/config (AWS_CONFIG_FILE) and ~/.aws/credentials
 * (AWS_SHARED_CREDENTIALS_FILE), whose settings win. Threads: one at a time.
 */
struct aws_profiles {
    const struct aws_settings *settings;
    struct aws_ini ini;
    char chosen[AWS_PROFILE_NAME_SIZE]; /* AWS_PROFILE, else "default" */
    bool named;                         /* the user has named it, so it must exist */
};

#define AUTO_PROFILES __attribute__((cleanup(aws_profiles_clear))) struct aws_profiles

/* Reads both files; a missing file counts as empty. BAD_CONF or AUTH, logged, if a file is wrong or
 * cannot be read, or the named profile does not exist. */
enum store_err aws_profiles_load(struct aws_profiles *out,
                                 const struct aws_settings *settings) STORE_CHECKED;

void aws_profiles_clear(struct aws_profiles *profiles);

bool aws_profiles_has(const struct aws_profiles *profiles, const char *profile);

/* A setting of a profile; NULL if it is not set or empty. Lives as long as `profiles`. */
const struct store_secret *aws_profiles_find(const struct aws_profiles *profiles,
                                             const char *profile, const char *name);

/* Copies a value that is not a secret as a text; false if `value` is NULL, does not fit into `size`
 * bytes with its NUL, or holds a NUL. */
bool aws_text(const struct store_secret *value, char *out, size_t size);

/* Both of the above. */
bool aws_profiles_text(const struct aws_profiles *profiles, const char *profile, const char *name,
                       char *out, size_t size);

/* True if an environment variable or, if that is not set, a setting of the chosen profile is
 * "true". */
bool aws_profiles_flag(const struct aws_profiles *profiles, const char *variable, const char *name);

#endif

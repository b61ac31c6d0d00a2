/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backends/aws/files.h"
#include "store/log.h"
#include "store/user.h"

static enum store_err file_add(struct aws_ini *ini, const char *variable, const char *below_home,
                               bool config)
{
    char path[AWS_PATH_SIZE];
    AUTO_SECRET text = {0};
    enum store_err err;

    if (aws_file_path(variable, below_home, path) != STORE_OK)
        return STORE_OK;
    err = aws_file_read(path, store_env(variable) != NULL, &text);
    if (err == STORE_NOT_FOUND)
        return STORE_OK;
    TRY(err);
    return aws_ini_parse(ini, path, config, &text);
}

static enum store_err profile_choose(struct aws_profiles *profiles)
{
    const char *set = profiles->settings->profile;
    const char *name = set != NULL ? set : store_env("AWS_PROFILE");
    int n =
        snprintf(profiles->chosen, sizeof profiles->chosen, "%s", name == NULL ? "default" : name);

    profiles->named = name != NULL;
    if (n > 0 && (size_t)n < sizeof profiles->chosen &&
        (!profiles->named || aws_profiles_has(profiles, profiles->chosen)))
        return STORE_OK;
    if (set == NULL && name[strcspn(name, "\r\n\t")] != '\0') {
        store_log(STORE_LOG_ERROR, "aws: AWS_PROFILE has a line break or a tab in it; set it again "
                                   "without");
        return STORE_BAD_CONF;
    }
    store_log(
        STORE_LOG_ERROR,
        "aws: there is no profile \"%s\" in ~/.aws/config and ~/.aws/credentials (or where "
        "AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE point); see: aws configure list-profiles",
        name);
    return STORE_BAD_CONF;
}

enum store_err aws_profiles_load(struct aws_profiles *out, const struct aws_settings *settings)
{
    enum store_err err;

    aws_profiles_clear(out);
    out->settings = settings;
    err = file_add(&out->ini, "AWS_CONFIG_FILE", ".aws/config", true);
    if (err == STORE_OK)
        err = file_add(&out->ini, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", false);
    if (err == STORE_OK)
        err = profile_choose(out);
    if (err != STORE_OK)
        aws_profiles_clear(out);
    return err;
}

void aws_profiles_clear(struct aws_profiles *profiles)
{
    aws_ini_clear(&profiles->ini);
    *profiles = (struct aws_profiles){0};
}

bool aws_profiles_has(const struct aws_profiles *profiles, const char *profile)
{
    return aws_ini_has(&profiles->ini, AWS_INI_PROFILE, profile);
}

const struct store_secret *aws_profiles_find(const struct aws_profiles *profiles,
                                             const char *profile, const char *name)
{
    return aws_ini_find(&profiles->ini, AWS_INI_PROFILE, profile, name, NULL);
}

bool aws_text(const struct store_secret *value, char *out, size_t size)
{
    if (value == NULL || value->len >= size || memchr(value->data, '\0', value->len) != NULL)
        return false;
    memcpy(out, value->data, value->len);
    out[value->len] = '\0';
    return true;
}

bool aws_profiles_text(const struct aws_profiles *profiles, const char *profile, const char *name,
                       char *out, size_t size)
{
    return aws_text(aws_profiles_find(profiles, profile, name), out, size);
}

bool aws_profiles_flag(const struct aws_profiles *profiles, const char *variable, const char *name)
{
    const char *set = store_env(variable);
    char text[8];

    if (set != NULL)
        return strcasecmp(set, "true") == 0;
    return aws_profiles_text(profiles, profiles->chosen, name, text, sizeof text) &&
           strcasecmp(text, "true") == 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "module/public_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/time.h"
#include "store/user.h"

/* The variables of AWS's own tools that choose an account, beside our settings. */
static const char *const account_variables[] = {
    "AWS_ACCESS_KEY_ID", "AWS_PROFILE",     "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",      "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
};

/* What tells one store from another: the backend's own settings, and the account. */
struct description {
    const char *backend;
    char *text;
    bool failed;
};

static void add(struct description *description, const char *name, const char *value)
{
    char *longer;

    if (description->failed)
        return;
    if (asprintf(&longer, "%s%s=%s\n", description->text, name, value) < 0) {
        description->failed = true;
        return;
    }
    free(description->text);
    description->text = longer;
}

static void describe(void *arg, const char *path, const char *value,
                     const struct store_secret *secret, const char *origin)
{
    struct description *description = arg;
    size_t len = strlen(description->backend);

    (void)origin;
    if (secret == NULL && strncmp(path, description->backend, len) == 0 && path[len] == '.')
        add(description, path, value);
}

static void describe_account(struct description *description)
{
    if (strcmp(description->backend, "aws") != 0)
        return;
    for (size_t i = 0; i < sizeof account_variables / sizeof account_variables[0]; i++) {
        const char *value = store_env(account_variables[i]);
        if (value != NULL)
            add(description, account_variables[i], value);
    }
}

bool public_cache_attach(struct faces *faces, const struct store_conf *conf)
{
    struct description description = {.backend = store_conf_backend(conf)};
    const char *path = store_conf_text(conf, "public_cache");
    int64_t keep_ns = store_conf_number(conf, "public_cache_s") * STORE_TIME_S;
    bool done;

    /* a program with more rights than its caller leaves files to those of its own user */
    if (path == NULL || store_privileged())
        return true;
    description.text = strdup("");
    if (description.text == NULL)
        return false;
    store_conf_each(conf, describe, &description);
    describe_account(&description);
    done = !description.failed && faces_attach(faces, path, description.text, keep_ns);
    free(description.text);
    return done;
}

void public_cache_forget(struct faces *faces, const struct store_conf *conf, const char *key,
                         bool changed)
{
    bool matters = store_conf_rule_find(conf, key) != NULL;
    const struct store_conf_rule *rule;

    for (size_t i = 0; !matters && (rule = store_conf_rule_at(conf, i)) != NULL; i++)
        matters = strcmp(rule->certificate, key) == 0;
    if (matters)
        faces_forget(faces, key, changed);
}

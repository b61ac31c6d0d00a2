/* SPDX-License-Identifier: Apache-2.0 */
#include "module/public_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/time.h"
#include "store/user.h"

/* The backend's own settings, which tell one store from another. */
struct description {
    const char *backend;
    char *text;
    bool failed;
};

static void describe(void *arg, const char *path, const char *value,
                     const struct store_secret *secret, const char *origin)
{
    struct description *description = arg;
    size_t len = strlen(description->backend);
    char *longer;

    (void)origin;
    if (secret != NULL || description->failed || strncmp(path, description->backend, len) != 0 ||
        path[len] != '.')
        return;
    if (asprintf(&longer, "%s%s=%s\n", description->text, path, value) < 0) {
        description->failed = true;
        return;
    }
    free(description->text);
    description->text = longer;
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
    done = !description.failed && faces_attach(faces, path, description.text, keep_ns);
    free(description.text);
    return done;
}

void public_cache_forget(struct faces *faces, const struct store_conf *conf, const char *key)
{
    bool matters = store_conf_rule_find(conf, key) != NULL;
    const struct store_conf_rule *rule;

    for (size_t i = 0; !matters && (rule = store_conf_rule_at(conf, i)) != NULL; i++)
        matters = strcmp(rule->certificate, key) == 0;
    if (matters)
        faces_forget(faces, key);
}

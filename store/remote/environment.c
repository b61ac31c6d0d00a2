/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/system.h"
#include "store/secret.h"
#include "store/user.h"

/* The variables for each backend. A name that ends in '*' stands for all with that beginning. */
static const struct {
    const char *backend;
    const char *names[20];
} rows[] = {
    {"secret-service", {"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"}},
    {"vault",
     {"SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
      "ALL_PROXY", "no_proxy", "NO_PROXY", "OPENSSL_CONF"}},
    /* PATH, USER and LOGNAME for a profile's credential_process */
    {"aws",
     {"AWS_*", "PATH", "USER", "LOGNAME", "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy",
      "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
      "OPENSSL_CONF"}},
};

static bool name_fits(const char *variable, const char *name)
{
    size_t len = strlen(name);

    if (len > 0 && name[len - 1] == '*')
        return platform_env_same(variable, name, len - 1);
    return platform_env_same(variable, name, len) && variable[len] == '=';
}

static bool is_one_of(const char *variable, const char *const *names)
{
    for (; *names != NULL; names++)
        if (name_fits(variable, *names))
            return true;
    return false;
}

static bool allowed(const struct store_conf *conf, const char *variable)
{
    const char *backend = store_conf_backend(conf);

    if (is_one_of(variable, platform_env_everywhere))
        return true;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].backend, backend) == 0 && is_one_of(variable, rows[i].names))
            return true;
    if (strcmp(backend, "env") == 0) { /* the variables are the secrets */
        const char *prefix = store_conf_text(conf, "env.prefix");
        return platform_env_same(variable, prefix, strlen(prefix));
    }
    return false;
}

char **environment_for(const struct store_conf *conf)
{
    char **all = store_privileged() ? NULL : platform_environ();
    size_t room = 1;
    size_t count = 0;
    char **out;

    for (char **variable = all; variable != NULL && *variable != NULL; variable++)
        room += allowed(conf, *variable);
    out = calloc(room, sizeof *out);
    if (out == NULL)
        return NULL;
    for (char **variable = all; variable != NULL && *variable != NULL && count + 1 < room;
         variable++) {
        if (!allowed(conf, *variable))
            continue;
        out[count] = strdup(*variable);
        if (out[count++] != NULL)
            continue;
        environment_free(out);
        return NULL;
    }
    return out;
}

void environment_free(char **environment)
{
    if (environment == NULL)
        return;
    for (char **variable = environment; *variable != NULL; variable++) {
        store_wipe(*variable, strlen(*variable));
        free(*variable);
    }
    free(environment);
}

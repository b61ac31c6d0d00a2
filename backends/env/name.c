/* SPDX-License-Identifier: Apache-2.0 */
#include "name.h"

#include <string.h>

static char to_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool env_name_of_key(const char *key, char out[STORE_KEY_MAX + 1])
{
    size_t i;

    for (i = 0; key[i] != '\0'; i++) {
        if (key[i] == '=')
            return false;
        out[i] = key[i] == '/' || key[i] == '-' ? '_' : to_upper(key[i]);
    }
    out[i] = '\0';
    return true;
}

bool env_key_of_name(const char *name, size_t len, char out[STORE_KEY_MAX + 1])
{
    char back[STORE_KEY_MAX + 1];
    size_t slashes = 2;

    if (len == 0 || len > STORE_KEY_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        out[i] = to_lower(name[i]);
    out[len] = '\0';
    if (strncmp(out, "global_", strlen("global_")) == 0)
        slashes = 1;
    for (size_t i = 0; i < len && slashes > 0; i++) {
        if (out[i] == '_') {
            out[i] = '/';
            slashes--;
        }
    }
    if (store_scope_parse(out, len, NULL) != STORE_OK || !env_name_of_key(out, back))
        return false;
    return memcmp(back, name, len) == 0;
}

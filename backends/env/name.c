/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/env/name.h"

#include <string.h>

#include "store/case.h"

bool env_name_of_key(const char *key, char out[ENV_NAME_SIZE])
{
    return strchr(key, '=') == NULL && store_case_variable(key, out, ENV_NAME_SIZE);
}

bool env_key_of_name(const char *name, size_t len, char out[STORE_KEY_MAX + 1])
{
    char back[ENV_NAME_SIZE];
    size_t slashes = 2;

    if (len == 0 || !store_case_lower(name, len, out, STORE_KEY_MAX + 1))
        return false;
    if (strncmp(out, "global_", strlen("global_")) == 0)
        slashes = 1;
    for (char *c = out; *c != '\0' && slashes > 0; c++) {
        if (*c == '_') {
            *c = '/';
            slashes--;
        }
    }
    if (store_scope_parse(out, strlen(out), NULL) != STORE_OK || !env_name_of_key(out, back))
        return false;
    return strlen(back) == len && memcmp(back, name, len) == 0;
}

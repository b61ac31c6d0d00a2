/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/keys.h"

#include <string.h>

void aws_keys_clear(struct aws_keys *keys)
{
    store_secret_wipe(&keys->secret);
    store_secret_wipe(&keys->token);
    *keys = (struct aws_keys){0};
}

void aws_keys_share(struct aws_keys *out, const struct aws_keys *from)
{
    struct store_secret secret = out->secret;
    struct store_secret token = out->token;

    *out = *from;
    out->secret = secret;
    out->token = token;
    store_secret_share(&out->secret, &from->secret);
    store_secret_share(&out->token, &from->token);
}

enum store_err aws_keys_set_id(struct aws_keys *keys, const void *id, size_t len)
{
    const char *text = id;

    if (len == 0 || len >= AWS_KEY_ID_SIZE)
        return STORE_AUTH;
    for (size_t i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] > '~' || strchr("/,=\"", text[i]) != NULL)
            return STORE_AUTH;
    memcpy(keys->id, text, len);
    keys->id[len] = '\0';
    return STORE_OK;
}

bool aws_keys_clean(const struct store_secret *value)
{
    for (size_t i = 0; i < value->len; i++)
        if (value->data[i] <= ' ' || value->data[i] == 0x7f)
            return false;
    return true;
}

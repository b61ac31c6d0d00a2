/* SPDX-License-Identifier: Apache-2.0 */
#include "sources.h"

#include <string.h>

#include "store/time.h"

enum store_err aws_keys_from_json(struct json_value object, const char *token, struct aws_keys *out)
{
    char id[AWS_KEY_ID_SIZE];
    char expiration[STORE_TIME_TEXT_SIZE];

    if (json_text(json_member(object, "AccessKeyId"), id, sizeof id) != STORE_OK ||
        aws_keys_set_id(out, id, strlen(id)) != STORE_OK ||
        json_bytes(json_member(object, "SecretAccessKey"), &out->secret) != STORE_OK ||
        out->secret.len == 0)
        return STORE_AUTH;
    if (json_type(json_member(object, token)) == JSON_STRING)
        TRY(json_bytes(json_member(object, token), &out->token));
    out->expires_ns = 0;
    if (json_type(json_member(object, "Expiration")) == JSON_STRING) {
        if (json_text(json_member(object, "Expiration"), expiration, sizeof expiration) != STORE_OK)
            return STORE_AUTH;
        out->expires_ns = store_time_parse(expiration, strlen(expiration));
        if (out->expires_ns == 0)
            return STORE_AUTH;
    }
    return STORE_OK;
}

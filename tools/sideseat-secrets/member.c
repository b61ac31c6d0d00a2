/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/member.h"

#include "core/json.h"

enum outcome member_pick(const char *key, const char *field, struct store_secret *value)
{
    AUTO_JSON document = NULL;
    AUTO_SECRET text = {0};
    struct json_value member;
    enum store_err err = json_read(&document, value, NULL);

    if (err == STORE_NO_MEMORY)
        return outcome_no_memory();
    if (err != STORE_OK || json_type(json_root(document)) != JSON_OBJECT) {
        outcome_print("%s is not a JSON object, so it has no field %s", key, field);
        return OUTCOME_NOT_FOUND;
    }
    member = json_member(json_root(document), field);
    if (json_type(member) == JSON_ABSENT) {
        outcome_print("%s has no field %s", key, field);
        return OUTCOME_NOT_FOUND;
    }
    if (json_type(member) == JSON_STRING)
        err = json_bytes(member, &text);
    else if (json_type(member) == JSON_DUPLICATE)
        err = STORE_CORRUPT;
    else
        json_raw(member, &text);
    if (err == STORE_OK) {
        store_secret_move(value, &text);
        return OUTCOME_OK;
    }
    outcome_print("the field %s of %s is there twice, or is not a text", field, key);
    return OUTCOME_DAMAGED;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_version.h"

#include <stdio.h>
#include <string.h>

#include "module/ckr.h"
#include "module/object/attribute.h"
#include "module/object/object_bytes.h"
#include "module/object/schema.h"
#include "module/token_version.h"
#include "store/time.h"

static const char *state_name(enum store_version_state state)
{
    switch (state) {
    case STORE_VERSION_CURRENT:
        return "current";
    case STORE_VERSION_OLD:
        return "old";
    case STORE_VERSION_DELETED:
        return "deleted";
    case STORE_VERSION_DESTROYED:
        break;
    }
    return "destroyed";
}

CK_RV object_version_attribute(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                               struct object_bytes *out)
{
    const struct store_version *version = &view->own->version;
    char *text = (char *)out->scratch;

    switch (type) {
    case CKA_SIDESEAT_VERSION_NUMBER:
        snprintf(text, sizeof out->scratch, "%u", version->number);
        return set_text(out, text);
    case CKA_SIDESEAT_VERSION_STATE:
        return set_text(out, state_name(version->state));
    case CKA_SIDESEAT_RECOVERABLE_UNTIL:
        return set_time(out, version->until_ns);
    case CKA_SIDESEAT_DESTROY_ALL:
        return set_text(out, view->own->destroyed_by_remove ? "1" : "0");
    default: /* CKA_SIDESEAT_HISTORY */
        return set_text(out, "1");
    }
}

CK_RV object_version_load(struct object_view *view, enum object_need need, enum ckr_call call)
{
    AUTO_RECORD record = {0};
    enum store_err err;

    if ((need & OBJECT_NEED_VALUE) == 0 || view->has_value)
        return CKR_OK;
    err = token_read_version(view->token, view->key, view->record.version, &record);
    if (err == STORE_NOT_FOUND) /* deleted, destroyed, or one too many since the search */
        return CKR_SIDESEAT_NO_VALUE;
    if (err != STORE_OK)
        return ckr_from_store(call, err);
    store_secret_share(&view->record.value, &record.value);
    view->record.audited = record.audited;
    view->has_value = true;
    return CKR_OK;
}

/* Carries out the one change that the template asks for. */
static CK_RV change(const struct object_view *subject, const CK_ATTRIBUTE *wanted,
                    enum store_err *err)
{
    const struct store_version *version = &subject->own->version;
    struct token *token = subject->token;

    if (wanted->type == CKA_SIDESEAT_DESTROY_ALL && attribute_equal(wanted, "1", 1))
        *err = token_destroy(token, subject->key);
    else if (wanted->type == CKA_SIDESEAT_VERSION_STATE && attribute_equal(wanted, "current", 7))
        *err = token_restore(token, subject->key, version->id);
    else if (wanted->type == CKA_SIDESEAT_VERSION_STATE && attribute_equal(wanted, "deleted", 7) &&
             version->state == STORE_VERSION_CURRENT)
        *err = token_retire(token, subject->key);
    else
        return CKR_ATTRIBUTE_VALUE_INVALID;
    return CKR_OK;
}

CK_RV object_version_set(const struct object_view *subject, const CK_ATTRIBUTE *template,
                         CK_ULONG count)
{
    int64_t began_ns = store_time_monotonic();
    enum store_err err = STORE_OK;
    CK_RV rv = schema_check(OBJECT_VERSION, SCHEMA_SET, template, count);

    if (rv == CKR_OK && count != 1)
        rv = CKR_TEMPLATE_INCONSISTENT;
    if (rv == CKR_OK)
        rv = change(subject, &template[0], &err);
    if (rv != CKR_OK)
        return rv;
    if (err == STORE_OK || err == STORE_NOT_FOUND)
        object_remove_key(&subject->token->objects, subject->key, began_ns);
    return ckr_from_store(CKR_CALL_SET, err);
}

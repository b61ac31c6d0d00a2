/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_derived.h"

#include "module/object/attribute.h"
#include "module/object/object_publish.h"
#include "module/object/schema.h"
#include "module/object/template.h"
#include "store/log.h"

CK_RV object_derived_check(const CK_ATTRIBUTE *template, CK_ULONG count, CK_ULONG *len)
{
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_BBOOL token = CK_FALSE;
    CK_RV rv = template_check(template, count);

    *len = 0;
    if (rv == CKR_OK)
        rv = attribute_ulong(template_find(template, count, CKA_CLASS), &class);
    if (rv == CKR_OK)
        rv = attribute_bool(template_find(template, count, CKA_TOKEN), &token);
    if (rv == CKR_OK && (class != CKO_SECRET_KEY || token)) {
        store_log(STORE_LOG_WARNING, "pkcs11: a key that comes from another one is a secret key of "
                                     "the session; leave CKA_TOKEN out of the template");
        return CKR_TEMPLATE_INCONSISTENT;
    }
    if (rv == CKR_OK)
        rv = schema_check(OBJECT_SESSION_KEY, SCHEMA_DERIVE, template, count);
    return rv == CKR_OK ? attribute_ulong(template_find(template, count, CKA_VALUE_LEN), len) : rv;
}

CK_RV object_derived_publish(const struct caller *caller, const struct object_view *base,
                             const CK_ATTRIBUTE *template, CK_ULONG count,
                             struct store_secret *value, CK_OBJECT_HANDLE *out)
{
    struct session_attributes *own = session_attributes_new(OBJECT_SESSION_KEY_FLAGS);
    CK_RV rv;

    if (own == NULL)
        return CKR_HOST_MEMORY;
    rv = template_apply_key(template, count, own);
    if (session_attributes_has(own, OBJECT_SENSITIVE) && base != NULL &&
        object_is(base, CKA_ALWAYS_SENSITIVE))
        own->flags |= OBJECT_BIT(OBJECT_ALWAYS_SENSITIVE);
    if (!session_attributes_has(own, OBJECT_EXTRACTABLE) && base != NULL &&
        object_is(base, CKA_NEVER_EXTRACTABLE))
        own->flags |= OBJECT_BIT(OBJECT_NEVER_EXTRACTABLE);
    if (rv == CKR_OK)
        rv = template_check_session_key(template, count, own, value->len);
    if (rv == CKR_OK)
        return object_publish_own(caller, OBJECT_SESSION_KEY, own, value, out);
    session_attributes_free(own);
    return rv;
}

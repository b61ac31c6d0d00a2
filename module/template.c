/* SPDX-License-Identifier: Apache-2.0 */
#include "module/template.h"

#include <string.h>

#include "module/attribute.h"
#include "store/log.h"
#include "store/scope.h"

static CK_RV refuse(const char *what)
{
    store_log(STORE_LOG_WARNING,
              "pkcs11: a secret in a store cannot have %s; leave that "
              "attribute out of the template",
              what);
    return CKR_ATTRIBUTE_VALUE_INVALID;
}

/* Whether a boolean of the template says something else than what is. */
static bool differs(const CK_ATTRIBUTE *template, CK_ULONG count, CK_ATTRIBUTE_TYPE type,
                    CK_BBOOL is)
{
    CK_BBOOL said = is;

    return attribute_bool(template_find(template, count, type), &said) != CKR_OK || said != is;
}

CK_RV template_check_secret(const CK_ATTRIBUTE *template, CK_ULONG count)
{
    const CK_ATTRIBUTE *application = template_find(template, count, CKA_APPLICATION);
    const CK_ATTRIBUTE *object_id = template_find(template, count, CKA_OBJECT_ID);

    if (application != NULL && application->ulValueLen > 0 &&
        !attribute_equal(application, "sideseat", strlen("sideseat")))
        return refuse("a CKA_APPLICATION other than \"sideseat\"");
    if (object_id != NULL && object_id->ulValueLen > 0)
        return refuse("a CKA_OBJECT_ID");
    if (differs(template, count, CKA_MODIFIABLE, CK_TRUE))
        return refuse("CKA_MODIFIABLE FALSE");
    if (differs(template, count, CKA_COPYABLE, CK_TRUE))
        return refuse("CKA_COPYABLE FALSE");
    if (differs(template, count, CKA_DESTROYABLE, CK_TRUE))
        return refuse("CKA_DESTROYABLE FALSE");
    return CKR_OK;
}

CK_RV template_check_key(const CK_ATTRIBUTE *template, CK_ULONG count)
{
    CK_ULONG type = CKK_GENERIC_SECRET;
    CK_RV rv = attribute_ulong(template_find(template, count, CKA_KEY_TYPE), &type);

    if (rv != CKR_OK)
        return rv;
    if (type != CKK_GENERIC_SECRET)
        return CKR_TEMPLATE_INCONSISTENT;
    if (differs(template, count, CKA_EXTRACTABLE, CK_FALSE))
        return refuse("CKA_EXTRACTABLE TRUE");
    if (differs(template, count, CKA_SIGN, CK_TRUE))
        return refuse("CKA_SIGN FALSE");
    if (differs(template, count, CKA_VERIFY, CK_TRUE))
        return refuse("CKA_VERIFY FALSE");
    return CKR_OK;
}

CK_RV template_key(const CK_ATTRIBUTE *template, CK_ULONG count, char out[STORE_KEY_MAX + 1])
{
    const CK_ATTRIBUTE *label = template_find(template, count, CKA_LABEL);

    if (label == NULL || label->ulValueLen == 0)
        return CKR_TEMPLATE_INCOMPLETE;
    if (store_scope_complete(label->pValue, label->ulValueLen, out) == STORE_OK)
        return CKR_OK;
    /* not what it is: who mistakes the arguments has put a value there */
    store_log(STORE_LOG_WARNING,
              "pkcs11: the CKA_LABEL of %lu bytes is no scope key; use global/NAME, org/ID/NAME, "
              "project/ID/NAME or user/ID/NAME, in UTF-8 and at most %d bytes",
              label->ulValueLen, STORE_KEY_MAX);
    return CKR_ATTRIBUTE_VALUE_INVALID;
}

CK_RV template_version(const CK_ATTRIBUTE *template, CK_ULONG count, char out[STORE_VERSION_SIZE])
{
    const CK_ATTRIBUTE *version = template_find(template, count, CKA_SIDESEAT_VERSION);

    out[0] = '\0';
    if (version == NULL)
        return CKR_OK;
    if (version->ulValueLen == 0 || version->ulValueLen >= STORE_VERSION_SIZE ||
        memchr(version->pValue, '\0', version->ulValueLen) != NULL)
        return CKR_ATTRIBUTE_VALUE_INVALID;
    memcpy(out, version->pValue, version->ulValueLen);
    out[version->ulValueLen] = '\0';
    return CKR_OK;
}

CK_RV template_to_own(const CK_ATTRIBUTE *template, CK_ULONG count, struct object_own *own)
{
    const struct {
        CK_ATTRIBUTE_TYPE type;
        CK_BBOOL *to;
    } flags[] = {
        {CKA_PRIVATE, &own->private},     {CKA_MODIFIABLE, &own->modifiable},
        {CKA_COPYABLE, &own->copyable},   {CKA_DESTROYABLE, &own->destroyable},
        {CKA_SENSITIVE, &own->sensitive}, {CKA_EXTRACTABLE, &own->extractable},
        {CKA_SIGN, &own->sign},           {CKA_VERIFY, &own->verify},
    };
    const struct {
        CK_ATTRIBUTE_TYPE type;
        struct store_secret *to;
    } texts[] = {
        {CKA_LABEL, &own->label},
        {CKA_APPLICATION, &own->application},
        {CKA_OBJECT_ID, &own->object_id},
        {CKA_ID, &own->id},
    };
    CK_RV rv = attribute_ulong(template_find(template, count, CKA_KEY_TYPE), &own->key_type);

    for (size_t i = 0; rv == CKR_OK && i < sizeof flags / sizeof flags[0]; i++)
        rv = attribute_bool(template_find(template, count, flags[i].type), flags[i].to);
    for (size_t i = 0; rv == CKR_OK && i < sizeof texts / sizeof texts[0]; i++)
        rv = attribute_secret(template_find(template, count, texts[i].type), texts[i].to);
    return rv;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/attribute.h"

#include <stddef.h>
#include <string.h>

static CK_ULONG longest(CK_ATTRIBUTE_TYPE type)
{
    return type == CKA_VALUE ? ATTRIBUTE_VALUE_MAX : ATTRIBUTE_OTHER_MAX;
}

CK_RV template_check(const CK_ATTRIBUTE *template, CK_ULONG count)
{
    if (count > TEMPLATE_MAX || (template == NULL && count > 0))
        return CKR_ARGUMENTS_BAD;
    for (CK_ULONG i = 0; i < count; i++) {
        if (template[i].pValue == NULL && template[i].ulValueLen > 0)
            return CKR_ARGUMENTS_BAD;
        if (template[i].ulValueLen > longest(template[i].type))
            return CKR_ATTRIBUTE_VALUE_INVALID;
        if (template_find(template, i, template[i].type) != NULL)
            return CKR_TEMPLATE_INCONSISTENT;
    }
    return CKR_OK;
}

const CK_ATTRIBUTE *template_find(const CK_ATTRIBUTE *template, CK_ULONG count,
                                  CK_ATTRIBUTE_TYPE type)
{
    for (CK_ULONG i = 0; i < count; i++)
        if (template[i].type == type)
            return &template[i];
    return NULL;
}

CK_RV attribute_bool(const CK_ATTRIBUTE *attribute, CK_BBOOL *out)
{
    CK_BBOOL value;

    if (attribute == NULL)
        return CKR_OK;
    if (attribute->ulValueLen != sizeof value)
        return CKR_ATTRIBUTE_VALUE_INVALID;
    memcpy(&value, attribute->pValue, sizeof value);
    if (value != CK_TRUE && value != CK_FALSE)
        return CKR_ATTRIBUTE_VALUE_INVALID;
    *out = value;
    return CKR_OK;
}

CK_RV attribute_ulong(const CK_ATTRIBUTE *attribute, CK_ULONG *out)
{
    if (attribute == NULL)
        return CKR_OK;
    if (attribute->ulValueLen != sizeof *out)
        return CKR_ATTRIBUTE_VALUE_INVALID;
    memcpy(out, attribute->pValue, sizeof *out);
    return CKR_OK;
}

CK_RV attribute_date(const CK_ATTRIBUTE *attribute)
{
    const unsigned char *text = attribute->pValue;
    unsigned month;
    unsigned day;

    if (attribute->ulValueLen == 0)
        return CKR_OK;
    if (attribute->ulValueLen != sizeof(CK_DATE))
        return CKR_ATTRIBUTE_VALUE_INVALID;
    for (size_t i = 0; i < sizeof(CK_DATE); i++)
        if (text[i] < '0' || text[i] > '9')
            return CKR_ATTRIBUTE_VALUE_INVALID;
    month = (text[4] - '0') * 10u + (text[5] - '0');
    day = (text[6] - '0') * 10u + (text[7] - '0');
    return month >= 1 && month <= 12 && day >= 1 && day <= 31 ? CKR_OK
                                                              : CKR_ATTRIBUTE_VALUE_INVALID;
}

CK_RV attribute_secret(const CK_ATTRIBUTE *attribute, struct store_secret *out)
{
    if (attribute == NULL)
        return CKR_OK;
    if (store_secret_set(out, attribute->pValue, attribute->ulValueLen) != STORE_OK)
        return CKR_HOST_MEMORY;
    return CKR_OK;
}

bool attribute_equal(const CK_ATTRIBUTE *attribute, const void *data, CK_ULONG len)
{
    const struct store_secret given = {.data = attribute->pValue, .len = attribute->ulValueLen};

    return store_secret_equal(&given, data, len);
}

CK_RV attribute_fill(CK_ATTRIBUTE *attribute, const void *data, CK_ULONG len)
{
    if (attribute->pValue != NULL && attribute->ulValueLen < len) {
        attribute->ulValueLen = CK_UNAVAILABLE_INFORMATION;
        return CKR_BUFFER_TOO_SMALL;
    }
    if (attribute->pValue != NULL && len > 0)
        memcpy(attribute->pValue, data, len);
    attribute->ulValueLen = len;
    return CKR_OK;
}

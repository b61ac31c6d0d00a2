/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SCHEMA_H
#define MODULE_SCHEMA_H

#include <stdbool.h>

#include "module/cryptoki.h"
#include "module/object.h"

/* What may be done with an attribute of an object of some kind. */
enum schema_use {
    SCHEMA_READ,   /* the object has it */
    SCHEMA_CREATE, /* it may be in the template of C_CreateObject or C_GenerateKey */
    SCHEMA_SET,    /* C_SetAttributeValue may change it */
    SCHEMA_COPY,   /* C_CopyObject may give the copy another value */
};

/* What an attribute's value looks like. */
enum schema_form {
    SCHEMA_BOOL,
    SCHEMA_ULONG,
    SCHEMA_BYTES,
};

struct schema_row;

/* The row of an attribute; NULL for one that none of our objects has. */
const struct schema_row *schema_find(CK_ATTRIBUTE_TYPE type);

bool schema_allows(const struct schema_row *row, enum object_kind kind, enum schema_use use);

/* Checks a template that template_check has passed against the table, each attribute's form
 * included. CKR_ATTRIBUTE_TYPE_INVALID for an attribute that the kind does not have,
 * CKR_ATTRIBUTE_READ_ONLY for one that it has but that cannot be used so,
 * CKR_ATTRIBUTE_VALUE_INVALID for a wrong form; the log names it. */
CK_RV schema_check(enum object_kind kind, enum schema_use use, const CK_ATTRIBUTE *template,
                   CK_ULONG count);

#endif

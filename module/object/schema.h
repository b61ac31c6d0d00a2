/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SCHEMA_H
#define MODULE_SCHEMA_H

#include <stdbool.h>

#include "module/cryptoki.h"
#include "module/object/object.h"

/* What may be done with an attribute of an object of some kind. */
enum schema_use {
    SCHEMA_READ,     /* the object has it */
    SCHEMA_CREATE,   /* it may be in the template of C_CreateObject, */
    SCHEMA_GENERATE, /* or of C_GenerateKey */
    SCHEMA_SET,      /* C_SetAttributeValue may change it */
    SCHEMA_COPY,     /* C_CopyObject may give the copy another value */
    SCHEMA_USES,
};

/* What an attribute's value looks like. */
enum schema_form {
    SCHEMA_FLAG,
    SCHEMA_ULONG,
    SCHEMA_BYTES,
    SCHEMA_DATE,       /* a CK_DATE, or nothing */
    SCHEMA_MECHANISMS, /* an array of CK_MECHANISM_TYPE */
};

/* How a value may change, once there is one. */
enum schema_change {
    SCHEMA_FREE,
    SCHEMA_RAISE, /* from CK_FALSE to CK_TRUE only */
    SCHEMA_LOWER, /* from CK_TRUE to CK_FALSE only */
    SCHEMA_FALSE, /* it is CK_FALSE, always */
};

#define SCHEMA_NOWHERE (-1)

struct schema_row {
    CK_ATTRIBUTE_TYPE type;
    const char *name;
    enum schema_form form;
    int place; /* in struct session_attributes: an object_flag, or an object_text; or SCHEMA_NOWHERE
                */
    unsigned uses[SCHEMA_USES]; /* the kinds that allow each use */
    unsigned must_create;       /* the kinds whose template must have it */
    unsigned must_generate;
    enum schema_change change;
};

/* The row of an attribute; NULL for one that none of our objects has. */
const struct schema_row *schema_find(CK_ATTRIBUTE_TYPE type);

bool schema_allows(const struct schema_row *row, enum object_kind kind, enum schema_use use);

/* Checks a template that template_check has passed against the table, each attribute's form
 * included. CKR_ATTRIBUTE_TYPE_INVALID for an attribute that the kind does not have,
 * CKR_ATTRIBUTE_READ_ONLY for one that it has but that cannot be used so,
 * CKR_ATTRIBUTE_VALUE_INVALID for a wrong form, CKR_TEMPLATE_INCOMPLETE for one that is missing;
 * the log names it. */
CK_RV schema_check(enum object_kind kind, enum schema_use use, const CK_ATTRIBUTE *template,
                   CK_ULONG count);

#endif

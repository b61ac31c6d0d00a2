/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_SCHEMA_H
#define MODULE_OBJECT_SCHEMA_H

#include <stdbool.h>

#include "module/cryptoki.h"
#include "module/object/object.h"

/* The uses of an attribute that an object's kind may permit. */
enum schema_use {
    SCHEMA_READ,     /* the object has it */
    SCHEMA_CREATE,   /* the template of C_CreateObject may have it */
    SCHEMA_GENERATE, /* the template of C_GenerateKey may have it */
    SCHEMA_SET,      /* C_SetAttributeValue may change it */
    SCHEMA_COPY,     /* C_CopyObject may give the copy another value */
    SCHEMA_USES,
    SCHEMA_DERIVE, /* a key from another one: as SCHEMA_GENERATE, but nothing is required */
};

/* The form of an attribute's value. */
enum schema_form {
    SCHEMA_FLAG,
    SCHEMA_ULONG,
    SCHEMA_BYTES,
    SCHEMA_DATE,       /* a CK_DATE, or empty */
    SCHEMA_MECHANISMS, /* an array of CK_MECHANISM_TYPE */
};

/* The permitted changes of an existing value. */
enum schema_change {
    SCHEMA_FREE,
    SCHEMA_RAISE, /* from CK_FALSE to CK_TRUE only */
    SCHEMA_LOWER, /* from CK_TRUE to CK_FALSE only */
    SCHEMA_FALSE, /* always CK_FALSE */
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

/* The row of an attribute; NULL if no kind of object has it. */
const struct schema_row *schema_find(CK_ATTRIBUTE_TYPE type);

/* The name of the first attribute among these bits of enum object_flag; "" if there is none. */
const char *schema_flag_name(uint32_t flags);

bool schema_allows(const struct schema_row *row, enum object_kind kind, enum schema_use use);

/* Checks a template that template_check has passed against the table, including each attribute's
 * form. CKR_ATTRIBUTE_TYPE_INVALID for an attribute that the kind does not have,
 * CKR_ATTRIBUTE_READ_ONLY for one that this use does not permit, CKR_ATTRIBUTE_VALUE_INVALID for
 * a wrong form, CKR_TEMPLATE_INCOMPLETE for a missing one; the log names it. */
CK_RV schema_check(enum object_kind kind, enum schema_use use, const CK_ATTRIBUTE *template,
                   CK_ULONG count);

#endif

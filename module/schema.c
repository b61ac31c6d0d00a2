/* SPDX-License-Identifier: Apache-2.0 */
#include "module/schema.h"

#include <stddef.h>

#include "module/attribute.h"
#include "store/log.h"

#define DATA (1u << OBJECT_SECRET)
#define KEY (1u << OBJECT_KEY)
#define STATUS (1u << OBJECT_STATUS)
#define SDATA (1u << OBJECT_SESSION_DATA)
#define SKEY (1u << OBJECT_SESSION_KEY)
#define ALL (DATA | KEY | STATUS | SDATA | SKEY)
#define BOTH_DATA (DATA | SDATA)
#define BOTH_KEYS (KEY | SKEY)
#define SCOPED (DATA | KEY)
#define NONE 0u

struct schema_row {
    CK_ATTRIBUTE_TYPE type;
    const char *name;
    enum schema_form form;
    unsigned uses[SCHEMA_COPY + 1]; /* the kinds that allow each use */
};

/* PKCS#11 3.0: 4.4 (all objects), 4.5 (data), 4.6 to 4.8 (keys); then our own. For an object of
 * the token "create" and "copy" only mean that the attribute may be named: whether the store can
 * hold what it says is for template.c. */
#define ROWS(ROW)                                                                                  \
    ROW(CKA_CLASS, SCHEMA_ULONG, ALL, ALL, NONE, NONE)                                             \
    ROW(CKA_TOKEN, SCHEMA_BOOL, ALL, ALL, NONE, BOTH_DATA)                                         \
    ROW(CKA_PRIVATE, SCHEMA_BOOL, ALL, ALL, NONE, BOTH_DATA)                                       \
    ROW(CKA_MODIFIABLE, SCHEMA_BOOL, ALL, ALL, NONE, BOTH_DATA)                                    \
    ROW(CKA_COPYABLE, SCHEMA_BOOL, ALL, ALL, SDATA, BOTH_DATA)                                     \
    ROW(CKA_DESTROYABLE, SCHEMA_BOOL, ALL, ALL, NONE, BOTH_DATA)                                   \
    ROW(CKA_LABEL, SCHEMA_BYTES, ALL, ALL, SDATA | SKEY, BOTH_DATA)                                \
    ROW(CKA_UNIQUE_ID, SCHEMA_BYTES, ALL, NONE, NONE, NONE)                                        \
    ROW(CKA_APPLICATION, SCHEMA_BYTES, BOTH_DATA, BOTH_DATA, SDATA, BOTH_DATA)                     \
    ROW(CKA_OBJECT_ID, SCHEMA_BYTES, BOTH_DATA, BOTH_DATA, SDATA, BOTH_DATA)                       \
    ROW(CKA_VALUE, SCHEMA_BYTES, BOTH_DATA | BOTH_KEYS, BOTH_DATA | SKEY, BOTH_DATA, NONE)         \
    ROW(CKA_ID, SCHEMA_BYTES, DATA | BOTH_KEYS, BOTH_KEYS, SKEY, NONE)                             \
    ROW(CKA_KEY_TYPE, SCHEMA_ULONG, BOTH_KEYS, BOTH_KEYS, NONE, NONE)                              \
    ROW(CKA_VALUE_LEN, SCHEMA_ULONG, BOTH_KEYS, BOTH_KEYS, NONE, NONE)                             \
    ROW(CKA_START_DATE, SCHEMA_BYTES, BOTH_KEYS, NONE, NONE, NONE)                                 \
    ROW(CKA_END_DATE, SCHEMA_BYTES, BOTH_KEYS, NONE, NONE, NONE)                                   \
    ROW(CKA_DERIVE, SCHEMA_BOOL, BOTH_KEYS, BOTH_KEYS, NONE, NONE)                                 \
    ROW(CKA_LOCAL, SCHEMA_BOOL, BOTH_KEYS, NONE, NONE, NONE)                                       \
    ROW(CKA_KEY_GEN_MECHANISM, SCHEMA_ULONG, BOTH_KEYS, NONE, NONE, NONE)                          \
    ROW(CKA_ALLOWED_MECHANISMS, SCHEMA_BYTES, BOTH_KEYS, NONE, NONE, NONE)                         \
    ROW(CKA_SENSITIVE, SCHEMA_BOOL, BOTH_KEYS, BOTH_KEYS, NONE, NONE)                              \
    ROW(CKA_ENCRYPT, SCHEMA_BOOL, BOTH_KEYS, BOTH_KEYS, NONE, NONE)                                \
    ROW(CKA_DECRYPT, SCHEMA_BOOL, BOTH_KEYS, BOTH_KEYS, NONE, NONE)                                \
    ROW(CKA_SIGN, SCHEMA_BOOL, BOTH_KEYS, BOTH_KEYS, NONE, NONE)                                   \
    ROW(CKA_VERIFY, SCHEMA_BOOL, BOTH_KEYS, BOTH_KEYS, NONE, NONE)                                 \
    ROW(CKA_WRAP, SCHEMA_BOOL, BOTH_KEYS, BOTH_KEYS, NONE, NONE)                                   \
    ROW(CKA_UNWRAP, SCHEMA_BOOL, BOTH_KEYS, BOTH_KEYS, NONE, NONE)                                 \
    ROW(CKA_EXTRACTABLE, SCHEMA_BOOL, BOTH_KEYS, BOTH_KEYS, NONE, NONE)                            \
    ROW(CKA_ALWAYS_SENSITIVE, SCHEMA_BOOL, BOTH_KEYS, NONE, NONE, NONE)                            \
    ROW(CKA_NEVER_EXTRACTABLE, SCHEMA_BOOL, BOTH_KEYS, NONE, NONE, NONE)                           \
    ROW(CKA_WRAP_WITH_TRUSTED, SCHEMA_BOOL, BOTH_KEYS, NONE, NONE, NONE)                           \
    ROW(CKA_TRUSTED, SCHEMA_BOOL, BOTH_KEYS, NONE, NONE, NONE)                                     \
    ROW(CKA_ALWAYS_AUTHENTICATE, SCHEMA_BOOL, BOTH_KEYS, NONE, NONE, NONE)                         \
    ROW(CKA_SIDESEAT_SCOPE, SCHEMA_BYTES, SCOPED, NONE, NONE, NONE)                                \
    ROW(CKA_SIDESEAT_SCOPE_ID, SCHEMA_BYTES, SCOPED, NONE, NONE, NONE)                             \
    ROW(CKA_SIDESEAT_NAME, SCHEMA_BYTES, SCOPED, NONE, NONE, NONE)                                 \
    ROW(CKA_SIDESEAT_CREATED_AT, SCHEMA_BYTES, SCOPED, NONE, NONE, NONE)                           \
    ROW(CKA_SIDESEAT_UPDATED_AT, SCHEMA_BYTES, SCOPED, NONE, NONE, NONE)                           \
    ROW(CKA_SIDESEAT_VERSION, SCHEMA_BYTES, SCOPED, DATA, DATA, DATA)                              \
    ROW(CKA_SIDESEAT_BACKEND, SCHEMA_BYTES, SCOPED | STATUS, NONE, NONE, NONE)                     \
    ROW(CKA_SIDESEAT_STALE, SCHEMA_BYTES, SCOPED, NONE, NONE, NONE)                                \
    ROW(CKA_SIDESEAT_STATUS, SCHEMA_BYTES, STATUS, NONE, NONE, NONE)                               \
    ROW(CKA_SIDESEAT_ACCEPT_LOSS, SCHEMA_BYTES, NONE, NONE, STATUS, NONE)

#define AS_ROW(type, form, read, create, set, copy) {type, #type, form, {read, create, set, copy}},
#define AS_PLACE(type, form, read, create, set, copy) AT_##type,
#define AS_CASE(type, form, read, create, set, copy)                                               \
    case type:                                                                                     \
        return &rows[AT_##type];

static const struct schema_row rows[] = {ROWS(AS_ROW)};

enum { ROWS(AS_PLACE) };

/* Each attribute that a host asks for comes by here: a switch finds it in a few steps. */
const struct schema_row *schema_find(CK_ATTRIBUTE_TYPE type)
{
    switch (type) {
        ROWS(AS_CASE)
    default:
        return NULL;
    }
}

bool schema_allows(const struct schema_row *row, enum object_kind kind, enum schema_use use)
{
    return row != NULL && (row->uses[use] & 1u << kind) != 0;
}

static CK_RV check_one(enum object_kind kind, enum schema_use use, const CK_ATTRIBUTE *attribute)
{
    const struct schema_row *row = schema_find(attribute->type);
    CK_BBOOL flag;
    CK_ULONG number;
    CK_RV rv = CKR_OK;

    if (!schema_allows(row, kind, use)) {
        rv = schema_allows(row, kind, SCHEMA_READ) ? CKR_ATTRIBUTE_READ_ONLY
                                                   : CKR_ATTRIBUTE_TYPE_INVALID;
    } else if (row->form == SCHEMA_BOOL) {
        rv = attribute_bool(attribute, &flag);
    } else if (row->form == SCHEMA_ULONG) {
        rv = attribute_ulong(attribute, &number);
    }
    if (rv != CKR_OK)
        store_log(STORE_LOG_INFO, "pkcs11: attribute %s (0x%lx) in the template: %s",
                  row == NULL ? "?" : row->name, attribute->type,
                  rv == CKR_ATTRIBUTE_READ_ONLY      ? "it cannot be given here"
                  : rv == CKR_ATTRIBUTE_TYPE_INVALID ? "objects of this class do not have it"
                                                     : "its value has the wrong length or form");
    return rv;
}

CK_RV schema_check(enum object_kind kind, enum schema_use use, const CK_ATTRIBUTE *template,
                   CK_ULONG count)
{
    CK_RV rv = CKR_OK;

    for (CK_ULONG i = 0; rv == CKR_OK && i < count; i++)
        rv = check_one(kind, use, &template[i]);
    return rv;
}

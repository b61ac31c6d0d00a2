/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/schema.h"

#include <stddef.h>

#include "module/object/attribute.h"
#include "store/log.h"

#define DATA (1u << OBJECT_SECRET)
#define KEY (1u << OBJECT_KEY)
#define STATUS (1u << OBJECT_STATUS)
#define PROFILE (1u << OBJECT_PROFILE)
#define SDATA (1u << OBJECT_SESSION_DATA)
#define SKEY (1u << OBJECT_SESSION_KEY)
#define SPUB (1u << OBJECT_SESSION_PUBLIC)
#define SPRIV (1u << OBJECT_SESSION_PRIVATE)
#define PRIV (1u << OBJECT_PRIVATE_KEY)
#define PUB (1u << OBJECT_PUBLIC_KEY)
#define CERT (1u << OBJECT_CERTIFICATE)
#define VERS (1u << OBJECT_VERSION)
#define PAIR (PRIV | PUB)
#define FACES (PAIR | CERT)
#define DATAS (DATA | SDATA)
#define KEYS (KEY | SKEY)
#define SPAIR (SPRIV | SPUB)
#define PAIRS (PAIR | SPAIR)
#define PRIVS (PRIV | SPRIV)
#define PUBS (PUB | SPUB)
#define OWNS (SKEY | SPAIR)
#define MADE (DATAS | KEYS)
#define CREATED (MADE | SPUB | PRIVS | CERT)
#define GENERATED (KEYS | PAIRS)
#define ALL (CREATED | STATUS | PROFILE | FACES | VERS)
#define SESSION (SDATA | OWNS)
#define COPIES (DATAS | OWNS)
#define SCOPED (DATA | KEY | FACES | VERS)
#define NONE 0u

/*
 * PKCS#11 3.0: 4.4 (all objects), 4.5 (data), 4.13 (profiles), 4.6 (certificates), 4.7 to 4.10
 * (keys) with the footnotes of table 11, and of the mechanisms 2.1 (RSA), 2.3 (curves) and 6.8.2
 * (generic secret keys); then our own. For an object of
 * the token, "create" and its like only mean that the attribute may be named: whether the store can
 * hold what it says is for template.c.
 *
 * Attribute, form, place; then the kinds that: read it, create with it, generate with it, set it,
 * copy with it; must have it to create, to generate; and how it may change.
 */
#define ROWS(ROW)                                                                                  \
    ROW(CKA_CLASS, ULONG, NOWHERE, ALL, CREATED, GENERATED, NONE, NONE, MADE, NONE, FREE)          \
    ROW(CKA_TOKEN, FLAG, NOWHERE, ALL, CREATED, GENERATED, NONE, COPIES, NONE, NONE, FREE)         \
    ROW(CKA_PRIVATE, FLAG, PRIVATE, ALL, CREATED, GENERATED, NONE, COPIES, NONE, NONE, FREE)       \
    ROW(CKA_MODIFIABLE, FLAG, MODIFIABLE, ALL, CREATED, GENERATED, NONE, COPIES, NONE, NONE, FREE) \
    ROW(CKA_COPYABLE, FLAG, COPYABLE, ALL, CREATED, GENERATED, SESSION, COPIES, NONE, NONE, LOWER) \
    ROW(CKA_DESTROYABLE, FLAG, DESTROYABLE, ALL, CREATED, GENERATED, NONE, COPIES, NONE, NONE,     \
        FREE)                                                                                      \
    ROW(CKA_LABEL, BYTES, LABEL, ALL, CREATED, GENERATED, SESSION, COPIES, DATA, KEY, FREE)        \
    ROW(CKA_UNIQUE_ID, BYTES, NOWHERE, ALL, NONE, NONE, NONE, NONE, NONE, NONE, FREE)              \
    ROW(CKA_APPLICATION, BYTES, APPLICATION, DATAS | VERS, DATAS, NONE, SDATA, DATAS, NONE, NONE,  \
        FREE)                                                                                      \
    ROW(CKA_OBJECT_ID, BYTES, OBJECT_ID, DATAS | VERS, DATAS, NONE, SDATA, DATAS, NONE, NONE,      \
        FREE)                                                                                      \
    ROW(CKA_VALUE, BYTES, NOWHERE, MADE | PRIVS | CERT | VERS, MADE | PRIVS | CERT, NONE, DATAS,   \
        SDATA, DATA | KEYS | CERT, NONE, FREE)                                                     \
    ROW(CKA_ID, BYTES, ID, DATA | KEYS | FACES | SPAIR, KEYS | SPUB | PRIVS | CERT, GENERATED,     \
        OWNS, OWNS, NONE, NONE, FREE)                                                              \
    ROW(CKA_KEY_TYPE, ULONG, NOWHERE, KEYS | PAIRS, KEYS | SPUB | PRIVS, GENERATED, NONE, NONE,    \
        KEYS | SPUB | PRIVS, NONE, FREE)                                                           \
    ROW(CKA_VALUE_LEN, ULONG, NOWHERE, KEYS, KEYS, KEYS, NONE, NONE, NONE, KEYS, FREE)             \
    ROW(CKA_START_DATE, DATE, START_DATE, KEYS | FACES | SPAIR, KEYS | SPUB | PRIVS | CERT,        \
        GENERATED, OWNS, OWNS, NONE, NONE, FREE)                                                   \
    ROW(CKA_END_DATE, DATE, END_DATE, KEYS | FACES | SPAIR, KEYS | SPUB | PRIVS | CERT, GENERATED, \
        OWNS, OWNS, NONE, NONE, FREE)                                                              \
    ROW(CKA_DERIVE, FLAG, DERIVE, KEYS | PAIRS, KEYS | SPUB | PRIVS, GENERATED, OWNS, OWNS, NONE,  \
        NONE, FREE)                                                                                \
    ROW(CKA_LOCAL, FLAG, LOCAL, KEYS | PAIRS, NONE, NONE, NONE, NONE, NONE, NONE, FREE)            \
    ROW(CKA_KEY_GEN_MECHANISM, ULONG, NOWHERE, KEYS | PAIRS, NONE, NONE, NONE, NONE, NONE, NONE,   \
        FREE)                                                                                      \
    ROW(CKA_ALLOWED_MECHANISMS, MECHANISMS, ALLOWED, KEYS | PAIRS, KEYS | SPUB | PRIVS, GENERATED, \
        NONE, NONE, NONE, NONE, FREE)                                                              \
    ROW(CKA_SENSITIVE, FLAG, SENSITIVE, KEYS | PRIVS, KEYS | PRIVS, KEYS | PRIVS, SKEY | SPRIV,    \
        SKEY | SPRIV, NONE, NONE, RAISE)                                                           \
    ROW(CKA_ENCRYPT, FLAG, ENCRYPT, KEYS | PUBS, KEYS | SPUB, KEYS | PUBS, SKEY | SPUB,            \
        SKEY | SPUB, NONE, NONE, FREE)                                                             \
    ROW(CKA_DECRYPT, FLAG, DECRYPT, KEYS | PRIVS, KEYS | PRIVS, KEYS | PRIVS, SKEY | SPRIV,        \
        SKEY | SPRIV, NONE, NONE, FREE)                                                            \
    ROW(CKA_SIGN, FLAG, SIGN, KEYS | PRIVS, KEYS | PRIVS, KEYS | PRIVS, SKEY | SPRIV,              \
        SKEY | SPRIV, NONE, NONE, FREE)                                                            \
    ROW(CKA_VERIFY, FLAG, VERIFY, KEYS | PUBS, KEYS | SPUB, KEYS | PUBS, SKEY | SPUB, SKEY | SPUB, \
        NONE, NONE, FREE)                                                                          \
    ROW(CKA_WRAP, FLAG, WRAP, KEYS | PUBS, KEYS | SPUB, KEYS | PUBS, SKEY | SPUB, SKEY | SPUB,     \
        NONE, NONE, FREE)                                                                          \
    ROW(CKA_UNWRAP, FLAG, UNWRAP, KEYS | PRIVS, KEYS | PRIVS, KEYS | PRIVS, SKEY | SPRIV,          \
        SKEY | SPRIV, NONE, NONE, FREE)                                                            \
    ROW(CKA_EXTRACTABLE, FLAG, EXTRACTABLE, KEYS | PRIVS, KEYS | PRIVS, KEYS | PRIVS,              \
        SKEY | SPRIV, SKEY | SPRIV, NONE, NONE, LOWER)                                             \
    ROW(CKA_ALWAYS_SENSITIVE, FLAG, ALWAYS_SENSITIVE, KEYS | PRIVS, NONE, NONE, NONE, NONE, NONE,  \
        NONE, FREE)                                                                                \
    ROW(CKA_NEVER_EXTRACTABLE, FLAG, NEVER_EXTRACTABLE, KEYS | PRIVS, NONE, NONE, NONE, NONE,      \
        NONE, NONE, FREE)                                                                          \
    ROW(CKA_WRAP_WITH_TRUSTED, FLAG, WRAP_WITH_TRUSTED, KEYS | PRIVS, KEYS | PRIVS, KEYS | PRIVS,  \
        SKEY | SPRIV, SKEY | SPRIV, NONE, NONE, RAISE)                                             \
    ROW(CKA_TRUSTED, FLAG, TRUSTED, KEYS | PUB | CERT | SPUB, KEYS | SPUB | CERT, KEYS | PUBS,     \
        NONE, NONE, NONE, NONE, FALSE)                                                             \
    ROW(CKA_ALWAYS_AUTHENTICATE, FLAG, ALWAYS_AUTHENTICATE, KEYS | PRIVS, PRIVS, PRIVS, NONE,      \
        NONE, NONE, NONE, FREE)                                                                    \
    ROW(CKA_SIGN_RECOVER, FLAG, NOWHERE, PRIVS, PRIVS, PRIVS, SPRIV, SPRIV, NONE, NONE, FALSE)     \
    ROW(CKA_VERIFY_RECOVER, FLAG, NOWHERE, PUBS, SPUB, PUBS, SPUB, SPUB, NONE, NONE, FALSE)        \
    ROW(CKA_SUBJECT, BYTES, SUBJECT, FACES | SPAIR, CERT | SPUB | PRIVS, PAIRS, SPAIR, SPAIR,      \
        NONE, NONE, FREE)                                                                          \
    ROW(CKA_PUBLIC_KEY_INFO, BYTES, NOWHERE, FACES | SPAIR, CERT | SPUB | PRIVS, NONE, NONE, NONE, \
        NONE, NONE, FREE)                                                                          \
    ROW(CKA_MODULUS, BYTES, NOWHERE, PAIRS, SPUB | PRIVS, NONE, NONE, NONE, NONE, NONE, FREE)      \
    ROW(CKA_MODULUS_BITS, ULONG, NOWHERE, PUBS, NONE, PUBS, NONE, NONE, NONE, NONE, FREE)          \
    ROW(CKA_PUBLIC_EXPONENT, BYTES, NOWHERE, PAIRS, SPUB | PRIVS, PUBS, NONE, NONE, NONE, NONE,    \
        FREE)                                                                                      \
    ROW(CKA_PRIVATE_EXPONENT, BYTES, NOWHERE, PRIVS, PRIVS, NONE, NONE, NONE, NONE, NONE, FREE)    \
    ROW(CKA_PRIME_1, BYTES, NOWHERE, PRIVS, PRIVS, NONE, NONE, NONE, NONE, NONE, FREE)             \
    ROW(CKA_PRIME_2, BYTES, NOWHERE, PRIVS, PRIVS, NONE, NONE, NONE, NONE, NONE, FREE)             \
    ROW(CKA_EXPONENT_1, BYTES, NOWHERE, PRIVS, PRIVS, NONE, NONE, NONE, NONE, NONE, FREE)          \
    ROW(CKA_EXPONENT_2, BYTES, NOWHERE, PRIVS, PRIVS, NONE, NONE, NONE, NONE, NONE, FREE)          \
    ROW(CKA_COEFFICIENT, BYTES, NOWHERE, PRIVS, PRIVS, NONE, NONE, NONE, NONE, NONE, FREE)         \
    ROW(CKA_EC_PARAMS, BYTES, NOWHERE, PAIRS, SPUB | PRIVS, PUBS, NONE, NONE, NONE, NONE, FREE)    \
    ROW(CKA_EC_POINT, BYTES, NOWHERE, PUBS, SPUB, NONE, NONE, NONE, NONE, NONE, FREE)              \
    ROW(CKA_CERTIFICATE_TYPE, ULONG, NOWHERE, CERT, CERT, NONE, NONE, NONE, CERT, NONE, FREE)      \
    ROW(CKA_CERTIFICATE_CATEGORY, ULONG, NOWHERE, CERT, CERT, NONE, NONE, NONE, NONE, NONE, FREE)  \
    ROW(CKA_CHECK_VALUE, BYTES, NOWHERE, CERT, CERT, NONE, NONE, NONE, NONE, NONE, FREE)           \
    ROW(CKA_ISSUER, BYTES, NOWHERE, CERT, CERT, NONE, NONE, NONE, NONE, NONE, FREE)                \
    ROW(CKA_SERIAL_NUMBER, BYTES, NOWHERE, CERT, CERT, NONE, NONE, NONE, NONE, NONE, FREE)         \
    ROW(CKA_PROFILE_ID, ULONG, NOWHERE, PROFILE, NONE, NONE, NONE, NONE, NONE, NONE, FREE)         \
    ROW(CKA_SIDESEAT_SCOPE, BYTES, NOWHERE, SCOPED, NONE, NONE, NONE, NONE, NONE, NONE, FREE)      \
    ROW(CKA_SIDESEAT_SCOPE_ID, BYTES, NOWHERE, SCOPED, NONE, NONE, NONE, NONE, NONE, NONE, FREE)   \
    ROW(CKA_SIDESEAT_NAME, BYTES, NOWHERE, SCOPED, NONE, NONE, NONE, NONE, NONE, NONE, FREE)       \
    ROW(CKA_SIDESEAT_CREATED_AT, BYTES, NOWHERE, SCOPED, NONE, NONE, NONE, NONE, NONE, NONE, FREE) \
    ROW(CKA_SIDESEAT_UPDATED_AT, BYTES, NOWHERE, SCOPED, NONE, NONE, NONE, NONE, NONE, NONE, FREE) \
    ROW(CKA_SIDESEAT_VERSION, BYTES, NOWHERE, SCOPED, DATA, NONE, DATA, DATA, NONE, NONE, FREE)    \
    ROW(CKA_SIDESEAT_BACKEND, BYTES, NOWHERE, SCOPED | STATUS, NONE, NONE, NONE, NONE, NONE, NONE, \
        FREE)                                                                                      \
    ROW(CKA_SIDESEAT_STALE, BYTES, NOWHERE, SCOPED, NONE, NONE, NONE, NONE, NONE, NONE, FREE)      \
    ROW(CKA_SIDESEAT_STATUS, BYTES, NOWHERE, STATUS, NONE, NONE, NONE, NONE, NONE, NONE, FREE)     \
    ROW(CKA_SIDESEAT_DIAGNOSIS, BYTES, NOWHERE, STATUS, NONE, NONE, NONE, NONE, NONE, NONE, FREE)  \
    ROW(CKA_SIDESEAT_ACCEPT_LOSS, BYTES, NOWHERE, NONE, NONE, NONE, STATUS, NONE, NONE, NONE,      \
        FREE)                                                                                      \
    ROW(CKA_SIDESEAT_LOCK, BYTES, NOWHERE, NONE, NONE, NONE, STATUS, NONE, NONE, NONE, FREE)       \
    ROW(CKA_SIDESEAT_HISTORY, BYTES, NOWHERE, VERS, NONE, NONE, NONE, NONE, NONE, NONE, FREE)      \
    ROW(CKA_SIDESEAT_VERSION_NUMBER, BYTES, NOWHERE, VERS, NONE, NONE, NONE, NONE, NONE, NONE,     \
        FREE)                                                                                      \
    ROW(CKA_SIDESEAT_VERSION_STATE, BYTES, NOWHERE, VERS, NONE, NONE, VERS, NONE, NONE, NONE,      \
        FREE)                                                                                      \
    ROW(CKA_SIDESEAT_RECOVERABLE_UNTIL, BYTES, NOWHERE, VERS, NONE, NONE, NONE, NONE, NONE, NONE,  \
        FREE)                                                                                      \
    ROW(CKA_SIDESEAT_DESTROY_ALL, BYTES, NOWHERE, VERS, NONE, NONE, VERS, NONE, NONE, NONE, FREE)

#define OBJECT_NOWHERE SCHEMA_NOWHERE

#define AS_ROW(type, form, place, read, create, generate, set, copy, must_create, must_generate,   \
               change)                                                                             \
    {type,                                                                                         \
     #type,                                                                                        \
     SCHEMA_##form,                                                                                \
     OBJECT_##place,                                                                               \
     {read, create, generate, set, copy},                                                          \
     must_create,                                                                                  \
     must_generate,                                                                                \
     SCHEMA_##change},
#define AS_PLACE(type, ...) AT_##type,
#define AS_CASE(type, ...)                                                                         \
    case type:                                                                                     \
        return &rows[AT_##type];

static const struct schema_row rows[] = {ROWS(AS_ROW)};

enum { ROWS(AS_PLACE) };

/* A switch, since each attribute that a host asks for passes through here. */
const struct schema_row *schema_find(CK_ATTRIBUTE_TYPE type)
{
    switch (type) {
        ROWS(AS_CASE)
    default:
        return NULL;
    }
}

const char *schema_flag_name(uint32_t flags)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].form == SCHEMA_FLAG && rows[i].place != SCHEMA_NOWHERE &&
            (flags & OBJECT_BIT(rows[i].place)) != 0)
            return rows[i].name;
    return "";
}

bool schema_allows(const struct schema_row *row, enum object_kind kind, enum schema_use use)
{
    if (use == SCHEMA_DERIVE)
        use = SCHEMA_GENERATE;
    return row != NULL && (row->uses[use] & 1u << kind) != 0;
}

static CK_RV check_form(const struct schema_row *row, const CK_ATTRIBUTE *attribute)
{
    CK_BBOOL flag = CK_FALSE;
    CK_ULONG number;
    CK_RV rv = CKR_OK;

    switch (row->form) {
    case SCHEMA_FLAG:
        rv = attribute_bool(attribute, &flag);
        if (rv == CKR_OK && row->change == SCHEMA_FALSE && flag)
            rv = CKR_ATTRIBUTE_VALUE_INVALID;
        break;
    case SCHEMA_ULONG:
        rv = attribute_ulong(attribute, &number);
        break;
    case SCHEMA_DATE:
        rv = attribute_date(attribute);
        break;
    case SCHEMA_MECHANISMS:
        if (attribute->ulValueLen % sizeof(CK_MECHANISM_TYPE) != 0)
            rv = CKR_ATTRIBUTE_VALUE_INVALID;
        break;
    case SCHEMA_BYTES:
        break;
    }
    return rv;
}

static CK_RV check_one(enum object_kind kind, enum schema_use use, const CK_ATTRIBUTE *attribute)
{
    const struct schema_row *row = schema_find(attribute->type);
    CK_RV rv;

    if (schema_allows(row, kind, use))
        rv = check_form(row, attribute);
    else
        rv = schema_allows(row, kind, SCHEMA_READ) ? CKR_ATTRIBUTE_READ_ONLY
                                                   : CKR_ATTRIBUTE_TYPE_INVALID;
    if (rv != CKR_OK)
        store_log(STORE_LOG_INFO, "pkcs11: attribute %s (0x%lx) in the template: %s",
                  row == NULL ? "?" : row->name, attribute->type,
                  rv == CKR_ATTRIBUTE_READ_ONLY      ? "this call does not accept it"
                  : rv == CKR_ATTRIBUTE_TYPE_INVALID ? "objects of this class do not have it"
                                                     : "its value has the wrong length or form");
    return rv;
}

/* Checks that the template has every required attribute. */
static CK_RV check_required(enum object_kind kind, enum schema_use use,
                            const CK_ATTRIBUTE *template, CK_ULONG count)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned must = use == SCHEMA_CREATE     ? rows[i].must_create
                        : use == SCHEMA_GENERATE ? rows[i].must_generate
                                                 : NONE;
        if ((must & 1u << kind) == 0 || template_find(template, count, rows[i].type) != NULL)
            continue;
        store_log(STORE_LOG_INFO, "pkcs11: the template lacks %s; add it", rows[i].name);
        return CKR_TEMPLATE_INCOMPLETE;
    }
    return CKR_OK;
}

CK_RV schema_check(enum object_kind kind, enum schema_use use, const CK_ATTRIBUTE *template,
                   CK_ULONG count)
{
    CK_RV rv = CKR_OK;

    for (CK_ULONG i = 0; rv == CKR_OK && i < count; i++)
        rv = check_one(kind, use, &template[i]);
    return rv == CKR_OK ? check_required(kind, use, template, count) : rv;
}

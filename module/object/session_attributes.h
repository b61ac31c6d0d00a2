/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_SESSION_ATTRIBUTES_H
#define MODULE_OBJECT_SESSION_ATTRIBUTES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "module/cryptoki.h"
#include "store/secret.h"
#include "store/version.h"

struct pki;

/*
 * The attributes that a template gives: those of a session object. An object of the token has its
 * attributes from the store, so for it this exists only while a template is compared with the
 * store's.
 *
 * It never changes once an object has it: a change makes another one, so that the holder of a
 * reference reads without a lock.
 */

/* A CK_BBOOL attribute, as a bit. */
enum object_flag {
    OBJECT_PRIVATE,
    OBJECT_MODIFIABLE,
    OBJECT_COPYABLE,
    OBJECT_DESTROYABLE,
    OBJECT_SENSITIVE,
    OBJECT_EXTRACTABLE,
    OBJECT_ALWAYS_SENSITIVE,
    OBJECT_NEVER_EXTRACTABLE,
    OBJECT_LOCAL,
    OBJECT_DERIVE,
    OBJECT_ENCRYPT,
    OBJECT_DECRYPT,
    OBJECT_SIGN,
    OBJECT_VERIFY,
    OBJECT_WRAP,
    OBJECT_UNWRAP,
    OBJECT_WRAP_WITH_TRUSTED,
    OBJECT_TRUSTED,
    OBJECT_ALWAYS_AUTHENTICATE,
};

#define OBJECT_BIT(flag) (UINT32_C(1) << (flag))

/* The flags of a token key that the store does not keep: they hold in the process that made the
 * key. */
#define OBJECT_KEPT                                                                                \
    (OBJECT_BIT(OBJECT_SENSITIVE) | OBJECT_BIT(OBJECT_DERIVE) | OBJECT_BIT(OBJECT_ENCRYPT) |       \
     OBJECT_BIT(OBJECT_DECRYPT) | OBJECT_BIT(OBJECT_WRAP) | OBJECT_BIT(OBJECT_UNWRAP) |            \
     OBJECT_BIT(OBJECT_WRAP_WITH_TRUSTED))

/* The default flags of data, a session key, a session's public and private key and a token key. */
#define OBJECT_DATA_FLAGS                                                                          \
    (OBJECT_BIT(OBJECT_PRIVATE) | OBJECT_BIT(OBJECT_MODIFIABLE) | OBJECT_BIT(OBJECT_COPYABLE) |    \
     OBJECT_BIT(OBJECT_DESTROYABLE))
#define OBJECT_SESSION_KEY_FLAGS                                                                   \
    (OBJECT_DATA_FLAGS | OBJECT_BIT(OBJECT_EXTRACTABLE) | OBJECT_BIT(OBJECT_SIGN) |                \
     OBJECT_BIT(OBJECT_VERIFY))
#define OBJECT_SESSION_PUBLIC_FLAGS                                                                \
    (OBJECT_BIT(OBJECT_MODIFIABLE) | OBJECT_BIT(OBJECT_COPYABLE) |                                 \
     OBJECT_BIT(OBJECT_DESTROYABLE) | OBJECT_BIT(OBJECT_VERIFY))
#define OBJECT_SESSION_PRIVATE_FLAGS                                                               \
    (OBJECT_DATA_FLAGS | OBJECT_BIT(OBJECT_SENSITIVE) | OBJECT_BIT(OBJECT_SIGN))
#define OBJECT_TOKEN_KEY_FLAGS                                                                     \
    (OBJECT_BIT(OBJECT_PRIVATE) | OBJECT_BIT(OBJECT_SENSITIVE) | OBJECT_BIT(OBJECT_SIGN) |         \
     OBJECT_BIT(OBJECT_VERIFY))

/* CKA_APPLICATION of every secret. */
#define OBJECT_APPLICATION_TEXT "sideseat"

/* An attribute of bytes. */
enum object_text {
    OBJECT_LABEL,
    OBJECT_APPLICATION,
    OBJECT_OBJECT_ID,
    OBJECT_ID,
    OBJECT_START_DATE,
    OBJECT_END_DATE,
    OBJECT_SUBJECT,
    OBJECT_ALLOWED, /* CKA_ALLOWED_MECHANISMS; valid if `limited` */
    OBJECT_TEXTS,
};

struct session_attributes {
    atomic_uint references;    /* for one on the heap */
    CK_SESSION_HANDLE session; /* the owner of the object */
    uint32_t flags;
    bool limited; /* true: only the mechanisms of OBJECT_ALLOWED; else those of its type */
    CK_KEY_TYPE key_type;
    CK_MECHANISM_TYPE key_gen_mechanism;
    struct pki *pki;              /* of a session's key pair: the public half */
    struct store_version version; /* of an OBJECT_VERSION */
    bool destroyed_by_remove;     /* the same: C_DestroyObject on the secret destroys the version */
    struct store_secret texts[OBJECT_TEXTS];
};

/* Wipes the texts at the end of the scope: AUTO_OWN own = {0}; */
#define AUTO_OWN __attribute__((cleanup(session_attributes_clear))) struct session_attributes

/* Make one on the heap, with these flags or as a copy; NULL if memory is short. */
struct session_attributes *session_attributes_new(uint32_t flags);
struct session_attributes *session_attributes_copy(const struct session_attributes *own);

/* Add and drop a reference. Both accept NULL. */
struct session_attributes *session_attributes_share(struct session_attributes *own);
void session_attributes_free(struct session_attributes *own);

void session_attributes_clear(struct session_attributes *own);

bool session_attributes_has(const struct session_attributes *own, enum object_flag flag);

/* True if CKA_ALLOWED_MECHANISMS permits the mechanism. */
bool session_attributes_allows(const struct session_attributes *own, CK_MECHANISM_TYPE mechanism);

/* Checks that the key may do the flag's work with the mechanism. CKR_KEY_FUNCTION_NOT_PERMITTED
 * without the flag, CKR_MECHANISM_INVALID if CKA_ALLOWED_MECHANISMS says otherwise. */
CK_RV session_attributes_permit(const struct session_attributes *own, enum object_flag flag,
                                CK_MECHANISM_TYPE mechanism);

#endif

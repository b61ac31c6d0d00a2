/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_MECHANISM_H
#define MODULE_MECHANISM_H

#include <stdbool.h>

#include "module/cryptoki.h"

/* The mechanisms: SHA-2 and SHA-3 digests, HMACs of SHA-2, and the generation of an HMAC key; and
 * on a token to which the configuration gives key pairs, those of key pairs that it permits, and
 * AES; on one to which it gives AES keys, AES. A program that finds a mechanism may try to use it
 * with keys of its own, so a token without these does not offer them.
 */

/* Key lengths in bytes. An HMAC takes a key of any length; the upper bound rejects a value that
 * is clearly not a key. A new key is at least as long as the weakest digest's security level. */
#define MECHANISM_HMAC_KEY_MIN 1
#define MECHANISM_HMAC_KEY_MAX 4096
#define MECHANISM_NEW_KEY_MIN 16
#define MECHANISM_NEW_KEY_MAX 512

/* The most bytes of data or random numbers in one call. Longer data comes in parts, and the
 * bound rejects a bogus length such as -1. */
#define MECHANISM_DATA_MAX ((CK_ULONG)1024 * 1024 * 1024)

/* True for the lengths of AES keys, in bytes. */
static inline bool mechanism_is_aes_length(size_t len)
{
    return len == 16 || len == 24 || len == 32;
}

/* True for generic secrets, AES, and the key types of the HMACs offered here. */
bool mechanism_has_key_type(CK_KEY_TYPE type);

/* True if the HMAC mechanism accepts keys of this type; every one accepts a generic secret. */
bool mechanism_fits_key(CK_MECHANISM_TYPE mechanism, CK_KEY_TYPE type);

/* Gives the mechanisms that use a secret key of this type, and returns their number. */
#define MECHANISM_OF_KEY_MAX 16
size_t mechanism_of_key(CK_KEY_TYPE type, CK_MECHANISM_TYPE out[MECHANISM_OF_KEY_MAX]);

/* C_GetMechanismList (PKCS#11 3.0, 5.5.5), for a token whose key pairs may do `usage`, as
 * STORE_USAGE_… bits, and that has AES with STORE_USAGE_ENCRYPT; 0: it has neither. */
CK_RV mechanism_list(unsigned usage, CK_MECHANISM_TYPE *list, CK_ULONG *count);

/* C_GetMechanismInfo (5.5.6). */
CK_RV mechanism_info(unsigned usage, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info);

/* Its name, such as "CKM_RSA_PKCS_PSS"; "CKM_?" for one that the module does not have. */
const char *mechanism_name(CK_MECHANISM_TYPE type);

#endif

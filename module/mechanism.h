/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_MECHANISM_H
#define MODULE_MECHANISM_H

#include <stdbool.h>

#include "module/cryptoki.h"

/* The mechanisms that every token has, and that work: SHA-2 digests, their HMACs, and making an
 * HMAC key. */

/* Key lengths in bytes. An HMAC takes any key; the upper bound keeps a mistaken value from being
 * used as one. A new key is no shorter than what a digest of ours has as its security level. */
#define MECHANISM_HMAC_KEY_MIN 1
#define MECHANISM_HMAC_KEY_MAX 4096
#define MECHANISM_NEW_KEY_MIN 16
#define MECHANISM_NEW_KEY_MAX 512

/* Bytes of data, or of random numbers, in one call: what is longer comes in parts, and a length
 * that was never one, such as -1, is not followed. */
#define MECHANISM_DATA_MAX ((CK_ULONG)1024 * 1024 * 1024)

/* Whether there are keys of this type: generic secrets, and those of the HMACs that there are. */
bool mechanism_has_key_type(CK_KEY_TYPE type);

/* Whether an HMAC mechanism works with keys of this type: a generic secret does with each. */
bool mechanism_fits_key(CK_MECHANISM_TYPE mechanism, CK_KEY_TYPE type);

/* C_GetMechanismList (PKCS#11 3.0, 5.5.6). */
CK_RV mechanism_list(CK_MECHANISM_TYPE *list, CK_ULONG *count);

/* C_GetMechanismInfo (5.5.7). */
CK_RV mechanism_info(CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_ECDSA_H
#define TOOLS_SIDESEAT_SECRETS_ECDSA_H

#include <stddef.h>

#include "store/err.h"
#include "store/secret.h"

/* The two forms of an ECDSA signature: r and s one after the other, each `field` bytes long, as
 * PKCS#11 and JWS have it, and Ecdsa-Sig-Value in DER (RFC 3279, section 2.2.3), as X.509 has it.
 */

/* Why this build has one form only; NULL: it has both. */
extern const char *const ecdsa_missing;

/* Replaces `out` by the other form. CORRUPT if it is none. */
enum store_err ecdsa_to_der(const struct store_secret *raw, struct store_secret *out) STORE_CHECKED;
enum store_err ecdsa_from_der(const struct store_secret *der, size_t field,
                              struct store_secret *out) STORE_CHECKED;

#endif

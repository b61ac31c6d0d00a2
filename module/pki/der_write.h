/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_DER_WRITE_H
#define MODULE_PKI_DER_WRITE_H

#include "module/pki/der.h"
#include "store/secret.h"

/* Elements of DER in memory for secrets. NO_MEMORY. */

/* Appends an element of one tag and these bytes. */
enum store_err der_append(struct store_secret *out, unsigned tag, struct der content) STORE_CHECKED;

/* Makes the bytes so far the content of an element. */
enum store_err der_wrap(struct store_secret *content, unsigned tag) STORE_CHECKED;

#endif

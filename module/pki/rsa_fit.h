/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_RSA_FIT_H
#define MODULE_PKI_RSA_FIT_H

#include <stdbool.h>

#include "module/pki/evp.h"
#include "module/pki/private.h"

/* True if the numbers of an RSA key belong together: a signature with others may be wrong, or give
 * a prime away. Does not test the primes. A missing number (NULL) fits none. Takes the same time
 * for every valid key of one length. */
bool rsa_fit(const struct evp *evp, BIGNUM *const numbers[RSA_NUMBERS]);

#endif

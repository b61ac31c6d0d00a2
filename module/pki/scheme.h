/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_SCHEME_H
#define MODULE_PKI_SCHEME_H

#include "module/cryptoki.h"
#include "module/pki/keypair.h"

/* The mechanisms of private and public keys, as rows of one table. */

struct scheme {
    CK_MECHANISM_TYPE type;
    CK_KEY_TYPE key_type;
    enum keypair_padding padding;
    CK_MECHANISM_TYPE digest; /* hashes the data first; 0: the host has done so */
    bool decrypts;            /* it decrypts, and neither signs nor verifies */
};

#define SCHEMES_MAX 40

/* Row `index`, NULL past the last; and the row of a mechanism, NULL if there is none. */
const struct scheme *scheme_at(size_t index);
const struct scheme *scheme_find(CK_MECHANISM_TYPE type);

/* The mechanisms for keys of this type that sign, or decrypt; returns their number. */
size_t scheme_types_of(CK_KEY_TYPE type, bool decrypts, CK_MECHANISM_TYPE out[SCHEMES_MAX]);

/* CKK_RSA, CKK_EC or CKK_EC_EDWARDS. */
CK_KEY_TYPE scheme_key_type(enum pki_type type);

/* The bounds of the keys' sizes in bits, and the flags, for C_GetMechanismInfo. */
void scheme_info(const struct scheme *scheme, CK_MECHANISM_INFO *info);

/* Parses a mechanism's parameter and gives the form in which a key signs or decrypts. `*data_len`
 * gets the only length of the data to sign that is right, 0 if there are several.
 * CKR_MECHANISM_PARAM_INVALID. */
CK_RV scheme_form(const struct scheme *scheme, const CK_MECHANISM *mechanism,
                  struct keypair_form *form, size_t *data_len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_SCHEME_H
#define MODULE_PKI_SCHEME_H

#include "module/cryptoki.h"
#include "module/pki/keypair.h"
#include "store/conf.h"

/* The mechanisms of private and public keys, as rows of one table. */

/* The works of a scheme. One mechanism may have a row for each. */
enum scheme_work {
    SCHEME_SIGN, /* and verify */
    SCHEME_DECRYPT,
    SCHEME_DERIVE, /* here `padding` has no meaning */
};

struct scheme {
    CK_MECHANISM_TYPE type;
    CK_KEY_TYPE key_type;
    enum keypair_padding padding;
    CK_MECHANISM_TYPE digest; /* hashes the data first; 0: the host has done so */
    enum scheme_work work;
    unsigned usage; /* the bit of STORE_USAGE_… that permits it */
};

#define SCHEMES_MAX 40

/* The row of a mechanism; NULL if there is none that does the work. Not for SCHEME_DERIVE, where
 * one mechanism has rows for several types of key. */
const struct scheme *scheme_find(CK_MECHANISM_TYPE type, enum scheme_work work);

/* True if keys of this type, with this usage, can do the work. */
bool scheme_exists(CK_KEY_TYPE type, enum scheme_work work, unsigned usage);

/* The mechanisms that some usage permits: all; or those of the private, or public, keys of a type.
 * Return their number. */
size_t scheme_types(unsigned usage, CK_MECHANISM_TYPE out[SCHEMES_MAX]);
size_t scheme_types_of(CK_KEY_TYPE type, bool public, unsigned usage,
                       CK_MECHANISM_TYPE out[SCHEMES_MAX]);

/* CKK_RSA, CKK_EC, CKK_EC_EDWARDS or CKK_EC_MONTGOMERY. */
CK_KEY_TYPE scheme_key_type(enum pki_type type);

/* The bounds of the keys' sizes in bits, and the flags of what the usage permits, for
 * C_GetMechanismInfo. False if that is nothing. */
bool scheme_info(CK_MECHANISM_TYPE type, unsigned usage, CK_MECHANISM_INFO *info);

/* Parses a mechanism's parameter and gives the form in which a key signs or decrypts. `*data_len`
 * gets the only length of the data to sign that is right, 0 if there are several.
 * CKR_MECHANISM_PARAM_INVALID. */
CK_RV scheme_form(const struct scheme *scheme, const CK_MECHANISM *mechanism,
                  struct keypair_form *form, size_t *data_len);

/* True unless the form asks for a longer salt than fits beside a hash of `data_len` bytes into a
 * signature by an RSA key of `bits`. */
bool scheme_fits_key(const struct keypair_form *form, size_t data_len, size_t bits);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONFORMANCE_PAIR_H
#define TESTS_CONFORMANCE_PAIR_H

#include "tests/conformance/conformance.h"

/* Shared by the chapters about key pairs: secrets with key pairs, as pkcs11.keys names them. */

/* The keys that are visible without a login and may sign, and their properties. */
struct pair {
    const char *label;
    CK_KEY_TYPE type;
    CK_ULONG signature_len;
};
#define PAIRS 7
extern const struct pair pairs[PAIRS];

/* For each test; the session is writable if the backend is. */
int with_pairs(void **state);
int without_pairs(void **state);
#define paired(test) cmocka_unit_test_setup_teardown(test, with_pairs, without_pairs)
extern CK_SESSION_HANDLE pair_session;

/* CKA_EC_PARAMS: the object identifiers of curves. */
extern unsigned char pair_p256[10];
extern unsigned char pair_p384[7];
extern unsigned char pair_p521[7];
extern unsigned char pair_secp256k1[7];
extern unsigned char pair_ed25519[5];

/* The one object of the class with this label; 0 if there is none. */
CK_OBJECT_HANDLE pair_find(CK_OBJECT_CLASS class, const char *label);

#endif

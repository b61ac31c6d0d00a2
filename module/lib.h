/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_LIB_H
#define MODULE_LIB_H

#include <stddef.h>

#include "module/cryptoki.h"
#include "module/crypto.h"
#include "module/session/session.h"
#include "module/token.h"

/*
 * Everything between C_Initialize and C_Finalize. There is one, reached only through lib_enter,
 * which counts who is inside: C_Finalize takes the library away from newcomers and frees it when
 * the last call has left.
 *
 * In a forked child the library does not exist, whatever the parent was doing at that moment: the
 * pointer to it lies in memory that the kernel zeroes on fork. C_Initialize there makes a new one
 * and leaves the parent's untouched (its locks may be held, its descriptors are shared).
 */
struct lib {
    struct store_conf_set *conf;
    struct token *tokens; /* slot n is tokens[n - 1] */
    size_t token_count;
    struct session_table sessions;
    struct crypto crypto;
};

/* C_Initialize and C_Finalize (PKCS#11 3.0, 5.4). */
CK_RV lib_initialize(const CK_C_INITIALIZE_ARGS *args);
CK_RV lib_finalize(void);

/* The library, which stays until lib_leave; NULL if there is none. Each entry point enters once. */
struct lib *lib_enter(void);
void lib_leave(struct lib **lib); /* accepts a pointer to NULL */

/* Enters for the scope, or returns CKR_CRYPTOKI_NOT_INITIALIZED from the function. */
#define ENTER(lib)                                                                                 \
    __attribute__((cleanup(lib_leave))) struct lib *lib = lib_enter();                             \
    if (lib == NULL)                                                                               \
    return CKR_CRYPTOKI_NOT_INITIALIZED

/* The token in a slot; NULL if there is no such slot. */
struct token *lib_token(struct lib *lib, CK_SLOT_ID slot);

#endif

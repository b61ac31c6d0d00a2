/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_LIB_H
#define MODULE_LIB_H

#include <stddef.h>

#include "module/cryptoki.h"
#include "module/crypto.h"
#include "module/session/session.h"
#include "module/token.h"

/*
 * The library's state between C_Initialize and C_Finalize. A process has one, and only lib_enter
 * gives it out. lib_enter counts the calls inside: C_Finalize first hides the library from new
 * calls, then frees it after the last call has left.
 *
 * A forked child has no library, whatever the parent was doing at that moment: the kernel zeroes
 * the page that holds the pointer to it. C_Initialize in the child makes a new library and leaves
 * the parent's untouched (another thread may hold its locks, and both processes share its
 * descriptors).
 *
 * The locks, in the order in which a thread takes them. It may skip some, but never goes back up:
 *
 *     gate        C_Initialize and C_Finalize (lib.c); every other lock comes below
 *     sessions    session_table.lock, for opening and closing
 *     session     session.lock: the state of one session. Never below another session's
 *     token       token.lock: counts, made keys, and the opening of the store
 *     listings    listings.lock
 *     shard       object_shard.lock: the index of a token's objects. Never two at once
 *     object      object_table.locks: one object. Never two at once, for two may share one
 *     objects     object_table.lock: places, and session objects
 *     crypto      crypto.lock: the loading of libcrypto
 *
 * No lock is held while a store is called, except that token.lock is held while a store is opened,
 * which does not wait. The locks of a store, of the pool of secrets, of the audit and of the log
 * lie below all of these, and their code never calls back.
 */
struct lib {
    struct store_conf_set *conf;
    struct token *tokens; /* slot n is tokens[n - 1] */
    size_t token_count;
    struct session_table sessions;
    struct crypto crypto;
    struct store_audits audits; /* for the tokens */
};

/* C_Initialize and C_Finalize (PKCS#11 3.0, 5.4). */
CK_RV lib_initialize(const CK_C_INITIALIZE_ARGS *args);
CK_RV lib_finalize(void);

/* Gives the library, which exists at least until lib_leave; NULL if there is none. Each entry
 * point calls this once. */
struct lib *lib_enter(void);
void lib_leave(struct lib **lib); /* accepts a pointer to NULL */

/* Enters the library for the scope, or makes the calling function return
 * CKR_CRYPTOKI_NOT_INITIALIZED. */
#define ENTER(lib)                                                                                 \
    __attribute__((cleanup(lib_leave))) struct lib *lib = lib_enter();                             \
    if (lib == NULL)                                                                               \
    return CKR_CRYPTOKI_NOT_INITIALIZED

/* The token in a slot; NULL if there is no such slot. */
struct token *lib_token(struct lib *lib, CK_SLOT_ID slot);

#endif

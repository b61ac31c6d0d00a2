/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_ENTRY_H
#define MODULE_ENTRY_H

#include "module/cryptoki.h"
#include "module/lib.h"

/*
 * The entry points: each enters the library, calls the one function that does the work, and leaves
 * by LEAVE, which logs a failure. Nothing else is to be found in the entry_*.c files.
 */

/* Logs, at debug level, what a function failed with. */
void entry_failed(const char *function, CK_RV rv);

static inline CK_RV entry_result(const char *function, CK_RV rv)
{
    if (rv != CKR_OK)
        entry_failed(function, rv);
    return rv;
}

#define LEAVE(rv) return entry_result(__func__, rv)

/* Enters, and finds the session that the call is made in. */
#define ENTER_SESSION(lib, caller, handle)                                                         \
    struct caller caller;                                                                          \
    ENTER(lib);                                                                                    \
    if (!session_find(&(lib)->sessions, handle, &(caller)))                                        \
    LEAVE(CKR_SESSION_HANDLE_INVALID)

#endif

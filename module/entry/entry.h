/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_ENTRY_ENTRY_H
#define MODULE_ENTRY_ENTRY_H

#include "module/cryptoki.h"
#include "module/lib.h"

/*
 * The entry points: each enters the library, calls the one function that does the work, and leaves
 * through LEAVE, which logs a failure. The files in entry/ do nothing else.
 */

/* Logs a function's error at debug level. */
void entry_failed(const char *function, CK_RV rv);

static inline CK_RV entry_result(const char *function, CK_RV rv)
{
    if (rv != CKR_OK)
        entry_failed(function, rv);
    return rv;
}

#define LEAVE(rv) return entry_result(__func__, rv)

/* Enters the library and finds the session of the call. */
#define ENTER_SESSION(lib, caller, handle)                                                         \
    struct caller caller;                                                                          \
    ENTER(lib);                                                                                    \
    if (!session_find(&(lib)->sessions, handle, &(caller)))                                        \
    LEAVE(CKR_SESSION_HANDLE_INVALID)

#endif

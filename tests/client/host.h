/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CLIENT_HOST_H
#define TESTS_CLIENT_HOST_H

#include "module/cryptoki.h"

/* For hosts that end at the first failure. */

/* Ends the program, and prints the call, unless it has answered CKR_OK. */
void check(CK_RV rv, const char *call);

/* Loads a module that is not initialized yet. */
CK_FUNCTION_LIST *load(const char *module);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_ARGUMENTS_H
#define MODULE_ARGUMENTS_H

#include "module/cryptoki.h"

/*
 * Copies the string that a host passes in CK_C_INITIALIZE_ARGS.pReserved. The standard wants NULL
 * there, p11-kit and NSS pass a string, and another host may pass anything: the module follows the
 * pointer only after the kernel has found the memory readable.
 *
 * CKR_ARGUMENTS_BAD, with a line in the log, unless it points to at most 16 KiB of NUL-terminated
 * UTF-8 text without control characters other than white space. The caller frees `*out`.
 */
CK_RV arguments_copy(const void *reserved, char **out);

#endif

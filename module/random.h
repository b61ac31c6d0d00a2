/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_RANDOM_H
#define MODULE_RANDOM_H

#include <stddef.h>

#include "module/cryptoki.h"

/* Fills `len` bytes with random numbers from the kernel. CKR_FUNCTION_FAILED, with a line in the
 * log, early in a boot, while the kernel has none yet. Any thread. */
CK_RV random_fill(unsigned char *bytes, size_t len);

#endif

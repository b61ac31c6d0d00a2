/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_PADDED_H
#define MODULE_OBJECT_PADDED_H

#include <stddef.h>

/* Fills `size` bytes with `text` and blanks, without a NUL, as CK_INFO and its like want their
 * strings (PKCS#11 3.0, 3.1). Text that is too long is cut between two UTF-8 characters. */
void padded_copy(unsigned char *out, size_t size, const char *text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/padded.h"

#include <string.h>

void padded_copy(unsigned char *out, size_t size, const char *text)
{
    size_t len = strlen(text);

    if (len > size)
        for (len = size; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
            len--;
    memset(out, ' ', size);
    memcpy(out, text, len);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/label.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "store/utf8.h"

/* Copies `text` with '?' for each byte of a character that `shown` refuses, and for each byte that
 * is not part of a character. */
static void copy_shown(const char *text, char out[LABEL_SIZE], bool (*shown)(uint32_t code))
{
    size_t len = strnlen(text, LABEL_SIZE - 1);
    size_t n;

    memcpy(out, text, len);
    out[len] = '\0';
    for (size_t i = 0; i < len; i += n) {
        uint32_t code = 0;
        n = store_utf8_decode((const unsigned char *)text + i, len - i, &code);
        if (n > 0 && shown(code))
            continue;
        n = n == 0 ? 1 : n;
        memset(out + i, '?', n);
    }
}

static bool is_not_control(uint32_t code)
{
    return code >= 0x20 && !(code >= 0x7f && code < 0xa0);
}

void label_for_terminal(const char *text, char out[LABEL_SIZE])
{
    copy_shown(text, out, store_utf8_shown);
}

void label_for_output(const char *text, char out[LABEL_SIZE])
{
    copy_shown(text, out, isatty(STDOUT_FILENO) ? store_utf8_shown : is_not_control);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "module/arguments.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "platform/peek.h"
#include "store/log.h"
#include "store/secret.h"
#include "store/utf8.h"

#define ARGUMENTS_MAX ((size_t)16 * 1024)

/* Each step reads at most this much and never crosses a multiple of it. A page is at least that
 * large, so a string near the end of a page never makes the module touch the next one. */
#define STEP ((size_t)4096)

/* Copies the string at `from`, with its NUL, to `text`; false if it is not readable or does not
 * end. */
static bool copy_string(const struct platform_peek *peek, const char *from, char *text, size_t size)
{
    size_t len = 0;

    while (len < size) {
        size_t step = STEP - (size_t)((uintptr_t)(from + len) % STEP);
        size_t n;

        if (step > size - len)
            step = size - len;
        n = platform_peek(peek, from + len, text + len, step);
        if (n == 0)
            return false;
        if (memchr(text + len, '\0', n) != NULL)
            return true;
        len += n;
    }
    return false;
}

/* True for UTF-8 without control characters. conf/ judges the words in it. */
static bool is_text(const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++)
        if (((unsigned char)text[i] < 0x20 && strchr("\t\n\r", text[i]) == NULL) || text[i] == 0x7f)
            return false;
    return store_utf8_valid(text, len);
}

CK_RV arguments_copy(const void *reserved, char **out)
{
    struct platform_peek peek;
    char *text;
    bool good;

    if (!platform_peek_begin(&peek)) {
        store_log(STORE_LOG_ERROR, "pkcs11: cannot make a pipe: %s", strerror(errno));
        return CKR_HOST_MEMORY;
    }
    text = malloc(ARGUMENTS_MAX + 1);
    good = text != NULL && copy_string(&peek, reserved, text, ARGUMENTS_MAX + 1);
    platform_peek_end(&peek);
    if (text == NULL)
        return CKR_HOST_MEMORY;
    if (!good || !is_text(text)) {
        store_wipe(text, ARGUMENTS_MAX + 1); /* it may be a mistyped token */
        free(text);
        store_log(STORE_LOG_ERROR, "pkcs11: C_Initialize: pReserved is neither NULL nor a text of "
                                   "key=value words; pass NULL and use SIDESEAT_CONFIG instead");
        return CKR_ARGUMENTS_BAD;
    }
    *out = text;
    return CKR_OK;
}

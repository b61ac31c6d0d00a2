/* SPDX-License-Identifier: Apache-2.0 */
#include "store/line_shape.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* True if a word of a line contains a key. */
static bool has_key(const char *word, size_t len)
{
    static const char *const scopes[] = {"global/", "org/", "project/", "user/"};

    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++)
        if (memmem(word, len, scopes[i], strlen(scopes[i])) != NULL)
            return true;
    return false;
}

/* A hash (FNV-1a) of the line without the words that contain keys. */
uint64_t store_line_shape(const char *text)
{
    uint64_t shape = UINT64_C(0xcbf29ce484222325);

    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        bool key = has_key(text, len);

        len += text[len] == ' ';
        for (size_t i = 0; i < len && !key; i++)
            shape = (shape ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
        shape = (shape ^ key) * UINT64_C(0x100000001b3);
        text += len;
    }
    return shape;
}

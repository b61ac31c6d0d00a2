/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include <string.h>

static bool unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

enum store_err aws_form_add(struct store_secret *form, const char *name, const void *value,
                            size_t len)
{
    static const char digits[] = "0123456789ABCDEF";
    const unsigned char *bytes = value;

    if (form->len > 0)
        TRY(store_secret_append(form, "&", 1));
    TRY(store_secret_append(form, name, strlen(name)));
    TRY(store_secret_append(form, "=", 1));
    for (size_t i = 0; i < len; i++) {
        char coded[3] = {'%', digits[bytes[i] >> 4], digits[bytes[i] & 15]};
        bool plain = unreserved(bytes[i]);

        TRY(store_secret_append(form, plain ? (const char *)bytes + i : coded, plain ? 1 : 3));
    }
    return STORE_OK;
}

enum store_err aws_form_add_text(struct store_secret *form, const char *name, const char *value)
{
    return aws_form_add(form, name, value, strlen(value));
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/exchange.h"

#include <string.h>

#include "backends/http/http.h"

enum store_err aws_form_add(struct store_secret *form, const char *name, const void *value,
                            size_t len)
{
    const unsigned char *bytes = value;

    if (form->len > 0)
        TRY(store_secret_append(form, "&", 1));
    TRY(store_secret_append(form, name, strlen(name)));
    TRY(store_secret_append(form, "=", 1));
    for (size_t i = 0; i < len; i++) {
        char escaped[4];
        size_t escaped_len = http_escape(bytes[i], escaped);

        TRY(store_secret_append(form, escaped, escaped_len));
    }
    return STORE_OK;
}

enum store_err aws_form_add_text(struct store_secret *form, const char *name, const char *value)
{
    return aws_form_add(form, name, value, strlen(value));
}

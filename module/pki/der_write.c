/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/der_write.h"

enum store_err der_append(struct store_secret *out, unsigned tag, struct der content)
{
    unsigned char header[DER_HEADER_MAX];

    TRY(store_secret_append(out, header, der_header(header, tag, content.len)));
    return store_secret_append(out, content.data, content.len);
}

enum store_err der_wrap(struct store_secret *content, unsigned tag)
{
    AUTO_SECRET whole = {0};

    TRY(der_append(&whole, tag, (struct der){content->data, content->len}));
    store_secret_move(content, &whole);
    return STORE_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/pem.h>

#include "tools/sideseat-secrets/public_key.h"

enum store_err public_key_pem(const struct public_key *key, struct store_secret *out)
{
    BIO *text = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    long len = 0;
    enum store_err err = STORE_NO_MEMORY;

    if (text != NULL &&
        PEM_write_bio(text, PEM_STRING_PUBLIC, "", key->info.data, (long)key->info.len) > 0 &&
        (len = BIO_get_mem_data(text, &bytes)) > 0)
        err = store_secret_set(out, bytes, (size_t)len);
    BIO_free(text);
    return err;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/pem.h"

#include <stdio.h>

#include <openssl/pem.h>

#include "tests/bench/measure.h"

EVP_PKEY *pem_read(const char *path)
{
    FILE *file = fopen(path, "r");
    EVP_PKEY *pkey = file == NULL ? NULL : PEM_read_PrivateKey(file, NULL, NULL, NULL);

    if (pkey == NULL)
        measure_fail("%s is not a key", path);
    fclose(file);
    return pkey;
}

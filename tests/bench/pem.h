/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_PEM_H
#define TESTS_BENCH_PEM_H

#include <openssl/evp.h>

/* Reads the private key in a file; ends the process if there is none. The caller frees it. */
EVP_PKEY *pem_read(const char *path);

#endif

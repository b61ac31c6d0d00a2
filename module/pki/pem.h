/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_PEM_H
#define MODULE_PKI_PEM_H

#include <stdbool.h>

#include "module/pki/der.h"
#include "store/secret.h"

/* A block of PEM (RFC 7468). */
struct pem_block {
    size_t start;            /* where it begins, in bytes of the text */
    char label[32];          /* "PRIVATE KEY"; cut off if longer */
    bool has_headers;        /* lines such as "Proc-Type: 4,ENCRYPTED" (RFC 1421) */
    struct store_secret der; /* the decoded bytes */
};

/* Drops the bytes. A zeroed block holds none. */
void pem_block_drop(struct pem_block *block);

#define AUTO_PEM __attribute__((cleanup(pem_block_drop))) struct pem_block

/* Reads the next block from `*at` on, in bytes, and moves `*at` past its end, with the rest of a
 * last line that is empty. Blanks may stand for line breaks; other text has no meaning, "-----BEGIN
 * LABEL-----" in a sentence included. NOT_FOUND if there is none left, NO_MEMORY. CORRUPT if its
 * first line has nothing else, and no end or other characters than base64's follow: `out` has its
 * start and label, and `*at` is past that line. */
enum store_err pem_next(const struct store_secret *value, size_t *at,
                        struct pem_block *out) STORE_CHECKED;

/* Writes the bytes as a block, in lines of 64 characters. NO_MEMORY. */
enum store_err pem_write(const char *label, struct der bytes,
                         struct store_secret *out) STORE_CHECKED;

#endif

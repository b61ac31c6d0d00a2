/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_PEM_H
#define MODULE_PKI_PEM_H

#include <stdbool.h>

#include "module/pki/der.h"
#include "store/secret.h"

/* A block of PEM (RFC 7468). */
struct pem_block {
    size_t start;            /* where its first line begins, in bytes of the text */
    char label[32];          /* "PRIVATE KEY"; cut off if longer */
    bool has_headers;        /* lines such as "Proc-Type: 4,ENCRYPTED" (RFC 1421) */
    struct store_secret der; /* the decoded bytes */
};

/* Drops the bytes. A zeroed block holds none. */
void pem_block_drop(struct pem_block *block);

#define AUTO_PEM __attribute__((cleanup(pem_block_drop))) struct pem_block

/* Reads the next block from `*at` on, in bytes, and moves `*at` past its last line. It begins at a
 * line that has "-----BEGIN LABEL-----" and else at most blanks; other text has no meaning.
 * NOT_FOUND if there is none left, NO_MEMORY. CORRUPT for one without an end or with other
 * characters than base64's: `out` has its start and label, and `*at` is past its first line. */
enum store_err pem_next(const struct store_secret *text, size_t *at,
                        struct pem_block *out) STORE_CHECKED;

/* Writes the bytes as a block, in lines of 64 characters. NO_MEMORY. */
enum store_err pem_write(const char *label, struct der bytes,
                         struct store_secret *out) STORE_CHECKED;

#endif

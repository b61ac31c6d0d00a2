/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CREDENTIAL_MANAGER_COMMENT_H
#define BACKENDS_CREDENTIAL_MANAGER_COMMENT_H

#include <stddef.h>
#include <stdint.h>

#include "backends/credential-manager/target.h"

/* The comment of a secret's credential: all that is known of the secret but the value. People see
 * it, as "sideseat created=2026-11-28T12:00:00Z updated=… version=0123456789abcdef bytes=5".
 * Windows takes 256 characters. */
#define COMMENT_SIZE 257

struct comment {
    int64_t created_ns; /* 0: not known */
    int64_t updated_ns;
    char revision[TARGET_REVISION_SIZE]; /* "": this module did not write the credential */
    size_t bytes;                        /* the length of the value */
};

void comment_format(const struct comment *comment, char out[COMMENT_SIZE]);

/* A text that comment_format does not write gives an empty struct. */
void comment_parse(const char *text, struct comment *out);

#endif

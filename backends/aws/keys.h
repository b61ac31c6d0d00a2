/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_KEYS_H
#define BACKENDS_AWS_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/err.h"
#include "store/secret.h"

/* An access key ID is not a secret (every request carries it); IAM's have up to 128 characters. */
#define AWS_KEY_ID_SIZE 129

/* The keys that sign requests. Zero-initialized: none. One struct is used by one thread at a time,
 * as its secrets are. */
struct aws_keys {
    char id[AWS_KEY_ID_SIZE];
    struct store_secret secret;
    struct store_secret token; /* of the session; empty for long-term keys */
    int64_t expires_ns;        /* store/time.h; 0: never */
    bool extendable;           /* worth using after their end until there are newer ones (IMDS) */
    char source[96];           /* their source, for messages */
};

void aws_keys_clear(struct aws_keys *keys);

/* Replaces `out` by references to the secrets of `from`. */
void aws_keys_share(struct aws_keys *out, const struct aws_keys *from);

#define AUTO_KEYS __attribute__((cleanup(aws_keys_clear))) struct aws_keys

/* Copies an access key ID after checking that it may stand in a header: 1 to 128 characters of
 * A-Z a-z 0-9 and '_'-like punctuation without '/', ',' and blanks. AUTH, not logged, otherwise. */
enum store_err aws_keys_set_id(struct aws_keys *keys, const void *id, size_t len) STORE_CHECKED;

/* True if a secret key or session token has no blank, line break or other control character, which
 * would make it one that AWS does not know. An empty one is clean. */
bool aws_keys_clean(const struct store_secret *value);

#endif

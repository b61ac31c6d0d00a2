/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AWS_KEYS_H
#define AWS_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/err.h"
#include "store/secret.h"

/* An access key ID is no secret (it is sent with every request); IAM's are up to 128 characters. */
#define AWS_KEY_ID_SIZE 129

/* What requests are signed with. Zero-initialized: none. One struct is used by one thread at a
 * time, as its secrets are. */
struct aws_keys {
    char id[AWS_KEY_ID_SIZE];
    struct store_secret secret;
    struct store_secret token; /* of the session; empty for long-term keys */
    int64_t expires_ns;        /* store/time.h; 0: never */
    bool extendable;           /* worth using past the end while no newer can be had (IMDS) */
    char source[96];           /* where they are from, in words for people */
};

void aws_keys_clear(struct aws_keys *keys);

/* Takes references to the secrets of `from`; what `out` held is dropped. */
void aws_keys_share(struct aws_keys *out, const struct aws_keys *from);

#define AUTO_KEYS __attribute__((cleanup(aws_keys_clear))) struct aws_keys

/* Copies an access key ID after checking that it may stand in a header: 1 to 128 characters of
 * A-Z a-z 0-9 and '_'-like punctuation without '/', ',' and blanks. AUTH, not logged, otherwise. */
enum store_err aws_keys_set_id(struct aws_keys *keys, const void *id, size_t len) STORE_CHECKED;

/* Whether a secret key or session token can be one: it is sent, or signed with, byte for byte, so a
 * blank, a line break or another control character makes it one that AWS does not know. An empty
 * one is clean. */
bool aws_keys_clean(const struct store_secret *value);

#endif

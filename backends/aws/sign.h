/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_SIGN_H
#define BACKENDS_AWS_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "backends/aws/crypto.h"
#include "backends/aws/keys.h"

/*
 * Signature Version 4 (IAM user guide, "Create a signed AWS API request"), in the form that this
 * backend's requests need: a POST with a body, without a query.
 *
 * The canonical request is hashed piece by piece and never exists as a text, because the session
 * token is part of it.
 */

/* One header to be signed. Names are lower case; a value is bytes without CR and LF. */
struct aws_sign_header {
    const char *name;
    const void *value;
    size_t len;
};

#define AWS_SIGN_HEADERS 8 /* at most, `host`, `x-amz-date` and the token included */

struct aws_sign_request {
    const char *region;
    const char *service; /* the signing name: "secretsmanager", "sts" */
    const char *host;    /* as sent, with the port unless it is the scheme's own */
    const char *path;    /* absolute, of RFC 3986's unreserved characters and '/' */
    const struct aws_sign_header *headers; /* besides host, x-amz-date and x-amz-security-token */
    size_t header_count;
    const void *body;
    size_t body_len;
};

#define AWS_DATE_SIZE 17 /* "20260102T030405Z" with its NUL */
#define AWS_AUTHORIZATION_SIZE 640

struct aws_signature {
    char date[AWS_DATE_SIZE];                   /* to be sent as X-Amz-Date */
    char authorization[AWS_AUTHORIZATION_SIZE]; /* to be sent as Authorization */
};

/* Signs with `keys` for the time `now_ns` (store/time.h). If there is a session token it is signed
 * as x-amz-security-token and the caller sends it. FAILED, logged, if OpenSSL fails or there are
 * too many headers. Threads: any number at once. */
enum store_err aws_sign(const struct aws_crypto *crypto, const struct aws_sign_request *request,
                        const struct aws_keys *keys, int64_t now_ns,
                        struct aws_signature *out) STORE_CHECKED;

#endif

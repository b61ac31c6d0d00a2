/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/log.h"
#include "store/time.h"

#define NAMES_SIZE 200 /* all names of the signed headers, joined */
#define SCOPE_SIZE 160 /* date/region/service/aws4_request */

/* The headers of one request, complete and in order. */
struct signed_headers {
    struct aws_sign_header at[AWS_SIGN_HEADERS];
    size_t count;
    char names[NAMES_SIZE]; /* joined by ';' */
};

static bool sha256_hex(const struct aws_crypto *crypto, const void *data, size_t len,
                       char out[AWS_SHA256_HEX])
{
    __attribute__((cleanup(aws_digest_free))) struct aws_digest *digest = aws_digest_begin(crypto);
    unsigned char bytes[AWS_SHA256_SIZE];

    if (digest == NULL || !aws_digest_add(digest, data, len) || !aws_digest_end(digest, bytes))
        return false;
    aws_hex(bytes, sizeof bytes, out);
    return true;
}

static int header_compare(const void *a, const void *b)
{
    return strcmp(((const struct aws_sign_header *)a)->name,
                  ((const struct aws_sign_header *)b)->name);
}

static bool headers_collect(struct signed_headers *headers, const struct aws_sign_request *request,
                            const struct store_secret *token, const char *date)
{
    size_t used = 0;

    if (request->header_count > AWS_SIGN_HEADERS - 3)
        return false;
    for (size_t i = 0; i < request->header_count; i++)
        headers->at[headers->count++] = request->headers[i];
    headers->at[headers->count++] =
        (struct aws_sign_header){"host", request->host, strlen(request->host)};
    headers->at[headers->count++] = (struct aws_sign_header){"x-amz-date", date, strlen(date)};
    if (token->len > 0)
        headers->at[headers->count++] =
            (struct aws_sign_header){"x-amz-security-token", token->data, token->len};
    qsort(headers->at, headers->count, sizeof headers->at[0], header_compare);
    for (size_t i = 0; i < headers->count; i++) {
        int n = snprintf(headers->names + used, NAMES_SIZE - used, "%s%s", i > 0 ? ";" : "",
                         headers->at[i].name);

        if (n < 0 || (size_t)n >= NAMES_SIZE - used)
            return false;
        used += (size_t)n;
    }
    return true;
}

static bool digest_text(struct aws_digest *digest, const char *text)
{
    return aws_digest_add(digest, text, strlen(text));
}

static bool blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

/* Adds a value without the blanks at its ends, and with one for each run of blanks inside. */
static bool digest_value(struct aws_digest *digest, const unsigned char *value, size_t len)
{
    size_t i = 0;

    while (len > 0 && blank(value[len - 1]))
        len--;
    while (i < len && blank(value[i]))
        i++;
    while (i < len) {
        size_t start = i;

        while (i < len && !blank(value[i]))
            i++;
        if (!aws_digest_add(digest, value + start, i - start))
            return false;
        if (i < len && !aws_digest_add(digest, " ", 1))
            return false;
        while (i < len && blank(value[i]))
            i++;
    }
    return true;
}

/* The hash of the canonical request: method, path, query, headers, their names, the body's hash. */
static bool request_hash(const struct aws_crypto *crypto, const struct aws_sign_request *request,
                         const struct signed_headers *headers, char out[AWS_SHA256_HEX])
{
    __attribute__((cleanup(aws_digest_free))) struct aws_digest *digest = aws_digest_begin(crypto);
    unsigned char bytes[AWS_SHA256_SIZE];
    char body[AWS_SHA256_HEX];

    if (digest == NULL || !sha256_hex(crypto, request->body, request->body_len, body))
        return false;
    if (!digest_text(digest, "POST\n") || !digest_text(digest, request->path) ||
        !digest_text(digest, "\n\n"))
        return false;
    for (size_t i = 0; i < headers->count; i++) {
        const struct aws_sign_header *header = &headers->at[i];

        if (!digest_text(digest, header->name) || !digest_text(digest, ":") ||
            !digest_value(digest, header->value, header->len) || !digest_text(digest, "\n"))
            return false;
    }
    if (!digest_text(digest, "\n") || !digest_text(digest, headers->names) ||
        !digest_text(digest, "\n") || !digest_text(digest, body) || !aws_digest_end(digest, bytes))
        return false;
    aws_hex(bytes, sizeof bytes, out);
    return true;
}

/* Computes the HMAC with the key that is derived, step by step, from the secret access key. The
 * keys in between are as good as the secret for a day, so they are wiped. */
static bool signature_hex(const struct aws_crypto *crypto, const struct aws_sign_request *request,
                          const struct store_secret *secret, const char *date, const char *text,
                          char out[AWS_SHA256_HEX])
{
    unsigned char key[2][AWS_SHA256_SIZE];
    char day[9];
    AUTO_SECRET first = {0};
    bool ok;

    (void)snprintf(day, sizeof day, "%.8s", date);
    ok = store_secret_set(&first, "AWS4", 4) == STORE_OK &&
         store_secret_append(&first, secret->data, secret->len) == STORE_OK &&
         aws_hmac(crypto, first.data, first.len, day, key[0]) &&
         aws_hmac(crypto, key[0], AWS_SHA256_SIZE, request->region, key[1]) &&
         aws_hmac(crypto, key[1], AWS_SHA256_SIZE, request->service, key[0]) &&
         aws_hmac(crypto, key[0], AWS_SHA256_SIZE, "aws4_request", key[1]) &&
         aws_hmac(crypto, key[1], AWS_SHA256_SIZE, text, key[0]);
    if (ok)
        aws_hex(key[0], AWS_SHA256_SIZE, out);
    store_wipe(key, sizeof key);
    return ok;
}

static bool sign(const struct aws_crypto *crypto, const struct aws_sign_request *request,
                 const struct aws_keys *keys, int64_t now_ns, struct aws_signature *out)
{
    struct signed_headers headers = {0};
    char text[SCOPE_SIZE + AWS_SHA256_HEX + 64];
    char scope[SCOPE_SIZE];
    char hash[AWS_SHA256_HEX];
    char signature[AWS_SHA256_HEX];
    struct tm tm;
    int n;

    store_time_utc(now_ns, &tm);
    n = snprintf(out->date, sizeof out->date, "%04d%02d%02dT%02d%02d%02dZ", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (n < 0 || (size_t)n >= sizeof out->date)
        return false;
    n = snprintf(scope, sizeof scope, "%.8s/%s/%s/aws4_request", out->date, request->region,
                 request->service);
    if (n < 0 || (size_t)n >= sizeof scope ||
        !headers_collect(&headers, request, &keys->token, out->date) ||
        !request_hash(crypto, request, &headers, hash))
        return false;
    (void)snprintf(text, sizeof text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", out->date, scope, hash);
    if (!signature_hex(crypto, request, &keys->secret, out->date, text, signature))
        return false;
    n = snprintf(out->authorization, sizeof out->authorization,
                 "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s", keys->id,
                 scope, headers.names, signature);
    return n > 0 && (size_t)n < sizeof out->authorization;
}

enum store_err aws_sign(const struct aws_crypto *crypto, const struct aws_sign_request *request,
                        const struct aws_keys *keys, int64_t now_ns, struct aws_signature *out)
{
    if (sign(crypto, request, keys, now_ns, out))
        return STORE_OK;
    store_log(STORE_LOG_ERROR, "aws: a request for %s could not be signed", request->service);
    return STORE_FAILED;
}

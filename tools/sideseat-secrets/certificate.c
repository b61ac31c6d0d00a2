/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <string.h>

/* Certificates on their way from the file to the secret. */
struct parsing {
    const char *name;
    BIO *pem;
    struct certificates *out;
};

void certificates_drop(struct certificates *certificates)
{
    for (size_t i = 0; i < CERTIFICATES_MAX; i++)
        store_secret_wipe(&certificates->der[i]);
    store_secret_wipe(&certificates->pem);
    store_secret_wipe(&certificates->info);
}

static enum outcome fault(const struct parsing *parsing, const char *reason)
{
    outcome_print("%s %s", parsing->name, reason);
    return OUTCOME_USAGE;
}

static enum outcome keep_info(struct parsing *parsing, const X509 *certificate)
{
    unsigned char *bytes = NULL;
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &bytes);
    bool kept = len > 0 && store_secret_set(&parsing->out->info, bytes, (size_t)len) == STORE_OK;

    OPENSSL_free(bytes);
    return kept ? OUTCOME_OK : outcome_no_memory();
}

static enum outcome add(struct parsing *parsing, const unsigned char *der, long len)
{
    const unsigned char *at = der;
    X509 *certificate = d2i_X509(NULL, &at, len);
    enum outcome outcome = OUTCOME_OK;

    if (certificate == NULL || at != der + len)
        outcome = fault(parsing, "has a certificate that is damaged");
    else if (parsing->out->count == CERTIFICATES_MAX)
        outcome = fault(parsing, "has more than 10 certificates");
    else if (parsing->out->count == 0)
        outcome = keep_info(parsing, certificate);
    if (outcome == OUTCOME_OK &&
        (PEM_write_bio_X509(parsing->pem, certificate) != 1 ||
         store_secret_set(&parsing->out->der[parsing->out->count++], der, (size_t)len) != STORE_OK))
        outcome = outcome_no_memory();
    X509_free(certificate);
    return outcome;
}

/* Takes one block of PEM. */
static enum outcome add_block(struct parsing *parsing, const char *label, const unsigned char *der,
                              long len)
{
    if (strstr(label, "PRIVATE KEY") != NULL)
        return fault(parsing, "has a private key, too; only certificates are imported");
    if (strcmp(label, PEM_STRING_X509) == 0 || strcmp(label, PEM_STRING_X509_OLD) == 0)
        return add(parsing, der, len);
    return fault(parsing, "has a block of PEM that is not a certificate");
}

static enum outcome add_blocks(struct parsing *parsing, BIO *in)
{
    enum outcome outcome = OUTCOME_OK;
    unsigned char *der = NULL;
    char *label = NULL;
    char *header = NULL;
    long len = 0;

    while (outcome == OUTCOME_OK && PEM_read_bio(in, &label, &header, &der, &len) == 1) {
        outcome = add_block(parsing, label, der, len);
        OPENSSL_free(label);
        OPENSSL_free(header);
        OPENSSL_clear_free(der, (size_t)len);
    }
    /* the end of the text is a missing line; any other end is a fault in a block */
    if (outcome == OUTCOME_OK && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        outcome = fault(parsing, "has a block of PEM that is damaged");
    ERR_clear_error();
    return outcome;
}

enum outcome certificate_parse(const char *name, const struct store_secret *text,
                               struct certificates *out)
{
    struct parsing parsing = {.name = name, .pem = BIO_new(BIO_s_mem()), .out = out};
    BIO *in = BIO_new_mem_buf(text->len > 0 ? text->data : (const void *)"", (int)text->len);
    enum outcome outcome = OUTCOME_OK;
    char *bytes = NULL;
    long len = 0;

    if (parsing.pem == NULL || in == NULL)
        outcome = outcome_no_memory();
    else if (text->len > 0 && text->data[0] == 0x30) /* DER begins so, and PEM does not */
        outcome = add(&parsing, text->data, (long)text->len);
    else
        outcome = add_blocks(&parsing, in);
    if (outcome == OUTCOME_OK && out->count == 0)
        outcome = fault(&parsing, "has no certificate");
    if (outcome == OUTCOME_OK) {
        len = BIO_get_mem_data(parsing.pem, &bytes);
        if (len <= 0 || store_secret_set(&out->pem, bytes, (size_t)len) != STORE_OK)
            outcome = outcome_no_memory();
    }
    BIO_free(in);
    BIO_free(parsing.pem);
    return outcome;
}

/* What a block of PEM is. */
static enum certificate_holding holding_of(const char *label, const char *header,
                                           const unsigned char *der, long len)
{
    const unsigned char *at = der;
    X509 *certificate = NULL;
    bool whole;

    if (strstr(label, "PRIVATE KEY") != NULL)
        return strstr(label, "ENCRYPTED") != NULL || header[0] != '\0' ? HOLDS_ENCRYPTED_KEY
                                                                       : HOLDS_PRIVATE_KEY;
    if (strcmp(label, PEM_STRING_X509) == 0 || strcmp(label, PEM_STRING_X509_OLD) == 0)
        certificate = d2i_X509(NULL, &at, len);
    whole = certificate != NULL && at == der + len;
    X509_free(certificate);
    return whole ? HOLDS_CERTIFICATES : HOLDS_OTHER;
}

/* How often a block of PEM begins, or seems to: also where libcrypto sees only a text. */
static size_t count_marks(const struct store_secret *text)
{
    static const char mark[] = "-----BEGIN";
    size_t count = 0;

    for (size_t i = 0; i + sizeof mark - 1 <= text->len; i++)
        count += memcmp(text->data + i, mark, sizeof mark - 1) == 0;
    return count;
}

/* Reads blocks until one is not a certificate. */
static enum certificate_holding look_at_blocks(BIO *in, size_t marks)
{
    enum certificate_holding holding = HOLDS_CERTIFICATES;
    unsigned char *der = NULL;
    char *label = NULL;
    char *header = NULL;
    long len = 0;
    size_t count = 0;

    while (holding == HOLDS_CERTIFICATES && PEM_read_bio(in, &label, &header, &der, &len) == 1) {
        holding = holding_of(label, header, der, len);
        OPENSSL_free(label);
        OPENSSL_free(header);
        OPENSSL_clear_free(der, (size_t)len);
        count++;
    }
    ERR_clear_error();
    return holding == HOLDS_CERTIFICATES && (count == 0 || count != marks) ? HOLDS_OTHER : holding;
}

enum certificate_holding certificate_held(const struct store_secret *text)
{
    enum certificate_holding holding = HOLDS_OTHER;
    BIO *in;

    if (text->len == 0)
        return HOLDS_OTHER;
    if (text->data[0] == 0x30) /* DER, as above */
        return holding_of(PEM_STRING_X509, "", text->data, (long)text->len);
    in = BIO_new_mem_buf(text->data, (int)text->len);
    if (in != NULL)
        holding = look_at_blocks(in, count_marks(text));
    BIO_free(in);
    return holding;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/x509_request.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tools/sideseat-secrets/ecdsa.h"

/* The user's configuration of libcrypto is not read: it may name this very module. */
static EVP_PKEY *parse_key(const struct public_key *key)
{
    const unsigned char *at = key->info.data;

    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    return d2i_PUBKEY(NULL, &at, (long)key->info.len);
}

X509_REQ *x509_request_new(const struct public_key *key)
{
    EVP_PKEY *parsed = parse_key(key);
    X509_REQ *request = parsed == NULL ? NULL : X509_REQ_new();
    bool made = request != NULL && X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
                X509_REQ_set_pubkey(request, parsed) == 1;

    EVP_PKEY_free(parsed);
    if (made)
        return request;
    X509_REQ_free(request);
    return NULL;
}

static enum outcome refuse_subject(const char *part, const char *reason)
{
    outcome_print("--subject takes names such as /CN=www.example.org/O=Example, not '%s': %s", part,
                  reason);
    return OUTCOME_USAGE;
}

/* Copies the text up to a '/', without backslashes, and moves on to its end. NULL without memory.
 */
static char *next_part(const char **at)
{
    char *part = malloc(strlen(*at) + 1);
    size_t len = 0;

    if (part == NULL)
        return NULL;
    for (; **at != '\0' && **at != '/'; (*at)++) {
        if (**at == '\\' && (*at)[1] != '\0')
            (*at)++;
        part[len++] = **at;
    }
    part[len] = '\0';
    return part;
}

/* Adds "CN=www.example.org"; NULL, or what is wrong with it. */
static const char *add_part(X509_NAME *name, const char *part)
{
    const char *equals = strchr(part, '=');
    const char *reason;
    char *field;
    int added;

    if (equals == NULL || equals == part || equals[1] == '\0')
        return "it is not of the form NAME=VALUE";
    for (const char *c = part; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return "it has a control character";
    field = strndup(part, (size_t)(equals - part));
    if (field == NULL)
        return "out of memory";
    ERR_clear_error();
    added = X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                       (const unsigned char *)equals + 1, -1, -1, 0);
    free(field);
    if (added == 1)
        return NULL;
    reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason == NULL ? "it is not a name that certificates have" : reason;
}

enum outcome x509_request_set_subject(X509_REQ *request, const char *text)
{
    X509_NAME *name = X509_REQ_get_subject_name(request);
    const char *at = text;

    if (*at != '/')
        return refuse_subject(text, "it does not begin with a /");
    while (*at == '/') {
        enum outcome outcome = OUTCOME_OK;
        const char *fault;
        char *part;

        at++;
        part = next_part(&at);
        if (part == NULL)
            return outcome_no_memory();
        fault = add_part(name, part);
        if (fault != NULL)
            outcome = refuse_subject(part, fault);
        free(part);
        STEP(outcome);
    }
    return OUTCOME_OK;
}

/* True if the text is visible ASCII, which these names are (RFC 5280, section 4.2.1.6). */
static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

/* RFC 1034, 3.1: labels of at most 63 characters with dots between them; '_' is common. The first
 * can be '*' for any host (RFC 6125, 6.4.3). */
static bool is_host(const char *text)
{
    const char *at = text;
    size_t len;

    if (strncmp(at, "*.", 2) == 0)
        at += 2;
    for (;;) {
        len = strspn(at, HOST_CHARACTERS);
        if (len == 0 || len > 63 || at[0] == '-' || at[len - 1] == '-' ||
            (at[len] != '.' && at[len] != '\0'))
            return false;
        if (at[len] == '\0')
            return strlen(text) <= 253;
        at += len + 1;
    }
}

/* RFC 5280, 4.2.1.6: a mailbox without a name or brackets. */
static bool is_address(const char *text)
{
    const char *sign = strrchr(text, '@');

    return sign != NULL && sign != text && is_host(sign + 1) &&
           strcspn(text, ",;:<>()[]\\\"@") == (size_t)(sign - text);
}

/* RFC 3986, 3: a scheme, a colon, and what it names. */
static bool is_uri(const char *text)
{
    size_t len = strspn(text, HOST_CHARACTERS "+.");

    return isalpha((unsigned char)text[0]) && text[len] == ':' && text[len + 1] != '\0';
}

/* The type of a name without a prefix: an address of IP, or a host. */
static int guess_type(const char *text)
{
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(text);
    int type = address == NULL ? GEN_DNS : GEN_IPADD;

    ASN1_OCTET_STRING_free(address);
    return type;
}

/* True if the text may be a name of this type; a2i_GENERAL_NAME looks at addresses of IP alone. */
static bool is_name(int type, const char *text)
{
    switch (type) {
    case GEN_DNS:
        return is_host(text);
    case GEN_EMAIL:
        return is_address(text);
    case GEN_URI:
        return is_uri(text);
    default:
        return true;
    }
}

enum outcome x509_request_add_name(GENERAL_NAMES *names, const char *text)
{
    static const struct {
        const char *prefix;
        int type;
    } types[] = {{"DNS:", GEN_DNS}, {"IP:", GEN_IPADD}, {"email:", GEN_EMAIL}, {"URI:", GEN_URI}};
    const char *value = text;
    GENERAL_NAME *name = NULL;
    int type = guess_type(text);

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t len = strlen(types[i].prefix);

        if (strncasecmp(text, types[i].prefix, len) == 0) {
            type = types[i].type;
            value = text + len;
        }
    }
    if (is_plain(value) && is_name(type, value))
        name = a2i_GENERAL_NAME(NULL, NULL, NULL, type, value, 0);
    if (name == NULL) {
        outcome_print("--san takes DNS:NAME, IP:ADDRESS, email:ADDRESS or URI:TEXT, not '%s'",
                      text);
        return OUTCOME_USAGE;
    }
    if (sk_GENERAL_NAME_push(names, name) > 0)
        return OUTCOME_OK;
    GENERAL_NAME_free(name);
    return outcome_no_memory();
}

enum outcome x509_request_set_names(X509_REQ *request, GENERAL_NAMES *names)
{
    X509_EXTENSIONS *extensions = NULL;
    bool done =
        sk_GENERAL_NAME_num(names) == 0 ||
        (X509V3_add1_i2d(&extensions, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1 &&
         X509_REQ_add_extensions(request, extensions) == 1);

    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    return done ? OUTCOME_OK : outcome_no_memory();
}

enum outcome x509_request_bytes(X509_REQ *request, struct store_secret *out)
{
    unsigned char *bytes = NULL;
    int len = i2d_re_X509_REQ_tbs(request, &bytes);
    bool done = len > 0 && store_secret_set(out, bytes, (size_t)len) == STORE_OK;

    OPENSSL_free(bytes);
    return done ? OUTCOME_OK : outcome_no_memory();
}

/* The identifier in X.509 of the algorithm that signs by default: RFC 4055, 5758 and 8410. */
static X509_ALGOR *new_algorithm(const struct public_key *key)
{
    static const struct {
        unsigned bits;
        int nid;
        int parameter;
    } rows[] = {
        {0, NID_sha256WithRSAEncryption, V_ASN1_NULL},
        {256, NID_ecdsa_with_SHA256, V_ASN1_UNDEF},
        {384, NID_ecdsa_with_SHA384, V_ASN1_UNDEF},
        {521, NID_ecdsa_with_SHA512, V_ASN1_UNDEF},
        {255, NID_ED25519, V_ASN1_UNDEF},
        {448, NID_ED448, V_ASN1_UNDEF},
    };
    X509_ALGOR *algorithm = X509_ALGOR_new();

    for (size_t i = 0; algorithm != NULL && i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].bits == curve_bits(key->curve) &&
            X509_ALGOR_set0(algorithm, OBJ_nid2obj(rows[i].nid), rows[i].parameter, NULL) == 1)
            return algorithm;
    X509_ALGOR_free(algorithm);
    return NULL;
}

static bool set_signature(X509_REQ *request, const struct public_key *key,
                          const struct store_secret *signature)
{
    AUTO_SECRET der = {0};
    X509_ALGOR *algorithm = new_algorithm(key);
    ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
    enum store_err err = key->type == CKK_EC
                             ? ecdsa_to_der(signature, &der)
                             : store_secret_set(&der, signature->data, signature->len);
    bool set = err == STORE_OK && algorithm != NULL && bits != NULL &&
               X509_REQ_set1_signature_algo(request, algorithm) == 1 &&
               ASN1_BIT_STRING_set(bits, (unsigned char *)(uintptr_t)der.data, (int)der.len) == 1;

    if (set) {
        /* all bits count, those that are zero at the end, too */
        bits->flags = (bits->flags & ~7L) | ASN1_STRING_FLAG_BITS_LEFT;
        X509_REQ_set0_signature(request, bits);
        bits = NULL;
    }
    X509_ALGOR_free(algorithm);
    ASN1_BIT_STRING_free(bits);
    return set;
}

enum outcome x509_request_finish(X509_REQ *request, const struct public_key *key,
                                 const struct store_secret *signature, struct store_secret *out)
{
    BIO *text = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    long len = 0;
    bool done = text != NULL && set_signature(request, key, signature);
    enum outcome outcome = OUTCOME_OK;

    if (done && X509_REQ_verify(request, X509_REQ_get0_pubkey(request)) != 1) {
        outcome_print("the signature does not fit the public key, as if another program has "
                      "changed the key meanwhile; try again");
        outcome = OUTCOME_FAILED;
    } else if (!done || PEM_write_bio_X509_REQ(text, request) != 1 ||
               (len = BIO_get_mem_data(text, &bytes)) <= 0 ||
               store_secret_set(out, bytes, (size_t)len) != STORE_OK) {
        outcome = outcome_no_memory();
    }
    BIO_free(text);
    return outcome;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/http/system.h"

#include <stdlib.h>
#include <string.h>

#include "platform/windows/api.h"

#include <wincrypt.h>

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

/* Schannel takes a client's key from Windows' own stores or from PKCS #12. */
const bool system_has_client_keys = false;

/* Schannel has its memory to itself. */
void system_memory(void *(*get)(size_t size), void *(*change)(void *data, size_t size),
                   void (*release)(void *data))
{
    (void)get;
    (void)change;
    (void)release;
}

/* As OpenSSL does, it takes a certificate whose CA tells nothing of revoked ones, which is usual
 * for a CA of one's own. Its sockets can be inherited, but only the store process uses them, and
 * that starts no program here. */
CURLcode system_prepare(CURL *handle)
{
    return curl_easy_setopt(handle, CURLOPT_SSL_OPTIONS, (long)CURLSSLOPT_REVOKE_BEST_EFFORT);
}

/* With certificates of its own libcurl does not ask Windows'. */
CURLcode system_distrust(CURL *handle)
{
    (void)handle;
    return CURLE_OK;
}

/* The list is a store of Windows' in memory. */
struct system_list *system_list_new(void)
{
    return (struct system_list *)CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
}

static HCERTSTORE store_of(const struct system_list *list)
{
    return (HCERTSTORE)(uintptr_t)list;
}

void system_list_free(struct system_list *list)
{
    if (list != NULL)
        CertCloseStore(store_of(list), 0);
}

bool system_list_is_empty(const struct system_list *list)
{
    PCCERT_CONTEXT first = CertEnumCertificatesInStore(store_of(list), NULL);

    if (first != NULL)
        CertFreeCertificateContext(first);
    return first == NULL;
}

/* Adds one certificate in PEM; a damaged one says nothing about the next. */
static enum store_err certificate_add(const struct system_list *list, const char *pem, size_t len)
{
    unsigned char *bytes = malloc(len);
    DWORD size = (DWORD)len;

    if (bytes == NULL)
        return STORE_NO_MEMORY;
    if (CryptStringToBinaryA(pem, (DWORD)len, CRYPT_STRING_BASE64HEADER, bytes, &size, NULL, NULL))
        (void)CertAddEncodedCertificateToStore(store_of(list), X509_ASN_ENCODING, bytes, size,
                                               CERT_STORE_ADD_USE_EXISTING, NULL);
    free(bytes);
    return STORE_OK;
}

enum store_err system_list_add(struct system_list *list, const struct store_secret *text)
{
    const char *at = (const char *)text->data;
    size_t left = text->len;

    for (;;) {
        const char *begin = memmem(at, left, BEGIN, strlen(BEGIN));
        const char *end;
        if (begin == NULL)
            return STORE_OK;
        left -= (size_t)(begin - at);
        end = memmem(begin, left, END, strlen(END));
        if (end == NULL)
            return STORE_OK;
        end += strlen(END);
        TRY(certificate_add(list, begin, (size_t)(end - begin)));
        left -= (size_t)(end - begin);
        at = end;
    }
}

/* Appends a certificate. */
static bool certificate_write(PCCERT_CONTEXT found, char **pem, size_t *len)
{
    DWORD size = 0;
    char *longer;

    if (!CryptBinaryToStringA(found->pbCertEncoded, found->cbCertEncoded, CRYPT_STRING_BASE64HEADER,
                              NULL, &size))
        return false;
    longer = realloc(*pem, *len + size);
    if (longer == NULL)
        return false;
    *pem = longer;
    if (!CryptBinaryToStringA(found->pbCertEncoded, found->cbCertEncoded, CRYPT_STRING_BASE64HEADER,
                              longer + *len, &size))
        return false;
    *len += size;
    return true;
}

enum store_err system_list_write(const struct system_list *list, char **pem, size_t *len)
{
    PCCERT_CONTEXT found = NULL;
    bool ok = true;

    *pem = NULL;
    *len = 0;
    while (ok && (found = CertEnumCertificatesInStore(store_of(list), found)) != NULL)
        ok = certificate_write(found, pem, len);
    if (ok && *pem != NULL)
        return STORE_OK;
    if (found != NULL)
        CertFreeCertificateContext(found);
    free(*pem);
    *pem = NULL;
    return STORE_NO_MEMORY;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/http/system.h"

#include <dlfcn.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "platform/descriptor.h"
#include "store/descriptor.h"

const bool system_has_client_keys = true;

static struct {
    void *(*get)(size_t size);
    void *(*change)(void *data, size_t size);
    void (*release)(void *data);
} memory;

static void *openssl_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return size == 0 ? NULL : memory.get(size);
}

static void *openssl_realloc(void *data, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    if (size > 0)
        return memory.change(data, size);
    memory.release(data);
    return NULL;
}

static void openssl_free(void *data, const char *file, int line)
{
    (void)file;
    (void)line;
    memory.release(data);
}

void system_memory(void *(*get)(size_t size), void *(*change)(void *data, size_t size),
                   void (*release)(void *data))
{
    memory.get = get;
    memory.change = change;
    memory.release = release;
    (void)CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free);
}

/* libcurl 7.88 does not mark its sockets close-on-exec, and the store process starts programs. */
static curl_socket_t socket_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)arg;
    (void)purpose;
    return store_fd_high(platform_socket_of(address->family, address->socktype, address->protocol));
}

typedef uint64_t set_options_fn(SSL_CTX *ctx, uint64_t options);

/* The function of the libssl that libcurl has loaded; NULL if it uses another library. */
static set_options_fn *set_options;
static pthread_once_t set_options_once = PTHREAD_ONCE_INIT;

static void find_set_options(void)
{
    const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;

    if (library != NULL && strncmp(library, "OpenSSL/3", strlen("OpenSSL/3")) == 0)
        *(void **)&set_options = dlsym(RTLD_DEFAULT, "SSL_CTX_set_options");
}

/* OpenSSL keeps the last record that it has decrypted until the next one comes; libcurl 8 does not
 * have it free that memory. */
static CURLcode cleanse(CURL *handle, void *ssl_ctx, void *arg)
{
    (void)handle;
    (void)arg;
    (void)set_options(ssl_ctx, SSL_OP_CLEANSE_PLAINTEXT);
    return CURLE_OK;
}

CURLcode system_prepare(CURL *handle)
{
    CURLcode code;

    if (pthread_once(&set_options_once, find_set_options) != 0)
        return CURLE_FAILED_INIT;
    code = curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, socket_open);
    if (code == CURLE_OK && set_options != NULL)
        code = curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, cleanse);
    return code;
}

/* libcurl would use the system's folder, too. */
CURLcode system_distrust(CURL *handle)
{
    return curl_easy_setopt(handle, CURLOPT_CAPATH, NULL);
}

/* The list is a stack of OpenSSL's. */
static STACK_OF(X509) * stack_of(const struct system_list *list)
{
    return (STACK_OF(X509) *)(uintptr_t)list;
}

struct system_list *system_list_new(void)
{
    return (struct system_list *)sk_X509_new_null();
}

void system_list_free(struct system_list *list)
{
    sk_X509_pop_free(stack_of(list), X509_free);
}

bool system_list_is_empty(const struct system_list *list)
{
    return sk_X509_num(stack_of(list)) == 0;
}

/* Never asks for a passphrase: a certificate that needs one is skipped. */
static int no_passphrase(char *out, int size, int writing, void *arg)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

enum store_err system_list_add(struct system_list *list, const struct store_secret *text)
{
    BIO *bio = BIO_new_mem_buf(text->data, (int)text->len);
    enum store_err err = bio == NULL ? STORE_NO_MEMORY : STORE_OK;
    bool more = true;

    while (err == STORE_OK && more) {
        X509 *x509 = PEM_read_bio_X509_AUX(bio, NULL, no_passphrase, NULL);

        if (x509 != NULL &&
            !X509_add_cert(stack_of(list), x509, X509_ADD_FLAG_UP_REF | X509_ADD_FLAG_NO_DUP))
            err = STORE_NO_MEMORY;
        /* a damaged certificate says nothing about the next */
        more = x509 != NULL || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
        X509_free(x509);
        ERR_clear_error();
    }
    BIO_free(bio);
    return err;
}

enum store_err system_list_write(const struct system_list *list, char **pem, size_t *len)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = bio != NULL;
    char *data = NULL;
    long size;

    for (int i = 0; ok && i < sk_X509_num(stack_of(list)); i++)
        ok = PEM_write_bio_X509(bio, sk_X509_value(stack_of(list), i)) == 1;
    size = ok ? BIO_get_mem_data(bio, &data) : 0;
    *pem = size > 0 ? malloc((size_t)size) : NULL;
    if (*pem != NULL)
        memcpy(*pem, data, (size_t)size);
    *len = (size_t)size;
    BIO_free(bio);
    return *pem == NULL ? STORE_NO_MEMORY : STORE_OK;
}

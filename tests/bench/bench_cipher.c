/* SPDX-License-Identifier: Apache-2.0 */

/* How fast a module encrypts, then decrypts with AES-256-GCM and a session's key: bench_cipher
 * MODULE LENGTH, against EVP with a prepared context in the same process. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "tests/bench/host.h"
#include "tests/bench/measure.h"
#include "tests/bench/signers.h"

#define KEY_LEN 32
#define IV_LEN 12
#define TAG_LEN 16
#define LEN_MAX (1024 * 1024)

static unsigned char key[KEY_LEN] = "0123456789abcdef0123456789abcdef";

static void *run_module(void *arg)
{
    struct signer *signer = arg;
    CK_FUNCTION_LIST *f = signer->host->f;
    CK_SESSION_HANDLE session = host_session(signer->host);
    unsigned char iv[IV_LEN] = {0};
    CK_GCM_PARAMS params = {iv, IV_LEN, 8 * IV_LEN, NULL, 0, 8 * TAG_LEN};
    CK_MECHANISM mechanism = {CKM_AES_GCM, &params, sizeof params};
    CK_ULONG size = *(const size_t *)signer->other;
    unsigned char *data = calloc(1, size + TAG_LEN);

    while (!atomic_load_explicit(signer->stop, memory_order_relaxed)) {
        CK_ULONG len = size + TAG_LEN;
        CK_RV rv = f->C_EncryptInit(session, &mechanism, signer->key);
        if (rv == CKR_OK)
            rv = f->C_Encrypt(session, data, size, data, &len);
        if (rv == CKR_OK)
            rv = f->C_DecryptInit(session, &mechanism, signer->key);
        if (rv == CKR_OK)
            rv = f->C_Decrypt(session, data, size + TAG_LEN, data, &len);
        if (rv != CKR_OK)
            measure_fail("encryption: 0x%lx", rv);
        signer->done++;
    }
    free(data);
    f->C_CloseSession(session);
    return NULL;
}

static void run_once(EVP_CIPHER_CTX *context, int encrypts, unsigned char *data, size_t size)
{
    unsigned char iv[IV_LEN] = {0};
    int len = 0;
    bool right = EVP_CipherInit_ex(context, NULL, NULL, NULL, iv, encrypts) == 1 &&
                 EVP_CipherUpdate(context, data, &len, data, (int)size) == 1;

    if (right && !encrypts)
        right = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, data + size) == 1;
    right = right && EVP_CipherFinal_ex(context, data, &len) == 1;
    if (right && encrypts)
        right = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, data + size) == 1;
    if (!right)
        measure_fail("EVP_CipherFinal_ex");
}

static void *run_openssl(void *arg)
{
    struct signer *signer = arg;
    size_t size = *(const size_t *)signer->other;
    unsigned char *data = calloc(1, size + TAG_LEN);
    EVP_CIPHER_CTX *both[2] = {EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_new()};

    for (int i = 0; i < 2; i++)
        if (EVP_CipherInit_ex(both[i], EVP_aes_256_gcm(), NULL, key, NULL, i) != 1)
            measure_fail("EVP_CipherInit_ex");
    while (!atomic_load_explicit(signer->stop, memory_order_relaxed)) {
        run_once(both[1], 1, data, size);
        run_once(both[0], 0, data, size);
        signer->done++;
    }
    EVP_CIPHER_CTX_free(both[0]);
    EVP_CIPHER_CTX_free(both[1]);
    free(data);
    return NULL;
}

static CK_OBJECT_HANDLE create_key(struct host *host, CK_SESSION_HANDLE session)
{
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class},
                               {CKA_KEY_TYPE, &type, sizeof type},
                               {CKA_ENCRYPT, &yes, sizeof yes},
                               {CKA_DECRYPT, &yes, sizeof yes},
                               {CKA_VALUE, key, sizeof key}};
    CK_OBJECT_HANDLE object;
    CK_RV rv = host->f->C_CreateObject(session, template, 5, &object);

    if (rv != CKR_OK)
        measure_fail("C_CreateObject: 0x%lx", rv);
    return object;
}

int main(int argc, char **argv)
{
    size_t size = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    struct signer ours = {.run = run_module, .other = &size};
    struct signer theirs = {.run = run_openssl, .other = &size};
    struct host host;

    if (size == 0 || size > LEN_MAX) {
        fputs("usage: bench_cipher MODULE LENGTH\n", stderr);
        return 2;
    }
    host_open(&host, argv[1]);
    ours.host = &host;
    ours.key = create_key(&host, host_session(&host));
    signers_compare("evp", &theirs, &ours, 300000);
    host_close(&host);
    return 0;
}

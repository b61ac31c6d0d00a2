/* SPDX-License-Identifier: Apache-2.0 */

/* How fast a module signs with a private key: bench_pair MODULE LABEL PEM-FILE, against OpenSSL
 * with the same key, from the file, and a prepared context in the same process. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "tests/bench/host.h"
#include "tests/bench/measure.h"

#define MESSAGE_LEN 32

struct signer {
    struct host *host;
    CK_OBJECT_HANDLE key;
    EVP_PKEY *pkey; /* NULL: the module signs */
    CK_MECHANISM_TYPE mechanism;
    atomic_bool *stop;
    unsigned long done;
};

/* EdDSA has no context that outlives a signature. */
static void sign_eddsa(EVP_PKEY *pkey, const unsigned char *message, unsigned char *out)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t len = 1024;

    if (EVP_DigestSignInit(context, NULL, NULL, NULL, pkey) != 1 ||
        EVP_DigestSign(context, out, &len, message, MESSAGE_LEN) != 1)
        measure_fail("EVP_DigestSign");
    EVP_MD_CTX_free(context);
}

static void *sign_openssl(void *arg)
{
    struct signer *signer = arg;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(signer->pkey, NULL);
    unsigned char message[MESSAGE_LEN] = {0};
    unsigned char out[1024];

    if (signer->mechanism != CKM_EDDSA && EVP_PKEY_sign_init(context) != 1)
        measure_fail("EVP_PKEY_sign_init");
    while (!atomic_load_explicit(signer->stop, memory_order_relaxed)) {
        size_t len = sizeof out;
        if (signer->mechanism == CKM_EDDSA)
            sign_eddsa(signer->pkey, message, out);
        else if (EVP_PKEY_sign(context, out, &len, message, sizeof message) != 1)
            measure_fail("EVP_PKEY_sign");
        signer->done++;
    }
    EVP_PKEY_CTX_free(context);
    return NULL;
}

static void *sign_module(void *arg)
{
    struct signer *signer = arg;
    CK_FUNCTION_LIST *f = signer->host->f;
    CK_SESSION_HANDLE session = host_session(signer->host);
    CK_MECHANISM mechanism = {signer->mechanism, NULL, 0};
    unsigned char message[MESSAGE_LEN] = {0};
    unsigned char out[1024];

    while (!atomic_load_explicit(signer->stop, memory_order_relaxed)) {
        CK_ULONG len = sizeof out;
        CK_RV rv = f->C_SignInit(session, &mechanism, signer->key);
        if (rv == CKR_OK)
            rv = f->C_Sign(session, message, sizeof message, out, &len);
        if (rv != CKR_OK)
            measure_fail("signing: 0x%lx", rv);
        signer->done++;
    }
    f->C_CloseSession(session);
    return NULL;
}

static double rate(const struct signer *like, size_t threads)
{
    struct signer signers[2];
    pthread_t ids[2];
    atomic_bool stop = false;
    int64_t start = measure_now();
    unsigned long done = 0;

    for (size_t i = 0; i < threads; i++) {
        signers[i] = *like;
        signers[i].stop = &stop;
        pthread_create(&ids[i], NULL, like->pkey != NULL ? sign_openssl : sign_module, &signers[i]);
    }
    usleep(300000);
    atomic_store(&stop, true);
    for (size_t i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        done += signers[i].done;
    }
    return (double)done * 1e9 / (double)(measure_now() - start);
}

static CK_OBJECT_HANDLE find_key(struct host *host, CK_SESSION_HANDLE session, const char *label)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class},
                               {CKA_LABEL, (void *)(uintptr_t)label, strlen(label)}};
    CK_OBJECT_HANDLE key = 0;
    CK_ULONG count = 0;

    if (host->f->C_FindObjectsInit(session, template, 2) != CKR_OK ||
        host->f->C_FindObjects(session, &key, 1, &count) != CKR_OK || count != 1)
        measure_fail("no private key %s", label);
    host->f->C_FindObjectsFinal(session);
    return key;
}

static EVP_PKEY *read_pem(const char *path)
{
    FILE *file = fopen(path, "r");
    EVP_PKEY *pkey = file == NULL ? NULL : PEM_read_PrivateKey(file, NULL, NULL, NULL);

    if (pkey == NULL)
        measure_fail("%s is not a key", path);
    fclose(file);
    return pkey;
}

int main(int argc, char **argv)
{
    double best[4] = {0}; /* OpenSSL, module, module with two threads, their ratio */
    struct signer ours = {0};
    struct signer theirs = {0};
    struct host host;

    if (argc != 4) {
        fputs("usage: bench_pair MODULE LABEL PEM-FILE\n", stderr);
        return 2;
    }
    host_open(&host, argv[1]);
    ours.host = &host;
    ours.key = find_key(&host, host_session(&host), argv[2]);
    theirs.pkey = read_pem(argv[3]);
    ours.mechanism = EVP_PKEY_is_a(theirs.pkey, "RSA")  ? CKM_RSA_PKCS
                     : EVP_PKEY_is_a(theirs.pkey, "EC") ? CKM_ECDSA
                                                        : CKM_EDDSA;
    theirs = (struct signer){.pkey = theirs.pkey, .mechanism = ours.mechanism};
    for (int round = 0; round < 5; round++) {
        double openssl = rate(&theirs, 1);
        double one = rate(&ours, 1);
        double two = rate(&ours, 2);
        best[0] = openssl > best[0] ? openssl : best[0];
        best[1] = one > best[1] ? one : best[1];
        best[2] = two > best[2] ? two : best[2];
        best[3] = two / one > best[3] ? two / one : best[3];
    }
    measure_print("evp_pkey", best[0], "/s");
    measure_print("sign_1", best[1], "/s");
    measure_print("sign_2", best[2], "/s");
    measure_print("scaling", best[3], "x");
    EVP_PKEY_free(theirs.pkey);
    host_close(&host);
    return 0;
}

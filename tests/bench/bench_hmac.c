/* SPDX-License-Identifier: Apache-2.0 */

/* How fast a module signs: bench_hmac MODULE LABEL, against OpenSSL's EVP_MAC with a prepared
 * context in the same process. A label without a key gets a session key. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "tests/bench/host.h"
#include "tests/bench/measure.h"

#define MESSAGE_LEN 64

struct signer {
    struct host *host;
    CK_OBJECT_HANDLE key; /* 0: OpenSSL alone */
    atomic_bool *stop;
    unsigned long done;
};

static void *sign_openssl(void *arg)
{
    struct signer *signer = arg;
    OSSL_PARAM params[] = {OSSL_PARAM_utf8_string("digest", "SHA256", 6), OSSL_PARAM_END};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    unsigned char message[MESSAGE_LEN] = {0};
    unsigned char key[32] = {1};
    unsigned char out[64];
    size_t len;

    if (EVP_MAC_init(context, key, sizeof key, params) != 1)
        measure_fail("EVP_MAC_init");
    while (!atomic_load_explicit(signer->stop, memory_order_relaxed)) {
        if (EVP_MAC_init(context, NULL, 0, NULL) != 1 ||
            EVP_MAC_update(context, message, sizeof message) != 1 ||
            EVP_MAC_final(context, out, &len, sizeof out) != 1)
            measure_fail("EVP_MAC");
        signer->done++;
    }
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    return NULL;
}

static void *sign_module(void *arg)
{
    struct signer *signer = arg;
    CK_FUNCTION_LIST *f = signer->host->f;
    CK_SESSION_HANDLE session = host_session(signer->host);
    CK_MECHANISM mechanism = {CKM_SHA256_HMAC, NULL, 0};
    unsigned char message[MESSAGE_LEN] = {0};
    unsigned char out[64];

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

static double rate(struct host *host, CK_OBJECT_HANDLE key, size_t threads)
{
    struct signer signers[2];
    pthread_t ids[2];
    atomic_bool stop = false;
    int64_t start = measure_now();
    unsigned long done = 0;

    for (size_t i = 0; i < threads; i++) {
        signers[i] = (struct signer){.host = host, .key = key, .stop = &stop};
        pthread_create(&ids[i], NULL, key == 0 ? sign_openssl : sign_module, &signers[i]);
    }
    usleep(400000);
    atomic_store(&stop, true);
    for (size_t i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        done += signers[i].done;
    }
    return (double)done * 1e9 / (double)(measure_now() - start);
}

static CK_OBJECT_HANDLE session_key(struct host *host, CK_SESSION_HANDLE session)
{
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_BBOOL yes = CK_TRUE;
    unsigned char value[32] = {1};
    CK_OBJECT_HANDLE key;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_SIGN, &yes, sizeof yes},
        {CKA_VALUE, value, sizeof value},
    };

    if (host->f->C_CreateObject(session, template, 4, &key) != CKR_OK)
        measure_fail("no session key");
    return key;
}

int main(int argc, char **argv)
{
    double best[4] = {0}; /* OpenSSL, module, module with two threads, their ratio */
    struct host host;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key;

    if (argc != 3) {
        fputs("usage: bench_hmac MODULE LABEL\n", stderr);
        return 2;
    }
    host_open(&host, argv[1]);
    session = host_session(&host);
    key = host_find_key(&host, session, argv[2]);
    if (key == 0)
        key = session_key(&host, session);
    for (int round = 0; round < 5; round++) {
        double openssl = rate(&host, 0, 1);
        double one = rate(&host, key, 1);
        double two = rate(&host, key, 2);
        best[0] = openssl > best[0] ? openssl : best[0];
        best[1] = one > best[1] ? one : best[1];
        best[2] = two > best[2] ? two : best[2];
        best[3] = two / one > best[3] ? two / one : best[3];
    }
    measure_print("evp_mac", best[0], "/s");
    measure_print("sign_1", best[1], "/s");
    measure_print("sign_2", best[2], "/s");
    measure_print("scaling", best[3], "x");
    host_close(&host);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* How fast a module signs: bench_hmac MODULE LABEL, against OpenSSL's EVP_MAC with a prepared
 * context in the same process. A label without a key gets a session key. */

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "tests/bench/host.h"
#include "tests/bench/measure.h"
#include "tests/bench/signers.h"

#define MESSAGE_LEN 64

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
    struct host host;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key;
    struct signer theirs = {.run = sign_openssl};
    struct signer ours;

    if (argc != 3) {
        fputs("usage: bench_hmac MODULE LABEL\n", stderr);
        return 2;
    }
    host_open(&host, argv[1]);
    session = host_session(&host);
    key = host_find(&host, session, CKO_SECRET_KEY, argv[2]);
    if (key == 0)
        key = session_key(&host, session);
    ours = (struct signer){.run = signers_module,
                           .host = &host,
                           .key = key,
                           .mechanism = CKM_SHA256_HMAC,
                           .message_len = MESSAGE_LEN};
    signers_compare("evp_mac", &theirs, &ours, 400000);
    host_close(&host);
    return 0;
}

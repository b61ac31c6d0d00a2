/* SPDX-License-Identifier: Apache-2.0 */

/* How fast a module signs with a private key: bench_pair MODULE LABEL PEM-FILE, against OpenSSL
 * with the same key, from the file, and a prepared context in the same process. */

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "tests/bench/host.h"
#include "tests/bench/measure.h"
#include "tests/bench/pem.h"
#include "tests/bench/signers.h"

#define MESSAGE_LEN 32

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
    EVP_PKEY *pkey = signer->other;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
    unsigned char message[MESSAGE_LEN] = {0};
    unsigned char out[1024];

    if (signer->mechanism != CKM_EDDSA && EVP_PKEY_sign_init(context) != 1)
        measure_fail("EVP_PKEY_sign_init");
    while (!atomic_load_explicit(signer->stop, memory_order_relaxed)) {
        size_t len = sizeof out;
        if (signer->mechanism == CKM_EDDSA)
            sign_eddsa(pkey, message, out);
        else if (EVP_PKEY_sign(context, out, &len, message, sizeof message) != 1)
            measure_fail("EVP_PKEY_sign");
        signer->done++;
    }
    EVP_PKEY_CTX_free(context);
    return NULL;
}

int main(int argc, char **argv)
{
    struct signer ours = {.run = signers_module, .message_len = MESSAGE_LEN};
    struct signer theirs = {.run = sign_openssl};
    struct host host;
    EVP_PKEY *pkey;

    if (argc != 4) {
        fputs("usage: bench_pair MODULE LABEL PEM-FILE\n", stderr);
        return 2;
    }
    host_open(&host, argv[1]);
    ours.host = &host;
    ours.key = host_private_key(&host, host_session(&host), argv[2]);
    pkey = pem_read(argv[3]);
    ours.mechanism = EVP_PKEY_is_a(pkey, "RSA")  ? CKM_RSA_PKCS
                     : EVP_PKEY_is_a(pkey, "EC") ? CKM_ECDSA
                                                 : CKM_EDDSA;
    theirs.other = pkey;
    theirs.mechanism = ours.mechanism;
    signers_compare("evp_pkey", &theirs, &ours, 300000);
    EVP_PKEY_free(pkey);
    host_close(&host);
    return 0;
}

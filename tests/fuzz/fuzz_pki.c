/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include "module/pki/keypair.h"
#include "module/pki/pki.h"
#include "tests/unit/module/pki/keys.h"

#include <string.h>

/* Any bytes as the value of a secret that holds keys and certificates. What is taken for a key must
 * be one: libcrypto takes it, and its public half verifies what it signs, or agrees with it. */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    store_log_redirect(fuzz_check_line, NULL);
    return 0;
}

/* An RSA key whose numbers do not belong together may sign nothing, or nonsense. */
static void use(const struct pki_private *key, const struct pki_public *public)
{
    static const unsigned char hash[32] = "0123456789abcdef0123456789abcde";
    const struct keypair_form form = {.padding =
                                          key->type == PKI_RSA ? KEYPAIR_PKCS1 : KEYPAIR_CURVE,
                                      .digest = digest_find(CKM_SHA256)};
    unsigned char signature[KEYPAIR_SIGNATURE_MAX];
    struct keypair *signer = NULL;
    struct keypair *verifier = NULL;

    if (keypair_new_private(key, &signer) == PKI_OK &&
        keypair_new_public(public, &verifier) == PKI_OK) {
        bool agrees = key->type == PKI_X25519; /* which signs nothing */
        bool done = agrees ? keypair_agree(signer, verifier, signature)
                           : keypair_sign(signer, &form, hash, sizeof hash, signature);
        bool right =
            done && (agrees || keypair_verify(verifier, &form, hash, sizeof hash, signature));
        FUZZ_CHECK(key->type == PKI_RSA || right);
    }
    keypair_free(signer);
    keypair_free(verifier);
}

/* Every part of a face lies inside its own memory: reading it all finds it if not. */
static void read_all(struct der der)
{
    volatile unsigned char sum = 0;

    for (size_t i = 0; i < der.len; i++)
        sum = (unsigned char)(sum ^ der.data[i]);
}

static void read_face(const struct pki *pki)
{
    FUZZ_CHECK(pki->count <= PKI_CERTIFICATES_MAX);
    FUZZ_CHECK(pki->has_key || pki->fault != PKI_OK);
    for (size_t i = 0; i < pki->count; i++) {
        const struct certificate *x509 = &pki->certificates[i].x509;
        read_all(x509->whole);
        read_all(x509->serial);
        read_all(x509->issuer);
        read_all(x509->subject);
        read_all(x509->info);
        read_all(x509->key_bits);
    }
    if (pki->has_key) {
        read_all(pki->key.info);
        read_all(pki->key.key_bits);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_SECRET value = {0};
    AUTO_SECRET passphrase = {0};
    AUTO_PRIVATE key = {0};
    struct pki_public public = {0};
    struct pki *pki;

    FUZZ_CHECK(store_secret_set(&value, data, size) == STORE_OK);
    FUZZ_CHECK(store_secret_set(&passphrase, PASSPHRASE, strlen(PASSPHRASE)) == STORE_OK);
    if (pki_private_read(&value, &passphrase, &key) == PKI_OK &&
        keypair_derive_public(&key, &public) == PKI_OK)
        use(&key, &public);
    pki_public_free(&public);
    pki = pki_read(&value, &passphrase, &value);
    FUZZ_CHECK(pki != NULL);
    read_face(pki);
    pki_drop(pki);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/pki/generate.h"
#include "module/pki/keypair.h"
#include "module/pki/private_write.h"
#include "tests/unit/module/pki/keys.h"

static const unsigned char f4[] = {1, 0, 1};
static const struct der exponent = {f4, sizeof f4};

/* openssl(1) has written these texts, and the same key gives the same text. */
static void a_key_is_written_as_openssl_writes_it(void **state)
{
    static const char *const texts[] = {RSA_PKCS8,     P256_PKCS8,  P521_PKCS8,
                                        ED25519_PKCS8, ED448_PKCS8, X25519_PKCS8};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        AUTO_SECRET text = {0};
        AUTO_SECRET written = {0};
        AUTO_PRIVATE key = {0};
        struct pki_public public = {0};

        assert_int_equal(store_secret_set(&text, texts[i], strlen(texts[i])), STORE_OK);
        assert_int_equal(pki_private_read(&text, NULL, &key), PKI_OK);
        assert_int_equal(keypair_derive_public(&key, &public), PKI_OK);
        assert_int_equal(pki_private_write(&key, &public, &written), STORE_OK);
        assert_true(store_secret_equal(&written, texts[i], strlen(texts[i])));
        pki_public_free(&public);
    }
}

static void check(enum pki_type type, size_t bits)
{
    AUTO_PRIVATE made = {0};
    AUTO_PRIVATE other = {0};
    AUTO_PRIVATE again = {0};
    AUTO_SECRET text = {0};
    struct pki_public public = {0};
    struct pki_public same = {0};

    assert_int_equal(pki_generate(type, bits, exponent, &made), PKI_OK);
    assert_int_equal(keypair_derive_public(&made, &public), PKI_OK);
    assert_int_equal(public.bits, bits);
    assert_int_equal(pki_private_write(&made, &public, &text), STORE_OK);
    assert_int_equal(pki_private_read(&text, NULL, &again), PKI_OK);
    assert_int_equal(keypair_derive_public(&again, &same), PKI_OK);
    assert_true(der_equal(public.info, same.info));
    pki_public_free(&same);
    if (type != PKI_RSA) { /* no two are the same */
        assert_int_equal(pki_generate(type, bits, exponent, &other), PKI_OK);
        assert_false(der_equal(made.scalar, other.scalar));
    }
    pki_public_free(&public);
}

static void a_new_key_of_each_type_is_read_again(void **state)
{
    (void)state;
    check(PKI_RSA, 2048);
    check(PKI_P256, 256);
    check(PKI_P384, 384);
    check(PKI_P521, 521);
    check(PKI_ED25519, 255);
    check(PKI_ED448, 448);
}

/* The passphrase may end in the line break of an editor, as when a key is read. */
static void an_encrypted_key_needs_its_passphrase(void **state)
{
    AUTO_SECRET text = {0};
    AUTO_SECRET encrypted = {0};
    AUTO_SECRET passphrase = {0};
    AUTO_SECRET wrong = {0};
    AUTO_SECRET empty = {0};
    AUTO_PRIVATE key = {0};

    (void)state;
    assert_int_equal(store_secret_set(&text, ED25519_PKCS8, strlen(ED25519_PKCS8)), STORE_OK);
    assert_int_equal(store_secret_set(&passphrase, "a passphrase\n", 13), STORE_OK);
    assert_int_equal(store_secret_set(&wrong, "another", 7), STORE_OK);
    assert_int_equal(store_secret_set(&empty, "\n", 1), STORE_OK);
    assert_int_equal(pki_private_encrypt(&text, &empty, &encrypted), PKI_WRONG_PASSPHRASE);
    assert_int_equal(pki_private_encrypt(&text, &passphrase, &encrypted), PKI_OK);
    assert_memory_equal(encrypted.data, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", 38);
    assert_int_equal(pki_private_read(&encrypted, NULL, &key), PKI_ENCRYPTED);
    assert_int_equal(pki_private_read(&encrypted, &wrong, &key), PKI_WRONG_PASSPHRASE);
    assert_int_equal(store_secret_set(&passphrase, "a passphrase", 12), STORE_OK);
    assert_int_equal(pki_private_read(&encrypted, &passphrase, &key), PKI_OK);
}

static void only_good_sizes_and_exponents_can_be_made(void **state)
{
    static const unsigned char three[] = {3};
    static const unsigned char even[] = {1, 0, 2};
    static const unsigned char long_one[] = {1, 0, 0, 0, 0, 0, 0, 0, 1};

    (void)state;
    assert_true(pki_can_generate_rsa(2048, exponent));
    assert_true(pki_can_generate_rsa(4096, exponent));
    assert_false(pki_can_generate_rsa(2040, exponent));
    assert_false(pki_can_generate_rsa(2049, exponent));
    assert_false(pki_can_generate_rsa(4104, exponent));
    assert_false(pki_can_generate_rsa(2048, (struct der){three, sizeof three}));
    assert_false(pki_can_generate_rsa(2048, (struct der){even, sizeof even}));
    assert_false(pki_can_generate_rsa(2048, (struct der){long_one, sizeof long_one}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_written_as_openssl_writes_it),
        cmocka_unit_test(a_new_key_of_each_type_is_read_again),
        cmocka_unit_test(an_encrypted_key_needs_its_passphrase),
        cmocka_unit_test(only_good_sizes_and_exponents_can_be_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

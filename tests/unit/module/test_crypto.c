/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include <stdatomic.h>

#include "module/crypto.h"
#include "module/sha3.h"

/* RFC 4231, test cases 1 (20 bytes of 0x0b, "Hi There") and 6 (131 bytes of 0xaa): the first bytes
 * of HMAC-SHA-256, -384 and -512. */
static const struct {
    unsigned char fill;
    size_t len;
    const char *message;
    const unsigned char results[3][8];
} vectors[] = {
    {0x0b,
     20,
     "Hi There",
     {{0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53},
      {0xaf, 0xd0, 0x39, 0x44, 0xd8, 0x48, 0x95, 0x62},
      {0x87, 0xaa, 0x7c, 0xde, 0xa5, 0xef, 0x61, 0x9d}}},
    {0xaa,
     131,
     "Test Using Larger Than Block-Size Key - Hash Key First",
     {{0x60, 0xe4, 0x31, 0x59, 0x1e, 0xe0, 0xb6, 0x7f},
      {0x4e, 0xce, 0x08, 0x44, 0x85, 0x81, 0x3e, 0x90},
      {0x80, 0xb2, 0x42, 0x63, 0xc7, 0xc1, 0xa3, 0xeb}}},
};

static void a_mac_is_that_of_the_rfc_each_time(void **state)
{
    static const CK_MECHANISM_TYPE mechanisms[] = {CKM_SHA256_HMAC, CKM_SHA384_HMAC,
                                                   CKM_SHA512_HMAC};
    struct crypto crypto;

    (void)state;
    crypto_init(&crypto);
    for (size_t v = 0; v < COUNT(vectors); v++) {
        AUTO_SECRET key = {0};
        unsigned char *bytes;

        assert_int_equal(store_secret_resize(&key, vectors[v].len, &bytes), STORE_OK);
        memset(bytes, vectors[v].fill, vectors[v].len);
        for (size_t m = 0; m < COUNT(mechanisms); m++) {
            unsigned char out[CRYPTO_DIGEST_MAX];
            struct crypto_mac *mac = NULL;

            assert_int_equal(crypto_mac_new(&crypto, crypto_hash_find(mechanisms[m]), &key, &mac),
                             CKR_OK);
            for (int round = 0; round < 2; round++) {
                assert_int_equal(
                    crypto_mac_update(mac, vectors[v].message, strlen(vectors[v].message)), CKR_OK);
                assert_int_equal(crypto_mac_final(mac, out), CKR_OK);
                assert_memory_equal(out, vectors[v].results[m], 8);
                crypto_mac_restart(mac);
            }
            crypto_mac_free(mac);
        }
    }
    crypto_free(&crypto);
}

static void the_library_is_loaded_when_it_is_needed(void **state)
{
    struct crypto crypto;
    struct crypto_digest *digest = NULL;

    (void)state;
    crypto_init(&crypto);
    assert_null(atomic_load(&crypto.library));
    assert_int_equal(crypto_digest_new(&crypto, crypto_hash_find(CKM_SHA256), &digest), CKR_OK);
    assert_non_null(atomic_load(&crypto.library));
    crypto_digest_free(digest);
    crypto_free(&crypto);
}

static void keys_of_any_length_give_a_mac(void **state)
{
    static const unsigned char key_bytes[200] = {1};
    struct store_secret key = {.data = key_bytes, .len = sizeof key_bytes};
    struct store_secret none = {0};
    unsigned char first[CRYPTO_DIGEST_MAX];
    unsigned char second[CRYPTO_DIGEST_MAX];
    struct crypto crypto;

    (void)state;
    crypto_init(&crypto);
    for (size_t i = 0; crypto_hash_at(i) != NULL; i++) {
        struct crypto_mac *mac = NULL;

        if (sha3_is(crypto_hash_at(i)->digest)) { /* a key must not lie in libcrypto's heap */
            assert_int_equal(crypto_mac_new(&crypto, crypto_hash_at(i), &key, &mac),
                             CKR_FUNCTION_FAILED);
            continue;
        }
        assert_int_equal(crypto_mac_new(&crypto, crypto_hash_at(i), &key, &mac), CKR_OK);
        assert_int_equal(crypto_mac_final(mac, first), CKR_OK);
        crypto_mac_free(mac);
        assert_int_equal(crypto_mac_new(&crypto, crypto_hash_at(i), &none, &mac), CKR_OK);
        assert_int_equal(crypto_mac_final(mac, second), CKR_OK);
        crypto_mac_free(mac);
        assert_memory_not_equal(first, second, crypto_hash_at(i)->len);
    }
    crypto_free(&crypto);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mac_is_that_of_the_rfc_each_time),
        cmocka_unit_test(keys_of_any_length_give_a_mac),
        cmocka_unit_test(the_library_is_loaded_when_it_is_needed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

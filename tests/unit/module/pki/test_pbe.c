/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/pki/bundle.h"
#include "module/pki/pbe.h"
#include "tests/unit/module/pki/keys.h"

/* Keys that are encrypted with scrypt (RFC 7914): the cost of one is bounded, whoever wrote it. */

/* An Ed25519 key of openssl pkcs8 -topk8 -scrypt, with N = 16384, r = 8 and p = 1. */
#define SCRYPT                                                                                     \
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"                                                      \
    "MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAifjDv6lbXtsQICQAAC\n"                           \
    "AQgCAQEwHQYJYIZIAWUDBAEqBBD8V4TWysa5hUhOBWQq0WsgBEDW6ViLC5Z6DwQZ\n"                           \
    "wWLiIchvbUfE+0nzHQMwW7mTJcGxJJuMFZzwQvtyZzzOLf64A3kw9EuL6gyNDsd5\n"                           \
    "yJ/FeKg7\n"                                                                                   \
    "-----END ENCRYPTED PRIVATE KEY-----\n"
#define AT_N 45 /* the bytes of its numbers in DER */
#define AT_R 49
#define AT_P 52

/* The fault of the key with other numbers. */
static enum pki_fault fault_of(unsigned n_high, unsigned r, unsigned p)
{
    AUTO_SECRET value = {0};
    AUTO_SECRET passphrase = {0};
    AUTO_SECRET changed = {0};
    AUTO_SECRET plain = {0};
    AUTO_PART part = {0};
    unsigned char *bytes;
    size_t at = 0;

    assert_int_equal(store_secret_set(&value, SCRYPT, strlen(SCRYPT)), STORE_OK);
    assert_int_equal(store_secret_set(&passphrase, PASSPHRASE, strlen(PASSPHRASE)), STORE_OK);
    assert_int_equal(bundle_next(&value, &at, &part), STORE_OK);
    assert_int_equal(store_secret_resize(&changed, part.bytes.len, &bytes), STORE_OK);
    memcpy(bytes, part.bytes.data, part.bytes.len);
    assert_int_equal(bytes[AT_N], 0x40);
    assert_int_equal(bytes[AT_R], 8);
    assert_int_equal(bytes[AT_P], 1);
    bytes[AT_N] = (unsigned char)n_high;
    bytes[AT_R] = (unsigned char)r;
    bytes[AT_P] = (unsigned char)p;
    return pbe_decrypt(&changed, &passphrase, &plain);
}

static void the_cost_of_scrypt_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(fault_of(0x40, 8, 1), PKI_OK);
    assert_int_equal(fault_of(0x40, 8, 2), PKI_WRONG_PASSPHRASE);
    assert_int_equal(fault_of(0x40, 8, 17), PKI_OLD_ENCRYPTION);
    assert_int_equal(fault_of(0x40, 16, 9), PKI_OLD_ENCRYPTION);
    assert_int_equal(fault_of(0x01, 127, 127), PKI_OLD_ENCRYPTION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_cost_of_scrypt_is_bounded)};

    return cmocka_run_group_tests_name("pbe", tests, NULL, NULL);
}

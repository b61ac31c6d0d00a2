/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include <stdio.h>

#include "module/pki/keypair.h"
#include "tests/unit/module/pki/keys.h"
#include "tests/unit/module/pki/unpad.h"

#define SIZE 256

static struct keypair *open_key(void)
{
    AUTO_SECRET text = {0};
    AUTO_PRIVATE key = {0};
    struct keypair *keypair = NULL;

    assert_int_equal(store_secret_set(&text, RSA_PKCS8, strlen(RSA_PKCS8)), STORE_OK);
    assert_int_equal(pki_private_read(&text, NULL, &key), PKI_OK);
    assert_int_equal(keypair_new_private(&key, &keypair), PKI_OK);
    return keypair;
}

static size_t read_hex(const char *text, unsigned char out[SIZE])
{
    size_t len = strlen(text) / 2;

    for (size_t i = 0; i < len; i++)
        assert_int_equal(sscanf(text + 2 * i, "%2hhx", &out[i]), 1);
    return len;
}

/* A wrong padding gives the message that OpenSSL makes up for it, each time the same. */
static void a_wrong_padding_gives_a_message_like_a_right_one(void **state)
{
    const struct keypair_form form = {.padding = KEYPAIR_PKCS1};
    struct keypair *keypair = open_key();

    (void)state;
    for (size_t i = 0; i < 2 * COUNT(unpad_cases); i++) {
        const char *message = unpad_cases[i / 2].message;
        unsigned char encrypted[SIZE];
        unsigned char expected[SIZE];
        unsigned char plain[SIZE];
        size_t len = 0;

        assert_int_equal(read_hex(unpad_cases[i / 2].encrypted, encrypted), SIZE);
        assert_true(keypair_decrypt(keypair, &form, encrypted, plain, &len));
        assert_int_equal(len, read_hex(message, expected));
        assert_memory_equal(plain, expected, len);
    }
    keypair_free(keypair);
}

/* The encrypted number must be below the modulus. A caller may learn that: both are public. */
static void data_that_is_no_encryption_at_all_is_refused(void **state)
{
    static const enum keypair_padding paddings[] = {KEYPAIR_PKCS1, KEYPAIR_RAW};
    struct keypair *keypair = open_key();
    unsigned char encrypted[SIZE];
    unsigned char plain[SIZE];
    size_t len = 0;

    (void)state;
    memset(encrypted, 0xff, sizeof encrypted);
    for (size_t i = 0; i < COUNT(paddings); i++) {
        const struct keypair_form form = {.padding = paddings[i]};
        assert_false(keypair_decrypt(keypair, &form, encrypted, plain, &len));
    }
    keypair_free(keypair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_padding_gives_a_message_like_a_right_one),
        cmocka_unit_test(data_that_is_no_encryption_at_all_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

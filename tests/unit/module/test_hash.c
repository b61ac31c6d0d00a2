/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/hash.h"

static void a_mechanism_finds_its_hash(void **state)
{
    (void)state;
    assert_int_equal(crypto_hash_find(CKM_SHA256)->len, 32);
    assert_ptr_equal(crypto_hash_find(CKM_SHA384_HMAC_GENERAL), crypto_hash_find(CKM_SHA384));
    assert_null(crypto_hash_find(CKM_MD5));
    assert_null(crypto_hash_find(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mechanism_finds_its_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

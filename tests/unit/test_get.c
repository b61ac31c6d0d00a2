/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "conf/load.h"
#include "conf_registry.h"

static void a_setting_has_its_default(void **state)
{
    struct store_conf_set *set;
    const struct store_conf *conf;
    const char *encoding = NULL;

    (void)state;
    assert_int_equal(conf_load(&set, "backend=vault vault.token=t", "/nowhere/x"), STORE_OK);
    assert_int_equal(store_conf_count(set), 1);
    conf = store_conf_at(set, 0);
    assert_string_equal(store_conf_label(conf), "sideseat");
    assert_string_equal(store_conf_backend(conf), "vault");
    assert_string_equal(store_conf_text(conf, "vault.mount"), "secret");
    assert_int_equal(store_conf_number(conf, "timeout_ms"), 10000);
    assert_false(store_conf_flag(conf, "vault.skip_verify"));
    assert_true(store_secret_equal(store_conf_secret(conf, "vault.token"), "t", 1));
    assert_null(store_conf_text(conf, "vault.namespace"));
    assert_string_equal(store_conf_hmac_key(conf, 0, &encoding), "global/jwt_signing_key");
    assert_string_equal(encoding, "hex");
    assert_string_equal(store_conf_hmac_key(conf, 1, &encoding), "global/api_key_secret");
    assert_null(store_conf_hmac_key(conf, 2, &encoding));
    assert_false(store_conf_sensitive(conf, "global/jwt_signing_key"));
    store_conf_free(set);
    store_conf_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_setting_has_its_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

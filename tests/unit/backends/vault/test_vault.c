/* SPDX-License-Identifier: Apache-2.0 */
/* backends/vault/vault.c: the settings that it refuses. */
#include "tests/unit/conf/conf_fixture.h"

#include "backends/vault/vault.h"

static enum store_err open_and_close(const char *arguments)
{
    struct store_ctx *ctx = NULL;
    enum store_err err;

    assert_int_equal(fixture_load(arguments), STORE_OK);
    err = vault_backend.open(&ctx, fixture_token(0));
    if (err == STORE_OK)
        vault_backend.close(ctx);
    return err;
}

static void a_server_name_must_be_the_name_of_a_host(void **state)
{
    (void)state;
    assert_int_equal(open_and_close("backend=vault vault.address=https://127.0.0.1:8200 "
                                    "vault.tls_server_name=vault.internal"),
                     STORE_OK);
    assert_int_equal(open_and_close("backend=vault vault.address=https://127.0.0.1:8200 "
                                    "\"vault.tls_server_name=bad host\""),
                     STORE_BAD_CONF);
    assert_logged("vault.tls_server_name (VAULT_TLS_SERVER_NAME) is \"bad host\"");
    assert_int_equal(open_and_close("backend=vault vault.address=https://127.0.0.1:8200 "
                                    "vault.tls_server_name=https://vault.internal"),
                     STORE_BAD_CONF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONF_TEST(a_server_name_must_be_the_name_of_a_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

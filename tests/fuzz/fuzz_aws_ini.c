/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include "backends/aws/ini.h"
#include "store/log.h"

/* Any bytes as ~/.aws/config and as ~/.aws/credentials. */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    store_log_redirect(fuzz_check_line, NULL);
    return 0;
}

static void look_up(const struct aws_ini *ini)
{
    static const char *const names[] = {"region", "aws_secret_access_key", "secrets_manager"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct store_secret *found =
            aws_ini_find(ini, AWS_INI_PROFILE, "default", names[i], NULL);

        FUZZ_CHECK(found == NULL || (found->len > 0 && found->data[0] != ' '));
        (void)aws_ini_find(ini, AWS_INI_SERVICES, "local", names[i], "endpoint_url");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_SECRET text = {0};
    struct aws_ini ini = {0};
    enum store_err err;

    FUZZ_CHECK(store_secret_set(&text, data, size) == STORE_OK);
    err = aws_ini_parse(&ini, "config", true, &text);
    FUZZ_CHECK(err == STORE_OK || err == STORE_BAD_CONF);
    if (err == STORE_OK && aws_ini_parse(&ini, "credentials", false, &text) == STORE_OK)
        look_up(&ini);
    aws_ini_clear(&ini);
    return 0;
}

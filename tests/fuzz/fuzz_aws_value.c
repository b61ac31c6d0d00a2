/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "backends/aws/secret_value.h"
#include "store/log.h"

/* Any JSON as an answer of GetSecretValue. */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    store_log_redirect(fuzz_check_line, NULL);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_SECRET text = {0};
    AUTO_SECRET held = {0};
    AUTO_RECORD record = {0};
    AUTO_JSON document = NULL;
    enum store_err err;

    FUZZ_CHECK(store_secret_set(&text, data, size) == STORE_OK);
    if (json_read(&document, &text, NULL) != STORE_OK)
        return 0;
    err = aws_value_parse(json_root(document), "global/a", &record, &held);
    FUZZ_CHECK(err == STORE_OK || err == STORE_CORRUPT);
    FUZZ_CHECK((err == STORE_OK) == (record.value.len > 0));
    FUZZ_CHECK(memchr(record.version, '\0', sizeof record.version) != NULL);
    return 0;
}

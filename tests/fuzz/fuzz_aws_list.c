/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "backends/aws/answer.h"
#include "backends/aws/list.h"
#include "store/log.h"
#include "store/scope.h"

/* Any JSON as a page of ListSecrets gives only keys under the requested prefix. */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    store_log_redirect(fuzz_check_line, NULL);
    return 0;
}

static enum store_err check_key(void *arg, const char *key)
{
    const char *prefix = arg;

    FUZZ_CHECK(store_scope_parse(key, strlen(key), NULL) == STORE_OK);
    FUZZ_CHECK(strncmp(key, prefix, strlen(prefix)) == 0);
    return STORE_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char prefixes[][16] = {"", "org/", "org/acme/"};
    AUTO_SECRET text = {0};
    AUTO_JSON document = NULL;
    struct json_value list;
    size_t unnamed = 0;

    FUZZ_CHECK(store_secret_set(&text, data, size) == STORE_OK);
    if (json_read(&document, &text, NULL) != STORE_OK)
        return 0;
    list = json_member(json_root(document), "SecretList");
    FUZZ_CHECK(aws_answer_fits("ListSecrets", json_root(document)) ==
               (json_type(list) == JSON_ARRAY));
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        FUZZ_CHECK(aws_page_keys("p/q", prefixes[i], list, check_key, prefixes[i], &unnamed) ==
                   STORE_OK);
    (void)aws_answer_fits("DescribeSecret", json_root(document));
    (void)aws_answer_fits("BatchGetSecretValue", json_root(document));
    return 0;
}

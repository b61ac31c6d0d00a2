/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include "backends/aws/xml.h"

/* Any bytes as an answer of STS. */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aws_xml_field fields[] = {{.element = "AccessKeyId"}, {.element = "Code"}};
    AUTO_SECRET text = {0};
    enum store_err err;

    FUZZ_CHECK(store_secret_set(&text, data, size) == STORE_OK);
    err = aws_xml_read(&text, fields, 2);
    FUZZ_CHECK(err == STORE_OK || err == STORE_CORRUPT);
    FUZZ_CHECK(err == STORE_OK || (fields[0].value.len == 0 && fields[1].value.len == 0));
    aws_xml_clear(fields, 2);
    return 0;
}

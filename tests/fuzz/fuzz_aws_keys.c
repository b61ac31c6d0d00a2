/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "backends/aws/sources.h"
#include "backends/aws/words.h"
#include "store/log.h"

/* Any bytes as the answer of a container's agent, of an instance or of a credential_process, as a
 * time, and as a command. */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    store_log_redirect(fuzz_check_line, NULL);
    return 0;
}

static void keys_check(const struct store_secret *text)
{
    AUTO_JSON document = NULL;
    AUTO_KEYS keys = {0};

    if (json_read(&document, text, NULL) != STORE_OK)
        return;
    if (aws_keys_from_json(json_root(document), "Token", &keys) != STORE_OK)
        return;
    FUZZ_CHECK(keys.secret.len > 0 && keys.id[0] != '\0' && keys.expires_ns >= 0);
    FUZZ_CHECK(strpbrk(keys.id, "\r\n /,") == NULL);
}

static void words_check(const char *text)
{
    AUTO_WORDS words = {0};

    if (aws_words_split(text, &words) != STORE_OK)
        return;
    FUZZ_CHECK(words.count > 0 && words.argv[words.count] == NULL);
    for (size_t i = 0; i < words.count; i++)
        FUZZ_CHECK(words.argv[i] >= words.text &&
                   words.argv[i] + strlen(words.argv[i]) < words.text + words.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char command[512];
    size_t len = size < sizeof command ? size : sizeof command - 1;
    AUTO_SECRET text = {0};

    FUZZ_CHECK(store_secret_set(&text, data, size) == STORE_OK);
    keys_check(&text);
    FUZZ_CHECK(aws_time_parse((const char *)data, size) >= 0);
    if (len > 0)
        memcpy(command, data, len);
    command[len] = '\0';
    words_check(command);
    return 0;
}

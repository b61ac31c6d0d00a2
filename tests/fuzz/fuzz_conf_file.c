/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "conf/document.h"
#include "store/log.h"

/* Any bytes as sideseat.json: read, or reported with the file's name in every line. */

static size_t lines;

static void count_line(void *arg, enum store_log_level level, const char *text)
{
    fuzz_check_line(arg, level, text);
    FUZZ_CHECK(strncmp(text, "conf: FILE:", strlen("conf: FILE:")) == 0);
    lines++;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    store_log_redirect(count_line, NULL);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct conf_reader *reader = calloc(1, sizeof *reader);
    struct store_conf_set *set = calloc(1, sizeof *set);

    AUTO_SECRET text = {0};

    FUZZ_CHECK(reader != NULL && set != NULL);
    FUZZ_CHECK(store_secret_set(&text, data, size) == STORE_OK);
    reader->set = set;
    lines = 0;
    document_read(reader, "FILE", false, &text);
    FUZZ_CHECK(reader->err == STORE_OK || reader->err == STORE_BAD_CONF);
    FUZZ_CHECK((reader->err == STORE_OK) == (lines == 0));
    FUZZ_CHECK(set->count <= CONF_TOKENS_MAX);
    store_conf_free(set);
    free(reader);
    return 0;
}

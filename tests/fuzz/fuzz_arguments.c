/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "conf/load.h"
#include "store/log.h"

/* Any string in pReserved gives a configuration or BAD_CONF, and a configuration stays the same on
 * its way to the store process. */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    store_log_redirect(fuzz_check_line, NULL);
    clearenv();
    return setenv("HOME", "/nonexistent", 1);
}

static void put_one(void *arg, const char *path, const char *value,
                    const struct store_secret *secret, const char *origin)
{
    const void *bytes = secret != NULL ? (const void *)secret->data : value;

    FUZZ_CHECK(store_conf_put(arg, path, bytes, secret != NULL ? secret->len : strlen(value),
                              origin) == STORE_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    struct store_conf_set *set = NULL;
    struct store_conf_set *copy = NULL;
    const struct store_conf *conf;
    enum store_err err;

    FUZZ_CHECK(text != NULL);
    /* without the configuration files of this machine */
    if (strstr(text, "config=") == NULL) {
        err = conf_load(&set, text, "/nonexistent/sideseat.json");
        FUZZ_CHECK((err == STORE_OK && set != NULL) || (err == STORE_BAD_CONF && set == NULL));
    }
    if (set != NULL) {
        conf = store_conf_at(set, 0);
        FUZZ_CHECK(store_conf_begin(&copy, store_conf_label(conf), store_conf_backend(conf)) ==
                   STORE_OK);
        store_conf_each(conf, put_one, copy);
        store_conf_free(copy);
    }
    store_conf_free(set);
    free(text);
    return 0;
}

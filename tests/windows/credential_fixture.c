/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/windows/credential_fixture.h"

#include <string.h>

#include "tests/windows/credentials.h"

static char folder[256];

void fixture_open_for(const char *timeout_ms)
{
    fixture_close();
    assert_err(store_conf_begin(&fixture_set, "test", "credential-manager"), STORE_OK);
    assert_err(
        store_conf_put(fixture_set, "timeout_ms", timeout_ms, strlen(timeout_ms), "the test"),
        STORE_OK);
    assert_err(store_open(&fixture_store, store_conf_at(fixture_set, 0)), STORE_OK);
}

void fixture_open(void)
{
    fixture_open_for("60000");
}

int fixture_setup(void **state)
{
    (void)state;
    fixture_keep_log();
    if (!credentials_make(folder, sizeof folder))
        return -1;
    fixture_open();
    return 0;
}

int fixture_teardown(void **state)
{
    bool silent = fixture_end();

    (void)state;
    credentials_remove(folder);
    return silent ? 0 : -1;
}

enum store_err fixture_put_long(const char *key, char letter, size_t len, const char *if_version)
{
    AUTO_SECRET secret = {0};
    unsigned char *bytes;

    assert_err(store_secret_resize(&secret, len, &bytes), STORE_OK);
    memset(bytes, letter, len);
    memcpy(bytes, "s3cret", 6);
    return fixture_store.backend->write(fixture_store.ctx, key, &secret, if_version, NULL);
}

char fixture_letter(const struct store_secret *value)
{
    for (size_t i = 7; i < value->len; i++)
        if (value->data[i] != value->data[6])
            return 0;
    return value->len > 6 && memcmp(value->data, "s3cret", 6) == 0 ? (char)value->data[6] : 0;
}

void fixture_expect_long(const char *key, char letter, size_t len)
{
    AUTO_RECORD record = {0};

    assert_err(fixture_get(key, &record), STORE_OK);
    assert_int_equal(record.value.len, len);
    assert_int_equal(fixture_letter(&record.value), letter);
}

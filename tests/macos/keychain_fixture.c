/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/macos/keychain_fixture.h"

#include <string.h>

#include "tests/macos/place.h"

static char folder[256];

const char *fixture_folder(void)
{
    return folder;
}

static enum store_err put_setting(const char *path, const char *value, const char *origin)
{
    return store_conf_put(fixture_set, path, value, strlen(value), origin);
}

void fixture_open(const char *backend, enum fixture_choice choice)
{
    fixture_close();
    assert_err(store_conf_begin(&fixture_set, "test", backend), STORE_OK);
    assert_err(put_setting("data_dir", folder, "the test"), STORE_OK);
    assert_err(put_setting("timeout_ms", "100", "the test"), STORE_OK);
    assert_err(put_setting("backend", backend,
                           choice == FIXTURE_BY_PLATFORM
                               ? "platform: this is macOS, so data-protection-keychain"
                               : "environment variable SIDESEAT_SECRETS_BACKEND"),
               STORE_OK);
    assert_err(store_open(&fixture_store, store_conf_at(fixture_set, 0)), STORE_OK);
}

int fixture_setup(void **state)
{
    (void)state;
    fixture_keep_log();
    return place_make(folder, sizeof folder) ? 0 : -1;
}

int fixture_teardown(void **state)
{
    bool silent = fixture_end();

    (void)state;
    place_remove(folder);
    return silent && !place_leaks() ? 0 : -1;
}

enum store_err fixture_lock(void)
{
    return fixture_store.backend->lock(fixture_store.ctx);
}

enum store_err fixture_login(void)
{
    const struct store_secret pin = {0};

    return fixture_store.backend->login(fixture_store.ctx, &pin);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "conf/choice.h"
#include "store/backend.h"

/* The choice on each system, with the registry of all systems. */

extern const struct choice_system choice_macos;
extern const struct choice_system choice_windows;

static bool bus;

static bool find_bus(char *why, size_t size)
{
    snprintf(why, size, bus ? "a bus" : "no bus");
    return bus;
}

static void expect(const struct choice_system *system, const char *backend, const char *reason)
{
    char why[64] = "";

    assert_string_equal(choice_find(system, why, sizeof why), backend);
    assert_string_equal(why, reason);
    assert_non_null(store_registry_find(backend));
}

static void linux_has_the_secret_service_or_the_file(void **state)
{
    const struct choice_system with_bus = {.name = "Linux", .has_bus = find_bus};

    (void)state;
    assert_string_equal(choice_this_system.name, "Linux");
    bus = true;
    expect(&with_bus, "secret-service", "a bus");
    bus = false;
    expect(&with_bus, "file", "no bus");
}

static void macos_has_the_data_protection_keychain(void **state)
{
    (void)state;
    expect(&choice_macos, "data-protection-keychain", "this is macOS");
    assert_string_equal(store_registry_find("data-protection-keychain")->system, choice_macos.name);
}

static void windows_has_the_credential_manager(void **state)
{
    (void)state;
    expect(&choice_windows, "credential-manager", "this is Windows");
    assert_string_equal(store_registry_find("credential-manager")->system, choice_windows.name);
}

static void another_system_has_the_file(void **state)
{
    const struct choice_system other = {.name = "FreeBSD"};

    (void)state;
    expect(&other, "file", "this is FreeBSD");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linux_has_the_secret_service_or_the_file),
        cmocka_unit_test(macos_has_the_data_protection_keychain),
        cmocka_unit_test(windows_has_the_credential_manager),
        cmocka_unit_test(another_system_has_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

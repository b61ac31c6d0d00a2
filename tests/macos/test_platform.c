/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/platform.h"
#include "store/backend.h"

/* conf/platform_macos.c, with the registry of macOS. */

static void the_platforms_choice_is_a_backend_of_macos(void **state)
{
    const struct store_registration *row;
    char why[64] = "";

    (void)state;
    row = store_registry_find(platform_backend(why, sizeof why));
    assert_non_null(row);
    assert_string_equal(row->name, "data-protection-keychain");
    assert_string_equal(row->system, "macOS");
    assert_string_equal(why, "this is macOS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_platforms_choice_is_a_backend_of_macos),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/remote/program.h"

static char folder[64];
static struct store_conf_set *set;

static const char *const names[] = {"sideseat-store", "sideseat-store-desktop",
                                    "sideseat-store-cloud"};

static const char *path_of(const char *name)
{
    static char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/sideseat-program-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    store_conf_free(set);
    set = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(path_of(names[i]));
    return rmdir(folder);
}

static void install(const char *name, mode_t mode)
{
    int fd = open(path_of(name), O_CREAT | O_WRONLY | O_CLOEXEC, mode);

    assert_true(fd >= 0);
    close(fd);
}

/* Fails unless the program for `backend` is the one called `name` in the folder. */
static void assert_found(const char *backend, const char *name)
{
    struct program room;

    store_conf_free(set);
    assert_int_equal(store_conf_begin(&set, "token", backend), STORE_OK);
    assert_string_equal(program_find_in(folder, store_conf_at(set, 0), &room), path_of(name));
}

static void each_backend_gets_the_program_made_for_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        install(names[i], 0755);
    assert_found("secret-service", "sideseat-store-desktop");
    assert_found("vault", "sideseat-store-cloud");
    assert_found("aws", "sideseat-store-cloud");
    assert_found("file", "sideseat-store");
}

static void without_it_the_program_with_every_backend_is_taken(void **state)
{
    (void)state;
    install("sideseat-store-cloud", 0644);
    assert_found("secret-service", "sideseat-store");
    assert_found("vault", "sideseat-store"); /* the other cannot be run */
}

static void a_configured_program_is_always_taken(void **state)
{
    const char *chosen = "/opt/store";
    struct program room;

    (void)state;
    install("sideseat-store-desktop", 0755);
    assert_int_equal(store_conf_begin(&set, "token", "secret-service"), STORE_OK);
    assert_int_equal(store_conf_put(set, "store.program", chosen, strlen(chosen), "test"),
                     STORE_OK);
    assert_string_equal(program_find_in(folder, store_conf_at(set, 0), &room), chosen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        CASE(each_backend_gets_the_program_made_for_it),
        CASE(without_it_the_program_with_every_backend_is_taken),
        CASE(a_configured_program_is_always_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* backends/file/: place.c, lock.c and replace.c, in a folder of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/file/replace.h"
#include "store/time.h"

#define NS_PER_MS INT64_C(1000000)

static int setup(void **state)
{
    struct file_place *place = calloc(1, sizeof *place);
    const char *temp = getenv("TMPDIR");
    char folder[200];

    snprintf(folder, sizeof folder, "%s/file-replace-XXXXXX", temp == NULL ? "/tmp" : temp);
    if (place == NULL || mkdtemp(folder) == NULL)
        return -1;
    *state = place;
    return file_place_init(place, folder) == STORE_OK ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static int teardown(void **state)
{
    struct file_place *place = *state;

    nftw(place->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    file_place_clear(place);
    free(place);
    return 0;
}

static int64_t soon(void)
{
    return store_time_monotonic() + 60000 * NS_PER_MS;
}

static enum store_err replace(const struct file_place *place, const char *text,
                              const struct file_identity *base, struct file_identity *identity)
{
    AUTO_SECRET secret = {0};
    struct file_lock lock;
    enum store_err err;
    int fd;

    assert_int_equal(store_secret_set(&secret, text, strlen(text)), STORE_OK);
    assert_int_equal(file_lock_take(place, soon(), &lock), STORE_OK);
    err = file_replace_write(place, &lock, &secret, &fd);
    if (err == STORE_OK)
        err = file_replace_swap(place, &lock, fd, base, identity);
    file_replace_end(&lock, fd, err == STORE_OK);
    file_lock_drop(&lock);
    return err;
}

static void expect(const struct file_place *place, const char *text, struct file_identity *identity)
{
    AUTO_SECRET found = {0};
    struct file_trouble trouble;

    assert_int_equal(file_place_read(place, &found, identity, &trouble), STORE_OK);
    assert_true(store_secret_equal(&found, text, strlen(text)));
}

static void replace_gives_the_identity_that_the_next_look_finds(void **state)
{
    const struct file_place *place = *state;
    struct file_identity none;
    struct file_identity made;
    struct file_identity now;

    file_place_look(place, &none);
    assert_int_equal(none.error, ENOENT);
    assert_int_equal(replace(place, "one", &none, &made), STORE_OK);
    file_place_look(place, &now);
    assert_true(file_identity_equal(&made, &now));
    assert_true(file_identity_settled(&made, store_time_now()));
    expect(place, "one", &now);
    assert_true(file_identity_equal(&made, &now));
}

/* A program that takes no lock was faster. */
static void replace_of_another_state_changes_nothing(void **state)
{
    const struct file_place *place = *state;
    struct file_identity base;
    struct file_identity now;
    char temp[320];
    int fd;

    file_place_look(place, &base);
    assert_int_equal(replace(place, "one", &base, &base), STORE_OK);
    fd = open(place->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(fd, "+", 1), 1);
    close(fd);
    assert_int_equal(replace(place, "two", &base, &now), STORE_CONFLICT);
    expect(place, "one+", &now);
    snprintf(temp, sizeof temp, "%s/secrets.json.new", place->folder);
    assert_int_equal(access(temp, F_OK), -1);
}

static void what_a_killed_writer_left_is_replaced(void **state)
{
    const struct file_place *place = *state;
    struct file_identity base;
    char temp[320];
    int fd;

    snprintf(temp, sizeof temp, "%s/secrets.json.new", place->folder);
    fd = open(temp, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "half a secret and more", 22), 22);
    close(fd);
    file_place_look(place, &base);
    assert_int_equal(replace(place, "one", &base, &base), STORE_OK);
    expect(place, "one", &base);
    assert_int_equal(access(temp, F_OK), -1);
}

static void lock_is_waited_for_until_the_deadline(void **state)
{
    const struct file_place *place = *state;
    struct file_lock first;
    struct file_lock second;
    int64_t begun = store_time_monotonic();

    assert_int_equal(file_lock_take(place, soon(), &first), STORE_OK);
    assert_int_equal(file_lock_take(place, begun + 30 * NS_PER_MS, &second), STORE_TIMEOUT);
    assert_true(store_time_monotonic() >= begun + 30 * NS_PER_MS);
    file_lock_drop(&first);
    assert_int_equal(file_lock_take(place, soon(), &second), STORE_OK);
    file_lock_drop(&second);
}

static void deleted_lock_file_locks_nobody(void **state)
{
    const struct file_place *place = *state;
    struct file_lock first;
    struct file_lock second;
    char name[320];

    snprintf(name, sizeof name, "%s/secrets.json.lock", place->folder);
    assert_int_equal(file_lock_take(place, soon(), &first), STORE_OK);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(file_lock_take(place, soon(), &second), STORE_OK);
    assert_int_equal(access(name, F_OK), 0);
    file_lock_drop(&second);
    file_lock_drop(&first);
}

static void set_aside_never_replaces(void **state)
{
    const struct file_place *place = *state;
    static const char *const names[] = {"secrets.json.v1", "secrets.json.v1.1"};
    struct file_identity base;
    struct file_lock lock;
    char name[320];

    for (size_t i = 0; i < 2; i++) {
        file_place_look(place, &base);
        assert_int_equal(replace(place, i == 0 ? "one" : "two", &base, &base), STORE_OK);
        assert_int_equal(file_lock_take(place, soon(), &lock), STORE_OK);
        assert_int_equal(file_set_aside(place, &lock, "v1", i == 0), STORE_OK);
        file_lock_drop(&lock);
        snprintf(name, sizeof name, "%s/%s", place->folder, names[i]);
        assert_int_equal(access(name, F_OK), 0);
        assert_int_equal(access(place->path, F_OK), i == 0 ? 0 : -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        CASE(replace_gives_the_identity_that_the_next_look_finds),
        CASE(replace_of_another_state_changes_nothing),
        CASE(what_a_killed_writer_left_is_replaced),
        CASE(lock_is_waited_for_until_the_deadline),
        CASE(deleted_lock_file_locks_nobody),
        CASE(set_aside_never_replaces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

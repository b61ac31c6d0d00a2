/* SPDX-License-Identifier: Apache-2.0 */
/* backends/file/: place.c, lock.c and replace.c, in a folder of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/file/replace.h"
#include "store/time.h"

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
    return store_time_monotonic() + 60000 * STORE_TIME_MS;
}

static enum store_err replace(const struct file_place *place, const char *text,
                              const struct file_identity *base, struct file_identity *identity)
{
    AUTO_SECRET secret = {0};
    struct file_lock lock;
    struct file_temp temp;
    enum store_err err;

    assert_int_equal(store_secret_set(&secret, text, strlen(text)), STORE_OK);
    assert_int_equal(file_lock_acquire(place, soon(), &lock), STORE_OK);
    err = file_replace_write(place, &lock, &secret, &temp);
    if (err == STORE_OK)
        err = file_replace_swap(place, &lock, soon(), &temp, base, identity);
    file_replace_end(&lock, &temp);
    file_lock_drop(&lock);
    return err;
}

static mode_t mode_of(const char *folder, const char *name)
{
    char path[320];
    struct stat st;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

/* How many names in the folder begin with `start`. */
static int count(const struct file_place *place, const char *start)
{
    DIR *folder = opendir(place->folder);
    struct dirent *entry;
    int found = 0;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL)
        found += strncmp(entry->d_name, start, strlen(start)) == 0;
    closedir(folder);
    return found;
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

    file_place_stat(place, &none);
    assert_int_equal(none.error, ENOENT);
    assert_int_equal(replace(place, "one", &none, &made), STORE_OK);
    file_place_stat(place, &now);
    assert_true(file_identity_equal(&made, &now));
    assert_true(file_identity_settled(&made, store_time_now()));
    expect(place, "one", &now);
    assert_true(file_identity_equal(&made, &now));
}

/* A program without the lock was faster. */
static void replace_of_another_state_changes_nothing(void **state)
{
    const struct file_place *place = *state;
    struct file_identity base;
    struct file_identity now;
    int fd;

    file_place_stat(place, &base);
    assert_int_equal(replace(place, "one", &base, &base), STORE_OK);
    fd = open(place->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(fd, "+", 1), 1);
    close(fd);
    assert_int_equal(replace(place, "two", &base, &now), STORE_CONFLICT);
    expect(place, "one+", &now);
    assert_int_equal(count(place, "secrets.json.new"), 0);
}

static void write_temp(const struct file_place *place, const struct file_lock *lock,
                       const char *text, struct file_temp *temp)
{
    AUTO_SECRET secret = {0};

    assert_int_equal(store_secret_set(&secret, text, strlen(text)), STORE_OK);
    assert_int_equal(file_replace_write(place, lock, &secret, temp), STORE_OK);
}

/* Takes a file's name away at once; a deleted file of Windows may keep it while it is open. */
static void take_away(const char *name)
{
    char away[330];

    snprintf(away, sizeof away, "%s.away", name);
    assert_int_equal(rename(name, away), 0);
    assert_int_equal(unlink(away), 0);
}

/* Deleting the lock file lets two writers in: the one with the deleted lock must not overwrite the
 * other's text, and each has its own temporary file. */
static void writer_whose_lock_was_deleted_changes_nothing(void **state)
{
    const struct file_place *place = *state;
    struct file_identity base;
    struct file_identity now;
    struct file_temp temp;
    struct file_lock lock;
    char name[320];

    file_place_stat(place, &base);
    assert_int_equal(file_lock_acquire(place, soon(), &lock), STORE_OK);
    write_temp(place, &lock, "old", &temp);
    snprintf(name, sizeof name, "%s/secrets.json.lock", place->folder);
    take_away(name);
    assert_int_equal(file_replace_swap(place, &lock, soon(), &temp, &base, &now), STORE_CONFLICT);
    assert_int_equal(replace(place, "new", &base, &now), STORE_OK);
    assert_int_equal(file_replace_swap(place, &lock, soon(), &temp, &base, &now), STORE_CONFLICT);
    file_replace_end(&lock, &temp);
    assert_false(file_lock_stands(place, &lock));
    assert_int_equal(file_lock_renew(place, soon(), &lock), STORE_OK);
    assert_true(file_lock_stands(place, &lock));
    file_lock_drop(&lock);
    expect(place, "new", &now);
    assert_int_equal(count(place, "secrets.json.new"), 0);
}

/* Nor if it is the whole folder that was moved away. */
static void writer_whose_folder_was_moved_changes_nothing(void **state)
{
    const struct file_place *place = *state;
    struct file_identity base;
    struct file_identity now;
    struct file_temp temp;
    struct file_lock lock;
    char away[320];

    file_place_stat(place, &base);
    assert_int_equal(file_lock_acquire(place, soon(), &lock), STORE_OK);
    write_temp(place, &lock, "old", &temp);
    snprintf(away, sizeof away, "%s.away", place->folder);
    assert_int_equal(rename(place->folder, away), 0);
    assert_int_equal(file_replace_swap(place, &lock, soon(), &temp, &base, &now), STORE_CONFLICT);
    file_replace_end(&lock, &temp);
    file_lock_drop(&lock);
    assert_int_equal(rename(away, place->folder), 0);
}

static void only_leftovers_of_killed_writers_are_removed(void **state)
{
    const struct file_place *place = *state;
    struct file_identity base;
    struct file_lock lock;
    struct file_temp temp;
    char name[320];

    for (int i = 0; i < 3; i++) {
        int fd;
        snprintf(name, sizeof name, "%s/secrets.json.new%s", place->folder,
                 i == 0   ? ""
                 : i == 1 ? ".0123456789abcdef"
                          : ".no-rights");
        fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, i == 2 ? 0 : 0600);
        assert_int_equal(write(fd, "half a secret and more", 22), 22);
        close(fd);
    }
    assert_int_equal(file_lock_acquire(place, soon(), &lock), STORE_OK);
    write_temp(place, &lock, "one", &temp);
    file_replace_sweep(&lock);
    assert_int_equal(count(place, "secrets.json.new"), 1);
    file_place_stat(place, &base);
    assert_int_equal(file_replace_swap(place, &lock, soon(), &temp, &base, &base), STORE_OK);
    file_replace_end(&lock, &temp);
    file_lock_drop(&lock);
    expect(place, "one", &base);
}

/* The modes are right under any umask. */
static void modes_are_set_under_any_umask(void **state)
{
    static const mode_t masks[] = {0, 022, 0177, 0277, 0777};
    const struct file_place *place = *state;

    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        struct file_place deep = {0};
        struct file_identity base;
        char folder[256];
        mode_t before;

        snprintf(folder, sizeof folder, "%s/%zu/deep", place->folder, i);
        assert_int_equal(file_place_init(&deep, folder), STORE_OK);
        file_place_stat(&deep, &base);
        before = (mode_t)umask(masks[i]);
        assert_int_equal(replace(&deep, "one", &base, &base), STORE_OK);
        umask(before);
        assert_int_equal(mode_of(deep.folder, ".."), 0700);
        assert_int_equal(mode_of(deep.folder, "."), 0700);
        assert_int_equal(mode_of(deep.folder, "secrets.json"), 0600);
        assert_int_equal(mode_of(deep.folder, "secrets.json.lock"), 0600);
        file_place_clear(&deep);
    }
}

static void lock_is_waited_for_until_the_deadline(void **state)
{
    const struct file_place *place = *state;
    struct file_lock first;
    struct file_lock second;
    int64_t begun = store_time_monotonic();

    assert_int_equal(file_lock_acquire(place, soon(), &first), STORE_OK);
    assert_int_equal(file_lock_acquire(place, begun + 30 * STORE_TIME_MS, &second), STORE_TIMEOUT);
    assert_true(store_time_monotonic() >= begun + 30 * STORE_TIME_MS);
    file_lock_drop(&first);
    assert_int_equal(file_lock_acquire(place, soon(), &second), STORE_OK);
    file_lock_drop(&second);
}

static void a_deleted_lock_file_locks_no_writer(void **state)
{
    const struct file_place *place = *state;
    struct file_lock first;
    struct file_lock second;
    char name[320];

    snprintf(name, sizeof name, "%s/secrets.json.lock", place->folder);
    assert_int_equal(file_lock_acquire(place, soon(), &first), STORE_OK);
    take_away(name);
    assert_int_equal(file_lock_acquire(place, soon(), &second), STORE_OK);
    assert_int_equal(access(name, F_OK), 0);
    file_lock_drop(&second);
    file_lock_drop(&first);
}

static void set_aside_never_replaces(void **state)
{
    const struct file_place *place = *state;
    static const char *const names[] = {"secrets.json.v1", "secrets.json.v1.1"};
    AUTO_SECRET text = {0};
    struct file_lock lock;
    char name[FILE_ASIDE_SIZE];
    mode_t before = (mode_t)umask(0777);

    assert_int_equal(store_secret_set(&text, "one", 3), STORE_OK);
    assert_int_equal(file_lock_acquire(place, soon(), &lock), STORE_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(file_set_aside(place, &lock, &text, "v1", name), STORE_OK);
        assert_string_equal(name, names[i]);
        assert_int_equal(mode_of(place->folder, name), 0600);
    }
    umask(before);
    file_set_aside_undo(&lock, name);
    file_lock_drop(&lock);
    assert_int_equal(count(place, "secrets.json.v1"), 1);
    assert_int_equal(count(place, "secrets.json.new"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        CASE(replace_gives_the_identity_that_the_next_look_finds),
        CASE(replace_of_another_state_changes_nothing),
        CASE(writer_whose_lock_was_deleted_changes_nothing),
        CASE(writer_whose_folder_was_moved_changes_nothing),
        CASE(only_leftovers_of_killed_writers_are_removed),
        CASE(modes_are_set_under_any_umask),
        CASE(lock_is_waited_for_until_the_deadline),
        CASE(a_deleted_lock_file_locks_no_writer),
        CASE(set_aside_never_replaces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

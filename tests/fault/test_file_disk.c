/* SPDX-License-Identifier: Apache-2.0 */
/* Full disks, read-only file systems, and users who may only read. */
#include "tests/fault/file_fault.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OTHER_USER 65534

static const char good[] = "{\"version\":2,\"secrets\":{\"global/x\":{\"value\":\"sesame\"}}}";

/* Runs `body` in a child that may change its limits, mounts and user. A failed assertion ends the
 * child with a failure; 77: this machine does not allow it. */
static void in_child(void (*body)(const struct fault *), const struct fault *fault)
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        body(fault);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        fault_skip_without("mount file systems, as root");
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* cmocka's assertions belong to the parent. */
#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

/* Mounts of its own, which end with the child. */
static void private_mounts(void)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        _exit(77);
}

/* Fills the disk with secrets, and checks that the failed write has changed nothing. */
static void fill_up(const struct fault *fault)
{
    static char value[20001];
    struct store store = fault_open(fault->folder);
    enum store_err err = STORE_OK;
    char key[64];
    char found[64];
    int written = 0;

    memset(value, 'v', sizeof value - 1);
    EXPECT(fault_put(&store, "global/x", "sesame") == STORE_OK);
    while (err == STORE_OK && written < 100) {
        snprintf(key, sizeof key, "global/big_%d", written);
        err = fault_put(&store, key, value);
        written += err == STORE_OK;
    }
    EXPECT(err == STORE_FULL);
    EXPECT(written > 0);
    EXPECT(fault_get(&store, key, found, sizeof found) == STORE_NOT_FOUND);
    EXPECT(fault_get(&store, "global/x", found, sizeof found) == STORE_OK);
    fault_close(&store);
    EXPECT(fault_count(fault->folder, "secrets.json.new") == 0);
    /* As another process sees it. */
    store = fault_open(fault->folder);
    EXPECT(fault_get(&store, "global/x", found, sizeof found) == STORE_OK);
    EXPECT(strcmp(found, "sesame") == 0);
    for (int i = 0; i < written; i++) {
        snprintf(key, sizeof key, "global/big_%d", i);
        EXPECT(fault_get(&store, key, found, sizeof found) == STORE_TOO_BIG);
    }
    /* Half a file has room to be replaced by a smaller one. */
    for (int i = 0; i < written / 2 + 1; i++) {
        snprintf(key, sizeof key, "global/big_%d", i);
        err = store.backend->remove(store.ctx, key, NULL);
    }
    fault_close(&store);
}

static void on_small_disk(const struct fault *fault)
{
    private_mounts();
    if (mount("tmpfs", fault->folder, "tmpfs", 0, "size=256k,mode=0700") != 0)
        _exit(77);
    fill_up(fault);
}

static void full_disk_changes_nothing(void **state)
{
    in_child(on_small_disk, *state);
}

/* The fresh file does not fit: the damaged one stays, alone and unchanged. */
static void damaged_on_full_disk(const struct fault *fault)
{
    static char value[160001];
    static char text[160100];
    char found[64];
    char *after;

    private_mounts();
    if (mount("tmpfs", fault->folder, "tmpfs", 0, "size=256k,mode=0700") != 0)
        _exit(77);
    memset(value, 'v', sizeof value - 1);
    snprintf(text, sizeof text, "{\"version\":2,\"secrets\":{\"global/x\":{\"value\":\"%s\"},",
             value);
    fault_make(fault->path, text, 0600);
    for (int i = 0; i < 2; i++) {
        EXPECT(fault_read_in(fault->folder, "global/x", found, sizeof found) == STORE_CORRUPT);
        EXPECT(fault_write_in(fault->folder, "global/y", "new") == STORE_FULL);
    }
    after = fault_slurp(fault->path);
    EXPECT(after != NULL && strcmp(after, text) == 0);
    free(after);
    EXPECT(fault_count(fault->folder, "secrets.json.corrupt") == 0);
    EXPECT(fault_count(fault->folder, "secrets.json.new") == 0);
}

static void damaged_file_on_a_full_disk_stays(void **state)
{
    in_child(damaged_on_full_disk, *state);
}

static void with_file_size_limit(const struct fault *fault)
{
    const struct rlimit limit = {100000, 100000};

    signal(SIGXFSZ, SIG_IGN);
    EXPECT(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    fill_up(fault);
}

static void limit_on_the_size_of_files_changes_nothing(void **state)
{
    in_child(with_file_size_limit, *state);
}

static void make_read_only(const struct fault *fault)
{
    private_mounts();
    if (mount(fault->folder, fault->folder, NULL, MS_BIND, NULL) != 0 ||
        mount(NULL, fault->folder, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) != 0)
        _exit(77);
}

static void on_read_only_disk(const struct fault *fault)
{
    char found[64];

    make_read_only(fault);
    EXPECT(fault_read_in(fault->folder, "global/x", found, sizeof found) == STORE_OK);
    EXPECT(strcmp(found, "sesame") == 0);
    EXPECT(fault_write_in(fault->folder, "global/x", "new") == STORE_READ_ONLY);
    EXPECT(fault_read_in(fault->folder, "global/x", found, sizeof found) == STORE_OK);
    EXPECT(strcmp(found, "sesame") == 0);
}

static void read_only_disk_is_read(void **state)
{
    const struct fault *fault = *state;

    fault_make(fault->path, good, 0600);
    in_child(on_read_only_disk, fault);
    fault_expect_file(fault->path, good);
    assert_int_equal(fault_count(fault->folder, "secrets.json"), 1);
    /* A v1 file is migrated in memory. */
    fault_make(fault->path, "{\"x\":{\"value\":\"sesame\"}}", 0600);
    in_child(on_read_only_disk, fault);
    fault_expect_file(fault->path, "{\"x\":{\"value\":\"sesame\"}}");
}

static void corrupt_on_read_only_disk(const struct fault *fault)
{
    char found[64];

    make_read_only(fault);
    EXPECT(fault_read_in(fault->folder, "global/x", found, sizeof found) == STORE_CORRUPT);
    EXPECT(fault_write_in(fault->folder, "global/x", "new") == STORE_READ_ONLY);
}

/* "It cannot be read" must never look like "there is no such secret". */
static void corrupt_file_on_a_read_only_disk_is_corrupt(void **state)
{
    const struct fault *fault = *state;

    fault_make(fault->path, "{{{", 0600);
    in_child(corrupt_on_read_only_disk, fault);
    fault_expect_file(fault->path, "{{{");
}

static void as_other_user(const struct fault *fault)
{
    char found[64];

    EXPECT(setgid(OTHER_USER) == 0 && setuid(OTHER_USER) == 0);
    EXPECT(fault_read_in(fault->folder, "global/x", found, sizeof found) == STORE_OK);
    EXPECT(strcmp(found, "sesame") == 0);
    EXPECT(fault_write_in(fault->folder, "global/x", "new") == STORE_DENIED);
    EXPECT(fault_read_in(fault->folder, "global/x", found, sizeof found) == STORE_OK);
    EXPECT(strcmp(found, "sesame") == 0);
}

static void readers_need_no_right_to_write(void **state)
{
    const struct fault *fault = *state;

    if (geteuid() != 0)
        fault_skip_without("run as root");
    fault_make(fault->path, good, 0400);
    assert_int_equal(chown(fault->path, OTHER_USER, OTHER_USER), 0);
    assert_int_equal(chmod(fault->folder, 0555), 0);
    in_child(as_other_user, fault);
    fault_expect_file(fault->path, good);
    fault_make(fault->path, "{\"x\":\"sesame\"}", 0400);
    in_child(as_other_user, fault);
    assert_int_equal(fault_count(fault->folder, "secrets.json"), 1);
}

static void without_access(const struct fault *fault)
{
    char found[64];

    EXPECT(setgid(OTHER_USER) == 0 && setuid(OTHER_USER) == 0);
    EXPECT(fault_read_in(fault->folder, "global/x", found, sizeof found) == STORE_DENIED);
    EXPECT(fault_write_in(fault->folder, "global/x", "new") == STORE_DENIED);
}

static void folder_without_access_is_denied_and_not_empty(void **state)
{
    const struct fault *fault = *state;

    if (geteuid() != 0)
        fault_skip_without("run as root");
    fault_make(fault->path, good, 0600);
    in_child(without_access, fault);
}

static void in_anothers_home(const struct fault *fault)
{
    char folder[300];
    char found[64];
    struct store store;
    struct store_health health;

    snprintf(folder, sizeof folder, "%s/.local/share/sideseat", fault->folder);
    EXPECT(setgid(OTHER_USER) == 0 && setuid(OTHER_USER) == 0);
    store = fault_open(folder);
    EXPECT(fault_get(&store, "global/x", found, sizeof found) == STORE_DENIED);
    EXPECT(fault_put(&store, "global/x", "new") == STORE_DENIED);
    store.backend->health(store.ctx, &health);
    EXPECT(health.err == STORE_DENIED);
    EXPECT(strstr(health.text, folder) != NULL);
    EXPECT(strstr(health.remedy, "SIDESEAT_DATA_DIR") != NULL);
    fault_close(&store);
}

/* A container's HOME is often root's: the store opens, and its first use fails with the reason. */
static void home_that_cannot_be_entered_is_denied_at_use(void **state)
{
    if (geteuid() != 0)
        fault_skip_without("run as root");
    in_child(in_anothers_home, *state);
}

static void folder_is_made_for_its_owner_alone(void **state)
{
    const struct fault *fault = *state;
    char deep[300];
    char file[320];
    struct stat st;

    umask(0);
    snprintf(deep, sizeof deep, "%s/a/b/c", fault->folder);
    snprintf(file, sizeof file, "%s/secrets.json", deep);
    assert_err(fault_write_in(deep, "global/x", "sesame"), STORE_OK);
    assert_int_equal(stat(deep, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    umask(0777);
    assert_err(fault_write_in(deep, "global/x", "sesame"), STORE_OK);
    umask(022);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fault_setup, fault_teardown)
        CASE(full_disk_changes_nothing),
        CASE(damaged_file_on_a_full_disk_stays),
        CASE(limit_on_the_size_of_files_changes_nothing),
        CASE(read_only_disk_is_read),
        CASE(corrupt_file_on_a_read_only_disk_is_corrupt),
        CASE(readers_need_no_right_to_write),
        CASE(folder_without_access_is_denied_and_not_empty),
        CASE(home_that_cannot_be_entered_is_denied_at_use),
        CASE(folder_is_made_for_its_owner_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

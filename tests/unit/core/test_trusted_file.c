/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/trusted_file.h"
#include "store/user.h"

#define STRANGER 12345

static char folder[64];
static char why[STORE_TRUSTED_WHY];

static const char *at(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/sideseat-trust-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"file", "link", "deep/program", "deep/link", "deep"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        (void)remove(at(names[i]));
    return rmdir(folder);
}

static void make(const char *name, const char *text, mode_t mode)
{
    int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

/* Reads a file: with which result, and which words in the reason. */
static void expect(const char *path, enum store_err err, const char *words)
{
    AUTO_SECRET text = {0};
    bool exposed = false;

    assert_int_equal(store_trusted_read(path, 100, &text, &exposed, why), err);
    if (strstr(why, words) == NULL)
        fail_msg("\"%s\" is not in: %s", words, why);
    assert_int_equal(text.len, err == STORE_OK && strcmp(path, "/dev/null") != 0 ? 5 : 0);
    assert_int_equal(store_trusted_check(path, why), err == STORE_TOO_BIG ? STORE_OK : err);
}

static void need_root(void)
{
    if (geteuid() != 0)
        skip();
}

static void a_file_of_ours_is_read(void **state)
{
    AUTO_SECRET text = {0};
    bool exposed;

    (void)state;
    make("file", "hello", 0600);
    assert_int_equal(store_trusted_read(at("file"), 5, &text, &exposed, why), STORE_OK);
    assert_true(store_secret_equal(&text, "hello", 5));
    assert_false(exposed);
    make("file", "hello", 0644);
    assert_int_equal(store_trusted_read(at("file"), 5, &text, &exposed, why), STORE_OK);
    assert_true(exposed);
    assert_int_equal(store_trusted_read("/dev/null", 5, &text, NULL, why), STORE_OK);
    assert_int_equal(text.len, 0);
}

static void absence_and_size_are_told(void **state)
{
    (void)state;
    expect(at("file"), STORE_NOT_FOUND, "file: cannot be opened");
    make("file", "hello", 0600);
    expect(at("file/x"), STORE_NOT_FOUND, "");
    make("file",
         "0123456789012345678901234567890123456789012345678901234567890123456789"
         "012345678901234567890123456789x",
         0600);
    expect(at("file"), STORE_TOO_BIG, "larger than 100 bytes");
}

static void a_file_that_others_may_write_is_refused(void **state)
{
    static const mode_t modes[] = {0602, 0620, 0622, 0666, 0777};

    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        make("file", "hello", modes[i]);
        expect(at("file"), STORE_BAD_CONF, "chmod go-w");
    }
}

static void a_strangers_file_and_link_are_refused(void **state)
{
    (void)state;
    need_root();
    make("file", "hello", 0600);
    assert_int_equal(symlink(at("file"), at("link")), 0);
    expect(at("link"), STORE_OK, "");
    assert_int_equal(lchown(at("link"), STRANGER, STRANGER), 0);
    expect(at("link"), STORE_BAD_CONF, "belongs to user 12345");
    assert_int_equal(lchown(at("link"), 0, 0), 0);
    assert_int_equal(chown(at("file"), STRANGER, STRANGER), 0);
    expect(at("file"), STORE_BAD_CONF, "belongs to user 12345");
    expect(at("link"), STORE_BAD_CONF, "belongs to user 12345");
}

static void a_link_is_followed_only_where_others_cannot_replace_it(void **state)
{
    (void)state;
    make("file", "hello", 0600);
    assert_int_equal(mkdir(at("deep"), 0700), 0);
    assert_int_equal(symlink(at("file"), at("deep/link")), 0);
    expect(at("deep/link"), STORE_OK, "");
    assert_int_equal(chmod(at("deep"), 0770), 0);
    expect(at("deep/link"), STORE_BAD_CONF, "chmod go-w");
    assert_int_equal(chmod(at("deep"), 01777), 0);
    expect(at("deep/link"), STORE_OK, "");
}

static void a_place_that_is_not_a_file_is_refused_at_once(void **state)
{
    (void)state;
    expect(folder, STORE_BAD_CONF, "is not a file");
    assert_int_equal(mkfifo(at("file"), 0600), 0);
    expect(at("file"), STORE_BAD_CONF, "is not a file");
    expect("/dev/zero", STORE_BAD_CONF, "is not a file");
    assert_int_equal(symlink(at("link"), at("link")), 0);
    expect(at("link"), STORE_DENIED, "cannot be opened");
}

/* Runs a check as another user; the exit status is the result. */
static void as_stranger(void (*check)(void))
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        if (setgid(STRANGER) != 0 || setuid(STRANGER) != 0)
            _exit(100);
        check();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void look_as_stranger(void)
{
    AUTO_SECRET text = {0};

    if (store_trusted_read(at("file"), 100, &text, NULL, why) != STORE_DENIED)
        _exit(1);
    if (strstr(why, "let this user read it") == NULL)
        _exit(2);
}

static void a_place_that_may_not_be_entered_is_denied_and_not_absent(void **state)
{
    (void)state;
    need_root();
    make("file", "hello", 0600);
    as_stranger(look_as_stranger);
    assert_int_equal(chmod(folder, 0755), 0);
    as_stranger(look_as_stranger);
}

static void a_program_is_trusted_with_all_folders_above_it(void **state)
{
    (void)state;
    assert_int_equal(mkdir(at("deep"), 0755), 0);
    assert_int_equal(store_trusted_program(at("deep/program"), why), STORE_NOT_FOUND);
    make("deep/program", "hello", 0755);
    assert_int_equal(store_trusted_program(at("deep/program"), why), STORE_OK);
    assert_int_equal(symlink(at("deep/program"), at("link")), 0);
    assert_int_equal(store_trusted_program(at("link"), why), STORE_OK);
    assert_int_equal(store_trusted_program(at("deep"), why), STORE_BAD_CONF);
    assert_int_equal(chmod(at("deep"), 0775), 0);
    assert_int_equal(store_trusted_program(at("deep/program"), why), STORE_BAD_CONF);
    assert_non_null(strstr(why, "/deep: is writable by others"));
    assert_int_equal(store_trusted_program(at("link"), why), STORE_BAD_CONF);
    assert_int_equal(chmod(at("deep"), 0755), 0);
    assert_int_equal(chmod(at("deep/program"), 0757), 0);
    assert_int_equal(store_trusted_program(at("deep/program"), why), STORE_BAD_CONF);
}

/* The last test: it cannot be undone. */
static void a_privileged_process_believes_root_only(void **state)
{
    char *home;

    (void)state;
    need_root();
    assert_int_equal(setenv("HOME", folder, 1), 0);
    assert_int_equal(setenv("SOMETHING", "x", 1), 0);
    assert_int_equal(store_home(&home), STORE_OK);
    assert_string_equal(home, folder);
    free(home);
    assert_string_equal(store_env("SOMETHING"), "x");
    setenv("NOTHING", "", 1);
    assert_null(store_env("NOTHING"));
    store_privileged_set();
    assert_int_equal(store_home(&home), STORE_OK);
    assert_null(home);
    assert_null(store_env("SOMETHING"));
    make("file", "hello", 0600);
    /* /tmp is everybody's, and its sticky bit is not enough here */
    expect(at("file"), STORE_BAD_CONF, "/tmp: is writable by others");
    assert_int_equal(symlink(at("file"), at("link")), 0);
    expect(at("link"), STORE_BAD_CONF, "symbolic link");
    expect("/dev/null", STORE_BAD_CONF, "is not a file");
}

static bool as_freebsd;

int __real_store_fd_high(int fd);
int __wrap_store_fd_high(int fd);

/* Each file that is opened passes here. */
int __wrap_store_fd_high(int fd)
{
    if (as_freebsd && fd < 0 && errno == ELOOP)
        errno = EMLINK;
    return __real_store_fd_high(fd);
}

static void a_link_is_followed_on_freebsd_too(void **state)
{
    (void)state;
    make("file", "12345", 0600);
    assert_int_equal(symlink(at("file"), at("link")), 0);
    as_freebsd = true;
    expect(at("link"), STORE_OK, "");
    as_freebsd = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        CASE(a_file_of_ours_is_read),
        CASE(absence_and_size_are_told),
        CASE(a_file_that_others_may_write_is_refused),
        CASE(a_strangers_file_and_link_are_refused),
        CASE(a_link_is_followed_only_where_others_cannot_replace_it),
        CASE(a_link_is_followed_on_freebsd_too),
        CASE(a_place_that_is_not_a_file_is_refused_at_once),
        CASE(a_place_that_may_not_be_entered_is_denied_and_not_absent),
        CASE(a_program_is_trusted_with_all_folders_above_it),
        CASE(a_privileged_process_believes_root_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

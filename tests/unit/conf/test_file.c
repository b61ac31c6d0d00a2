/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/conf/conf_fixture.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/file.h"
#include "store/user.h"

#define BACKEND(name) "{\"secrets\": {\"backend\": \"" name "\"}}"

static void assert_backend(const char *arguments, const char *backend, const char *origin)
{
    char whole[600];

    assert_int_equal(fixture_load(arguments), STORE_OK);
    assert_string_equal(store_conf_backend(fixture_token(0)), backend);
    snprintf(whole, sizeof whole, "file %s", origin);
    assert_string_equal(store_conf_backend_origin(fixture_token(0)), whole);
}

static void the_named_file_is_the_only_one(void **state)
{
    const char *home;
    const char *named;
    char arguments[512];

    (void)state;
    home = fixture_file(HOME_FILE, 0600, BACKEND("env"));
    assert_backend(NULL, "env", home);
    named = fixture_file("variable.json", 0600, BACKEND("aws"));
    setenv("SIDESEAT_CONFIG", named, 1);
    assert_backend(NULL, "aws", named);
    named = fixture_file("argument.json", 0600, BACKEND("vault"));
    snprintf(arguments, sizeof arguments, "config=%s", named);
    assert_backend(arguments, "vault", named);
    setenv("SIDESEAT_CONFIG", "", 1);
    assert_backend(NULL, "env", home);
}

static void a_named_file_must_be_there(void **state)
{
    char arguments[512];

    (void)state;
    setenv("SIDESEAT_CONFIG", "/nowhere/sideseat.json", 1);
    assert_refused("backend=file", "/nowhere/sideseat.json: cannot be opened", "No such file");
    snprintf(arguments, sizeof arguments, "backend=file config=%s", fixture_path("none.json"));
    assert_refused(arguments, "none.json: cannot be opened", "No such file");
    setenv("SIDESEAT_CONFIG", "sideseat.json", 1);
    assert_refused("backend=file", "SIDESEAT_CONFIG: must be an absolute path", "current folder");
}

static void the_current_folder_is_never_read(void **state)
{
    char *before = getcwd(NULL, 0);

    (void)state;
    (void)fixture_file("here/sideseat.json", 0600, "not JSON");
    (void)fixture_file("here/.sideseat/sideseat.json", 0600, "not JSON");
    assert_int_equal(chdir(fixture_path("here")), 0);
    assert_int_equal(fixture_load("backend=file"), STORE_OK);
    setenv("HOME", ".", 1);
    assert_int_equal(fixture_load("backend=file"), STORE_OK);
    setenv("HOME", "", 1);
    assert_int_equal(fixture_load("backend=file"), STORE_OK);
    assert_int_equal(chdir(before), 0);
    free(before);
}

static void the_homes_file_lies_over_the_systems(void **state)
{
    (void)state;
    (void)fixture_file(SYSTEM_FILE, 0644,
                       "{\"secrets\": {\"backend\": \"vault\", \"vault\": {\"mount\": \"s\","
                       "\"prefix\": \"s\"}}, \"pkcs11\": {\"sensitive\": [\"s\"],"
                       "\"hmac_keys\": [], \"tokens\": [{\"label\": \"a\"}, {\"label\": \"b\"}]}}");
    (void)fixture_file(HOME_FILE, 0600,
                       "{\"secrets\": {\"vault\": {\"mount\": \"h\"}}, \"pkcs11\": {"
                       "\"sensitive\": [\"h\"], \"tokens\": [{\"label\": \"c\"}]}}");
    assert_int_equal(fixture_load(NULL), STORE_OK);
    assert_int_equal(store_conf_count(fixture_set), 1);
    assert_string_equal(store_conf_label(fixture_token(0)), "c");
    assert_string_equal(store_conf_backend(fixture_token(0)), "vault");
    assert_string_equal(store_conf_text(fixture_token(0), "vault.mount"), "h");
    assert_string_equal(store_conf_text(fixture_token(0), "vault.prefix"), "s");
    assert_true(store_conf_sensitive(fixture_token(0), "global/h"));
    assert_false(store_conf_sensitive(fixture_token(0), "global/s"));
    assert_null(store_conf_hmac_key(fixture_token(0), 0, NULL));
}

static void a_file_that_others_can_write_is_refused(void **state)
{
    static const mode_t wrong[] = {0620, 0602, 0666};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        (void)fixture_file(HOME_FILE, wrong[i], BACKEND("file"));
        assert_refused("backend=file", "is writable by others", "chmod go-w /tmp/");
    }
    (void)fixture_file(HOME_FILE, 0644, BACKEND("file"));
    assert_int_equal(fixture_load(NULL), STORE_OK);
}

static void a_file_of_another_user_is_refused(void **state)
{
    const char *path = fixture_file(HOME_FILE, 0644, BACKEND("file"));

    (void)state;
    if (geteuid() != 0)
        skip(); /* only root can give a file away */
    assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
    assert_refused("backend=file", "belongs to user 12345", "chown");
}

static void a_folder_whose_files_others_can_replace_is_refused(void **state)
{
    static const mode_t wrong[] = {0777, 0775, 0702};
    char folder[512];

    (void)state;
    (void)fixture_file(HOME_FILE, 0600, BACKEND("env"));
    snprintf(folder, sizeof folder, "%s", fixture_path("home/.sideseat"));
    for (int has_file = 1; has_file >= 0; has_file--) {
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            assert_int_equal(chmod(folder, wrong[i]), 0);
            assert_refused("backend=file", ".sideseat: is writable by others", "chmod go-w /tmp/");
        }
        assert_int_equal(chmod(folder, 0755), 0);
        assert_int_equal(fixture_load("backend=file"), STORE_OK);
        (void)unlink(fixture_path(HOME_FILE));
    }
    if (geteuid() != 0)
        return; /* only root can give a folder away */
    assert_int_equal(chown(folder, 12345, (gid_t)-1), 0);
    assert_refused("backend=file", ".sideseat: belongs to user 12345", "chown");
}

static void a_link_to_nothing_is_told(void **state)
{
    char arguments[512];

    (void)state;
    (void)fixture_file("home/.sideseat/other.json", 0600, BACKEND("env"));
    assert_int_equal(symlink("missing.json", fixture_path(HOME_FILE)), 0);
    assert_int_equal(fixture_load("backend=file"), STORE_OK);
    assert_not_logged("sideseat.json"); /* but with the first use */
    store_conf_warn(fixture_token(0));
    assert_logged("is a symbolic link to something that does not exist; restore that");
    snprintf(arguments, sizeof arguments, "backend=file config=%s", fixture_path(HOME_FILE));
    assert_refused(arguments, "is a symbolic link to something", "restore that");
    assert_int_equal(rename(fixture_path("home/.sideseat"), fixture_path("home/moved")), 0);
    assert_int_equal(symlink("nowhere", fixture_path("home/.sideseat")), 0);
    assert_int_equal(fixture_load("backend=file"), STORE_OK);
    store_conf_warn(fixture_token(0));
    assert_logged(".sideseat: is a symbolic link to something that does not exist");
}

static void a_place_that_is_not_a_file_is_refused(void **state)
{
    char arguments[512];

    (void)state;
    (void)fixture_file("x/y", 0600, "");
    snprintf(arguments, sizeof arguments, "backend=file config=%s", fixture_path("x"));
    assert_refused(arguments, "is not a file", "put its content into a regular file");
    assert_int_equal(mkfifo(fixture_path("fifo"), 0600), 0);
    snprintf(arguments, sizeof arguments, "backend=file config=%s", fixture_path("fifo"));
    assert_refused(arguments, "is not a file", "put its content into a regular file");
    assert_refused("backend=file config=/dev/zero", "is not a file", "into a regular file");
}

static void a_huge_file_is_refused(void **state)
{
    const char *path = fixture_file(HOME_FILE, 0600, "{}");

    (void)state;
    assert_int_equal(truncate(path, (off_t)CONF_FILE_MAX + 1), 0);
    assert_refused("backend=file", "is larger than 1048576 bytes", "the right file");
}

static void a_symbolic_link_is_followed(void **state)
{
    (void)state;
    (void)fixture_file("home/.sideseat/real.json", 0600, BACKEND("env"));
    assert_int_equal(symlink("real.json", fixture_path(HOME_FILE)), 0);
    assert_int_equal(fixture_load(NULL), STORE_OK);
    assert_string_equal(store_conf_backend(fixture_token(0)), "env");
}

/* Runs `load` as a user to whom the home is closed. */
static void as_stranger(void (*load)(void))
{
    pid_t child;
    int status;

    if (geteuid() != 0)
        skip(); /* only root can become another user */
    assert_int_equal(chmod(fixture_folder, 0755), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (setgid(12345) != 0 || setuid(12345) != 0)
            _exit(100);
        load();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void load_without_home(void)
{
    if (fixture_load("backend=vault") != STORE_OK || fixture_log_lines() != 0)
        _exit(1);
    store_conf_warn(fixture_token(0));
    store_conf_warn(fixture_token(0));
    if (fixture_log_lines() != 1 || strstr(fixture_log, "the file is not read") == NULL)
        _exit(2);
}

static void load_named_in_closed_home(void)
{
    setenv("SIDESEAT_CONFIG", fixture_path(HOME_FILE), 1);
    if (fixture_load("backend=vault") != STORE_BAD_CONF || fixture_log_lines() != 1 ||
        strstr(fixture_log, "let this user read it and enter its folder") == NULL)
        _exit(1);
}

static void a_home_that_is_closed_is_left_out_unless_named(void **state)
{
    (void)state;
    (void)fixture_file(HOME_FILE, 0600, "not JSON");
    as_stranger(load_without_home);
    as_stranger(load_named_in_closed_home);
    /* the file in a home that is open */
    assert_int_equal(chmod(fixture_path("home"), 0755), 0);
    assert_int_equal(chmod(fixture_path("home/.sideseat"), 0755), 0);
    as_stranger(load_without_home);
    as_stranger(load_named_in_closed_home);
}

static void load_privileged(void)
{
    char arguments[600];

    store_privileged_set();
    setenv("SIDESEAT_SECRETS_BACKEND", "env", 1);
    setenv("SIDESEAT_CONFIG", fixture_path(HOME_FILE), 1);
    if (fixture_load(NULL) != STORE_OK || store_conf_data_dir(fixture_token(0)) != NULL ||
        strcmp(store_conf_backend(fixture_token(0)), "file") != 0)
        _exit(1);
    snprintf(arguments, sizeof arguments, "config=%s", fixture_path(HOME_FILE));
    if (fixture_load(arguments) != STORE_BAD_CONF ||
        strstr(fixture_log, "raised privileges") == NULL)
        _exit(2);
    /* its folders are not root's alone: it lies below /tmp */
    (void)fixture_file(SYSTEM_FILE, 0644, BACKEND("env"));
    if (fixture_load(NULL) != STORE_BAD_CONF || strstr(fixture_log, "writable by others") == NULL)
        _exit(3);
    _exit(0);
}

static void a_privileged_process_reads_the_systems_file_only(void **state)
{
    pid_t child;
    int status;

    (void)state;
    (void)fixture_file(HOME_FILE, 0600, BACKEND("env"));
    child = fork();
    if (child == 0)
        load_privileged();
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_token_that_others_can_read_is_a_warning(void **state)
{
    static const char text[] =
        "{\"secrets\": {\"backend\": \"vault\", \"vault\": {\"token\": \"hvs.1\"}}}";

    (void)state;
    (void)fixture_file(HOME_FILE, 0644, text);
    assert_int_equal(fixture_load(NULL), STORE_OK);
    assert_string_equal(fixture_log, "");
    store_conf_warn(fixture_token(0));
    assert_logged("holds secrets.vault.token and is readable by others");
    assert_logged("chmod go-r /tmp/");
    assert_not_logged("hvs");
    (void)fixture_file(HOME_FILE, 0600, text);
    assert_int_equal(fixture_load(NULL), STORE_OK);
    assert_string_equal(fixture_log, "");
}

static void without_home_the_account_says(void **state)
{
    const struct passwd *account = getpwuid(geteuid());
    char *home = NULL;

    (void)state;
    unsetenv("HOME");
    assert_int_equal(store_home(&home), STORE_OK);
    if (account != NULL)
        assert_string_equal(home, account->pw_dir);
    free(home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONF_TEST(a_home_that_is_closed_is_left_out_unless_named),
        CONF_TEST(a_privileged_process_reads_the_systems_file_only),
        CONF_TEST(the_named_file_is_the_only_one),
        CONF_TEST(a_named_file_must_be_there),
        CONF_TEST(the_current_folder_is_never_read),
        CONF_TEST(the_homes_file_lies_over_the_systems),
        CONF_TEST(a_file_that_others_can_write_is_refused),
        CONF_TEST(a_file_of_another_user_is_refused),
        CONF_TEST(a_folder_whose_files_others_can_replace_is_refused),
        CONF_TEST(a_link_to_nothing_is_told),
        CONF_TEST(a_place_that_is_not_a_file_is_refused),
        CONF_TEST(a_huge_file_is_refused),
        CONF_TEST(a_symbolic_link_is_followed),
        CONF_TEST(a_token_that_others_can_read_is_a_warning),
        CONF_TEST(without_home_the_account_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

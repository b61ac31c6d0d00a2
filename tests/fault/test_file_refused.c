/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are not used, and stay as they are; files that are put in order. */
#include "tests/fault/file_fault.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/log.h"

static const char good[] = "{\"version\":2,\"secrets\":{\"global/x\":{\"value\":\"sesame\"}}}";

/* The lines that were logged since the last look. */
static char logged[4096];

static void keep_line(void *arg, enum store_log_level level, const char *text)
{
    size_t used = strlen(logged);

    (void)arg;
    (void)level;
    snprintf(logged + used, sizeof logged - used, "%s\n", text);
}

static size_t lines_logged(void)
{
    size_t count = 0;

    for (const char *c = logged; *c != '\0'; c++)
        count += *c == '\n';
    return count;
}

static void expect_logged(const char *words)
{
    if (strstr(logged, words) == NULL)
        fail_msg("\"%s\" is not in the log: %s", words, logged);
    assert_null(strstr(logged, "sesame"));
}

/* Reads, lists by a write's look and writes: each must be refused with `err`, and the log must say
 * `words` once, however often it is tried. */
static void expect_refused(const struct fault *fault, enum store_err err, const char *words)
{
    struct store store = fault_open(fault->folder);
    char found[64];

    logged[0] = '\0';
    store_log_redirect(keep_line, NULL);
    for (int i = 0; i < 3; i++) {
        assert_err(fault_get(&store, "global/x", found, sizeof found), err);
        assert_err(fault_put(&store, "global/x", "new"), err);
    }
    store_log_redirect(NULL, NULL);
    expect_logged(words);
    assert_int_equal(lines_logged(), 1);
    fault_close(&store);
}

/* Reads and writes are refused because of the folder, which each of them looks at. */
static void expect_refused_each_time(const struct fault *fault, const char *words)
{
    char found[64];

    logged[0] = '\0';
    store_log_redirect(keep_line, NULL);
    assert_err(fault_write_in(fault->folder, "global/x", "new"), STORE_DENIED);
    expect_logged(words);
    logged[0] = '\0';
    assert_err(fault_read_in(fault->folder, "global/x", found, sizeof found), STORE_DENIED);
    expect_logged(words);
    store_log_redirect(NULL, NULL);
}

static void file_of_another_user_is_refused(void **state)
{
    const struct fault *fault = *state;

    if (geteuid() != 0)
        fault_skip_without("run as root");
    fault_make(fault->path, good, 0600);
    assert_int_equal(chown(fault->path, 12345, 12345), 0);
    expect_refused(fault, STORE_DENIED, "chown 0 ");
    fault_expect_file(fault->path, good);
}

static void file_others_may_write_is_refused_until_that_is_changed(void **state)
{
    const struct fault *fault = *state;
    struct store store;
    char found[64];

    fault_make(fault->path, good, 0606);
    expect_refused(fault, STORE_DENIED, "chmod go-rwx");
    fault_make(fault->path, good, 0660);
    expect_refused(fault, STORE_DENIED, "chmod go-rwx");
    fault_expect_file(fault->path, good);
    store = fault_open(fault->folder);
    assert_err(fault_get(&store, "global/x", found, sizeof found), STORE_DENIED);
    assert_int_equal(chmod(fault->path, 0600), 0);
    assert_err(fault_get(&store, "global/x", found, sizeof found), STORE_OK);
    assert_string_equal(found, "sesame");
    fault_close(&store);
}

static void file_others_may_read_is_used_and_closed_to_them(void **state)
{
    const struct fault *fault = *state;
    struct stat st;

    fault_make(fault->path, good, 0644);
    assert_err(fault_write_in(fault->folder, "global/y", "new"), STORE_OK);
    assert_int_equal(stat(fault->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void folder_that_others_may_write_to_is_closed_to_them(void **state)
{
    static const mode_t open_modes[] = {0777, 0770, 0702};
    const struct fault *fault = *state;
    struct stat st;
    char found[64];

    fault_make(fault->path, good, 0600);
    for (size_t i = 0; i < 2 * sizeof open_modes / sizeof open_modes[0]; i++) {
        assert_int_equal(chmod(fault->folder, open_modes[i / 2]), 0);
        logged[0] = '\0';
        store_log_redirect(keep_line, NULL);
        if (i % 2 == 0)
            assert_err(fault_read_in(fault->folder, "global/x", found, sizeof found), STORE_OK);
        else
            assert_err(fault_write_in(fault->folder, "global/y", "new"), STORE_OK);
        store_log_redirect(NULL, NULL);
        expect_logged("others could write to the folder");
        assert_int_equal(lines_logged(), 1);
        assert_int_equal(stat(fault->folder, &st), 0);
        assert_int_equal(st.st_mode & 07777, open_modes[i / 2] & ~(mode_t)022);
    }
}

static void sticky_folder_is_refused_and_left_alone(void **state)
{
    const struct fault *fault = *state;
    struct stat st;

    fault_make(fault->path, good, 0600);
    for (int has_file = 1; has_file >= 0; has_file--) {
        assert_int_equal(chmod(fault->folder, 01777), 0);
        expect_refused_each_time(fault, "set SIDESEAT_DATA_DIR to a folder of this user's own");
        assert_int_equal(stat(fault->folder, &st), 0);
        assert_int_equal(st.st_mode & 07777, 01777);
        (void)unlink(fault->path);
    }
    assert_int_equal(fault_count(fault->folder, ""), 2); /* . and .. */
}

static void file_others_may_read_is_told_once(void **state)
{
    const char *const texts[] = {good, "{\"x\": {\"value\": \"1\"}}"};
    const struct fault *fault = *state;
    char found[64];

    for (size_t i = 0; i < 2; i++) {
        struct store store = fault_open(fault->folder);
        fault_make(fault->path, texts[i], 0644);
        logged[0] = '\0';
        store_log_redirect(keep_line, NULL);
        for (int n = 0; n < 3; n++)
            assert_err(fault_get(&store, "global/x", found, sizeof found), STORE_OK);
        store_log_redirect(NULL, NULL);
        expect_logged("may be read by others");
        assert_null(strstr(strstr(logged, "may be read") + 1, "may be read"));
        fault_close(&store);
    }
}

static void folder_of_another_user_is_refused(void **state)
{
    const struct fault *fault = *state;
    char found[64];

    if (geteuid() != 0)
        fault_skip_without("run as root");
    fault_make(fault->path, good, 0600);
    assert_int_equal(chown(fault->folder, 12345, 12345), 0);
    logged[0] = '\0';
    store_log_redirect(keep_line, NULL);
    assert_err(fault_read_in(fault->folder, "global/x", found, sizeof found), STORE_DENIED);
    assert_err(fault_write_in(fault->folder, "global/x", "new"), STORE_DENIED);
    store_log_redirect(NULL, NULL);
    expect_logged("belongs to user 12345");
    assert_int_equal(lines_logged(), 2);
    fault_expect_file(fault->path, good);
    assert_int_equal(fault_count(fault->folder, ""), 3); /* with . and .. */
    assert_int_equal(unlink(fault->path), 0); /* nobody knows who has removed it: not absent */
    assert_err(fault_read_in(fault->folder, "global/x", found, sizeof found), STORE_DENIED);
}

static void folder_above_that_anybody_may_write_to_is_named(void **state)
{
    const struct fault *fault = *state;
    char above[300];
    char folder[320];

    snprintf(above, sizeof above, "%s/above", fault->folder);
    snprintf(folder, sizeof folder, "%s/data", above);
    assert_int_equal(mkdir(above, 0700), 0);
    assert_int_equal(chmod(above, 0777), 0);
    logged[0] = '\0';
    store_log_redirect(keep_line, NULL);
    assert_err(fault_write_in(folder, "global/x", "new"), STORE_OK);
    store_log_redirect(NULL, NULL);
    expect_logged("anybody may write to");
    expect_logged("chmod o-w");
    assert_int_equal(lines_logged(), 1);
}

static void folder_in_its_place_is_refused(void **state)
{
    const struct fault *fault = *state;

    assert_int_equal(mkdir(fault->path, 0700), 0);
    expect_refused(fault, STORE_UNAVAILABLE, "is a folder");
    assert_int_equal(rmdir(fault->path), 0);
}

static void symbolic_link_is_refused(void **state)
{
    const struct fault *fault = *state;
    char target[320];

    snprintf(target, sizeof target, "%s/elsewhere", fault->folder);
    fault_make(target, good, 0600);
    assert_int_equal(symlink(target, fault->path), 0);
    expect_refused(fault, STORE_UNAVAILABLE, "is a symbolic link");
    fault_expect_file(target, good);
}

/* Such as the folder of a volume that is not mounted. */
static void a_folder_that_leads_nowhere_is_not_an_empty_one(void **state)
{
    const struct fault *fault = *state;
    char folder[320];
    char value[32];

    snprintf(folder, sizeof folder, "%s/link", fault->folder);
    assert_int_equal(symlink("/nowhere/at/all", folder), 0);
    assert_err(fault_read_in(folder, "global/x", value, sizeof value), STORE_UNAVAILABLE);
    assert_err(fault_write_in(folder, "global/x", "y"), STORE_UNAVAILABLE);
}

static void pipe_is_refused_without_waiting(void **state)
{
    const struct fault *fault = *state;

    assert_int_equal(mkfifo(fault->path, 0600), 0);
    expect_refused(fault, STORE_UNAVAILABLE, "is something special");
}

static void newer_version_is_refused(void **state)
{
    const struct fault *fault = *state;
    static const char newer[] = "{\"version\":3,\"secrets\":{\"global/x\":{\"value\":\"sesame\"}}}";

    fault_make(fault->path, newer, 0600);
    expect_refused(fault, STORE_UNAVAILABLE, "its version is 3, newer than 2");
    fault_expect_file(fault->path, newer);
}

static void json_that_is_not_a_document_is_refused(void **state)
{
    const struct fault *fault = *state;
    static const char *const texts[] = {
        "[]",
        "\"sesame\"",
        "{\"version\":2}",
        "{\"version\":2,\"secrets\":[]}",
        "{\"version\":\"2\",\"secrets\":{}}",
        "{\"version\":2.5,\"secrets\":{}}",
        "{\"version\":2,\"version\":2,\"secrets\":{}}",
        "{\"name\":1}",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        fault_make(fault->path, texts[i], 0600);
        expect_refused(fault, STORE_CORRUPT, "is left as it is");
        fault_expect_file(fault->path, texts[i]);
    }
    assert_int_equal(fault_count(fault->folder, "secrets.json.corrupt"), 0);
}

/* A file past the limits of depth or size is damaged, not a lack of memory, and stays as it is. */
static void file_past_the_limits_is_refused(void **state)
{
    const struct fault *fault = *state;
    char deep[600] = "{\"version\":2,\"secrets\":{\"global/y\":";
    size_t used = strlen(deep);

    memset(deep + used, '[', 200);
    memset(deep + used + 200, ']', 200);
    memcpy(deep + used + 400, "}}", sizeof "}}");
    fault_make(fault->path, deep, 0600);
    expect_refused(fault, STORE_CORRUPT, "more than 120 levels deep");
    fault_expect_file(fault->path, deep);
    fault_make(fault->path, "", 0600);
    assert_int_equal(truncate(fault->path, (off_t)300 * 1024 * 1024), 0);
    expect_refused(fault, STORE_CORRUPT, "the limit is 268435456");
    assert_int_equal(fault_count(fault->folder, "secrets.json.corrupt"), 0);
}

/* A program is in the middle of writing in place: its writes are not lost. */
static void half_a_file_is_waited_for(void **state)
{
    const struct fault *fault = *state;
    char found[64];
    pid_t child;

    fault_make(fault->path, "{\"version\":2,\"secrets\":{\"global/x\":", 0600);
    child = fork();
    if (child == 0) {
        for (int i = 0; i < 8; i++) {
            usleep(20000);
            fault_make(fault->path, "{\"version\":2,\"secrets\":{\"global/x\":{", 0600);
        }
        fault_make(fault->path, good, 0600);
        _exit(0);
    }
    assert_err(fault_read_in(fault->folder, "global/x", found, sizeof found), STORE_OK);
    assert_string_equal(found, "sesame");
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(fault_count(fault->folder, "secrets.json.corrupt"), 0);
}

static void v1_file_is_migrated_and_kept(void **state)
{
    const struct fault *fault = *state;
    static const char v1[] =
        "{\"theirs\": {\"kept\": 1.0}, \"secrets\": {"
        "\"jwt_signing_key\": {\"value\": \"sesame\", \"metadata\": {"
        "\"created_at\": \"2024-01-01T00:00:00.123456789Z\","
        "\"updated_at\": \"2024-01-01T00:00:00.123456789Z\"}, \"note\": \"kept\"},"
        "\"plain\": \"open\", \"org/acme/key\": {\"value\": \"scoped\"}}}";
    char found[64];
    char kept[320];
    json_t *root;
    json_t *record;

    fault_make(fault->path, v1, 0600);
    assert_err(fault_read_in(fault->folder, "global/jwt_signing_key", found, sizeof found),
               STORE_OK);
    assert_string_equal(found, "sesame");
    root = json_load_file(fault->path, 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_integer_value(json_object_get(root, "version")), 2);
    assert_non_null(json_object_get(root, "theirs"));
    record = json_object_get(json_object_get(root, "secrets"), "global/jwt_signing_key");
    assert_string_equal(json_string_value(json_object_get(record, "note")), "kept");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(record, "metadata"), "created_at")),
        "2024-01-01T00:00:00.123456789Z");
    json_decref(root);
    assert_err(fault_read_in(fault->folder, "global/plain", found, sizeof found), STORE_OK);
    assert_string_equal(found, "open");
    assert_err(fault_read_in(fault->folder, "org/acme/key", found, sizeof found), STORE_OK);
    snprintf(kept, sizeof kept, "%s.v1", fault->path);
    fault_expect_file(kept, v1);
    assert_int_equal(fault_count(fault->folder, "secrets.json.v1"), 1);
}

static void a_write_migrates_too(void **state)
{
    const struct fault *fault = *state;
    char found[64];

    fault_make(fault->path, "{\"a\": {\"value\": \"1\"}, \"b\": \"2\"}", 0600);
    assert_err(fault_write_in(fault->folder, "global/b", "3"), STORE_OK);
    assert_err(fault_read_in(fault->folder, "global/a", found, sizeof found), STORE_OK);
    assert_string_equal(found, "1");
    assert_err(fault_read_in(fault->folder, "global/b", found, sizeof found), STORE_OK);
    assert_string_equal(found, "3");
    assert_int_equal(fault_count(fault->folder, "secrets.json.v1"), 1);
}

static void damaged_record_is_alone(void **state)
{
    const struct fault *fault = *state;
    struct store store;
    char found[64];

    fault_make(fault->path,
               "{\"version\":2,\"secrets\":{\"global/a\":{\"value\":7},\"global/b\":{\"value\":"
               "\"\"},\"global/c\":{\"value\":\"fine\"},\"global/d\":{\"value\":\"1\"},"
               "\"global/d\":{\"value\":\"2\"},\"global/e\":{\"value\":\"!\",\"encoding\":"
               "\"base64\"}}}",
               0600);
    store = fault_open(fault->folder);
    logged[0] = '\0';
    store_log_redirect(keep_line, NULL);
    assert_err(fault_get(&store, "global/a", found, sizeof found), STORE_CORRUPT);
    store_log_redirect(NULL, NULL);
    expect_logged("the record of global/a is damaged; set the secret, or");
    assert_int_equal(lines_logged(), 1);
    assert_err(fault_get(&store, "global/b", found, sizeof found), STORE_CORRUPT);
    assert_err(fault_get(&store, "global/c", found, sizeof found), STORE_OK);
    store_log_redirect(keep_line, NULL);
    assert_err(fault_get(&store, "global/d", found, sizeof found), STORE_CORRUPT);
    store_log_redirect(NULL, NULL);
    expect_logged("secrets.json has global/d twice; remove one of the two by hand");
    assert_err(fault_get(&store, "global/e", found, sizeof found), STORE_CORRUPT);
    assert_err(fault_put(&store, "global/a", "mended"), STORE_OK);
    assert_err(fault_get(&store, "global/a", found, sizeof found), STORE_OK);
    assert_err(fault_put(&store, "global/d", "3"), STORE_CORRUPT);
    assert_err(store.backend->remove(store.ctx, "global/b", NULL), STORE_OK);
    fault_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fault_setup, fault_teardown)
        CASE(file_of_another_user_is_refused),
        CASE(file_others_may_write_is_refused_until_that_is_changed),
        CASE(file_others_may_read_is_used_and_closed_to_them),
        CASE(folder_in_its_place_is_refused),
        CASE(symbolic_link_is_refused),
        CASE(a_folder_that_leads_nowhere_is_not_an_empty_one),
        CASE(pipe_is_refused_without_waiting),
        CASE(newer_version_is_refused),
        CASE(json_that_is_not_a_document_is_refused),
        CASE(file_past_the_limits_is_refused),
        CASE(folder_that_others_may_write_to_is_closed_to_them),
        CASE(sticky_folder_is_refused_and_left_alone),
        CASE(file_others_may_read_is_told_once),
        CASE(folder_of_another_user_is_refused),
        CASE(folder_above_that_anybody_may_write_to_is_named),
        CASE(half_a_file_is_waited_for),
        CASE(v1_file_is_migrated_and_kept),
        CASE(a_write_migrates_too),
        CASE(damaged_record_is_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

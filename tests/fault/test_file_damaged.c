/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are not JSON: the fresh file in their place, and the reports of a possible loss. */
#include "tests/fault/file_fault.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/log.h"

static const char cut[] = "{\"version\":2,\"secrets\":{\"global/x\":{\"value\":\"sesame\"},"
                          "\"global/y\":{\"value\":\"open\"},\"global/z\":{\"value\":\"bar";

static char logged[16384];

static void keep_line(void *arg, enum store_log_level level, const char *text)
{
    size_t used = strlen(logged);

    (void)arg;
    (void)level;
    snprintf(logged + used, sizeof logged - used, "%s\n", text);
}

static void begin_log(void)
{
    logged[0] = '\0';
    store_log_redirect(keep_line, NULL);
}

static size_t times_logged(const char *words)
{
    size_t count = 0;

    for (const char *at = logged; (at = strstr(at, words)) != NULL; at++)
        count++;
    return count;
}

static enum store_err put_if(const struct store *store, const char *key, const char *version)
{
    AUTO_SECRET value = {0};

    TRY(store_secret_set(&value, "new", 3));
    return store->backend->write(store->ctx, key, &value, version, NULL);
}

static enum store_err count_one(void *arg, const char *key, enum store_err err,
                                const struct store_record *record)
{
    (void)key;
    (void)record;
    ++*(size_t *)arg;
    return err;
}

static size_t listed(const struct store *store)
{
    size_t count = 0;

    assert_err(store->backend->list(store->ctx, "", NULL, count_one, &count), STORE_OK);
    return count;
}

/* The name of the only file that begins so; the caller frees. */
static char *only_file(const char *folder, const char *start)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    char *found = NULL;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        if (strncmp(entry->d_name, start, strlen(start)) != 0)
            continue;
        assert_null(found);
        found = strdup(entry->d_name);
    }
    closedir(dir);
    assert_non_null(found);
    return found;
}

static void expect_mode(const char *folder, const char *name, mode_t mode)
{
    char path[400];
    struct stat st;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, mode);
}

static void fresh_file_has_the_whole_records_and_names_the_backup(void **state)
{
    const struct fault *fault = *state;
    struct store store;
    char found[64];
    char path[400];
    char *backup;
    json_t *root;

    fault_make(fault->path, cut, 0644);
    store = fault_open(fault->folder);
    begin_log();
    assert_err(fault_get(&store, "global/x", found, sizeof found), STORE_OK);
    assert_string_equal(found, "sesame");
    assert_err(fault_get(&store, "global/y", found, sizeof found), STORE_OK);
    store_log_redirect(NULL, NULL);
    backup = only_file(fault->folder, "secrets.json.corrupt.");
    assert_int_equal(times_logged(backup), 1);
    assert_int_equal(times_logged("the 2 secrets that could be saved"), 1);
    assert_int_equal(times_logged("sideseat-secrets accept-loss"), 1);
    assert_int_equal(times_logged("sesame"), 0);
    snprintf(path, sizeof path, "%s/%s", fault->folder, backup);
    fault_expect_file(path, cut);
    expect_mode(fault->folder, backup, 0600);
    expect_mode(fault->folder, "secrets.json", 0600);
    root = json_load_file(fault->path, 0, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "replaces")), backup);
    assert_int_equal(json_integer_value(json_object_get(root, "version")), 2);
    assert_int_equal(json_object_size(json_object_get(root, "secrets")), 2);
    json_decref(root);
    fault_close(&store);
    free(backup);
}

static void a_missing_key_is_corrupt_until_the_loss_is_accepted(void **state)
{
    const struct fault *fault = *state;
    struct store_health health;
    struct store store;
    char found[64];
    char *before;
    char *backup;

    fault_make(fault->path, cut, 0600);
    store = fault_open(fault->folder);
    assert_err(fault_get(&store, "global/z", found, sizeof found), STORE_CORRUPT);
    before = fault_slurp(fault->path);
    backup = only_file(fault->folder, "secrets.json.corrupt.");
    begin_log();
    assert_err(fault_get(&store, "global/z", found, sizeof found), STORE_CORRUPT);
    assert_int_equal(times_logged(backup), 1);
    assert_err(store.backend->remove(store.ctx, "global/z", NULL), STORE_CORRUPT);
    assert_err(store.backend->remove(store.ctx, "global/z", "1"), STORE_CORRUPT);
    assert_err(put_if(&store, "global/z", "0"), STORE_CORRUPT);
    assert_err(put_if(&store, "global/z", "1"), STORE_CORRUPT);
    assert_err(put_if(&store, "org/never/heard_of", "0"), STORE_CORRUPT);
    assert_int_equal(times_logged("sideseat-secrets accept-loss"), 6);
    assert_int_equal(listed(&store), 2);
    assert_int_equal(listed(&store), 2);
    assert_int_equal(times_logged("secrets.json replaces the damaged secrets.json.corrupt."), 1);
    store_log_redirect(NULL, NULL);
    fault_expect_file(fault->path, before);
    store.backend->health(store.ctx, &health);
    assert_err(health.err, STORE_CORRUPT);
    assert_non_null(strstr(health.text, backup));
    assert_non_null(strstr(health.text, "saved from that: 2"));
    assert_non_null(strstr(health.remedy, "sideseat-secrets accept-loss"));

    assert_err(fault_put(&store, "global/w", "plain"), STORE_OK);
    assert_err(put_if(&store, "global/x", "0"), STORE_CONFLICT);
    assert_err(store.backend->remove(store.ctx, "global/w", NULL), STORE_OK);
    assert_err(fault_get(&store, "global/w", found, sizeof found), STORE_CORRUPT);

    assert_err(store.backend->accept_loss(store.ctx), STORE_OK);
    assert_err(store.backend->accept_loss(store.ctx), STORE_OK);
    assert_err(fault_get(&store, "global/z", found, sizeof found), STORE_NOT_FOUND);
    assert_err(fault_get(&store, "global/x", found, sizeof found), STORE_OK);
    assert_err(put_if(&store, "global/z", "0"), STORE_OK);
    store.backend->health(store.ctx, &health);
    assert_err(health.err, STORE_OK);
    fault_close(&store);
    assert_int_equal(fault_count(fault->folder, "secrets.json.corrupt."), 1);
    free(before);
    free(backup);
}

/* A person deletes the member, or the file is another one altogether. */
static void mark_ends_by_hand_too(void **state)
{
    const struct fault *fault = *state;
    struct store store;
    char found[64];
    json_t *root;

    fault_make(fault->path, cut, 0600);
    store = fault_open(fault->folder);
    assert_err(fault_get(&store, "global/z", found, sizeof found), STORE_CORRUPT);
    root = json_load_file(fault->path, 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_object_del(root, "replaces"), 0);
    assert_int_equal(json_dump_file(root, fault->path, JSON_INDENT(1)), 0);
    json_decref(root);
    assert_err(fault_get(&store, "global/z", found, sizeof found), STORE_NOT_FOUND);
    assert_err(fault_get(&store, "global/x", found, sizeof found), STORE_OK);
    fault_close(&store);
}

/* A mark in an unknown form counts, too. */
static void strange_mark_stands(void **state)
{
    static const char *const marks[] = {"7",  "\"\"", "[]",
                                        "{}", "true", "\"a\",\"replaces\":\"b\""};
    const struct fault *fault = *state;
    char text[200];
    char found[64];

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        snprintf(text, sizeof text, "{\"version\":2,\"replaces\":%s,\"secrets\":{}}", marks[i]);
        fault_make(fault->path, text, 0600);
        assert_err(fault_read_in(fault->folder, "global/x", found, sizeof found), STORE_CORRUPT);
    }
    fault_make(fault->path, "{\"version\":2,\"replaces\":null,\"secrets\":{}}", 0600);
    assert_err(fault_read_in(fault->folder, "global/x", found, sizeof found), STORE_NOT_FOUND);
}

static void empty_file_is_damaged(void **state)
{
    static const char *const texts[] = {"", " \n", "\xef\xbb\xbf", "not-json{{{"};
    const struct fault *fault = *state;
    char found[64];

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        fault_make(fault->path, texts[i], 0600);
        assert_err(fault_read_in(fault->folder, "global/x", found, sizeof found), STORE_CORRUPT);
        assert_int_equal(fault_count(fault->folder, "secrets.json.corrupt."), i + 1);
        assert_err(fault_write_in(fault->folder, "global/x", "new"), STORE_OK);
        assert_err(fault_read_in(fault->folder, "global/x", found, sizeof found), STORE_OK);
    }
}

/* It is damaged again before anybody has looked. */
static void marks_are_kept_in_a_chain(void **state)
{
    const struct fault *fault = *state;
    char found[64];
    char *first;
    char *text;
    json_t *root;

    fault_make(fault->path, cut, 0600);
    assert_err(fault_read_in(fault->folder, "global/x", found, sizeof found), STORE_OK);
    first = only_file(fault->folder, "secrets.json.corrupt.");
    text = fault_slurp(fault->path);
    text[strlen(text) - 3] = '\0';
    fault_make(fault->path, text, 0600);
    assert_err(fault_read_in(fault->folder, "global/x", found, sizeof found), STORE_OK);
    assert_err(fault_read_in(fault->folder, "global/z", found, sizeof found), STORE_CORRUPT);
    assert_int_equal(fault_count(fault->folder, "secrets.json.corrupt."), 2);
    root = json_load_file(fault->path, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(root, "replaces")), 2);
    assert_string_equal(json_string_value(json_array_get(json_object_get(root, "replaces"), 1)),
                        first);
    json_decref(root);
    free(text);
    free(first);
}

static void damaged_v1_file_is_saved_from(void **state)
{
    const struct fault *fault = *state;
    char found[64];

    fault_make(fault->path, "{\"a\": {\"value\": \"sesame\"}, \"b\": \"open\", \"c\": \"ba", 0600);
    assert_err(fault_read_in(fault->folder, "global/a", found, sizeof found), STORE_OK);
    assert_err(fault_read_in(fault->folder, "global/b", found, sizeof found), STORE_OK);
    assert_string_equal(found, "open");
    assert_err(fault_read_in(fault->folder, "global/c", found, sizeof found), STORE_CORRUPT);
    assert_int_equal(fault_count(fault->folder, "secrets.json.v1"), 0);
}

/* Several processes find the damaged file at once: one replaces it, and none reports success. */
static void many_meet_it_at_once(void **state)
{
    const struct fault *fault = *state;
    pid_t children[8];
    char found[64];

    fault_make(fault->path, cut, 0600);
    for (size_t i = 0; i < 8; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            struct store store = fault_open(fault->folder);
            bool right =
                fault_get(&store, "global/x", found, sizeof found) == STORE_OK &&
                put_if(&store, "global/z", "0") == STORE_CORRUPT &&
                fault_put(&store, i % 2 == 0 ? "org/a/even" : "org/a/odd", "v") == STORE_OK;
            fault_close(&store);
            _exit(right ? 0 : 1);
        }
    }
    for (size_t i = 0; i < 8; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(fault_count(fault->folder, "secrets.json.corrupt."), 1);
    assert_int_equal(fault_count(fault->folder, "secrets.json.new"), 0);
    assert_err(fault_read_in(fault->folder, "org/a/even", found, sizeof found), STORE_OK);
    assert_err(fault_read_in(fault->folder, "org/a/odd", found, sizeof found), STORE_OK);
}

/* A run was killed between the copy and the fresh file; the next one continues. */
static void backup_that_is_there_already_is_left_alone(void **state)
{
    const struct fault *fault = *state;
    char path[400];
    char found[64];

    for (int i = 0; i < 20; i++) {
        snprintf(path, sizeof path, "%s.corrupt.%lld", fault->path, (long long)time(NULL) + i);
        fault_make(path, "earlier", 0600);
    }
    fault_make(fault->path, cut, 0600);
    assert_err(fault_read_in(fault->folder, "global/x", found, sizeof found), STORE_OK);
    assert_int_equal(fault_count(fault->folder, "secrets.json.corrupt."), 21);
    fault_expect_file(path, "earlier");
}

/* A program writes in place, and slowly: the backup has its late writes. */
static void slow_writer_in_place_loses_nothing(void **state)
{
    const struct fault *fault = *state;
    char path[400];
    char found[64];
    char *backup;
    int fd;

    fault_make(fault->path, cut, 0600);
    fd = open(fault->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_err(fault_read_in(fault->folder, "global/x", found, sizeof found), STORE_OK);
    assert_int_equal(write(fd, "\"}}}", 4), 4);
    close(fd);
    backup = only_file(fault->folder, "secrets.json.corrupt.");
    snprintf(path, sizeof path, "%s/%s", fault->folder, backup);
    free(backup);
    assert_int_equal(rename(path, fault->path), 0);
    assert_err(fault_read_in(fault->folder, "global/z", found, sizeof found), STORE_OK);
    assert_string_equal(found, "bar");
}

/* A moment after the end of `write`, wherever that leaves it, the file is the damaged or the fresh
 * one. */
static void killed_repair_leaves_one_or_the_other(void **state)
{
    static const struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    const struct fault *fault = *state;
    char found[64];

    for (long i = 0; i < 60; i++) {
        struct timespec pause = {.tv_nsec = i * 100000};
        char *text;
        pid_t child;
        fault_make(fault->path, cut, 0600);
        assert_int_equal(utimensat(AT_FDCWD, fault->path, old, 0), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            (void)!fault_read_in(fault->folder, "global/x", found, sizeof found);
            _exit(0);
        }
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        text = fault_slurp(fault->path);
        assert_non_null(text);
        assert_true(strcmp(text, cut) == 0 ||
                    strstr(text, "\"replaces\": \"secrets.json.corrupt.") != NULL);
        free(text);
        assert_err(fault_read_in(fault->folder, "global/x", found, sizeof found), STORE_OK);
        assert_err(fault_read_in(fault->folder, "global/z", found, sizeof found), STORE_CORRUPT);
    }
    assert_err(fault_write_in(fault->folder, "global/last", "x"), STORE_OK);
    assert_int_equal(fault_count(fault->folder, "secrets.json.new"), 0);
}

static void v1_copy_is_closed_to_others(void **state)
{
    const struct fault *fault = *state;
    char found[64];

    fault_make(fault->path, "{\"a\": {\"value\": \"sesame\"}}", 0644);
    assert_err(fault_read_in(fault->folder, "global/a", found, sizeof found), STORE_OK);
    expect_mode(fault->folder, "secrets.json.v1", 0600);
    expect_mode(fault->folder, "secrets.json", 0600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fault_setup, fault_teardown)
        CASE(fresh_file_has_the_whole_records_and_names_the_backup),
        CASE(a_missing_key_is_corrupt_until_the_loss_is_accepted),
        CASE(mark_ends_by_hand_too),
        CASE(strange_mark_stands),
        CASE(empty_file_is_damaged),
        CASE(marks_are_kept_in_a_chain),
        CASE(damaged_v1_file_is_saved_from),
        CASE(many_meet_it_at_once),
        CASE(backup_that_is_there_already_is_left_alone),
        CASE(slow_writer_in_place_loses_nothing),
        CASE(killed_repair_leaves_one_or_the_other),
        CASE(v1_copy_is_closed_to_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

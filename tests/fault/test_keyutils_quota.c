/* SPDX-License-Identifier: Apache-2.0 */
/* A kernel keyring whose quota is nearly used up. Runs as an ordinary user of its own, who may keep
 * 200 keys and 20,000 bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <keyutils.h>

#include "store/backend.h"
#include "store/conf.h"
#include "tests/contract/keyring.h"

#define RING "sideseat-quota-test"
#define VALUE_MAX 20000
#define WRITERS 4
#define WRITES 90
#define KILLS 60

static struct store_conf_set *conf;
static struct store store;

static int open_store(void **state)
{
    (void)state;
    if (keyctl_get_keyring_ID(KEY_SPEC_USER_KEYRING, 1) < 0 ||
        store_conf_begin(&conf, "quota", "keyutils") != STORE_OK ||
        store_conf_put(conf, "keyutils.keyring", RING, strlen(RING), "test") != STORE_OK ||
        store_conf_put(conf, "timeout_ms", "60000", 5, "test") != STORE_OK)
        return -1;
    return store_open(&store, store_conf_at(conf, 0)) == STORE_OK ? 0 : -1;
}

static int close_store(void **state)
{
    (void)state;
    store_close(&store);
    store_conf_free(conf);
    keyring_remove(RING);
    return 0;
}

/* Stores `len` bytes of `letter`. */
static enum store_err put(const char *key, size_t len, int letter, const char *if_version,
                          struct store_record *out)
{
    static unsigned char bytes[2 * VALUE_MAX];
    const struct store_secret value = {.data = bytes, .len = len};

    memset(bytes, letter, len);
    return store.backend->write(store.ctx, key, &value, if_version, out);
}

static void expect(const char *key, size_t len, int letter, const char *version)
{
    AUTO_RECORD record = {0};

    assert_int_equal(store.backend->read(store.ctx, key, &record), STORE_OK);
    assert_int_equal(record.value.len, len);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(record.value.data[i], letter);
    assert_string_equal(record.version, version);
}

static bool can_be_made(const char *key, size_t len)
{
    enum store_err err = put(key, len, 'm', "0", NULL);

    if (err == STORE_OK)
        assert_int_equal(store.backend->remove(store.ctx, key, NULL), STORE_OK);
    else
        assert_int_equal(err, STORE_FULL);
    return err == STORE_OK;
}

/* The longest value that an empty keyring takes. A refusal takes half a second, so the shortest key
 * is tried once. */
static size_t longest(const char *key)
{
    static size_t known;
    size_t fits = 18000;
    size_t too_long = VALUE_MAX - 1000;

    if (known != 0 && strcmp(key, "global/a") == 0)
        return known;
    while (too_long - fits > 1) {
        size_t middle = (fits + too_long) / 2;
        if (can_be_made(key, middle))
            fits = middle;
        else
            too_long = middle;
    }
    if (strcmp(key, "global/a") == 0)
        known = fits;
    return fits;
}

/* Replaces the value, which has one length, by each of the others. */
static void replace_by_each(const char *key, size_t from, const size_t *to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct store_record one = {0};
        struct store_record two = {0};
        struct store_record three = {0};
        assert_int_equal(put(key, from, 'a', "0", &one), STORE_OK);
        assert_int_equal(put(key, to[i], 'b', one.version, &two), STORE_OK);
        assert_string_not_equal(one.version, two.version);
        expect(key, to[i], 'b', two.version);
        assert_int_equal(put(key, 1, 'x', one.version, NULL), STORE_CONFLICT);
        assert_int_equal(put(key, from, 'c', two.version, &three), STORE_OK);
        assert_string_not_equal(three.version, one.version);
        assert_string_not_equal(three.version, two.version);
        expect(key, from, 'c', three.version);
        assert_int_equal(put(key, 1, 'x', two.version, NULL), STORE_CONFLICT);
        assert_int_equal(store.backend->remove(store.ctx, key, three.version), STORE_OK);
    }
}

static void each_length_that_fits_replaces_each_other(void **state)
{
    char long_key[256];
    const char *const keys[] = {"global/a", long_key};

    (void)state;
    memset(long_key, 'k', sizeof long_key - 1);
    memcpy(long_key, "global/", 7);
    long_key[255] = '\0';
    for (int k = 0; k < 2; k++) {
        size_t max = longest(keys[k]);
        size_t sizes[64];
        size_t count = 0;
        assert_true(max > 18500);
        for (size_t less = 0; less < 1200; less += less < 10 ? 1 : 53)
            sizes[count++] = max - less;
        for (size_t more = 1; more < max / 2 + 1500; more = more * 2 + 7)
            sizes[count++] = more;
        sizes[count++] = max / 2;
        for (size_t i = 0; i < count; i++)
            replace_by_each(keys[k], sizes[i], sizes, count);
    }
}

static void a_value_that_does_not_fit_changes_nothing(void **state)
{
    size_t max = longest("global/a");
    struct store_record now = {0};

    (void)state;
    for (size_t len = max; len > 8000; len -= 5000) {
        assert_int_equal(put("global/a", len, 'a', NULL, &now), STORE_OK);
        for (int i = 0; i < 2; i++) { /* a new key, and one that was replaced in place */
            struct store_record next = {0};
            assert_int_equal(put("global/a", max + 1300, 'b', NULL, NULL), STORE_FULL);
            expect("global/a", len, 'a', now.version);
            assert_int_equal(put("global/b", max, 'b', NULL, NULL), STORE_FULL);
            expect("global/a", len, 'a', now.version);
            assert_int_equal(put("global/a", len, 'a', now.version, &next), STORE_OK);
            now = next;
        }
    }
}

/* Fills the quota with values, shorter and shorter ones; how many they are. */
static size_t fill(size_t len, size_t lens[200])
{
    size_t count = 0;

    while (len > 0 && count < 200) {
        char key[64];
        snprintf(key, sizeof key, "org/acme/%zu", count);
        if (put(key, len, 'a', "0", NULL) == STORE_OK)
            lens[count++] = len;
        else
            len /= 4;
    }
    return count;
}

/* Each is replaced several times, by as long a value, and no other's version changes by that. */
static void replace_all(const size_t *lens, size_t count)
{
    static struct store_record now[200];

    for (size_t i = 0; i < count; i++) {
        char key[64];
        snprintf(key, sizeof key, "org/acme/%zu", i);
        assert_int_equal(store.backend->read(store.ctx, key, &now[i]), STORE_OK);
        store_secret_wipe(&now[i].value);
    }
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < count; i++) {
            char key[64];
            struct store_record new = {0};
            snprintf(key, sizeof key, "org/acme/%zu", i);
            assert_int_equal(put(key, lens[i], 'b' + round, now[i].version, &new), STORE_OK);
            assert_string_not_equal(now[i].version, new.version);
            now[i] = new;
        }
    for (size_t i = 0; i < count; i++) {
        char key[64];
        snprintf(key, sizeof key, "org/acme/%zu", i);
        expect(key, lens[i], 'd', now[i].version);
    }
}

static void each_of_many_values_that_fill_the_quota_can_be_replaced(void **state)
{
    static const size_t first[] = {6000, 2000, 90, 1};
    size_t lens[200];

    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        size_t count = fill(first[i], lens);
        assert_true(count > 2);
        replace_all(lens, count);
        close_store(state);
        assert_int_equal(open_store(state), 0);
    }
}

static void write_often(size_t len, int letter)
{
    for (int i = 0; i < WRITES; i++)
        if (put("global/a", len - (size_t)(i % 7), letter, NULL, NULL) != STORE_OK)
            _exit(1);
    _exit(0);
}

/* A value is of one writer, whole, and its version belongs to it. */
static void expect_one_writer(void)
{
    AUTO_RECORD record = {0};

    assert_int_equal(store.backend->read(store.ctx, "global/a", &record), STORE_OK);
    for (size_t i = 1; i < record.value.len; i++)
        assert_int_equal(record.value.data[i], record.value.data[0]);
}

static void writers_at_once_get_room_by_turns(void **state)
{
    size_t max = longest("global/a");
    pid_t children[WRITERS];

    (void)state;
    assert_int_equal(put("global/a", max, 'z', NULL, NULL), STORE_OK);
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            write_often(max, 'a' + i);
    }
    for (int running = WRITERS; running > 0;) {
        int status;
        pid_t child = waitpid(-1, &status, WNOHANG);
        expect_one_writer();
        if (child > 0) {
            assert_true(WIFEXITED(status));
            assert_int_equal(WEXITSTATUS(status), 0);
            running--;
        }
    }
}

/* Adds one to the number at the head of a value that fills the quota, by compare-and-set. */
static void count_up(size_t len)
{
    for (int i = 0; i < WRITES / 3;) {
        AUTO_RECORD record = {0};
        AUTO_SECRET next = {0};
        unsigned char *bytes;
        uint32_t number;
        enum store_err err = store.backend->read(store.ctx, "global/a", &record);
        if (err != STORE_OK || store_secret_resize(&next, len, &bytes) != STORE_OK)
            _exit(1);
        memcpy(&number, record.value.data, sizeof number);
        number++;
        memcpy(bytes, &number, sizeof number);
        err = store.backend->write(store.ctx, "global/a", &next, record.version, NULL);
        if (err != STORE_OK && err != STORE_CONFLICT)
            _exit(2);
        i += err == STORE_OK;
    }
    _exit(0);
}

static void compare_and_set_in_place_loses_no_step(void **state)
{
    size_t max = longest("global/a");
    AUTO_RECORD record = {0};
    uint32_t number;

    (void)state;
    assert_int_equal(put("global/a", max, '\0', NULL, NULL), STORE_OK);
    for (int i = 0; i < WRITERS; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            count_up(max);
    }
    for (int i = 0; i < WRITERS; i++) {
        int status;
        assert_true(wait(&status) > 0);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    assert_int_equal(store.backend->read(store.ctx, "global/a", &record), STORE_OK);
    memcpy(&number, record.value.data, sizeof number);
    assert_int_equal(number, WRITERS * (WRITES / 3));
}

/* A version read beside a killed writer still holds the same value, or is a conflict. */
static void a_version_of_a_killed_write_is_never_current_with_another_value(void **state)
{
    size_t max = longest("global/a");

    (void)state;
    assert_int_equal(put("global/a", max, 'z', NULL, NULL), STORE_OK);
    for (int i = 0; i < KILLS; i++) {
        AUTO_RECORD seen = {0};
        AUTO_RECORD after = {0};
        enum store_err err;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_often(max, 'a' + i % 20);
        usleep((useconds_t)(i * 37 % 2000));
        assert_int_equal(store.backend->read(store.ctx, "global/a", &seen), STORE_OK);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_int_equal(store.backend->read(store.ctx, "global/a", &after), STORE_OK);
        err = put("global/a", max, 'y', seen.version, NULL);
        assert_true(err == STORE_OK || err == STORE_CONFLICT);
        if (err == STORE_OK) {
            assert_int_equal(after.value.len, seen.value.len);
            assert_memory_equal(after.value.data, seen.value.data, seen.value.len);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_length_that_fits_replaces_each_other, open_store,
                                        close_store),
        cmocka_unit_test_setup_teardown(a_value_that_does_not_fit_changes_nothing, open_store,
                                        close_store),
        cmocka_unit_test_setup_teardown(each_of_many_values_that_fill_the_quota_can_be_replaced,
                                        open_store, close_store),
        cmocka_unit_test_setup_teardown(writers_at_once_get_room_by_turns, open_store, close_store),
        cmocka_unit_test_setup_teardown(compare_and_set_in_place_loses_no_step, open_store,
                                        close_store),
        cmocka_unit_test_setup_teardown(
            a_version_of_a_killed_write_is_never_current_with_another_value, open_store,
            close_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

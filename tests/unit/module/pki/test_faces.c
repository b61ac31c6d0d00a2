/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/pki/face_file.h"

#include <fcntl.h>
#include <sys/file.h>

#include "module/pki/faces.h"
#include "store/time.h"

#define KEY "org/acme/a"
#define CHAIN "org/acme/chain"

/* As a process begins. */
static struct faces *start(void)
{
    struct faces *faces = faces_new();

    assert_non_null(faces);
    assert_true(faces_attach(faces, path, "store", 3600 * STORE_TIME_S));
    return faces;
}

static struct store_record at_version(const char *version)
{
    struct store_record record = {.updated_ns = 5 * STORE_TIME_S};

    snprintf(record.version, sizeof record.version, "%s", version);
    return record;
}

static const struct face_origin from_store = {
    .asked_ns = INT64_MAX, .certificate_key = CHAIN, .current = true, .lasting = true};

static void keep(struct faces *faces, const char *version, const struct face_origin *origin)
{
    const struct store_record record = at_version(version);
    const struct store_record chain = at_version("1");

    (void)faces_keep(faces, KEY, &record, &chain, origin, pki);
}

static bool finds(struct faces *faces, const char *version)
{
    const struct store_record record = at_version(version);
    const struct store_record chain = at_version("1");
    struct pki *found = faces_find(faces, KEY, &record, &chain, NULL);

    pki_drop(found);
    return found != NULL;
}

static bool finds_recent(struct faces *faces, const char *certificate_key)
{
    struct pki *found = faces_find_recent(faces, KEY, certificate_key);

    pki_drop(found);
    return found != NULL;
}

static void a_face_outlasts_the_process(void **state)
{
    struct faces *faces = start();

    (void)state;
    assert_false(finds_recent(faces, CHAIN));
    keep(faces, "1", &from_store);
    assert_true(finds_recent(faces, CHAIN));
    faces_free(faces);

    faces = start();
    assert_true(finds_recent(faces, CHAIN));
    assert_false(finds_recent(faces, "")); /* the rule is another now */
    assert_true(finds(faces, "1"));
    assert_false(finds(faces, "2"));
    faces_free(faces);
}

static void a_face_that_may_be_old_is_not_recent(void **state)
{
    const struct face_origin cached = {
        .certificate_key = CHAIN, .asked_ns = INT64_MAX, .lasting = true};
    struct faces *faces = start();

    (void)state;
    keep(faces, "1", &cached);
    assert_false(finds_recent(faces, CHAIN));
    assert_true(finds(faces, "1"));
    keep(faces, "1", &from_store);
    keep(faces, "1", &cached); /* it was current a moment ago, and has not changed */
    assert_true(finds_recent(faces, CHAIN));
    keep(faces, "2", &cached);
    assert_false(finds_recent(faces, CHAIN));
    faces_free(faces);
}

static void a_face_of_one_login_goes_with_it(void **state)
{
    const struct face_origin unlocked = {
        .certificate_key = CHAIN, .asked_ns = INT64_MAX, .current = true};
    struct faces *faces = start();

    (void)state;
    keep(faces, "1", &from_store);
    faces_clear(faces);
    keep(faces, "2", &unlocked); /* an encrypted key has taken the place of the other */
    assert_false(finds_recent(faces, CHAIN));
    assert_true(finds(faces, "2"));
    faces_clear(faces);
    assert_false(finds_recent(faces, CHAIN));
    assert_false(finds(faces, "2"));
    faces_free(faces);
}

/* The face is found again by its version, without the passphrase. */
static void a_face_of_one_login_stays_one(void **state)
{
    const struct face_origin unlocked = {
        .certificate_key = CHAIN, .asked_ns = INT64_MAX, .current = true};
    struct faces *faces = start();

    (void)state;
    keep(faces, "1", &unlocked);
    keep(faces, "1", &from_store);
    assert_false(finds_recent(faces, CHAIN));
    faces_free(faces);
    faces = start();
    assert_false(finds_recent(faces, CHAIN));
    assert_false(finds(faces, "1"));
    faces_free(faces);
}

/* Another process has written the entry since this one has read the file. */
static void a_change_reaches_the_entries_of_others(void **state)
{
    static const char *const changed[] = {KEY, CHAIN};

    (void)state;
    for (size_t i = 0; i < COUNT(changed); i++) {
        struct faces *faces = start();
        struct faces *other = start();
        assert_false(finds(faces, "1")); /* the file is read */
        keep(other, "1", &from_store);
        faces_free(other);
        faces_forget(faces, changed[i], true);
        other = start();
        assert_false(finds_recent(other, CHAIN));
        faces_free(other);
        faces_free(faces);
    }
}

static void what_was_asked_for_before_a_change_is_perhaps_older(void **state)
{
    struct face_origin origin = from_store;
    struct faces *faces = start();

    (void)state;
    origin.asked_ns = store_time_monotonic();
    faces_forget(faces, KEY, true);
    keep(faces, "1", &origin);
    assert_false(finds_recent(faces, CHAIN));
    faces_free(faces);
    faces = start();
    assert_false(finds_recent(faces, CHAIN));
    faces_free(faces);
}

/* A rule may name a secret with certificates that does not exist: each read of a key finds that. */
static void a_missing_secret_leaves_the_faces_of_others_current(void **state)
{
    struct face_origin origin = from_store;
    struct faces *faces = start();

    (void)state;
    origin.asked_ns = store_time_monotonic();
    faces_forget(faces, "org/acme/missing", false);
    keep(faces, "1", &origin);
    assert_true(finds_recent(faces, CHAIN));
    faces_free(faces);
}

static void a_face_too_many_takes_the_place_of_the_oldest(void **state)
{
    const struct store_record record = at_version("1");
    char key[STORE_KEY_MAX + 1];
    struct pki *found;

    (void)state;
    for (int attached = 0; attached < 2; attached++) {
        struct faces *faces = attached ? start() : faces_new();
        assert_non_null(faces);
        for (int i = 0; i <= 4096; i++) {
            snprintf(key, sizeof key, "org/acme/%d", i);
            (void)faces_keep(faces, key, &record, &record, &from_store, pki);
            if (i == 4095)
                faces_save(faces);
        }
        assert_null(faces_find(faces, "org/acme/0", &record, &record, NULL));
        for (int i = 1; i <= 4096; i += 4095) {
            snprintf(key, sizeof key, "org/acme/%d", i);
            found = faces_find(faces, key, &record, &record, NULL);
            assert_non_null(found);
            pki_drop(found);
        }
        faces_free(faces);
    }
}

static void a_changed_secret_is_forgotten(void **state)
{
    static const char *const changed[] = {KEY, CHAIN};
    struct faces *faces;

    (void)state;
    for (size_t i = 0; i < COUNT(changed); i++) {
        faces = start();
        keep(faces, "1", &from_store);
        faces_free(faces);
        faces = start();
        faces_forget(faces, changed[i], true);
        assert_false(finds_recent(faces, CHAIN));
        assert_false(finds(faces, "1"));
        faces_free(faces);
        faces = start();
        assert_false(finds_recent(faces, CHAIN));
        faces_free(faces);
    }
}

/* The entries wait for the next time if another process is writing. */
static void a_writer_does_not_wait_for_its_turn(void **state)
{
    struct faces *faces = start();
    char next[sizeof path + 4];
    int turn;

    (void)state;
    snprintf(next, sizeof next, "%s.new", path);
    turn = open(next, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(turn >= 0);
    assert_int_equal(flock(turn, LOCK_EX), 0);
    keep(faces, "1", &from_store);
    faces_save(faces);
    assert_int_equal(access(path, F_OK), -1);
    close(turn);
    faces_clear(faces);
    assert_int_equal(access(path, F_OK), 0);
    assert_true(finds_recent(faces, CHAIN));
    faces_free(faces);
}

static void without_a_file_only_a_version_counts(void **state)
{
    struct faces *faces = faces_new();

    (void)state;
    assert_non_null(faces);
    keep(faces, "1", &from_store);
    assert_false(finds_recent(faces, CHAIN));
    assert_true(finds(faces, "1"));
    faces_forget(faces, KEY, true);
    faces_save(faces);
    assert_true(finds(faces, "1"));
    faces_clear(faces);
    assert_false(finds(faces, "1"));
    faces_free(faces);
    faces_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_face_outlasts_the_process, setup, teardown),
        cmocka_unit_test_setup_teardown(a_face_that_may_be_old_is_not_recent, setup, teardown),
        cmocka_unit_test_setup_teardown(a_face_of_one_login_goes_with_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_face_of_one_login_stays_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_change_reaches_the_entries_of_others, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_asked_for_before_a_change_is_perhaps_older, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_missing_secret_leaves_the_faces_of_others_current, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_face_too_many_takes_the_place_of_the_oldest, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_changed_secret_is_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(a_writer_does_not_wait_for_its_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_file_only_a_version_counts, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

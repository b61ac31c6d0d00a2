/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "module/pki/faces_file.h"
#include "module/pki/keypair.h"
#include "store/time.h"
#include "tests/unit/module/pki/keys.h"

static char folder[64];
static char path[80];
static char why[FACES_FILE_WHY];

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/sideseat-faces-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/public", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)remove(path);
    return rmdir(folder); /* nothing else is left in it */
}

/* The face of a private key's text. */
static struct pki *face_of(const char *pem)
{
    AUTO_SECRET text = {0};
    struct pki *pki;

    assert_int_equal(store_secret_set(&text, pem, strlen(pem)), STORE_OK);
    pki = pki_read(&text, NULL, NULL);
    assert_non_null(pki);
    assert_int_equal(pki->fault, PKI_OK);
    return pki;
}

static struct faces_entry entry_of(const char *key, int64_t checked_ns, struct pki *pki)
{
    struct faces_entry entry = {.checked_ns = checked_ns, .pki = pki};

    memcpy(entry.key, key, strlen(key) + 1);
    snprintf(entry.secret.version, sizeof entry.secret.version, "7");
    entry.secret.updated_ns = 5 * STORE_TIME_S;
    return entry;
}

static void put(const char *store, const struct faces_entry *entry)
{
    assert_int_equal(faces_file_update(path, store, entry, 1, why), STORE_OK);
}

/* The entries that a read has found. */
struct found {
    size_t count;
    struct faces_entry last;
};

static void note(void *arg, const struct faces_entry *entry)
{
    struct found *found = arg;

    pki_drop(found->last.pki);
    found->last = *entry;
    (void)pki_share(found->last.pki);
    found->count++;
}

static struct found get(const char *store)
{
    struct found found = {0};

    assert_int_equal(faces_file_read(path, store, note, &found, why), STORE_OK);
    return found;
}

static void each_kind_of_key_comes_back_as_it_was(void **state)
{
    static const char *const texts[] = {RSA_PKCS8, P256_PKCS8, P521_PKCS8, ED25519_PKCS8,
                                        ED448_PKCS8};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct pki *pki = face_of(texts[i]);
        struct faces_entry entry = entry_of("org/acme/a", (int64_t)(i + 1) * STORE_TIME_S, pki);
        struct found found;

        put("store", &entry);
        found = get("store");
        assert_int_equal(found.count, 1);
        assert_int_equal(found.last.pki->fault, PKI_OK);
        assert_int_equal(found.last.pki->key.type, pki->key.type);
        assert_int_equal(found.last.pki->key.bits, pki->key.bits);
        assert_true(der_equal(found.last.pki->key.info, pki->key.info));
        assert_memory_equal(found.last.pki->id, pki->id, PKI_ID_LEN);
        assert_int_equal(found.last.secret.updated_ns, 5 * STORE_TIME_S);
        assert_string_equal(found.last.secret.version, "7");
        pki_drop(found.last.pki);
        pki_drop(pki);
    }
}

static void a_missing_file_is_made_for_the_user_alone(void **state)
{
    struct pki *pki = face_of(P256_PKCS8);
    struct faces_entry entry = entry_of("org/acme/a", STORE_TIME_S, pki);
    mode_t old = umask(0);
    struct stat st;

    (void)state;
    assert_int_equal(faces_file_read(path, "store", note, NULL, why), STORE_NOT_FOUND);
    put("store", &entry);
    umask(old);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    pki_drop(pki);
}

static void the_later_entry_stays(void **state)
{
    struct pki *pki = face_of(P256_PKCS8);
    struct faces_entry entry = entry_of("org/acme/a", 3 * STORE_TIME_S, pki);
    struct found found;

    (void)state;
    put("store", &entry);
    entry.checked_ns = 2 * STORE_TIME_S;
    snprintf(entry.secret.version, sizeof entry.secret.version, "6");
    put("store", &entry);
    entry.pki = NULL; /* a removal from before */
    put("store", &entry);
    found = get("store");
    assert_string_equal(found.last.secret.version, "7");
    pki_drop(found.last.pki);
    entry.checked_ns = 4 * STORE_TIME_S;
    put("store", &entry);
    assert_int_equal(get("store").count, 0);
    pki_drop(pki);
}

static void stores_do_not_see_each_others_entries(void **state)
{
    struct pki *pki = face_of(P256_PKCS8);
    struct faces_entry entry = entry_of("org/acme/a", STORE_TIME_S, pki);
    struct found found;

    (void)state;
    put("vault.address=a\n", &entry);
    assert_int_equal(get("vault.address=b\n").count, 0);
    put("vault.address=b\n", &entry);
    found = get("vault.address=a\n");
    assert_int_equal(found.count, 1);
    pki_drop(found.last.pki);
    pki_drop(pki);
}

static void the_oldest_entries_go_past_the_limit(void **state)
{
    struct pki *pki = face_of(P256_PKCS8);
    size_t count = FACES_FILE_ENTRIES + 10;
    struct faces_entry *entries = calloc(count, sizeof *entries);
    struct found found;

    (void)state;
    assert_non_null(entries);
    for (size_t i = 0; i < count; i++) {
        char key[32];
        snprintf(key, sizeof key, "org/acme/k%zu", i);
        entries[i] = entry_of(key, (int64_t)(i + 1) * STORE_TIME_S, pki);
    }
    assert_int_equal(faces_file_update(path, "old", entries, 10, why), STORE_OK);
    assert_int_equal(faces_file_update(path, "store", entries + 10, count - 10, why), STORE_OK);
    assert_int_equal(get("old").count, 0);
    found = get("store");
    assert_int_equal(found.count, FACES_FILE_ENTRIES);
    pki_drop(found.last.pki);
    free(entries);
    pki_drop(pki);
}

/* RFC 5280 has one form of each key; a file may claim anything. */
static void a_key_in_another_form_is_no_key(void **state)
{
    struct pki *pki = face_of(RSA_PKCS8);
    unsigned char longer[2048];
    size_t len = pki->key.info.len;
    struct pki_public key = {0};

    (void)state;
    assert_int_equal(pki_public_read(pki->key.info, &key), PKI_OK);
    pki_public_free(&key);
    memcpy(longer, pki->key.info.data, len);
    longer[len] = 0;
    assert_int_equal(pki_public_read((struct der){longer, len + 1}, &key), PKI_MALFORMED);
    for (size_t cut = 0; cut < len; cut++)
        assert_int_not_equal(pki_public_read((struct der){longer, cut}, &key), PKI_OK);
    for (size_t i = 0; i < len; i++) { /* either refused, or read back as it stands */
        longer[i] ^= 0x01;
        if (pki_public_read((struct der){longer, len}, &key) == PKI_OK)
            assert_true(der_equal(key.info, (struct der){longer, len}));
        pki_public_free(&key);
        longer[i] ^= 0x01;
    }
    pki_drop(pki);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_kind_of_key_comes_back_as_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_file_is_made_for_the_user_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(the_later_entry_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(stores_do_not_see_each_others_entries, setup, teardown),
        cmocka_unit_test_setup_teardown(the_oldest_entries_go_past_the_limit, setup, teardown),
        cmocka_unit_test(a_key_in_another_form_is_no_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

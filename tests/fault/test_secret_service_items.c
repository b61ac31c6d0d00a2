/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/secret_service_fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The items themselves: ours as other programs see them, and theirs as we do; several items for one
 * key; the import. Runs under any script of tests/servers; secret-tool is the other program.
 */

#define GENEROUS_MS 30000
#define TOOL "secret-tool "
#define OURS "xdg:schema com.sideseat.Secret "
#define VAULT "service sideseat username vault "

static int fresh(void **state)
{
    (void)state;
    service_shell("\"$SIDESEAT_SERVICE\" --fresh");
    return 0;
}

/* Now and then kwalletd5 does not know a session that it has just made, so secret-tool has a few
 * tries. */
#define TRIES 5

/* The value that secret-tool finds with these attributes; false if it failed. */
static bool tool_lookup(const char *attributes, char *found, size_t size)
{
    char command[512];
    FILE *pipe;

    snprintf(command, sizeof command, TOOL "lookup %s", attributes);
    pipe = popen(command, "r");
    assert_non_null(pipe);
    found[fread(found, 1, size - 1, pipe)] = '\0';
    return pclose(pipe) == 0;
}

/* True if secret-tool finds `value` with these attributes; NULL: nothing. */
static void tool_expect(const char *attributes, const char *value)
{
    char found[512] = "";

    for (int i = 0; i < TRIES && !tool_lookup(attributes, found, sizeof found); i++)
        if (value == NULL)
            break;
    assert_string_equal(found, value == NULL ? "" : value);
}

static void tool_store(const char *attributes, const char *value)
{
    char command[1024];
    int tries = TRIES;

    snprintf(command, sizeof command, "printf %%s '%s' | " TOOL "store --label=theirs %s", value,
             attributes);
    while (--tries > 0 && service_shell_result(command) != 0)
        continue;
    assert_true(tries > 0);
}

static void secret_tool_sees_our_items(void **state)
{
    struct service_store s = service_open(GENEROUS_MS, 1000);

    (void)state;
    assert_store(service_put(&s, "org/acme/a", "one"), STORE_OK);
    assert_store(service_put(&s, "global/b", "two"), STORE_OK);
    tool_expect(OURS "key org/acme/a", "one");
    tool_expect(OURS "scope org scope_id acme name a", "one");
    tool_expect(OURS "key global/b scope global name b", "two");
    assert_store(service_put(&s, "org/acme/a", "three"), STORE_OK);
    tool_expect(OURS "key org/acme/a", "three");
    assert_store(s.store.backend->remove(s.store.ctx, "org/acme/a", NULL), STORE_OK);
    tool_expect(OURS "key org/acme/a", NULL);
    service_close(&s);
}

static void we_see_the_items_of_secret_tool(void **state)
{
    struct service_store s = service_open(GENEROUS_MS, 1000);
    size_t count;

    (void)state;
    tool_store(OURS "key org/acme/a scope org scope_id acme name a", "theirs");
    service_expect(&s, "org/acme/a", "theirs");
    assert_store(service_list(&s, "org/acme/", &count), STORE_OK);
    assert_int_equal(count, 1);
    assert_store(service_put(&s, "org/acme/a", "ours"), STORE_OK);
    tool_expect(OURS "key org/acme/a", "ours");
    assert_store(service_list(&s, "", &count), STORE_OK);
    assert_int_equal(count, 1);
    service_shell(TOOL "clear " OURS "key org/acme/a");
    service_expect(&s, "org/acme/a", NULL);
    assert_store(service_list(&s, "", &count), STORE_OK);
    assert_int_equal(count, 0);
    service_close(&s);
}

/* An item with any attributes of another program: after our write every listing shows it, and the
 * other program's own attributes stay. */
static void an_item_of_theirs_is_completed_by_a_write(void **state)
{
    struct service_store s = service_open(GENEROUS_MS, 1000);
    size_t count;

    (void)state;
    tool_store(OURS "key org/acme/a", "1");
    tool_store(OURS "key org/acme/b/c owner them scope user scope_id acme name d", "2");
    tool_store(OURS "key global/d", "3");
    assert_store(service_list(&s, "org/acme/", &count), STORE_OK);
    assert_int_equal(count, 0);
    assert_store(service_put(&s, "org/acme/a", "one"), STORE_OK);
    assert_store(service_put(&s, "org/acme/b/c", "two"), STORE_OK);
    assert_store(service_put(&s, "global/d", "three"), STORE_OK);
    assert_store(service_list(&s, "org/acme/", &count), STORE_OK);
    assert_int_equal(count, 2);
    assert_store(service_list(&s, "global/", &count), STORE_OK);
    assert_int_equal(count, 1);
    assert_store(service_list(&s, "user/", &count), STORE_OK);
    assert_int_equal(count, 0);
    assert_store(service_list(&s, "", &count), STORE_OK);
    assert_int_equal(count, 3);
    tool_expect(OURS "scope org scope_id acme name a", "one");
    tool_expect(OURS "scope org scope_id acme name b/c owner them", "two");
    service_expect(&s, "org/acme/b/c", "two");
    service_log_expect_nothing();
    service_close(&s);
}

/* A second read asks the item of the first one; the key may have moved by then, or the item may
 * have another key. */
static void a_secret_is_read_from_where_it_is_now(void **state)
{
    struct service_store s = service_open(GENEROUS_MS, 1000);

    (void)state;
    assert_store(service_put(&s, "org/acme/a", "one"), STORE_OK);
    service_expect(&s, "org/acme/a", "one");
    service_expect(&s, "org/acme/a", "one");
    service_shell(TOOL "clear " OURS "key org/acme/a");
    tool_store(OURS "key org/acme/b scope org scope_id acme name b", "other");
    service_expect(&s, "org/acme/a", NULL);
    tool_store(OURS "key org/acme/a scope org scope_id acme name a", "two");
    service_expect(&s, "org/acme/a", "two");
    service_shell(TOOL "clear " OURS "key org/acme/b");
    service_shell(TOOL "clear " OURS "key org/acme/a");
    tool_store(OURS "key org/acme/a scope org scope_id acme name a", "three");
    service_expect(&s, "org/acme/a", "three");
    service_expect(&s, "org/acme/b", NULL);
    service_log_expect_nothing();
    tool_store(OURS "key org/acme/a scope org scope_id acme name a copy 1", "four");
    assert_store(service_get(&s, "org/acme/a"), STORE_OK);
    service_log_expect("this key has several items");
    service_close(&s);
}

/* A listing does not mix up the attributes of scopes, and leaves out invalid keys. */
static void only_scope_keys_are_listed(void **state)
{
    struct service_store s = service_open(GENEROUS_MS, 1000);
    struct store_health health;
    size_t count;

    (void)state;
    tool_store(OURS "key org/acme/a scope org scope_id acme name a", "1");
    tool_store(OURS "key org/acme-prod/a scope org scope_id acme-prod name a", "2");
    tool_store(OURS "key nonsense scope org scope_id acme name nonsense", "3");
    tool_store(OURS "scope org scope_id acme name none", "4");
    tool_store(OURS "key user/u/a scope org scope_id acme name wrong", "5");
    tool_store("key org/acme/other scope org scope_id acme name other", "6");
    assert_store(service_list(&s, "org/acme/", &count), STORE_OK);
    assert_int_equal(count, 1);
    assert_store(service_list(&s, "org/", &count), STORE_OK);
    assert_int_equal(count, 2);
    service_log_clear();
    assert_store(service_list(&s, "", &count), STORE_OK);
    assert_int_equal(count, 3);
    service_log_expect("2 secrets have a name that no key can have");
    s.store.backend->health(s.store.ctx, &health);
    assert_non_null(strstr(health.text, "; 2 more have a name that no key can have"));
    service_expect(&s, "org/acme/other", NULL);
    service_close(&s);
}

static void of_several_items_the_newest_counts_and_stays(void **state)
{
    struct service_store s = service_open(GENEROUS_MS, 1000);
    size_t count;

    (void)state;
    assert_store(service_put(&s, "global/a", "1"), STORE_OK);
    /* More attributes, so that the service takes it for another item. */
    tool_store(OURS "key global/a scope global name a copy 1", "2");
    assert_store(service_get(&s, "global/a"), STORE_OK);
    service_log_expect("this key has several items");
    assert_store(service_list(&s, "", &count), STORE_OK);
    assert_int_equal(count, 1);
    assert_store(service_put(&s, "global/a", "3"), STORE_OK);
    service_expect(&s, "global/a", "3");
    tool_store(OURS "key global/a scope global name a copy 2", "4");
    assert_store(s.store.backend->remove(s.store.ctx, "global/a", NULL), STORE_OK);
    service_expect(&s, "global/a", NULL);
    service_log_expect_nothing();
    service_close(&s);
}

/* As KWallet leaves one that was being written when it died. */
static void an_empty_item_is_damaged_and_not_missing(void **state)
{
    struct service_store s = service_open(GENEROUS_MS, 1000);

    (void)state;
    tool_store(OURS "key global/a scope global name a", "");
    assert_store(service_get(&s, "global/a"), STORE_CORRUPT);
    service_log_expect("it is damaged");
    assert_store(service_put(&s, "global/a", "1"), STORE_OK);
    service_expect(&s, "global/a", "1");
    service_log_expect_nothing();
    service_close(&s);
}

static void a_document_is_imported_once(void **state)
{
    static const char document[] =
        "{\"version\":2,\"secrets\":{\"global/a\":{\"value\":\"old a\",\"metadata\":"
        "{\"created_at\":\"2024-01-01T00:00:00Z\",\"updated_at\":\"2024-01-01T00:00:00Z\"}},"
        "\"org/acme/b\":{\"value\":\"b\\u00e9\",\"metadata\":{}}}}";
    struct service_store s;
    size_t count;

    (void)state;
    tool_store(VAULT "target default application rust-keyring", document);
    tool_store(OURS "key global/a scope global name a", "newer a");
    s = service_open(GENEROUS_MS, 1000);
    service_expect(&s, "org/acme/b", "b\xc3\xa9");
    service_expect(&s, "global/a", "newer a");
    assert_store(service_list(&s, "", &count), STORE_OK);
    assert_int_equal(count, 2);
    assert_store(s.store.backend->remove(s.store.ctx, "org/acme/b", NULL), STORE_OK);
    service_close(&s);
    s = service_open(GENEROUS_MS, 1000);
    service_expect(&s, "org/acme/b", NULL);
    assert_store(service_list(&s, "", &count), STORE_OK);
    assert_int_equal(count, 1);
    service_log_expect_nothing();
    service_close(&s);
    tool_expect(VAULT, document);
}

static void the_first_version_is_imported_too(void **state)
{
    struct service_store s;

    (void)state;
    tool_store(VAULT, "{\"secrets\":{\"jwt_signing_key\":{\"value\":\"k\",\"metadata\":{}}}}");
    s = service_open(GENEROUS_MS, 1000);
    assert_store(service_put(&s, "global/other", "1"), STORE_OK);
    service_expect(&s, "global/jwt_signing_key", "k");
    service_close(&s);
}

/* Nothing can be said to be missing while the document cannot be read. */
static void a_document_that_cannot_be_read_is_an_error_and_stays(void **state)
{
    static const char newer[] = "{\"version\":3,\"secrets\":{}}";
    struct service_store s = service_open(GENEROUS_MS, 1000);

    (void)state;
    tool_store(VAULT, "{\"version\":2,");
    assert_store(service_get(&s, "global/a"), STORE_CORRUPT);
    service_log_expect("cannot be imported: it is not JSON");
    tool_expect(VAULT, "{\"version\":2,");
    service_shell(TOOL "clear " VAULT);
    tool_store(VAULT, newer);
    assert_store(service_get(&s, "global/a"), STORE_UNAVAILABLE);
    service_log_expect("its version is 3, newer than 2");
    tool_expect(VAULT, newer);
    service_shell(TOOL "clear " VAULT);
    service_expect(&s, "global/a", NULL);
    service_close(&s);
}

/* KeePassXC first asks whether to save the changes, which nobody here answers. */
static void a_lock_that_nobody_confirms_changes_nothing(void)
{
    struct service_store s = service_open(GENEROUS_MS, 2000);

    assert_store(service_put(&s, "org/acme/a", "one"), STORE_OK);
    assert_store(s.store.backend->lock(s.store.ctx), STORE_TIMEOUT);
    service_expect(&s, "org/acme/a", "one");
    service_log_clear();
    service_close(&s);
}

static void a_lock_is_for_every_program(void **state)
{
    struct service_store s;

    (void)state;
    if (strstr(getenv("SIDESEAT_SERVICE"), "keepassxc") != NULL) {
        a_lock_that_nobody_confirms_changes_nothing();
        return;
    }
    s = service_open(GENEROUS_MS, GENEROUS_MS);
    assert_store(service_put(&s, "org/acme/a", "one"), STORE_OK);
    assert_store(s.store.backend->lock(s.store.ctx), STORE_OK);
    assert_store(service_get(&s, "org/acme/a"), STORE_LOCKED);
    assert_store(service_put(&s, "org/acme/a", "two"), STORE_LOCKED);
    service_log_clear();
    assert_store(s.store.backend->lock(s.store.ctx), STORE_OK); /* it is locked already */
    service_log_expect_nothing();
    service_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_lock_is_for_every_program, fresh),
        cmocka_unit_test_setup(secret_tool_sees_our_items, fresh),
        cmocka_unit_test_setup(we_see_the_items_of_secret_tool, fresh),
        cmocka_unit_test_setup(an_item_of_theirs_is_completed_by_a_write, fresh),
        cmocka_unit_test_setup(a_secret_is_read_from_where_it_is_now, fresh),
        cmocka_unit_test_setup(only_scope_keys_are_listed, fresh),
        cmocka_unit_test_setup(of_several_items_the_newest_counts_and_stays, fresh),
        cmocka_unit_test_setup(an_empty_item_is_damaged_and_not_missing, fresh),
        cmocka_unit_test_setup(a_document_is_imported_once, fresh),
        cmocka_unit_test_setup(the_first_version_is_imported_too, fresh),
        cmocka_unit_test_setup(a_document_that_cannot_be_read_is_an_error_and_stays, fresh),
    };

    return cmocka_run_group_tests(tests, service_setup, NULL);
}

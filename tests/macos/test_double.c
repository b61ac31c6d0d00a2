/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/macos/double.h"
#include "tests/macos/place.h"

/* Each rule of double.h, and that the double does break a call that breaks the rule. */

static CFStringRef text(const char *bytes)
{
    return CFStringCreateWithBytes(NULL, (const UInt8 *)bytes, (CFIndex)strlen(bytes),
                                   kCFStringEncodingUTF8, false);
}

static void set_text(CFMutableDictionaryRef query, CFStringRef name, const char *bytes)
{
    CFStringRef value = text(bytes);

    CFDictionarySetValue(query, name, value);
    CFRelease(value);
}

static void set_data(CFMutableDictionaryRef query, CFStringRef name, const char *bytes)
{
    CFDataRef value = CFDataCreate(NULL, (const UInt8 *)bytes, (CFIndex)strlen(bytes));

    CFDictionarySetValue(query, name, value);
    CFRelease(value);
}

static CFMutableDictionaryRef empty(void)
{
    return CFDictionaryCreateMutable(NULL, 0, &kCFTypeDictionaryKeyCallBacks,
                                     &kCFTypeDictionaryValueCallBacks);
}

/* A query for an account, NULL for every one; each of `more` is a name that is true in it. */
static CFMutableDictionaryRef query(const char *account)
{
    CFMutableDictionaryRef made = empty();

    CFDictionarySetValue(made, kSecClass, kSecClassGenericPassword);
    set_text(made, kSecAttrService, "service");
    if (account != NULL)
        set_text(made, kSecAttrAccount, account);
    return made;
}

static CFMutableDictionaryRef with(CFMutableDictionaryRef made, CFStringRef name, CFTypeRef value)
{
    CFDictionarySetValue(made, name, value);
    return made;
}

static OSStatus add(CFMutableDictionaryRef made, const char *value)
{
    OSStatus code;

    set_data(made, kSecValueData, value);
    code = SecItemAdd(made, NULL);
    CFRelease(made);
    return code;
}

static OSStatus find(CFMutableDictionaryRef made, CFTypeRef *result)
{
    OSStatus code;

    *result = NULL;
    code = SecItemCopyMatching(made, result);
    CFRelease(made);
    return code;
}

static OSStatus update(CFMutableDictionaryRef made, const char *value)
{
    CFMutableDictionaryRef change = empty();
    OSStatus code;

    set_data(change, kSecValueData, value);
    code = SecItemUpdate(made, change);
    CFRelease(change);
    CFRelease(made);
    return code;
}

static OSStatus erase(CFMutableDictionaryRef made)
{
    OSStatus code = SecItemDelete(made);

    CFRelease(made);
    return code;
}

static CFMutableDictionaryRef protected_query(const char *account)
{
    return with(query(account), kSecUseDataProtectionKeychain, kCFBooleanTrue);
}

static void assert_data(CFTypeRef data, const char *bytes)
{
    assert_non_null(data);
    assert_true(CFGetTypeID(data) == CFDataGetTypeID());
    assert_int_equal(CFDataGetLength(data), strlen(bytes));
    assert_memory_equal(CFDataGetBytePtr(data), bytes, strlen(bytes));
}

static void rule_1_service_and_account_are_the_key(void **state)
{
    CFMutableDictionaryRef labelled = query("a");
    CFMutableDictionaryRef other = query("a");

    (void)state;
    assert_int_equal(add(query("a"), "one"), errSecSuccess);
    assert_int_equal(add(query("a"), "two"), errSecDuplicateItem);
    set_text(labelled, kSecAttrLabel, "another label");
    set_text(labelled, kSecAttrComment, "another comment");
    assert_int_equal(add(labelled, "two"), errSecDuplicateItem);
    set_text(other, kSecAttrService, "another service");
    assert_int_equal(add(other, "two"), errSecSuccess);
    assert_int_equal(add(query("b"), "two"), errSecSuccess);
    assert_int_equal(add(query("A"), "two"), errSecSuccess);
    assert_int_equal(add(protected_query("a"), "two"), errSecSuccess);
    assert_int_equal(add(with(protected_query("a"), kSecAttrSynchronizable, kCFBooleanTrue), "two"),
                     errSecSuccess);
    other = protected_query("a");
    set_text(other, kSecAttrAccessGroup, "TEAM.other");
    assert_int_equal(add(other, "two"), errSecSuccess);
    assert_int_equal(add(protected_query("a"), "two"), errSecDuplicateItem);
}

static void rule_2_the_result_has_the_form_that_the_query_asks_for(void **state)
{
    CFTypeRef found;

    (void)state;
    assert_int_equal(add(query("a"), "one"), errSecSuccess);
    assert_int_equal(add(query("b"), "two"), errSecSuccess);
    assert_int_equal(find(query(NULL), &found), errSecSuccess);
    assert_null(found);
    assert_int_equal(find(with(query("a"), kSecReturnData, kCFBooleanTrue), &found), errSecSuccess);
    assert_data(found, "one");
    CFRelease(found);
    assert_int_equal(find(with(with(query("a"), kSecReturnData, kCFBooleanTrue),
                               kSecReturnAttributes, kCFBooleanTrue),
                          &found),
                     errSecSuccess);
    assert_true(CFGetTypeID(found) == CFDictionaryGetTypeID());
    assert_data(CFDictionaryGetValue(found, kSecValueData), "one");
    assert_non_null(CFDictionaryGetValue(found, kSecAttrCreationDate));
    CFRelease(found);
    assert_int_equal(find(with(query(NULL), kSecReturnAttributes, kCFBooleanTrue), &found),
                     errSecSuccess);
    assert_true(CFGetTypeID(found) == CFDictionaryGetTypeID());
    assert_null(CFDictionaryGetValue(found, kSecValueData));
    CFRelease(found);
    assert_int_equal(find(with(with(query(NULL), kSecReturnAttributes, kCFBooleanTrue),
                               kSecMatchLimit, kSecMatchLimitAll),
                          &found),
                     errSecSuccess);
    assert_true(CFGetTypeID(found) == CFArrayGetTypeID());
    assert_int_equal(CFArrayGetCount(found), 2);
    CFRelease(found);
}

static void rule_3_a_file_keychain_does_not_give_all_values(void **state)
{
    CFTypeRef found;

    (void)state;
    assert_int_equal(add(query("a"), "one"), errSecSuccess);
    assert_int_equal(add(protected_query("a"), "one"), errSecSuccess);
    assert_int_equal(find(with(with(query(NULL), kSecReturnData, kCFBooleanTrue), kSecMatchLimit,
                               kSecMatchLimitAll),
                          &found),
                     errSecParam);
    assert_int_equal(find(with(with(protected_query(NULL), kSecReturnData, kCFBooleanTrue),
                               kSecMatchLimit, kSecMatchLimitAll),
                          &found),
                     errSecSuccess);
    assert_data(CFArrayGetValueAtIndex(found, 0), "one");
    CFRelease(found);
    assert_int_equal(update(with(query("a"), kSecReturnData, kCFBooleanTrue), "x"), errSecParam);
    assert_int_equal(update(with(query("a"), kSecMatchLimit, kSecMatchLimitOne), "x"), errSecParam);
    assert_int_equal(erase(with(query("a"), kSecReturnAttributes, kCFBooleanTrue)), errSecParam);
    assert_int_equal(erase(with(query("a"), kSecMatchLimit, kSecMatchLimitAll)), errSecParam);
    assert_int_equal(erase(query("a")), errSecSuccess);
}

static void rule_4_synchronizable_items_are_named(void **state)
{
    CFTypeRef found;

    (void)state;
    assert_int_equal(add(with(protected_query("a"), kSecAttrSynchronizable, kCFBooleanTrue), "s"),
                     errSecSuccess);
    assert_int_equal(find(protected_query("a"), &found), errSecItemNotFound);
    assert_int_equal(erase(protected_query("a")), errSecItemNotFound);
    assert_int_equal(
        find(with(protected_query("a"), kSecAttrSynchronizable, kCFBooleanTrue), &found),
        errSecSuccess);
    assert_int_equal(
        find(with(protected_query("a"), kSecAttrSynchronizable, kSecAttrSynchronizableAny), &found),
        errSecSuccess);
}

static void rule_5_the_data_protection_keychain_needs_an_entitlement(void **state)
{
    CFMutableDictionaryRef group = query("a");
    CFTypeRef found;

    (void)state;
    double_settings.entitled = false;
    assert_int_equal(add(protected_query("a"), "one"), errSecMissingEntitlement);
    assert_int_equal(find(protected_query("a"), &found), errSecMissingEntitlement);
    assert_int_equal(update(protected_query("a"), "two"), errSecMissingEntitlement);
    assert_int_equal(erase(protected_query("a")), errSecMissingEntitlement);
    assert_int_equal(add(query("a"), "one"), errSecSuccess);
    set_text(group, kSecAttrAccessGroup, "TEAM.sideseat");
    assert_int_equal(find(group, &found), errSecParam);
    assert_int_equal(
        find(with(query("a"), kSecAttrAccessible, kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly),
             &found),
        errSecParam);
    double_settings.entitled = true;
    group = protected_query("a");
    set_text(group, kSecAttrAccessGroup, "OTHERS.group");
    assert_int_equal(find(group, &found), errSecMissingEntitlement);
}

static CFMutableDictionaryRef value_query(CFStringRef ui)
{
    return with(with(query("a"), kSecReturnData, kCFBooleanTrue), kSecUseAuthenticationUI, ui);
}

static void rule_6_every_refusal_is_another_answer(void **state)
{
    CFTypeRef found;

    (void)state;
    assert_int_equal(find(value_query(kSecUseAuthenticationUIFail), &found), errSecItemNotFound);
    assert_int_equal(add(query("a"), "one"), errSecSuccess);
    double_settings.locked = true;
    assert_int_equal(find(value_query(kSecUseAuthenticationUIFail), &found),
                     errSecInteractionNotAllowed);
    assert_int_equal(
        update(with(query("a"), kSecUseAuthenticationUI, kSecUseAuthenticationUIFail), "x"),
        errSecInteractionNotAllowed);
    assert_int_equal(erase(with(query("a"), kSecUseAuthenticationUI, kSecUseAuthenticationUIFail)),
                     errSecInteractionNotAllowed);
    assert_int_equal(find(value_query(kSecUseAuthenticationUISkip), &found), errSecItemNotFound);
    assert_int_equal(double_prompts(), 0);
    double_settings.user = DOUBLE_DISMISSES;
    assert_int_equal(find(value_query(kSecUseAuthenticationUIAllow), &found), errSecUserCanceled);
    double_settings.user = DOUBLE_MISTYPES;
    assert_int_equal(find(value_query(kSecUseAuthenticationUIAllow), &found), errSecAuthFailed);
    double_settings.user = DOUBLE_AGREES;
    assert_int_equal(find(value_query(kSecUseAuthenticationUIAllow), &found), errSecSuccess);
    CFRelease(found);
    assert_int_equal(double_prompts(), 3);
    assert_int_equal(find(value_query(kSecUseAuthenticationUIFail), &found), errSecSuccess);
    CFRelease(found);
    double_settings.no_default = true;
    assert_int_equal(find(query("a"), &found), errSecNoDefaultKeychain);
    assert_int_equal(find(protected_query("a"), &found), errSecItemNotFound);
}

static void rule_7_types_are_checked_and_values_copied(void **state)
{
    CFMutableDictionaryRef made = query("a");
    unsigned char bytes[] = "one";
    CFDataRef shared = CFDataCreateWithBytesNoCopy(NULL, bytes, 3, kCFAllocatorNull);
    CFStringRef wrong = text("text");
    CFTypeRef found;

    (void)state;
    CFDictionarySetValue(made, kSecValueData, wrong);
    assert_int_equal(SecItemAdd(made, NULL), errSecParam);
    CFDictionarySetValue(made, kSecValueData, shared);
    assert_int_equal(SecItemAdd(made, NULL), errSecSuccess);
    CFRelease(made);
    assert_int_equal(CFGetRetainCount(shared), 1); /* the double keeps nothing */
    bytes[0] = 'x';
    assert_int_equal(find(with(query("a"), kSecReturnData, kCFBooleanTrue), &found), errSecSuccess);
    assert_data(found, "one");
    assert_int_equal(CFGetRetainCount(found), 1); /* the caller's */
    CFRelease(found);
    assert_int_equal(find(with(query("a"), kSecReturnData, wrong), &found), errSecParam);
    assert_int_equal(find(with(query("a"), kSecAttrAccount, shared), &found), errSecParam);
    assert_int_equal(find(with(query("a"), kSecAttrGeneric, wrong), &found), errSecParam);
    assert_int_equal(find(with(query("a"), kSecMatchLimit, wrong), &found), errSecParam);
    assert_int_equal(find(with(query("a"), wrong, kCFBooleanTrue), &found), errSecParam);
    assert_int_equal(find(empty(), &found), errSecParam);
    CFRelease(shared);
    CFRelease(wrong);
}

static double date_of(const char *account, CFStringRef name)
{
    CFTypeRef found;
    double date;

    assert_int_equal(
        find(with(protected_query(account), kSecReturnAttributes, kCFBooleanTrue), &found),
        errSecSuccess);
    date = CFDateGetAbsoluteTime(CFDictionaryGetValue(found, name));
    CFRelease(found);
    return date;
}

static void rule_8_an_update_bumps_the_date_and_compares_nothing(void **state)
{
    double created;
    double modified;

    (void)state;
    assert_int_equal(add(protected_query("a"), "one"), errSecSuccess);
    created = date_of("a", kSecAttrCreationDate);
    modified = date_of("a", kSecAttrModificationDate);
    assert_int_equal(update(protected_query("a"), "two"), errSecSuccess);
    assert_int_equal(update(protected_query("a"), "three"), errSecSuccess);
    assert_true(date_of("a", kSecAttrCreationDate) == created);
    assert_true(date_of("a", kSecAttrModificationDate) > modified);
    assert_int_equal(update(protected_query("b"), "two"), errSecItemNotFound);
}

static void rule_9_a_lock_is_the_default_keychains(void **state)
{
    CFTypeRef found;

    (void)state;
    assert_int_equal(add(query("a"), "one"), errSecSuccess);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(SecKeychainLock(NULL), errSecSuccess);
        assert_int_equal(find(value_query(kSecUseAuthenticationUIFail), &found),
                         errSecInteractionNotAllowed);
    }
    double_settings.no_default = true;
    assert_int_equal(SecKeychainLock(NULL), errSecNoDefaultKeychain);
}

static void a_failure_that_is_asked_for_does_nothing(void **state)
{
    CFTypeRef found;

    (void)state;
    double_settings.fail_at = 1;
    double_settings.fail_with = errSecIO;
    assert_int_equal(add(query("a"), "one"), errSecIO);
    assert_int_equal(find(query("a"), &found), errSecItemNotFound);
    assert_int_equal(double_calls(), 2);
}

#define RULE(function) cmocka_unit_test_setup_teardown(function, place_setup, place_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(rule_1_service_and_account_are_the_key),
        RULE(rule_2_the_result_has_the_form_that_the_query_asks_for),
        RULE(rule_3_a_file_keychain_does_not_give_all_values),
        RULE(rule_4_synchronizable_items_are_named),
        RULE(rule_5_the_data_protection_keychain_needs_an_entitlement),
        RULE(rule_6_every_refusal_is_another_answer),
        RULE(rule_7_types_are_checked_and_values_copied),
        RULE(rule_8_an_update_bumps_the_date_and_compares_nothing),
        RULE(rule_9_a_lock_is_the_default_keychains),
        RULE(a_failure_that_is_asked_for_does_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

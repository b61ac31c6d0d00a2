/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MACOS_DOUBLE_H
#define TESTS_MACOS_DOUBLE_H

#include <stddef.h>

#include <Security/Security.h>

/*
 * A strict double of macOS's keychains: the four SecItem functions, and SecKeychainLock of the
 * default keychain, over a real CoreFoundation. It
 * enforces, and tests/macos/test_double.c shows:
 *
 *  1. the primary key is class, service and account (and synchronizable, access group); a second
 *     item is -25299, whatever its label and comment;
 *  2. without kSecMatchLimit one result, with All an array; several kSecReturn… a dictionary, none
 * no result;
 *  3. All with kSecReturnData on the file keychain is -50, and so are return and match keys in
 *     SecItemUpdate and SecItemDelete;
 *  4. without kSecAttrSynchronizable only items that are not synchronizable;
 *  5. kSecUseDataProtectionKeychain without the entitlement is -34018 in all four functions; access
 *     groups and accessibility are only there;
 *  6. absent is -25300, locked with UIFail -25308, UISkip leaves out, a dismissed prompt -128, a
 *     wrong password -25293, no default keychain -25307;
 *  7. a wrong type is -50; a result is the caller's; values are copied;
 *  8. an update bumps the date; there is no compare-and-set;
 *  9. SecKeychainLock locks the default keychain, locked or not, and -25307 if there is none.
 *
 * The items are files in a folder, which several processes may use. The settings are this
 * process's; while they change, no other thread calls anything here.
 */

/* Which answer the user gives to a prompt. */
enum double_user {
    DOUBLE_AGREES,    /* unlocks, and allows the program */
    DOUBLE_DISMISSES, /* -128 */
    DOUBLE_MISTYPES,  /* -25293 */
};

struct double_settings {
    bool locked;           /* the keychains; an agreeing user unlocks them */
    bool protected_access; /* reading a value of a file keychain asks, until the user agrees */
    bool entitled;         /* to the Data Protection Keychain */
    bool no_default;       /* there is not a default file keychain */
    enum double_user user;
    int fail_at; /* the call, from 1, that fails with `fail_with` and does nothing; 0: none */
    OSStatus fail_with;
};

/* Uses the keychains in `folder`, which exists, with default settings: unlocked, entitled. */
void double_use(const char *folder);

extern struct double_settings double_settings;

/* Since double_use: calls of the functions above, and prompts. */
int double_calls(void);
int double_prompts(void);

/* What another program would do: makes or replaces an item with plain attributes. */
void double_put(bool data_protection, const char *service, const char *account, const void *value,
                size_t len);

#endif

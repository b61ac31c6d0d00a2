/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secitem/item.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "backends/secitem/query.h"

static enum store_err answer(const struct item_place *place, const char *account, OSStatus code)
{
    enum store_err err = status_find(code)->err;

    if (place->expected != NULL && place->expected(err))
        return err;
    return status_report(code, place->backend, account, place->health);
}

/* The modification time finds the changes of other programs, which leave the revision as it is. */
void item_describe(const struct item *item, struct store_record *out)
{
    out->created_ns = item->created_ns;
    out->updated_ns = item->modified_ns;
    snprintf(out->version, sizeof out->version, "%" PRIx64 ".%.32s", (uint64_t)item->modified_ns,
             item->revision);
}

enum store_err item_find(const struct item_place *place, const char *account, struct item *out,
                         struct store_secret *value)
{
    AUTO_CF CFMutableDictionaryRef query = query_new(place, account);
    AUTO_CF CFTypeRef found = NULL;
    OSStatus code = errSecAllocate;

    *out = (struct item){0};
    if (query != NULL) {
        CFDictionarySetValue(query, kSecReturnAttributes, kCFBooleanTrue);
        if (value != NULL)
            CFDictionarySetValue(query, kSecReturnData, kCFBooleanTrue);
        code = SecItemCopyMatching(query, &found);
    }
    if (code == errSecSuccess && (found == NULL || CFGetTypeID(found) != CFDictionaryGetTypeID()))
        code = errSecDecode;
    if (code == errSecSuccess && value != NULL)
        code = query_value(found, value);
    if (code == errSecSuccess)
        query_parse(found, out);
    return answer(place, account, code);
}

static enum store_err each_of(CFTypeRef found, item_each_fn *each, void *arg)
{
    for (CFIndex i = 0; i < CFArrayGetCount(found); i++) {
        CFTypeRef attributes = CFArrayGetValueAtIndex(found, i);
        char account[STORE_KEY_MAX + 1];
        struct item item;
        bool named = query_account(attributes, account);

        query_parse(attributes, &item);
        TRY(each(arg, named ? account : NULL, &item));
    }
    return STORE_OK;
}

enum store_err item_each(const struct item_place *place, item_each_fn *each, void *arg)
{
    AUTO_CF CFMutableDictionaryRef query = query_new(place, NULL);
    AUTO_CF CFTypeRef found = NULL;
    OSStatus code = errSecAllocate;
    enum store_err err;

    if (query != NULL) {
        CFDictionarySetValue(query, kSecMatchLimit, kSecMatchLimitAll);
        CFDictionarySetValue(query, kSecReturnAttributes, kCFBooleanTrue);
        code = SecItemCopyMatching(query, &found);
    }
    if (code == errSecItemNotFound)
        return STORE_OK;
    if (code == errSecSuccess && (found == NULL || CFGetTypeID(found) != CFArrayGetTypeID()))
        code = errSecDecode;
    err = answer(place, "", code);
    return err == STORE_OK ? each_of(found, each, arg) : err;
}

/* Sets the value and a new revision. */
static OSStatus set_content(CFMutableDictionaryRef query, const struct store_secret *value)
{
    unsigned char random[16];
    char text[2 * sizeof random + 1];

    if (getentropy(random, sizeof random) != 0)
        return errSecNotAvailable;
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(text + 2 * i, 3, "%02x", random[i]);
    return query_set_bytes(query, kSecAttrGeneric, text, sizeof text - 1) &&
                   query_set_secret(query, value)
               ? errSecSuccess
               : errSecAllocate;
}

enum store_err item_add(const struct item_place *place, const char *account,
                        const struct store_secret *value)
{
    AUTO_CF CFMutableDictionaryRef query = query_new(place, account);
    char label[STORE_KEY_MAX + 16];
    OSStatus code;

    snprintf(label, sizeof label, "sideseat: %s", account);
    code = query == NULL ? errSecAllocate : set_content(query, value);
    if (code == errSecSuccess && !query_set_text(query, kSecAttrLabel, label))
        code = errSecAllocate;
    if (code == errSecSuccess) {
        if (place->keychain == ITEM_DATA_PROTECTION)
            CFDictionarySetValue(query, kSecAttrAccessible,
                                 kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly);
        code = SecItemAdd(query, NULL);
    }
    return answer(place, account, code);
}

enum store_err item_update(const struct item_place *place, const char *account,
                           const struct store_secret *value)
{
    AUTO_CF CFMutableDictionaryRef query = query_new(place, account);
    AUTO_CF CFMutableDictionaryRef change = query_empty();
    OSStatus code = query == NULL || change == NULL ? errSecAllocate : set_content(change, value);

    if (code == errSecSuccess)
        code = SecItemUpdate(query, change);
    return answer(place, account, code);
}

enum store_err item_remove(const struct item_place *place, const char *account)
{
    AUTO_CF CFMutableDictionaryRef query = query_new(place, account);

    return answer(place, account, query == NULL ? errSecAllocate : SecItemDelete(query));
}

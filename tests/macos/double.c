/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/macos/double.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/macos/items.h"

#define EPOCH_S 978307200.0

struct double_settings double_settings;
static char folder[256];
static atomic_int calls;
static atomic_int prompts;

void double_use(const char *new_folder)
{
    snprintf(folder, sizeof folder, "%s", new_folder);
    double_settings = (struct double_settings){.entitled = true};
    atomic_store(&calls, 0);
    atomic_store(&prompts, 0);
}

int double_calls(void)
{
    return atomic_load(&calls);
}

int double_prompts(void)
{
    return atomic_load(&prompts);
}

static double now(bool data_protection)
{
    struct timespec at;
    double seconds;

    clock_gettime(CLOCK_REALTIME, &at);
    seconds = (double)at.tv_sec - EPOCH_S;
    return data_protection ? seconds + (double)at.tv_nsec / 1e9 : seconds; /* files have seconds */
}

/* Rules 5, 6 and 7, and the failure that a test asks for. */
static OSStatus begin(CFDictionaryRef query, struct request *out)
{
    int call = atomic_fetch_add(&calls, 1) + 1;
    OSStatus code;

    if (call == double_settings.fail_at)
        return double_settings.fail_with;
    code = request_parse(query, out);
    if (code != errSecSuccess)
        return code;
    if (!out->has_class)
        return errSecParam;
    if (out->data_protection && !double_settings.entitled)
        return errSecMissingEntitlement;
    if (out->has_group && strcmp(out->group, items_groups[0]) != 0 &&
        strcmp(out->group, items_groups[1]) != 0)
        return errSecMissingEntitlement;
    return !out->data_protection && double_settings.no_default ? errSecNoDefaultKeychain
                                                               : errSecSuccess;
}

/* Asks the user, if the call may and the keychain has to. */
static OSStatus enter(const struct request *request, bool reads_value)
{
    bool asks = double_settings.locked ||
                (double_settings.protected_access && reads_value && !request->data_protection);

    if (!asks)
        return errSecSuccess;
    if (request->ui == REQUEST_UI_FAIL)
        return errSecInteractionNotAllowed;
    if (request->ui == REQUEST_UI_SKIP)
        return errSecItemNotFound;
    atomic_fetch_add(&prompts, 1);
    if (double_settings.user == DOUBLE_DISMISSES)
        return errSecUserCanceled;
    if (double_settings.user == DOUBLE_MISTYPES)
        return errSecAuthFailed;
    double_settings.locked = double_settings.protected_access = false;
    return errSecSuccess;
}

static void set(CFMutableDictionaryRef out, CFStringRef name, CFTypeRef value)
{
    CFDictionarySetValue(out, name, value);
    CFRelease(value);
}

static void set_text(CFMutableDictionaryRef out, CFStringRef name, const char *text)
{
    set(out, name,
        CFStringCreateWithBytes(NULL, (const UInt8 *)text, (CFIndex)strlen(text),
                                kCFStringEncodingUTF8, false));
}

static CFDataRef data_of(const struct kept *kept)
{
    return CFDataCreate(NULL, kept->data, (CFIndex)kept->data_len);
}

static CFTypeRef attributes_of(const struct kept *kept, bool with_data)
{
    CFMutableDictionaryRef out = CFDictionaryCreateMutable(NULL, 0, &kCFTypeDictionaryKeyCallBacks,
                                                           &kCFTypeDictionaryValueCallBacks);

    CFDictionarySetValue(out, kSecClass, kSecClassGenericPassword);
    set_text(out, kSecAttrService, kept->service);
    set_text(out, kSecAttrAccount, kept->account);
    set_text(out, kSecAttrLabel, kept->label);
    set_text(out, kSecAttrComment, kept->comment);
    set(out, kSecAttrCreationDate, CFDateCreate(NULL, kept->created));
    set(out, kSecAttrModificationDate, CFDateCreate(NULL, kept->modified));
    CFDictionarySetValue(out, kSecAttrSynchronizable,
                         kept->synchronizable ? kCFBooleanTrue : kCFBooleanFalse);
    if (kept->data_protection)
        set_text(out, kSecAttrAccessGroup, kept->group);
    if (kept->generic != NULL)
        set(out, kSecAttrGeneric, CFDataCreate(NULL, kept->generic, (CFIndex)kept->generic_len));
    if (with_data)
        set(out, kSecValueData, data_of(kept));
    return out;
}

static CFTypeRef result_of(const struct kept *kept, const struct request *request)
{
    if (request->returns_attributes)
        return attributes_of(kept, request->returns_data);
    return request->returns_data ? data_of(kept) : NULL;
}

static CFTypeRef results_of(const struct kept_list *list, const struct request *request)
{
    CFMutableArrayRef array;

    if (!request->returns_attributes && !request->returns_data)
        return NULL;
    if (!request->all)
        return result_of(list->items[0], request);
    array = CFArrayCreateMutable(NULL, 0, &kCFTypeArrayCallBacks);
    for (size_t i = 0; i < list->count; i++) {
        CFTypeRef result = result_of(list->items[i], request);
        CFArrayAppendValue(array, result);
        CFRelease(result);
    }
    return array;
}

OSStatus SecItemCopyMatching(CFDictionaryRef query, CFTypeRef *result)
{
    struct request request;
    struct kept_list list;
    OSStatus code = begin(query, &request);
    int lock;

    if (code != errSecSuccess)
        return code;
    if (request.data != NULL || (request.all && request.returns_data && !request.data_protection))
        return errSecParam;
    lock = items_lock(folder);
    list = items_find(folder, &request);
    /* the attributes of a file keychain are not locked */
    if (request.data_protection)
        code = enter(&request, request.returns_data);
    if (code == errSecSuccess && list.count == 0)
        code = errSecItemNotFound;
    if (code == errSecSuccess && !request.data_protection && request.returns_data)
        code = enter(&request, true);
    if (code == errSecSuccess && result != NULL)
        *result = results_of(&list, &request);
    kept_list_clear(&list);
    items_unlock(lock);
    return code;
}

static void keep_content(struct kept *kept, const struct request *from)
{
    if (from->has_label)
        memcpy(kept->label, from->label, sizeof kept->label);
    if (from->has_comment)
        memcpy(kept->comment, from->comment, sizeof kept->comment);
    if (from->generic != NULL) {
        free(kept->generic);
        kept->generic = kept_bytes(from->generic, &kept->generic_len);
    }
    if (from->data != NULL) {
        free(kept->data);
        kept->data = kept_bytes(from->data, &kept->data_len);
    }
    kept->modified = now(kept->data_protection);
}

static struct kept *kept_new(const struct request *request)
{
    struct kept *kept = calloc(1, sizeof *kept);

    kept->data_protection = request->data_protection;
    kept->synchronizable = request->sync == REQUEST_SYNC_YES;
    memcpy(kept->service, request->service, sizeof kept->service);
    memcpy(kept->account, request->account, sizeof kept->account);
    snprintf(kept->group, sizeof kept->group, "%s",
             !request->data_protection ? ""
             : request->has_group      ? request->group
                                       : items_groups[0]);
    keep_content(kept, request);
    kept->created = kept->modified;
    return kept;
}

OSStatus SecItemAdd(CFDictionaryRef attributes, CFTypeRef *result)
{
    struct request request;
    struct kept *kept;
    OSStatus code = begin(attributes, &request);
    int lock;

    if (code != errSecSuccess)
        return code;
    if (request.has_limit || request.sync == REQUEST_SYNC_ANY || request.data == NULL)
        return errSecParam;
    lock = items_lock(folder);
    kept = kept_new(&request);
    code = enter(&request, false);
    if (code == errSecSuccess && items_exist(folder, kept))
        code = errSecDuplicateItem;
    if (code == errSecSuccess) {
        items_write(folder, kept);
        if (result != NULL)
            *result = result_of(kept, &request);
    }
    kept_free(kept);
    items_unlock(lock);
    return code;
}

OSStatus SecItemUpdate(CFDictionaryRef query, CFDictionaryRef change)
{
    struct request request;
    struct request to;
    struct kept_list list;
    OSStatus code = begin(query, &request);
    int lock;

    if (code != errSecSuccess)
        return code;
    code = request_parse(change, &to);
    if (code != errSecSuccess || request.has_limit || request.has_return || request.data != NULL ||
        to.has_limit || to.has_return || to.has_class || to.has_service || to.has_account ||
        to.ui != REQUEST_UI_ALLOW || to.data_protection)
        return errSecParam;
    lock = items_lock(folder);
    list = items_find(folder, &request);
    code = enter(&request, false);
    if (code == errSecSuccess && list.count == 0)
        code = errSecItemNotFound;
    for (size_t i = 0; i < list.count && code == errSecSuccess; i++) {
        keep_content(list.items[i], &to);
        items_write(folder, list.items[i]);
    }
    kept_list_clear(&list);
    items_unlock(lock);
    return code;
}

OSStatus SecItemDelete(CFDictionaryRef query)
{
    struct request request;
    struct kept_list list;
    OSStatus code = begin(query, &request);
    int lock;

    if (code != errSecSuccess)
        return code;
    if (request.has_limit || request.has_return || request.data != NULL)
        return errSecParam;
    lock = items_lock(folder);
    list = items_find(folder, &request);
    code = enter(&request, false);
    if (code == errSecSuccess && list.count == 0)
        code = errSecItemNotFound;
    for (size_t i = 0; i < list.count && code == errSecSuccess; i++)
        items_remove(folder, list.items[i]);
    kept_list_clear(&list);
    items_unlock(lock);
    return code;
}

void double_put(bool data_protection, const char *service, const char *account, const void *value,
                size_t len)
{
    struct request request = {.data_protection = data_protection};
    struct kept_list list;
    struct kept *kept;
    int lock = items_lock(folder);

    snprintf(request.service, sizeof request.service, "%s", service);
    snprintf(request.account, sizeof request.account, "%s", account);
    request.has_service = request.has_account = true;
    list = items_find(folder, &request);
    request.data = CFDataCreate(NULL, value, (CFIndex)len);
    kept = kept_new(&request);
    if (list.count > 0) { /* as an update does */
        kept_free(kept);
        kept = list.items[--list.count];
        keep_content(kept, &request);
    }
    CFRelease(request.data);
    items_write(folder, kept);
    kept_free(kept);
    kept_list_clear(&list);
    items_unlock(lock);
}

OSStatus SecKeychainLock(SecKeychainRef keychain)
{
    if (atomic_fetch_add(&calls, 1) + 1 == double_settings.fail_at)
        return double_settings.fail_with;
    if (keychain != NULL)
        return errSecParam; /* the double has no other */
    if (double_settings.no_default)
        return errSecNoDefaultKeychain;
    double_settings.locked = true;
    return errSecSuccess;
}

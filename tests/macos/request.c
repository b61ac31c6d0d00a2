/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/macos/request.h"

#include <string.h>

static bool get_text(CFTypeRef value, char out[REQUEST_TEXT_SIZE])
{
    CFIndex used = 0;
    CFIndex len;

    if (CFGetTypeID(value) != CFStringGetTypeID())
        return false;
    len = CFStringGetLength(value);
    if (CFStringGetBytes(value, (CFRange){0, len}, kCFStringEncodingUTF8, 0, false, (UInt8 *)out,
                         REQUEST_TEXT_SIZE - 1, &used) != len)
        return false;
    out[used] = '\0';
    return true;
}

static bool get_flag(CFTypeRef value, bool *out)
{
    *out = CFEqual(value, kCFBooleanTrue);
    return CFGetTypeID(value) == CFBooleanGetTypeID();
}

/* One of the named texts: its index, -1 for another value. */
static int get_choice(CFTypeRef value, const CFStringRef *choices, int count)
{
    for (int i = 0; i < count; i++)
        if (CFEqual(value, choices[i]))
            return i;
    return -1;
}

static bool parse_text(struct request *out, CFStringRef name, CFTypeRef value)
{
    const struct {
        CFStringRef name;
        bool *has;
        char *text;
    } texts[] = {
        {kSecAttrService, &out->has_service, out->service},
        {kSecAttrAccount, &out->has_account, out->account},
        {kSecAttrLabel, &out->has_label, out->label},
        {kSecAttrComment, &out->has_comment, out->comment},
        {kSecAttrAccessGroup, &out->has_group, out->group},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (CFEqual(name, texts[i].name))
            return *texts[i].has = get_text(value, texts[i].text);
    return false;
}

static bool parse_bytes(struct request *out, CFStringRef name, CFTypeRef value)
{
    CFDataRef *slot = CFEqual(name, kSecAttrGeneric) ? &out->generic
                      : CFEqual(name, kSecValueData) ? &out->data
                                                     : NULL;

    if (slot == NULL || CFGetTypeID(value) != CFDataGetTypeID())
        return false;
    *slot = value;
    return true;
}

static bool parse_choice(struct request *out, CFStringRef name, CFTypeRef value)
{
    const CFStringRef uis[] = {kSecUseAuthenticationUIAllow, kSecUseAuthenticationUIFail,
                               kSecUseAuthenticationUISkip};
    const CFStringRef limits[] = {kSecMatchLimitOne, kSecMatchLimitAll};
    int choice = -1;

    if (CFEqual(name, kSecClass))
        return out->has_class = get_choice(value, &kSecClassGenericPassword, 1) == 0;
    if (CFEqual(name, kSecAttrAccessible))
        return out->has_accessible =
                   get_choice(value, &kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly, 1) == 0;
    if (CFEqual(name, kSecUseAuthenticationUI)) {
        choice = get_choice(value, uis, 3);
        out->ui = (enum request_ui)choice;
    } else if (CFEqual(name, kSecMatchLimit)) {
        choice = get_choice(value, limits, 2);
        out->has_limit = true;
        out->all = choice == 1;
    }
    return choice >= 0;
}

static bool parse_flag(struct request *out, CFStringRef name, CFTypeRef value)
{
    bool flag = false;

    if (CFEqual(name, kSecAttrSynchronizable) && CFEqual(value, kSecAttrSynchronizableAny)) {
        out->sync = REQUEST_SYNC_ANY;
        return true;
    }
    if (!get_flag(value, &flag))
        return false;
    if (CFEqual(name, kSecAttrSynchronizable))
        out->sync = flag ? REQUEST_SYNC_YES : REQUEST_SYNC_NO;
    else if (CFEqual(name, kSecUseDataProtectionKeychain))
        out->data_protection = flag;
    else if (CFEqual(name, kSecReturnData))
        out->returns_data = flag;
    else if (CFEqual(name, kSecReturnAttributes))
        out->returns_attributes = flag;
    else
        return false;
    out->has_return =
        out->has_return || CFEqual(name, kSecReturnData) || CFEqual(name, kSecReturnAttributes);
    return true;
}

OSStatus request_parse(CFDictionaryRef dictionary, struct request *out)
{
    const void *names[32];
    const void *values[32];
    CFIndex count;

    memset(out, 0, sizeof *out);
    if (dictionary == NULL || CFGetTypeID(dictionary) != CFDictionaryGetTypeID())
        return errSecParam;
    count = CFDictionaryGetCount(dictionary);
    if (count > 32)
        return errSecParam;
    CFDictionaryGetKeysAndValues(dictionary, names, values);
    for (CFIndex i = 0; i < count; i++)
        if (CFGetTypeID(names[i]) != CFStringGetTypeID() ||
            (!parse_text(out, names[i], values[i]) && !parse_bytes(out, names[i], values[i]) &&
             !parse_choice(out, names[i], values[i]) && !parse_flag(out, names[i], values[i])))
            return errSecParam;
    /* a synchronizable item is never in the file keychain, which knows neither of these */
    if (!out->data_protection &&
        (out->has_group || out->has_accessible || out->sync == REQUEST_SYNC_YES))
        return errSecParam;
    return errSecSuccess;
}

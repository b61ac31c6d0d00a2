/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secitem/query.h"

#include "store/time.h"

/* From 1970 to 2001, where CoreFoundation's times begin; and the last time that fits. */
#define EPOCH_S 978307200.0
#define LAST_S 9000000000.0

CFMutableDictionaryRef query_empty(void)
{
    return CFDictionaryCreateMutable(NULL, 0, &kCFTypeDictionaryKeyCallBacks,
                                     &kCFTypeDictionaryValueCallBacks);
}

/* Sets an object, which may be NULL for lack of memory, and releases it. */
static bool set_new(CFMutableDictionaryRef query, CFStringRef name, CFTypeRef object)
{
    if (object == NULL)
        return false;
    CFDictionarySetValue(query, name, object);
    CFRelease(object);
    return true;
}

bool query_set_text(CFMutableDictionaryRef query, CFStringRef name, const char *text)
{
    return set_new(query, name,
                   CFStringCreateWithBytes(NULL, (const UInt8 *)text, (CFIndex)strlen(text),
                                           kCFStringEncodingUTF8, false));
}

bool query_set_bytes(CFMutableDictionaryRef query, CFStringRef name, const void *bytes, size_t len)
{
    return set_new(query, name, CFDataCreate(NULL, bytes, (CFIndex)len));
}

bool query_set_secret(CFMutableDictionaryRef query, const struct store_secret *value)
{
    return set_new(
        query, kSecValueData,
        CFDataCreateWithBytesNoCopy(NULL, value->data, (CFIndex)value->len, kCFAllocatorNull));
}

CFMutableDictionaryRef query_new(const struct item_place *place, const char *account)
{
    CFMutableDictionaryRef query = query_empty();

    if (query == NULL)
        return NULL;
    CFDictionarySetValue(query, kSecClass, kSecClassGenericPassword);
    if (place->keychain == ITEM_DATA_PROTECTION)
        CFDictionarySetValue(query, kSecUseDataProtectionKeychain, kCFBooleanTrue);
/* LAContext, which replaces it, needs Objective-C */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    if (!place->prompts)
        CFDictionarySetValue(query, kSecUseAuthenticationUI, kSecUseAuthenticationUIFail);
#pragma GCC diagnostic pop
    if (query_set_text(query, kSecAttrService, place->service) &&
        (account == NULL || query_set_text(query, kSecAttrAccount, account)))
        return query;
    CFRelease(query);
    return NULL;
}

/* A member of a result, if it has the type. */
static CFTypeRef member(CFTypeRef attributes, CFStringRef name, CFTypeID type)
{
    CFTypeRef found = NULL;

    if (attributes != NULL && CFGetTypeID(attributes) == CFDictionaryGetTypeID())
        found = CFDictionaryGetValue(attributes, name);
    return found != NULL && CFGetTypeID(found) == type ? found : NULL;
}

static int64_t time_of(CFTypeRef attributes, CFStringRef name)
{
    CFTypeRef date = member(attributes, name, CFDateGetTypeID());
    double seconds = date == NULL ? 0 : CFDateGetAbsoluteTime(date) + EPOCH_S;

    /* a double has no more than microseconds */
    return seconds > 0 && seconds < LAST_S ? (int64_t)(seconds * 1e6) * 1000 : 0;
}

void query_parse(CFTypeRef attributes, struct item *out)
{
    CFTypeRef revision = member(attributes, kSecAttrGeneric, CFDataGetTypeID());
    CFIndex len = revision == NULL ? 0 : CFDataGetLength(revision);

    *out = (struct item){
        .created_ns = time_of(attributes, kSecAttrCreationDate),
        .modified_ns = time_of(attributes, kSecAttrModificationDate),
    };
    for (CFIndex i = 0; i < len && i < ITEM_REVISION_SIZE - 1; i++) {
        char c = (char)CFDataGetBytePtr(revision)[i];

        if (c == '\0' || strchr("0123456789abcdef", c) == NULL) { /* another program's attribute */
            out->revision[0] = '\0';
            return;
        }
        out->revision[i] = c;
    }
}

bool query_account(CFTypeRef attributes, char out[STORE_KEY_MAX + 1])
{
    CFTypeRef text = member(attributes, kSecAttrAccount, CFStringGetTypeID());
    CFIndex len = text == NULL ? 0 : CFStringGetLength(text);
    CFIndex used = 0;

    /* all of it, in valid UTF-8, with room for the NUL; a NUL inside is not a key's */
    if (text == NULL || CFStringGetBytes(text, (CFRange){0, len}, kCFStringEncodingUTF8, 0, false,
                                         (UInt8 *)out, STORE_KEY_MAX, &used) != len)
        return false;
    out[used] = '\0';
    return strlen(out) == (size_t)used;
}

OSStatus query_value(CFTypeRef attributes, struct store_secret *out)
{
    CFTypeRef data = member(attributes, kSecValueData, CFDataGetTypeID());
    size_t len = data == NULL ? 0 : (size_t)CFDataGetLength(data);
    enum store_err err;

    if (len == 0)
        return errSecDecode;
    err = store_secret_set(out, CFDataGetBytePtr(data), len);
    if (CFGetRetainCount(data) == 1)
        store_wipe((void *)(uintptr_t)CFDataGetBytePtr(data), len);
    return err == STORE_OK ? errSecSuccess : errSecAllocate;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <CoreFoundation/CoreFoundation.h>
#include <Security/names.h>
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

/* The names of Security.h, made when the program starts. Here they are variables, so this file does
 * not see their declarations. */

#define NAME_DEFINE(name, text)                                                                    \
    extern CFStringRef name;                                                                       \
    CFStringRef name;
SECURITY_NAMES(NAME_DEFINE)

static CFStringRef make(const char *text)
{
    return CFStringCreateWithBytes(NULL, (const UInt8 *)text, (CFIndex)strlen(text),
                                   kCFStringEncodingUTF8, false);
}

__attribute__((constructor)) static void make_names(void)
{
#define NAME_MAKE(name, text) name = make(text);
    SECURITY_NAMES(NAME_MAKE)
}

/* On Linux, Swift's runtime counts the references, and CoreFoundation does not tell the count. */
CFIndex CFGetRetainCount(CFTypeRef object)
{
    static size_t (*count)(const void *);

    if (count == NULL) {
        void *found = dlsym(RTLD_DEFAULT, "swift_retainCount");
        memcpy(&count, &found, sizeof count);
    }
    return (CFIndex)count(object);
}

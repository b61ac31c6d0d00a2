/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A library to link with in the place of swift-corelibs-foundation, which the test machine need not
 * have to build the tests: it has the same name and the functions that the tests use, and nothing
 * in them. tests/macos/run gives the real one to the programs.
 */
#define FUNCTIONS(X)                                                                               \
    X(CFRetain)                                                                                    \
    X(CFRelease)                                                                                   \
    X(CFGetTypeID)                                                                                 \
    X(CFEqual)                                                                                     \
    X(CFStringGetTypeID)                                                                           \
    X(CFStringCreateWithBytes)                                                                     \
    X(CFStringGetLength)                                                                           \
    X(CFStringGetBytes)                                                                            \
    X(CFDataGetTypeID)                                                                             \
    X(CFDataCreate)                                                                                \
    X(CFDataCreateWithBytesNoCopy)                                                                 \
    X(CFDataGetBytePtr)                                                                            \
    X(CFDataGetLength)                                                                             \
    X(CFDateGetTypeID)                                                                             \
    X(CFDateCreate)                                                                                \
    X(CFDateGetAbsoluteTime)                                                                       \
    X(CFBooleanGetTypeID)                                                                          \
    X(CFArrayGetTypeID)                                                                            \
    X(CFArrayCreateMutable)                                                                        \
    X(CFArrayAppendValue)                                                                          \
    X(CFArrayGetCount)                                                                             \
    X(CFArrayGetValueAtIndex)                                                                      \
    X(CFDictionaryGetTypeID)                                                                       \
    X(CFDictionaryCreateMutable)                                                                   \
    X(CFDictionarySetValue)                                                                        \
    X(CFDictionaryGetValue)                                                                        \
    X(CFDictionaryGetCount)                                                                        \
    X(CFDictionaryGetKeysAndValues)

#define DECLARE(name) void name(void);
#define DEFINE(name)                                                                               \
    void name(void)                                                                                \
    {                                                                                              \
    }
FUNCTIONS(DECLARE)
FUNCTIONS(DEFINE)

extern const void *kCFBooleanTrue, *kCFBooleanFalse, *kCFAllocatorNull;
extern const void *kCFTypeDictionaryKeyCallBacks[6], *kCFTypeDictionaryValueCallBacks[5];
extern const void *kCFTypeArrayCallBacks[5];
const void *kCFBooleanTrue, *kCFBooleanFalse, *kCFAllocatorNull;
const void *kCFTypeDictionaryKeyCallBacks[6], *kCFTypeDictionaryValueCallBacks[5];
const void *kCFTypeArrayCallBacks[5];

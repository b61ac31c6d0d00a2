/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MACOS_INCLUDE_SECURITY_SECURITY_H
#define TESTS_MACOS_INCLUDE_SECURITY_SECURITY_H

#include <CoreFoundation/CoreFoundation.h>
#include <Security/names.h>

/* The project's own declarations of the SecItem functions, of SecKeychainLock, and of the names and
 * numbers that the keychain backends and their tests use. */

#define SECURITY_DECLARE(name, text) extern const CFStringRef name;
SECURITY_NAMES(SECURITY_DECLARE)
#undef SECURITY_DECLARE

/* Results. */
#define SECURITY_CODES(X)                                                                          \
    X(errSecSuccess, 0)                                                                            \
    X(errSecDiskFull, -34)                                                                         \
    X(errSecIO, -36)                                                                               \
    X(errSecParam, -50)                                                                            \
    X(errSecWrPerm, -61)                                                                           \
    X(errSecAllocate, -108)                                                                        \
    X(errSecUserCanceled, -128)                                                                    \
    X(errSecNoAccessForItem, -25243)                                                               \
    X(errSecNotAvailable, -25291)                                                                  \
    X(errSecReadOnly, -25292)                                                                      \
    X(errSecAuthFailed, -25293)                                                                    \
    X(errSecNoSuchKeychain, -25294)                                                                \
    X(errSecInvalidKeychain, -25295)                                                               \
    X(errSecDuplicateItem, -25299)                                                                 \
    X(errSecItemNotFound, -25300)                                                                  \
    X(errSecDataTooLarge, -25302)                                                                  \
    X(errSecNoDefaultKeychain, -25307)                                                             \
    X(errSecInteractionNotAllowed, -25308)                                                         \
    X(errSecInteractionRequired, -25315)                                                           \
    X(errSecInDarkWake, -25320)                                                                    \
    X(errSecDecode, -26275)                                                                        \
    X(errSecMissingEntitlement, -34018)                                                            \
    X(errSecServiceNotAvailable, -67585)

enum {
#define SECURITY_ENUM(name, number) name = (number),
    SECURITY_CODES(SECURITY_ENUM)
#undef SECURITY_ENUM
};

OSStatus SecItemAdd(CFDictionaryRef attributes, CFTypeRef *result);
OSStatus SecItemCopyMatching(CFDictionaryRef query, CFTypeRef *result);
OSStatus SecItemUpdate(CFDictionaryRef query, CFDictionaryRef change);
OSStatus SecItemDelete(CFDictionaryRef query);

typedef struct OpaqueSecKeychainRef *SecKeychainRef;
OSStatus SecKeychainLock(SecKeychainRef keychain);

#endif

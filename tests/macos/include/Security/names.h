/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MACOS_INCLUDE_SECURITY_NAMES_H
#define TESTS_MACOS_INCLUDE_SECURITY_NAMES_H

/* The names, each with its text on macOS. */
#define SECURITY_NAMES(X)                                                                          \
    X(kSecClass, "class")                                                                          \
    X(kSecClassGenericPassword, "genp")                                                            \
    X(kSecAttrService, "svce")                                                                     \
    X(kSecAttrAccount, "acct")                                                                     \
    X(kSecAttrGeneric, "gena")                                                                     \
    X(kSecAttrLabel, "labl")                                                                       \
    X(kSecAttrComment, "icmt")                                                                     \
    X(kSecAttrCreationDate, "cdat")                                                                \
    X(kSecAttrModificationDate, "mdat")                                                            \
    X(kSecAttrSynchronizable, "sync")                                                              \
    X(kSecAttrSynchronizableAny, "syna")                                                           \
    X(kSecAttrAccessGroup, "agrp")                                                                 \
    X(kSecAttrAccessible, "pdmn")                                                                  \
    X(kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly, "cku")                                     \
    X(kSecValueData, "v_Data")                                                                     \
    X(kSecReturnData, "r_Data")                                                                    \
    X(kSecReturnAttributes, "r_Attributes")                                                        \
    X(kSecMatchLimit, "m_Limit")                                                                   \
    X(kSecMatchLimitOne, "m_LimitOne")                                                             \
    X(kSecMatchLimitAll, "m_LimitAll")                                                             \
    X(kSecUseDataProtectionKeychain, "nleg")                                                       \
    X(kSecUseAuthenticationUI, "u_AuthUI")                                                         \
    X(kSecUseAuthenticationUIAllow, "u_AuthUIA")                                                   \
    X(kSecUseAuthenticationUIFail, "u_AuthUIF")                                                    \
    X(kSecUseAuthenticationUISkip, "u_AuthUIS")

#endif

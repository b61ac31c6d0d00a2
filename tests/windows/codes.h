/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_CODES_H
#define TESTS_WINDOWS_CODES_H

/* The error codes of Windows that the backend credential-manager knows, with their numbers for the
 * double. user.c compares them with the system's. */
#define WINDOWS_CODES(X)                                                                           \
    X(ERROR_SUCCESS, 0)                                                                            \
    X(ERROR_ACCESS_DENIED, 5)                                                                      \
    X(ERROR_INVALID_HANDLE, 6)                                                                     \
    X(ERROR_NOT_ENOUGH_MEMORY, 8)                                                                  \
    X(ERROR_INVALID_DATA, 13)                                                                      \
    X(ERROR_OUTOFMEMORY, 14)                                                                       \
    X(ERROR_CRC, 23)                                                                               \
    X(ERROR_HANDLE_DISK_FULL, 39)                                                                  \
    X(ERROR_GEN_FAILURE, 31)                                                                       \
    X(ERROR_NOT_SUPPORTED, 50)                                                                     \
    X(ERROR_INVALID_PARAMETER, 87)                                                                 \
    X(ERROR_DISK_FULL, 112)                                                                        \
    X(ERROR_CALL_NOT_IMPLEMENTED, 120)                                                             \
    X(ERROR_INSUFFICIENT_BUFFER, 122)                                                              \
    X(ERROR_INVALID_FLAGS, 1004)                                                                   \
    X(ERROR_NO_TOKEN, 1008)                                                                        \
    X(ERROR_SERVICE_DISABLED, 1058)                                                                \
    X(ERROR_SERVICE_NOT_ACTIVE, 1062)                                                              \
    X(ERROR_NOT_FOUND, 1168)                                                                       \
    X(ERROR_CANCELLED, 1223)                                                                       \
    X(ERROR_NO_SUCH_LOGON_SESSION, 1312)                                                           \
    X(ERROR_PRIVILEGE_NOT_HELD, 1314)                                                              \
    X(ERROR_INVALID_ACL, 1336)                                                                     \
    X(ERROR_INVALID_SID, 1337)                                                                     \
    X(ERROR_FILE_CORRUPT, 1392)                                                                    \
    X(RPC_S_SERVER_UNAVAILABLE, 1722)                                                              \
    X(RPC_S_SERVER_TOO_BUSY, 1723)                                                                 \
    X(RPC_S_CALL_FAILED, 1726)                                                                     \
    X(RPC_X_BAD_STUB_DATA, 1783)                                                                   \
    X(ERROR_NOT_ENOUGH_QUOTA, 1816)                                                                \
    X(ERROR_BAD_USERNAME, 2202)                                                                    \
    X(ERROR_DECRYPTION_FAILED, 6001)

#endif

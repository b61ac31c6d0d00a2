/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_DOUBLE_INCLUDE_WINDOWS_H
#define TESTS_WINDOWS_DOUBLE_INCLUDE_WINDOWS_H

#include <stdint.h>

/* The project's own declarations of the types, numbers and functions of Windows that the backend
 * credential-manager and its tests use; names and layouts are those of Microsoft's documentation.
 */

typedef uint8_t BYTE;
typedef int32_t BOOL;
typedef uint32_t DWORD;
typedef int32_t LONG;
typedef uint16_t WCHAR;
typedef void *HANDLE;

#define TRUE 1
#define FALSE 0

typedef struct {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME;

typedef struct {
    DWORD nLength;
    void *lpSecurityDescriptor;
    BOOL bInheritHandle;
} SECURITY_ATTRIBUTES;

/* Error codes. */
#define WINDOWS_CODES(X)                                                                           \
    X(ERROR_SUCCESS, 0)                                                                            \
    X(ERROR_ACCESS_DENIED, 5)                                                                      \
    X(ERROR_INVALID_HANDLE, 6)                                                                     \
    X(ERROR_NOT_ENOUGH_MEMORY, 8)                                                                  \
    X(ERROR_INVALID_DATA, 13)                                                                      \
    X(ERROR_OUTOFMEMORY, 14)                                                                       \
    X(ERROR_CRC, 23)                                                                               \
    X(ERROR_HANDLE_DISK_FULL, 39)                                                                  \
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
    X(ERROR_DISK_QUOTA_EXCEEDED, 1295)                                                             \
    X(ERROR_NO_SUCH_LOGON_SESSION, 1312)                                                           \
    X(ERROR_PRIVILEGE_NOT_HELD, 1314)                                                              \
    X(ERROR_INVALID_ACL, 1336)                                                                     \
    X(ERROR_FILE_CORRUPT, 1392)                                                                    \
    X(RPC_S_SERVER_UNAVAILABLE, 1722)                                                              \
    X(RPC_S_SERVER_TOO_BUSY, 1723)                                                                 \
    X(RPC_S_CALL_FAILED, 1726)                                                                     \
    X(RPC_X_BAD_STUB_DATA, 1783)                                                                   \
    X(ERROR_NOT_ENOUGH_QUOTA, 1816)                                                                \
    X(ERROR_BAD_USERNAME, 2202)                                                                    \
    X(ERROR_DECRYPTION_FAILED, 6001)

#define WINDOWS_ENUM(name, number) name = (number),
enum { WINDOWS_CODES(WINDOWS_ENUM) };
#undef WINDOWS_ENUM

DWORD GetLastError(void);

/* Handles and mutexes. */
#define WAIT_OBJECT_0 0u
#define WAIT_ABANDONED 0x80u
#define WAIT_TIMEOUT 258u
#define WAIT_FAILED 0xffffffffu
#define SYNCHRONIZE 0x100000u
#define MUTEX_MODIFY_STATE 1u

HANDLE CreateMutexExW(SECURITY_ATTRIBUTES *attributes, const WCHAR *name, DWORD flags,
                      DWORD access);
DWORD WaitForSingleObject(HANDLE handle, DWORD wait_ms);
BOOL ReleaseMutex(HANDLE mutex);
BOOL CloseHandle(HANDLE handle);
HANDLE LocalFree(void *memory);

/* The user. */
#define TOKEN_QUERY 8u
#define SECURITY_MAX_SID_SIZE 68

typedef struct {
    struct {
        void *Sid;
        DWORD Attributes;
    } User;
} TOKEN_USER;

enum token_information { TokenUser = 1 };

HANDLE GetCurrentThread(void);
HANDLE GetCurrentProcess(void);
BOOL OpenThreadToken(HANDLE thread, DWORD access, BOOL as_self, HANDLE *out);
BOOL OpenProcessToken(HANDLE process, DWORD access, HANDLE *out);
BOOL GetTokenInformation(HANDLE token, enum token_information what, void *out, DWORD size,
                         DWORD *needed);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_DOUBLE_INCLUDE_WINDOWS_H
#define TESTS_WINDOWS_DOUBLE_INCLUDE_WINDOWS_H

#include <stdint.h>

#include "tests/windows/codes.h"

/* The project's own declarations of the types, numbers and functions of Windows that the backend
 * credential-manager and its tests use; names and layouts are those of Microsoft's documentation.
 */

typedef uint8_t BYTE;
typedef int32_t BOOL;
typedef uint32_t DWORD;
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/windows/credentials.h"

#include <stdint.h>
#include <windows.h>
#include <wincred.h>

/* The functions of the Credential Manager, for a program whose process ends before one of them. The
 * linker takes these pointers in place of those that it would make for the system's library. */

static int calls_left;

void credentials_die_at(int call)
{
    calls_left = call;
}

static FARPROC real(const char *name)
{
    if (calls_left > 0 && --calls_left == 0)
        TerminateProcess(GetCurrentProcess(), CREDENTIALS_KILLED);
    return GetProcAddress(GetModuleHandleW(L"advapi32.dll"), name);
}

#define CALL(name, types, arguments)                                                               \
    static BOOL WINAPI die_##name types                                                            \
    {                                                                                              \
        BOOL(WINAPI *call) types = (BOOL(WINAPI *) types)(uintptr_t)real(#name);                   \
                                                                                                   \
        return call arguments;                                                                     \
    }                                                                                              \
    extern BOOL(WINAPI *const __imp_##name) types;                                                 \
    BOOL(WINAPI *const __imp_##name) types = die_##name;

CALL(CredReadW, (const WCHAR *target, DWORD type, DWORD flags, CREDENTIALW **out),
     (target, type, flags, out))
CALL(CredEnumerateW, (const WCHAR *filter, DWORD flags, DWORD *count, CREDENTIALW ***out),
     (filter, flags, count, out))
CALL(CredWriteW, (CREDENTIALW * cred, DWORD flags), (cred, flags))
CALL(CredDeleteW, (const WCHAR *target, DWORD type, DWORD flags), (target, type, flags))
CALL(CredGetSessionTypes, (DWORD count, DWORD *out), (count, out))

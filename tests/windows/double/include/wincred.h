/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_DOUBLE_INCLUDE_WINCRED_H
#define TESTS_WINDOWS_DOUBLE_INCLUDE_WINCRED_H

#include <windows.h>

/* The Credential Manager; see windows.h. */

#define CRED_TYPE_GENERIC 1u
#define CRED_TYPE_DOMAIN_PASSWORD 2u
#define CRED_PERSIST_NONE 0u
#define CRED_PERSIST_SESSION 1u
#define CRED_PERSIST_LOCAL_MACHINE 2u
#define CRED_PERSIST_ENTERPRISE 3u

typedef struct {
    DWORD Flags;
    DWORD Type;
    WCHAR *TargetName;
    WCHAR *Comment;
    FILETIME LastWritten;
    DWORD CredentialBlobSize;
    BYTE *CredentialBlob;
    DWORD Persist;
    DWORD AttributeCount;
    void *Attributes;
    WCHAR *TargetAlias;
    WCHAR *UserName;
} CREDENTIALW;

BOOL CredReadW(const WCHAR *target, DWORD type, DWORD flags, CREDENTIALW **out);
BOOL CredEnumerateW(const WCHAR *filter, DWORD flags, DWORD *count, CREDENTIALW ***out);
BOOL CredWriteW(CREDENTIALW *credential, DWORD flags);
BOOL CredDeleteW(const WCHAR *target, DWORD type, DWORD flags);
BOOL CredGetSessionTypes(DWORD count, DWORD *out);
void CredFree(void *memory);

#endif

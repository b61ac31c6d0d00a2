/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/windows/credentials.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>
#include <wincred.h>

#include "tests/contract/peer.h"
#include "tests/windows/codes.h"

/* The numbers that the double has for the error codes are those of Windows. */
#define CHECK(name, number) _Static_assert((name) == (number), #name);
WINDOWS_CODES(CHECK)

/* The credentials of the user who runs the tests: Wine's, or a real Windows'. */

/* In Wine a name has at most 247 characters, three for many a byte. */
#define WINE_KEY_MAX 80

static bool is_wine(void)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}

/* A test begins by erasing all secrets, so the account must not have any that somebody needs. */
static bool may_erase(void)
{
    char answer[8] = "";

    return is_wine() ||
           (GetEnvironmentVariableA("SIDESEAT_TEST_ERASE", answer, sizeof answer) > 0 &&
            strcmp(answer, "yes") == 0);
}

static void erase(const WCHAR *filter)
{
    CREDENTIALW **found;
    DWORD count;

    if (!CredEnumerateW(filter, 0, &count, &found))
        return;
    for (DWORD i = 0; i < count; i++)
        CredDeleteW(found[i]->TargetName, found[i]->Type, 0);
    CredFree(found);
}

/* A writer that is killed in Wine's CredWriteW leaves a half credential, after which CredEnumerateW
 * fails: this removes the keys of Wine's registry instead. */
static void erase_in_wine(const WCHAR *begin)
{
    size_t len = wcslen(begin);
    WCHAR name[256];
    HKEY all;

    if (RegOpenKeyExW(HKEY_CURRENT_USER, L"Software\\Wine\\Credential Manager", 0, KEY_ALL_ACCESS,
                      &all) != ERROR_SUCCESS)
        return;
    for (DWORD i = 0;;) {
        DWORD size = sizeof name / sizeof name[0];

        if (RegEnumKeyExW(all, i, name, &size, NULL, NULL, NULL, NULL) != ERROR_SUCCESS)
            break;
        if (_wcsnicmp(name, begin, len) != 0 || RegDeleteTreeW(all, name) != ERROR_SUCCESS)
            i++;
    }
    RegCloseKey(all);
}

bool credentials_make(char *out, size_t size)
{
    if (!may_erase()) {
        fprintf(stderr, "These tests erase the user's secrets in the Credential Manager. Run them "
                        "with SIDESEAT_TEST_ERASE=yes, in an account without secrets.\n");
        return false;
    }
    snprintf(out, size, "user");
    credentials_remove(out);
    return true;
}

void credentials_use(const char *where)
{
    (void)where;
}

void credentials_remove(const char *where)
{
    (void)where;
    if (is_wine()) {
        erase_in_wine(L"Generic: sideseat");
        erase_in_wine(L"Generic: vault.sideseat");
    }
    erase(L"sideseat*");
    erase(L"vault.sideseat");
}

size_t credentials_key_max(void)
{
    return is_wine() ? WINE_KEY_MAX : 0;
}

size_t credentials_count(const char *begin)
{
    WCHAR filter[300];
    CREDENTIALW **found;
    DWORD count;
    size_t len = strlen(begin);

    for (size_t i = 0; i < len; i++)
        filter[i] = (unsigned char)begin[i];
    filter[len] = L'*';
    filter[len + 1] = 0;
    if (!CredEnumerateW(filter, 0, &count, &found))
        return 0;
    CredFree(found);
    return count;
}

credentials_process *credentials_start(const char *work, int number)
{
    struct peer *peer = malloc(sizeof *peer);
    char text[16];

    if (peer == NULL)
        abort();
    snprintf(text, sizeof text, "%d", number);
    *peer = peer_start((const char *const[]){"test", work, text, NULL}, false);
    return (credentials_process *)peer;
}

int credentials_end(credentials_process *process)
{
    int result = peer_finish((const struct peer *)process);

    free(process);
    return result;
}

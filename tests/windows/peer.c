/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/windows/api.h"

size_t peer_open_files(void)
{
    DWORD count = 0;

    assert_true(GetProcessHandleCount(GetCurrentProcess(), &count));
    return count;
}

/* The words as one line, each in quotes; the tests' words have none in them. */
static wchar_t *line_of(const char *const *arguments)
{
    char line[4096] = "";
    size_t used = 0;

    for (; *arguments != NULL; arguments++) {
        assert_null(strpbrk(*arguments, "\"\\"));
        used += (size_t)snprintf(line + used, sizeof line - used, "%s\"%s\"", used == 0 ? "" : " ",
                                 *arguments);
        assert_true(used < sizeof line);
    }
    return windows_wide(line);
}

struct peer peer_start(const char *const *arguments, bool with_output)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
    STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    struct peer peer = {.from = -1};
    PROCESS_INFORMATION started;
    wchar_t path[MAX_PATH];
    wchar_t *line = NULL;
    HANDLE from = NULL;

    startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (with_output) {
        assert_true(CreatePipe(&from, &startup.hStdOutput, &inherited, 0));
        assert_true(SetHandleInformation(from, HANDLE_FLAG_INHERIT, 0));
    }
    assert_true(GetModuleFileNameW(NULL, path, MAX_PATH) < MAX_PATH);
    line = line_of(arguments);
    assert_non_null(line);
    assert_true(CreateProcessW(path, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &started));
    free(line);
    CloseHandle(started.hThread);
    peer.process = (intptr_t)started.hProcess;
    if (with_output) {
        CloseHandle(startup.hStdOutput);
        peer.from = _open_osfhandle((intptr_t)from, _O_RDONLY | _O_BINARY);
    }
    return peer;
}

int peer_finish(const struct peer *peer)
{
    DWORD code = 0;

    assert_int_equal(WaitForSingleObject((HANDLE)peer->process, 120000), WAIT_OBJECT_0);
    assert_true(GetExitCodeProcess((HANDLE)peer->process, &code));
    CloseHandle((HANDLE)peer->process);
    return (int)code;
}

void peer_kill(const struct peer *peer)
{
    TerminateProcess((HANDLE)peer->process, PEER_KILLED);
}

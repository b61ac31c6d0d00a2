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

#include "platform/windows/pipe.h"
#include "platform/windows/start.h"

size_t peer_open_files(void)
{
    DWORD count = 0;

    assert_true(GetProcessHandleCount(GetCurrentProcess(), &count));
    return count;
}

static struct peer start(const wchar_t *path, const char *const *arguments, bool with_output)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
    STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    struct peer peer = {.from = -1};
    wchar_t *line = windows_line((char *const *)(uintptr_t)arguments);
    PROCESS_INFORMATION started;
    HANDLE from = NULL;

    startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (with_output) {
        assert_true(CreatePipe(&from, &startup.hStdOutput, &inherited, 0));
        assert_true(SetHandleInformation(from, HANDLE_FLAG_INHERIT, 0));
    }
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

struct peer peer_start(const char *const *arguments, bool with_output)
{
    wchar_t path[MAX_PATH];

    assert_true(GetModuleFileNameW(NULL, path, MAX_PATH) < MAX_PATH);
    return start(path, arguments, with_output);
}

struct peer peer_start_program(const char *program, const char *const *arguments, bool with_output)
{
    wchar_t *path = windows_path_at(AT_FDCWD, program);
    struct peer peer;

    assert_non_null(path);
    peer = start(path, arguments, with_output);
    free(path);
    return peer;
}

void peer_socket(const char *folder, char *out, size_t size)
{
    const char *name = strrchr(folder, '/');

    assert_non_null(name);
    assert_in_range(snprintf(out, size, "\\\\.\\pipe\\%s", name + 1), 1, size - 1);
}

void peer_socket_wait(const char *place)
{
    wchar_t *name = windows_pipe_name(place);
    int left = 6000;

    assert_non_null(name);
    while (!WaitNamedPipeW(name, 10)) { /* which does not wait where nobody listens */
        assert_true(left-- > 0);
        Sleep(10);
    }
    free(name);
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/store_fault.h"

#include "platform/windows/api.h"

#include <tlhelp32.h>

/* What the tests do to a store process, on Windows. */

pid_t fault_process(void)
{
    PROCESSENTRY32W entry = {.dwSize = sizeof entry};
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    DWORD found = 0;

    assert_true(all != INVALID_HANDLE_VALUE);
    for (BOOL more = Process32FirstW(all, &entry); more && found == 0;
         more = Process32NextW(all, &entry))
        if (entry.th32ParentProcessID == GetCurrentProcessId() &&
            _wcsicmp(entry.szExeFile, L"sideseat-store.exe") == 0)
            found = entry.th32ProcessID;
    CloseHandle(all);
    return (pid_t)found;
}

void fault_freeze(pid_t pid)
{
    THREADENTRY32 entry = {.dwSize = sizeof entry};
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    size_t frozen = 0;

    assert_true(pid > 0);
    assert_true(all != INVALID_HANDLE_VALUE);
    for (BOOL more = Thread32First(all, &entry); more; more = Thread32Next(all, &entry)) {
        HANDLE thread;
        if (entry.th32OwnerProcessID != (DWORD)pid)
            continue;
        thread = OpenThread(THREAD_SUSPEND_RESUME, FALSE, entry.th32ThreadID);
        if (thread != NULL && SuspendThread(thread) != (DWORD)-1)
            frozen++;
        if (thread != NULL)
            CloseHandle(thread);
    }
    CloseHandle(all);
    assert_true(frozen > 0);
}

int fault_watch(pid_t pid)
{
    HANDLE process = OpenProcess(SYNCHRONIZE | PROCESS_TERMINATE, FALSE, (DWORD)pid);

    return process == NULL ? -1 : HandleToLong(process);
}

void fault_wait_watched(int watch)
{
    if (watch < 0)
        return; /* it has ended already */
    assert_int_equal(WaitForSingleObject(LongToHandle(watch), 30000), WAIT_OBJECT_0);
    CloseHandle(LongToHandle(watch));
}

void fault_wait_end(pid_t pid)
{
    fault_wait_watched(fault_watch(pid));
}

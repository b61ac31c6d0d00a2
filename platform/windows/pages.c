/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pages.h"

#include "platform/pages.h"
#include "platform/windows/api.h"

size_t store_pages_round(size_t size)
{
    SYSTEM_INFO system;

    GetSystemInfo(&system);
    return (size + system.dwPageSize - 1) & ~((size_t)system.dwPageSize - 1);
}

void *store_pages_map(size_t size)
{
    return VirtualAlloc(NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

void store_pages_unmap(void *pages, size_t size)
{
    (void)size;
    VirtualFree(pages, 0, MEM_RELEASE);
}

/* A process of Windows has no copy. */
bool store_pages_wipe_on_fork(void *pages, size_t size)
{
    (void)pages;
    (void)size;
    return true;
}

void platform_pages_lock(void *pages, size_t size)
{
    (void)VirtualLock(pages, size);
}

/* Leaves the pages out of the dumps of Windows Error Reporting, from Windows 10 1703 on. */
void platform_pages_hide(void *pages, size_t size)
{
    typedef HRESULT(WINAPI * exclude_fn)(const void *address, DWORD size);
    FARPROC found =
        GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "WerRegisterExcludedMemoryBlock");

    if (found != NULL)
        (void)((exclude_fn)(void (*)(void))found)(pages, (DWORD)size);
}

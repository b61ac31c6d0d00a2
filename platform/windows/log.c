/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/log.h"

#include <errno.h>
#include <stdlib.h>

#include "platform/windows/api.h"

/* How long a pipe's reader may keep a line waiting. */
#define PIPE_PATIENCE_MS 20

/* A file by its number; everything else by its handle and kind alone. */
struct identity {
    HANDLE handle;
    DWORD type;
    DWORD index_high;
    DWORD index_low;
};

/* The file that was standard error when the module was loaded. */
static struct identity loaded;

static struct identity stderr_identity(void)
{
    struct identity now = {.handle = GetStdHandle(STD_ERROR_HANDLE)};
    BY_HANDLE_FILE_INFORMATION information;

    if (now.handle == NULL || now.handle == INVALID_HANDLE_VALUE)
        return (struct identity){0};
    now.type = GetFileType(now.handle);
    if (now.type == FILE_TYPE_DISK && GetFileInformationByHandle(now.handle, &information)) {
        now.index_high = information.nFileIndexHigh;
        now.index_low = information.nFileIndexLow;
    }
    return now;
}

__attribute__((constructor)) void platform_stderr_remember(void)
{
    loaded = stderr_identity();
}

bool platform_stderr_usable(void)
{
    const struct identity now = stderr_identity();

    return now.handle != NULL && now.type != FILE_TYPE_UNKNOWN && now.handle == loaded.handle &&
           now.type == loaded.type && now.index_high == loaded.index_high &&
           now.index_low == loaded.index_low;
}

static VOID CALLBACK give_up(PTP_CALLBACK_INSTANCE instance, void *thread, PTP_TIMER timer)
{
    (void)instance;
    (void)timer;
    (void)CancelSynchronousIo(thread);
}

/* Writes to a pipe; another thread ends the write if nobody reads. */
static BOOL pipe_write(const char *text, DWORD len, DWORD *done)
{
    ULARGE_INTEGER due = {.QuadPart = (ULONGLONG)(-(LONGLONG)PIPE_PATIENCE_MS * 10000)};
    FILETIME when = {.dwLowDateTime = due.LowPart, .dwHighDateTime = due.HighPart};
    HANDLE thread = OpenThread(THREAD_TERMINATE, FALSE, GetCurrentThreadId());
    PTP_TIMER timer = thread == NULL ? NULL : CreateThreadpoolTimer(give_up, thread, NULL);
    BOOL written = FALSE;

    if (timer != NULL) {
        SetThreadpoolTimer(timer, &when, 0, 0);
        written = WriteFile(loaded.handle, text, len, done, NULL);
        SetThreadpoolTimer(timer, NULL, 0, 0);
        WaitForThreadpoolTimerCallbacks(timer, TRUE);
        CloseThreadpoolTimer(timer);
    }
    if (thread != NULL)
        CloseHandle(thread);
    return written;
}

int platform_stderr_write(const char *text, size_t len, size_t *done)
{
    DWORD written = 0;
    BOOL whole;

    *done = len;
    if (!platform_stderr_usable())
        return 0;
    whole = loaded.type == FILE_TYPE_PIPE
                ? pipe_write(text, (DWORD)len, &written)
                : WriteFile(loaded.handle, text, (DWORD)len, &written, NULL);
    *done = written;
    return whole && written == len ? 0 : EAGAIN;
}

bool platform_log_system(enum store_log_level level, const char *text)
{
    static const WORD types[] = {EVENTLOG_ERROR_TYPE, EVENTLOG_WARNING_TYPE,
                                 EVENTLOG_INFORMATION_TYPE, EVENTLOG_INFORMATION_TYPE};
    wchar_t *wide = windows_wide(text);
    HANDLE log = wide == NULL ? NULL : RegisterEventSourceA(NULL, PLATFORM_LOG_NAME);
    const wchar_t *strings[] = {wide};
    bool sent = log != NULL && ReportEventW(log, types[level], 0, 0, NULL, 1, 0, strings, NULL);

    if (log != NULL)
        DeregisterEventSource(log);
    free(wide);
    return sent;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "tests/windows/double/double.h"
#include "tests/windows/double/kept.h"

/* The mutexes of the double, and the user. A mutex is a file whose lock is its turn
 * and whose first byte tells if an owner has it; the lock of another file tells that it is open. */

#define USER "S-1-5-21-1004336348-1177238915-682003330-1001"
#define PATH_SIZE 512

enum kind { MUTEX = 1, TOKEN };

struct handle {
    enum kind kind;
    int opened; /* the file whose shared lock tells that the mutex is open */
    char path[PATH_SIZE];
};

/* The turn of this thread. */
static _Thread_local struct {
    struct handle *mutex;
    int fd;
} turn;

static _Thread_local DWORD last_error;

DWORD GetLastError(void)
{
    return last_error;
}

BOOL double_error(DWORD code)
{
    last_error = code == DOUBLE_SILENTLY ? ERROR_SUCCESS : code;
    return FALSE;
}

_Noreturn void double_break(const char *rule)
{
    fprintf(stderr, "the double of Windows: %s\n", rule);
    abort();
}

bool double_has_turn(void)
{
    return turn.mutex != NULL && strstr(turn.mutex->path, "/mutex-Global-") != NULL;
}

static int open_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        abort();
    return fd;
}

static void narrow(const WCHAR *text, char *out, size_t size)
{
    size_t len = kept_len(text);

    if (len >= size)
        abort();
    for (size_t i = 0; i <= len; i++)
        out[i] = (char)(text[i] == '\\' ? '-' : text[i]);
}

/* Removes the state of a mutex that no process has open, as Windows does. */
static void begin_anew(struct handle *mutex)
{
    char path[PATH_SIZE + 8];

    snprintf(path, sizeof path, "%s.open", mutex->path);
    mutex->opened = open_file(path);
    if (flock(mutex->opened, LOCK_EX | LOCK_NB) == 0)
        (void)unlink(mutex->path);
    if (flock(mutex->opened, LOCK_SH) != 0)
        abort();
}

HANDLE CreateMutexExW(SECURITY_ATTRIBUTES *attributes, const WCHAR *name, DWORD flags, DWORD access)
{
    struct handle *mutex;
    char text[200];

    if (double_settings.mutex_refused != ERROR_SUCCESS) {
        double_error(double_settings.mutex_refused);
        return NULL;
    }
    if (attributes == NULL || attributes->lpSecurityDescriptor == NULL ||
        strcmp(attributes->lpSecurityDescriptor, "D:P(A;;0x1f0001;;;" USER ")") != 0)
        double_break("the mutex lets others in, or the same user's other processes out");
    if (flags != 0 || (access & (SYNCHRONIZE | MUTEX_MODIFY_STATE)) == 0) {
        double_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    narrow(name, text, sizeof text);
    mutex = calloc(1, sizeof *mutex);
    mutex->kind = MUTEX;
    snprintf(mutex->path, sizeof mutex->path, "%s/mutex-%s", double_folder(), text);
    begin_anew(mutex);
    return mutex;
}

static int64_t now_ms(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

/* True if the owner before has ended in its turn. */
static bool take_over(int fd)
{
    char state = 'f';
    char mine = 'h';

    if (pread(fd, &state, 1, 0) < 0 || pwrite(fd, &mine, 1, 0) != 1)
        abort();
    return state == 'h';
}

DWORD WaitForSingleObject(HANDLE handle, DWORD wait_ms)
{
    const struct timespec pause = {.tv_nsec = 200000};
    struct handle *mutex = handle;
    int64_t end = now_ms() + wait_ms;
    int fd;

    if (double_settings.wait_fails || mutex == NULL || mutex->kind != MUTEX) {
        double_error(ERROR_INVALID_HANDLE);
        return WAIT_FAILED;
    }
    if (turn.mutex != NULL)
        double_break("a thread waits for a mutex in its turn");
    fd = open_file(mutex->path);
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            abort();
        if (now_ms() > end) {
            close(fd);
            return WAIT_TIMEOUT;
        }
        nanosleep(&pause, NULL);
    }
    turn.mutex = mutex;
    turn.fd = fd;
    return take_over(fd) ? WAIT_ABANDONED : WAIT_OBJECT_0;
}

BOOL ReleaseMutex(HANDLE handle)
{
    char state = 'f';

    if (handle == NULL || turn.mutex != handle)
        double_break("a thread releases a mutex that it does not have");
    if (pwrite(turn.fd, &state, 1, 0) != 1)
        abort();
    close(turn.fd);
    turn.mutex = NULL;
    return TRUE;
}

BOOL CloseHandle(HANDLE handle)
{
    struct handle *closed = handle;

    if (closed == NULL)
        return double_error(ERROR_INVALID_HANDLE);
    if (closed == turn.mutex)
        double_break("a mutex is closed in its turn");
    if (closed->kind == MUTEX)
        close(closed->opened);
    free(closed);
    return TRUE;
}

HANDLE LocalFree(void *memory)
{
    free(memory);
    return NULL;
}

HANDLE GetCurrentThread(void)
{
    return (HANDLE)(intptr_t)-2;
}

HANDLE GetCurrentProcess(void)
{
    return (HANDLE)(intptr_t)-1;
}

/* This thread is nobody else than its process. */
BOOL OpenThreadToken(HANDLE thread, DWORD access, BOOL as_self, HANDLE *out)
{
    (void)as_self;
    *out = NULL;
    return double_error(thread == GetCurrentThread() && access == TOKEN_QUERY
                            ? ERROR_NO_TOKEN
                            : ERROR_INVALID_PARAMETER);
}

BOOL OpenProcessToken(HANDLE process, DWORD access, HANDLE *out)
{
    struct handle *token;

    if (process != GetCurrentProcess() || access != TOKEN_QUERY)
        return double_error(ERROR_INVALID_PARAMETER);
    token = calloc(1, sizeof *token);
    token->kind = TOKEN;
    *out = token;
    return TRUE;
}

BOOL GetTokenInformation(HANDLE token, enum token_information what, void *out, DWORD size,
                         DWORD *needed)
{
    TOKEN_USER *user = out;

    *needed = sizeof *user + 28;
    if (((struct handle *)token)->kind != TOKEN || what != TokenUser)
        return double_error(ERROR_INVALID_PARAMETER);
    if (size < *needed)
        return double_error(ERROR_INSUFFICIENT_BUFFER);
    user->User.Sid = user + 1;
    memcpy(user->User.Sid, USER, 28);
    return TRUE;
}

static WCHAR *widen(const char *text)
{
    WCHAR *out = calloc(strlen(text) + 1, sizeof *out);

    for (size_t i = 0; text[i] != '\0'; i++)
        out[i] = (unsigned char)text[i];
    return out;
}

BOOL ConvertSidToStringSidW(void *sid, WCHAR **out)
{
    if (memcmp(sid, USER, 28) != 0)
        return double_error(ERROR_INVALID_PARAMETER);
    *out = widen(USER);
    return TRUE;
}

BOOL ConvertStringSecurityDescriptorToSecurityDescriptorW(const WCHAR *text, DWORD revision,
                                                          void **out, DWORD *size)
{
    char *copy;

    if (revision != SDDL_REVISION_1 || size != NULL || text[0] != 'D' || text[1] != ':')
        return double_error(ERROR_INVALID_ACL);
    copy = calloc(kept_len(text) + 1, 1);
    narrow(text, copy, kept_len(text) + 1);
    *out = copy;
    return TRUE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/listener.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/path.h"
#include "platform/windows/pipe.h"
#include "platform/windows/rights.h"

/* How long nobody is let in where there is no room. */
#define PAUSE_MS 100

const char listener_remedy[] = "free some memory";

static struct {
    wchar_t *name;
    HANDLE end;   /* signalled once the process shall end */
    HANDLE event; /* of a connection */
    HANDLE pipe;  /* the end for the next client */
    bool taken;   /* it has one already */
} listener = {.pipe = INVALID_HANDLE_VALUE};

/* Windows ends the process after the last three, so they wait for the orderly end. */
static BOOL WINAPI ask_to_end(DWORD reason)
{
    (void)SetEvent(listener.end);
    if (reason == CTRL_CLOSE_EVENT || reason == CTRL_LOGOFF_EVENT || reason == CTRL_SHUTDOWN_EVENT)
        Sleep(INFINITE);
    return TRUE;
}

bool listener_begin(void)
{
    listener.end = CreateEventW(NULL, TRUE, FALSE, NULL);
    listener.event = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (listener.end != NULL && listener.event != NULL && SetConsoleCtrlHandler(ask_to_end, TRUE))
        return true;
    (void)windows_failed();
    fprintf(stderr, "sideseat-store: cannot wait for events: %s\n", strerror(errno));
    return false;
}

/* The claim of a store process on the pipe's name: a mutex that exists as long as the process. It
 * tells another store process from a program that only has a pipe of that name. False with errno.
 */
static bool claim(void)
{
    SECURITY_ATTRIBUTES rights = {.nLength = sizeof rights};
    wchar_t name[WINDOWS_PIPE_NAME_MAX + 32];
    HANDLE mutex;
    bool first;

    rights.lpSecurityDescriptor = windows_rights_new(0600, false);
    if (rights.lpSecurityDescriptor == NULL)
        return false;
    (void)swprintf(name, sizeof name / sizeof name[0], L"Global\\sideseat-store:%ls",
                   wcsrchr(listener.name, L'\\') + 1);
    mutex = CreateMutexW(&rights, FALSE, name);
    first = mutex != NULL && GetLastError() != ERROR_ALREADY_EXISTS;
    if (!first)
        (void)windows_failed();
    if (mutex != NULL && !first)
        CloseHandle(mutex);
    LocalFree(rights.lpSecurityDescriptor);
    return first;
}

static const char another_store[] =
    "another sideseat-store does; end that one first, or name another pipe";
static const char another_program[] = "another program has a pipe of this name; name another pipe";

/* Says why this process does not listen. */
static bool refuse(const char *place, const char *why)
{
    fprintf(stderr, "sideseat-store: cannot listen at %s: %s\n", place, why);
    return false;
}

bool listener_open(const char *place)
{
    listener.name = windows_pipe_name(place);
    if (listener.name == NULL && errno == EINVAL) {
        fprintf(stderr, "sideseat-store: --listen needs %s\n", platform_socket_form);
        return false;
    }
    if (listener.name == NULL)
        return refuse(place, strerror(errno));
    if (!claim())
        return refuse(place, errno == EEXIST ? another_store : strerror(errno));
    listener.pipe = windows_pipe_serve(listener.name, true, PIPE_UNLIMITED_INSTANCES);
    if (listener.pipe == INVALID_HANDLE_VALUE)
        return refuse(place, errno == EEXIST ? another_program : strerror(errno));
    return true;
}

bool listener_take(void)
{
    fputs("sideseat-store: --activated is for systemd; use --listen\n", stderr);
    return false;
}

static enum listener_event crowded(void)
{
    int error = errno;

    (void)WaitForSingleObject(listener.end, PAUSE_MS);
    errno = error;
    return LISTENER_CROWDED;
}

/* Waits for a client of `pipe`. LISTENER_CONNECTION: it has, or had, one. */
static enum listener_event wait_client(void)
{
    const HANDLE events[] = {listener.end, listener.event};
    OVERLAPPED operation = {.hEvent = listener.event};
    DWORD none;

    if (ConnectNamedPipe(listener.pipe, &operation))
        return LISTENER_CONNECTION;
    switch (GetLastError()) {
    case ERROR_PIPE_CONNECTED:
    case ERROR_NO_DATA: /* it has left again */
        return LISTENER_CONNECTION;
    case ERROR_IO_PENDING:
        break;
    default:
        (void)windows_failed();
        return crowded();
    }
    if (WaitForMultipleObjects(2, events, FALSE, INFINITE) == WAIT_OBJECT_0 + 1)
        return LISTENER_CONNECTION;
    (void)CancelIoEx(listener.pipe, &operation);
    (void)GetOverlappedResult(listener.pipe, &operation, &none, TRUE);
    return LISTENER_END;
}

/* This process always has the end for the next client before it gives one away: with the last end
 * it would lose the name, and another process's pipe could get its next one. */
enum listener_event listener_next(int *fd)
{
    enum listener_event event = LISTENER_CONNECTION;
    HANDLE next;

    *fd = -1;
    if (WaitForSingleObject(listener.end, 0) == WAIT_OBJECT_0)
        return LISTENER_END;
    if (!listener.taken)
        event = wait_client();
    if (event != LISTENER_CONNECTION)
        return event;
    listener.taken = true;
    next = windows_pipe_serve(listener.name, false, PIPE_UNLIMITED_INSTANCES);
    if (next == INVALID_HANDLE_VALUE)
        return crowded();
    *fd = HandleToLong(listener.pipe);
    listener.pipe = next;
    listener.taken = false;
    return LISTENER_CONNECTION;
}

void listener_close(void)
{
    CloseHandle(listener.pipe);
    free(listener.name);
}

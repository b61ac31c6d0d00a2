/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/windows/api.h"
#include "platform/windows/pipe.h"
#include "store/secret.h"

#define ATTRIBUTES 2

/* What is needed for a start. */
struct needs {
    HANDLE control; /* the store process's end */
    HANDLE nothing;
    HANDLE errors; /* the host's standard error; NULL without */
    HANDLE group;
    wchar_t *program;
    wchar_t *line;
    wchar_t *environment;
    size_t environment_size;
};

/* The texts, each with its end, and an empty one: a block of variables. */
static wchar_t *block_of(char *const *texts, size_t *size)
{
    size_t room = 2; /* also if there are none */
    wchar_t *block;
    wchar_t *at;

    for (char *const *text = texts; *text != NULL; text++)
        room += strlen(*text) + 1; /* UTF-16 never needs more units than UTF-8 */
    block = at = calloc(room, sizeof *block);
    *size = room * sizeof *block;
    for (char *const *text = texts; block != NULL && *text != NULL; text++) {
        wchar_t *wide = windows_wide(*text);
        if (wide == NULL) {
            store_wipe(block, *size);
            free(block);
            return NULL;
        }
        memcpy(at, wide, (wcslen(wide) + 1) * sizeof *wide);
        at += wcslen(wide) + 1;
        store_wipe(wide, wcslen(wide) * sizeof *wide);
        free(wide);
    }
    return block;
}

/* The words as one line. Ours need no quotes. */
static wchar_t *line_of(char *const *words)
{
    size_t size;
    wchar_t *line = block_of(words, &size);

    for (size_t i = 0; line != NULL && i + 2 < size / sizeof *line; i++)
        if (line[i] == L'\0' && line[i + 1] != L'\0')
            line[i] = L' ';
    return line;
}

/* A job that ends its processes when the last handle to it is closed, however that comes. */
static HANDLE group_make(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {.BasicLimitInformation.LimitFlags =
                                                       JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE};
    HANDLE group = CreateJobObjectW(NULL, NULL);

    if (group != NULL &&
        SetInformationJobObject(group, JobObjectExtendedLimitInformation, &limits, sizeof limits))
        return group;
    (void)windows_failed();
    if (group != NULL)
        CloseHandle(group);
    return NULL;
}

/* Copies of handles that the program inherits. False, with errno. */
static bool handles_make(struct needs *needs, bool logs)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
    HANDLE self = GetCurrentProcess();

    needs->nothing =
        CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                    &inherited, OPEN_EXISTING, 0, NULL);
    if (needs->nothing == INVALID_HANDLE_VALUE) {
        needs->nothing = NULL;
        return windows_failed() == 0;
    }
    if (logs && !DuplicateHandle(self, GetStdHandle(STD_ERROR_HANDLE), self, &needs->errors, 0,
                                 TRUE, DUPLICATE_SAME_ACCESS))
        needs->errors = NULL; /* a console's handle that is not for others: no log */
    needs->group = group_make();
    return needs->group != NULL;
}

static bool needs_make(struct needs *needs, const struct platform_start *start)
{
    needs->program = windows_path_at(AT_FDCWD, start->program);
    needs->line = line_of(start->arguments);
    needs->environment = block_of(start->environment, &needs->environment_size);
    return needs->program != NULL && needs->line != NULL && needs->environment != NULL &&
           handles_make(needs, start->logs);
}

static void needs_free(struct needs *needs)
{
    const HANDLE handles[] = {needs->control, needs->nothing, needs->errors, needs->group};

    for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++)
        if (handles[i] != NULL)
            CloseHandle(handles[i]);
    if (needs->environment != NULL)
        store_wipe(needs->environment, needs->environment_size);
    free(needs->environment);
    free(needs->program);
    free(needs->line);
}

/* Starts the program: it inherits the handles that are listed and no other, and is in the group
 * from its first instruction on. 0 or an errno. */
static int create(const struct needs *needs, LPPROC_THREAD_ATTRIBUTE_LIST list,
                  PROCESS_INFORMATION *started)
{
    HANDLE inherited[] = {needs->control, needs->nothing, needs->errors};
    const size_t count = needs->errors == NULL ? 2 : 3;
    HANDLE group = needs->group;
    wchar_t folder[MAX_PATH + 1] = L"";
    STARTUPINFOEXW startup = {
        .StartupInfo = {.cb = sizeof startup,
                        .dwFlags = STARTF_USESTDHANDLES,
                        .hStdInput = needs->control,
                        .hStdOutput = needs->nothing,
                        .hStdError = needs->errors == NULL ? needs->nothing : needs->errors},
        .lpAttributeList = list};

    if (!UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, inherited,
                                   count * sizeof inherited[0], NULL, NULL) ||
        !UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_JOB_LIST, &group, sizeof group,
                                   NULL, NULL) ||
        GetSystemDirectoryW(folder, MAX_PATH) == 0 ||
        !CreateProcessW(needs->program, needs->line, NULL, NULL, TRUE,
                        CREATE_NO_WINDOW | CREATE_UNICODE_ENVIRONMENT |
                            EXTENDED_STARTUPINFO_PRESENT,
                        needs->environment, folder, &startup.StartupInfo, started)) {
        (void)windows_failed();
        return errno;
    }
    CloseHandle(started->hThread);
    return 0;
}

static int create_with_attributes(const struct needs *needs, PROCESS_INFORMATION *started)
{
    LPPROC_THREAD_ATTRIBUTE_LIST list;
    SIZE_T size = 0;
    int error = ENOMEM;

    (void)InitializeProcThreadAttributeList(NULL, ATTRIBUTES, 0, &size);
    list = malloc(size);
    if (list == NULL)
        return ENOMEM;
    if (InitializeProcThreadAttributeList(list, ATTRIBUTES, 0, &size)) {
        error = create(needs, list, started);
        DeleteProcThreadAttributeList(list);
    }
    free(list);
    return error;
}

int platform_launch(const struct platform_start *start, struct launched *out)
{
    struct needs needs = {0};
    PROCESS_INFORMATION started;
    HANDLE ends[2];
    int error;

    *out = LAUNCHED_NONE;
    if (!windows_pipe_pair(ends, true))
        return errno;
    needs.control = ends[1];
    error = needs_make(&needs, start) ? create_with_attributes(&needs, &started) : errno;
    if (error == 0) {
        out->control = (struct channel){HandleToLong(ends[0]), HandleToLong(started.hProcess)};
        out->group = HandleToLong(needs.group);
        needs.group = NULL;
    } else {
        CloseHandle(ends[0]);
    }
    needs_free(&needs);
    return error;
}

void platform_launch_end(struct launched *launched, bool kill)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION none = {0};
    HANDLE group = LongToHandle(launched->group);

    if (launched->group >= 0) {
        if (kill)
            (void)TerminateJobObject(group, EXIT_FAILURE);
        else /* it closes its stores, and then ends by itself */
            (void)SetInformationJobObject(group, JobObjectExtendedLimitInformation, &none,
                                          sizeof none);
        CloseHandle(group);
    }
    launched->group = -1;
    channel_close(&launched->control);
}

/* The number of the handle in the process that gets it; the end goes there in any case. */
static int give(HANDLE process, HANDLE end, int32_t *number)
{
    HANDLE theirs = NULL;
    int error = 0;

    if (!DuplicateHandle(GetCurrentProcess(), end, process, &theirs, 0, FALSE,
                         DUPLICATE_SAME_ACCESS)) {
        (void)windows_failed();
        error = errno;
    }
    CloseHandle(end);
    *number = HandleToLong(theirs);
    return error;
}

int platform_launch_connect(const struct launched *launched, const int ends[2], struct channel *out)
{
    HANDLE self = GetCurrentProcess();
    HANDLE process = LongToHandle(launched->control.process);
    HANDLE watched;
    int32_t number;
    int error = give(process, LongToHandle(ends[1]), &number);

    *out = (struct channel){ends[0], -1};
    if (DuplicateHandle(self, process, self, &watched, 0, FALSE, DUPLICATE_SAME_ACCESS))
        out->process = HandleToLong(watched);
    else
        error = ENOMEM;
    /* no time at all: it takes what there is room for */
    if (error == 0 && channel_send_bytes(&launched->control, &number, sizeof number, 0) != STORE_OK)
        error = EAGAIN;
    if (error == 0 || WaitForSingleObject(process, 0) == WAIT_OBJECT_0)
        return 0;
    channel_close(out);
    return error;
}

bool platform_launched(struct channel *control)
{
    HANDLE self = GetCurrentProcess();
    HANDLE given = GetStdHandle(STD_INPUT_HANDLE);
    HANDLE own;
    int nothing;
    ULONG server;

    *control = (struct channel){-1, -1};
    if (!GetNamedPipeServerProcessId(given, &server) || server == GetCurrentProcessId() ||
        !DuplicateHandle(self, given, self, &own, 0, FALSE, DUPLICATE_SAME_ACCESS))
        return false;
    nothing = open("NUL", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0 && _dup2(nothing, STDIN_FILENO) == 0) /* which closes what was there */
        (void)SetStdHandle(STD_INPUT_HANDLE, (HANDLE)_get_osfhandle(STDIN_FILENO));
    if (nothing >= 0)
        close(nothing);
    control->fd = HandleToLong(own);
    return true;
}

int platform_launched_accept(const struct channel *control)
{
    int32_t number;

    if (channel_receive_bytes(control, &number, sizeof number, CHANNEL_FOREVER) != STORE_OK)
        return -1;
    return GetFileType(LongToHandle(number)) == FILE_TYPE_PIPE ? number : -1;
}

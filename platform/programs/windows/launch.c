/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/windows/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "platform/system.h"

/* A program's file, the words that it gets as one line, and its variables. */
struct launch {
    wchar_t *path;
    wchar_t *line;
    wchar_t *block; /* "NAME=value" after each other, each ended by NUL, and all by another */
    size_t block_len;
};

static void launch_free(struct launch *launch)
{
    if (launch->block != NULL)
        SecureZeroMemory(launch->block, launch->block_len * sizeof *launch->block);
    free(launch->block);
    free(launch->line);
    free(launch->path);
}

/* The file of a program: a path, or a name that is looked for in PATH alone, not in the current
 * folder. NULL with errno. */
static wchar_t *find_with(const wchar_t *folders, const wchar_t *name, const wchar_t *ending)
{
    DWORD room = SearchPathW(folders, name, ending, 0, NULL, NULL);
    wchar_t *path = room == 0 ? NULL : calloc(room, sizeof *path);

    if (path != NULL && SearchPathW(folders, name, ending, room, path, NULL) >= room) {
        free(path);
        path = NULL;
    }
    return path;
}

static wchar_t *find_program(const char *name)
{
    const char *folders = platform_env("PATH");
    wchar_t *wide_folders = windows_wide(folders == NULL ? "" : folders);
    wchar_t *wide = windows_path_at(AT_FDCWD, name);
    wchar_t *path = NULL;

    if (wide != NULL && wide_folders != NULL) {
        /* which leaves a name with another ending as it is */
        path = find_with(wide_folders, wide, L".exe");
        errno = ENOENT;
    }
    free(wide);
    free(wide_folders);
    return path;
}

static bool is_batch(const wchar_t *path)
{
    const wchar_t *dot = wcsrchr(path, L'.');

    return dot != NULL && (_wcsicmp(dot, L".bat") == 0 || _wcsicmp(dot, L".cmd") == 0);
}

/* Writes one word so that programs read it as it is: where necessary in quotes, in which each
 * backslash before a quote is there twice. */
static char *write_word(char *at, const char *word)
{
    const size_t len = strlen(word);
    size_t slashes = 0;

    if (len > 0 && strpbrk(word, " \t\n\v\"") == NULL) {
        memcpy(at, word, len);
        return at + len;
    }
    *at++ = '"';
    for (; *word != '\0'; word++) {
        size_t extra = *word == '"' ? slashes + 1 : 0;
        memset(at, '\\', extra);
        at += extra;
        slashes = *word == '\\' ? slashes + 1 : 0;
        *at++ = *word;
    }
    memset(at, '\\', slashes);
    at += slashes;
    *at++ = '"';
    return at;
}

static wchar_t *line_of(char **words)
{
    size_t size = 1;
    wchar_t *wide;
    char *line;
    char *at;

    for (size_t i = 0; words[i] != NULL; i++)
        size += 2 * strlen(words[i]) + 3;
    at = line = malloc(size);
    if (line == NULL)
        return NULL;
    for (size_t i = 0; words[i] != NULL; i++) {
        if (i > 0)
            *at++ = ' ';
        at = write_word(at, words[i]);
    }
    *at = '\0';
    wide = windows_wide(line);
    free(line);
    return wide;
}

/* True if a later variable has the same name. */
static bool is_repeated(char **variable)
{
    const size_t len = strcspn(*variable, "=") + 1;

    for (char **later = variable + 1; *later != NULL; later++)
        if (platform_env_same(*later, *variable, len))
            return true;
    return false;
}

/* Fills `out`, or for NULL counts what it takes; 0 with errno. */
static size_t write_block(char **variables, wchar_t *out, size_t room)
{
    size_t used = 0;

    for (; *variables != NULL; variables++) {
        int left = out == NULL ? 0 : (int)(room - used);
        int len;
        if (is_repeated(variables))
            continue;
        len = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, *variables, -1,
                                  out == NULL ? NULL : out + used, left);
        if (len <= 0) {
            errno = EILSEQ;
            return 0;
        }
        used += (size_t)len;
    }
    return used + 2; /* an empty block has two ends */
}

static int prepare(struct launch *launch, char **program, char **variables)
{
    launch->path = find_program(program[0]);
    if (launch->path == NULL)
        return errno;
    if (is_batch(launch->path))
        return ENOEXEC;
    launch->line = line_of(program);
    if (launch->line == NULL)
        return errno;
    launch->block_len = write_block(variables, NULL, 0);
    if (launch->block_len == 0)
        return errno;
    launch->block = calloc(launch->block_len, sizeof *launch->block);
    if (launch->block == NULL)
        return ENOMEM;
    (void)write_block(variables, launch->block, launch->block_len);
    return 0;
}

/* Has the program end with this process; what it starts itself may go on. */
static void tie(HANDLE process)
{
    static HANDLE job; /* open until the end of this process */
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {.BasicLimitInformation.LimitFlags =
                                                       JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE |
                                                       JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK};

    if (job == NULL)
        job = CreateJobObjectW(NULL, NULL);
    if (job != NULL &&
        SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits))
        (void)AssignProcessToJobObject(job, process);
}

static int run(struct launch *launch, HANDLE *process)
{
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION started;

    if (!CreateProcessW(launch->path, launch->line, NULL, NULL, TRUE,
                        CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT | CREATE_DEFAULT_ERROR_MODE,
                        launch->block, NULL, &startup, &started)) {
        if (GetLastError() == ERROR_BAD_EXE_FORMAT)
            return ENOEXEC;
        (void)windows_failed();
        return errno;
    }
    tie(started.hProcess);
    (void)ResumeThread(started.hThread);
    CloseHandle(started.hThread);
    *process = started.hProcess;
    return 0;
}

int windows_launch(char **program, char **variables, HANDLE *process)
{
    struct launch launch = {0};
    int error = prepare(&launch, program, variables);

    if (error == 0)
        error = run(&launch, process);
    launch_free(&launch);
    return error;
}

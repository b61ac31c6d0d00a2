/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/windows/start.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/secret.h"

#define ATTRIBUTES 2
#define STANDARD 3

wchar_t *windows_block(char *const *texts, size_t *size)
{
    size_t room = 2; /* also if there are none */
    size_t used = 0;
    wchar_t *block;

    for (char *const *text = texts; *text != NULL; text++)
        room += strlen(*text) + 1; /* UTF-16 never needs more units than UTF-8 */
    block = calloc(room, sizeof *block);
    *size = room * sizeof *block;
    for (char *const *text = texts; block != NULL && *text != NULL; text++) {
        int len = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, *text, -1, block + used,
                                      (int)(room - used));
        if (len <= 0) {
            store_wipe(block, *size);
            free(block);
            errno = EILSEQ;
            return NULL;
        }
        used += (size_t)len;
    }
    return block;
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

wchar_t *windows_line(char *const *words)
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

HANDLE windows_group(DWORD more)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {.BasicLimitInformation.LimitFlags =
                                                       JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | more};
    HANDLE group = CreateJobObjectW(NULL, NULL);

    if (group != NULL &&
        SetInformationJobObject(group, JobObjectExtendedLimitInformation, &limits, sizeof limits))
        return group;
    (void)windows_failed();
    if (group != NULL)
        CloseHandle(group);
    return NULL;
}

/* Copies of the handles that a program can inherit, without those that cannot be copied; how many
 * of `listed` there are. */
static DWORD copy(const HANDLE handles[STANDARD], HANDLE copies[STANDARD], HANDLE listed[STANDARD])
{
    HANDLE self = GetCurrentProcess();
    DWORD count = 0;

    for (size_t i = 0; i < STANDARD; i++) {
        copies[i] = NULL;
        if (handles[i] != NULL && handles[i] != INVALID_HANDLE_VALUE &&
            DuplicateHandle(self, handles[i], self, &copies[i], 0, TRUE, DUPLICATE_SAME_ACCESS))
            listed[count++] = copies[i];
        else
            copies[i] = NULL;
    }
    return count;
}

/* What other threads start meanwhile may inherit the copies, so they are there for this call alone.
 * 0 or an errno. */
static int create(const struct windows_program *program, LPPROC_THREAD_ATTRIBUTE_LIST list,
                  PROCESS_INFORMATION *started)
{
    HANDLE copies[STANDARD];
    HANDLE listed[STANDARD];
    HANDLE group = program->group;
    STARTUPINFOEXW startup = {
        .StartupInfo = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES},
        .lpAttributeList = list};
    DWORD count = copy(program->standard, copies, listed);
    int error = 0;

    startup.StartupInfo.hStdInput = copies[0];
    startup.StartupInfo.hStdOutput = copies[1];
    startup.StartupInfo.hStdError = copies[2];
    if ((count > 0 && !UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, listed,
                                                 count * sizeof listed[0], NULL, NULL)) ||
        !UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_JOB_LIST, &group, sizeof group,
                                   NULL, NULL) ||
        !CreateProcessW(program->path, program->line, NULL, NULL, count > 0,
                        program->flags | CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT,
                        program->variables, program->folder, &startup.StartupInfo, started)) {
        (void)windows_failed();
        error = errno;
    }
    for (size_t i = 0; i < STANDARD; i++)
        if (copies[i] != NULL)
            CloseHandle(copies[i]);
    return error;
}

int windows_start(const struct windows_program *program, HANDLE *process)
{
    LPPROC_THREAD_ATTRIBUTE_LIST list;
    PROCESS_INFORMATION started;
    SIZE_T size = 0;
    int error = ENOMEM;

    (void)InitializeProcThreadAttributeList(NULL, ATTRIBUTES, 0, &size);
    list = malloc(size);
    if (list == NULL)
        return ENOMEM;
    if (InitializeProcThreadAttributeList(list, ATTRIBUTES, 0, &size)) {
        error = create(program, list, &started);
        DeleteProcThreadAttributeList(list);
    }
    free(list);
    if (error != 0)
        return error;
    CloseHandle(started.hThread);
    *process = started.hProcess;
    return 0;
}

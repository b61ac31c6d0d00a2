/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/windows/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/path.h"
#include "platform/system.h"
#include "platform/windows/start.h"

/* A program's file, the words that it gets as one line, and its variables. */
struct launch {
    wchar_t *path;
    wchar_t *line;
    wchar_t *block;
    size_t block_size;
};

static void launch_free(struct launch *launch)
{
    if (launch->block != NULL)
        SecureZeroMemory(launch->block, launch->block_size);
    free(launch->block);
    free(launch->line);
    free(launch->path);
}

static bool is_file(const wchar_t *path)
{
    DWORD attributes = GetFileAttributesW(path);

    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0;
}

/* The file that an absolute path names, with or without ".exe". As Windows has it, that ending
 * comes first for a name without one, but also "python3.11" has it. The caller frees the result;
 * NULL with errno. */
static wchar_t *find_at(const wchar_t *path)
{
    static const wchar_t ending[] = L".exe";
    const size_t len = wcslen(path);
    const wchar_t *name = wcsrchr(path, L'\\');
    const bool dotted = wcschr(name == NULL ? path : name, L'.') != NULL;
    wchar_t *file = calloc(len + sizeof ending / sizeof ending[0], sizeof *file);

    if (file == NULL)
        return NULL;
    memcpy(file, path, len * sizeof *file);
    for (int i = 0; i < 2; i++) {
        bool as_it_is = dotted == (i == 0);
        memcpy(file + len, as_it_is ? L"" : ending, as_it_is ? sizeof *file : sizeof ending);
        if (is_file(file))
            return file;
    }
    free(file);
    errno = ENOENT;
    return NULL;
}

/* The file of a path, which may depend on the current folder; NULL with errno. */
static wchar_t *find_path(const char *name)
{
    wchar_t *given = windows_path_at(AT_FDCWD, name);
    DWORD room = given == NULL ? 0 : GetFullPathNameW(given, 0, NULL, NULL);
    wchar_t *whole = room == 0 ? NULL : calloc(room, sizeof *whole);
    wchar_t *file = NULL;

    if (whole != NULL && GetFullPathNameW(given, room, whole, NULL) < room)
        file = find_at(whole);
    else if (given != NULL)
        errno = ENOENT;
    free(whole);
    free(given);
    return file;
}

/* The file of a name in a folder of PATH, of `len` bytes; NULL with errno. One that depends on the
 * current folder is left out: others may put programs there. */
static wchar_t *find_in(const char *folder, size_t len, const char *name)
{
    const size_t size = len + strlen(name) + 2;
    char *path = malloc(size);
    wchar_t *wide = NULL;
    wchar_t *file = NULL;

    if (path == NULL)
        return NULL;
    memcpy(path, folder, len);
    path[len] = '\0';
    errno = ENOENT;
    if (platform_path_is_absolute(path)) {
        (void)snprintf(path + len, size - len, "\\%s", name);
        wide = windows_path_at(AT_FDCWD, path);
    }
    if (wide != NULL)
        file = find_at(wide);
    free(wide);
    free(path);
    return file;
}

/* The file of a program: a path, or a name that is looked for in PATH alone, not in the current
 * folder. NULL with errno. */
static wchar_t *find_program(const char *name)
{
    const char *folder = platform_env("PATH");
    wchar_t *file = NULL;

    if (strpbrk(name, "/\\:") != NULL)
        return find_path(name);
    errno = ENOENT;
    while (file == NULL && folder != NULL && name[0] != '\0') {
        size_t len = strcspn(folder, ";");
        file = find_in(folder, len, name);
        folder = folder[len] == '\0' ? NULL : folder + len + 1;
    }
    return file;
}

static bool is_batch(const wchar_t *path)
{
    const wchar_t *dot = wcsrchr(path, L'.');

    return dot != NULL && (_wcsicmp(dot, L".bat") == 0 || _wcsicmp(dot, L".cmd") == 0);
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

/* The variables, each name once; the caller wipes and frees the block. NULL with errno. */
static wchar_t *block_of(char **variables, size_t *size)
{
    size_t count = 0;
    size_t used = 0;
    wchar_t *block;
    char **once;

    while (variables[count] != NULL)
        count++;
    once = calloc(count + 1, sizeof *once);
    if (once == NULL)
        return NULL;
    for (; *variables != NULL; variables++)
        if (!is_repeated(variables))
            once[used++] = *variables;
    block = windows_block(once, size);
    free(once);
    return block;
}

static int prepare(struct launch *launch, char **program, char **variables)
{
    launch->path = find_program(program[0]);
    if (launch->path == NULL)
        return errno;
    if (is_batch(launch->path))
        return ENOEXEC;
    launch->line = windows_line(program);
    if (launch->line == NULL)
        return errno;
    launch->block = block_of(variables, &launch->block_size);
    return launch->block == NULL ? errno : 0;
}

static int run(struct launch *launch, HANDLE *process)
{
    static HANDLE group; /* open until the end of this process */
    struct windows_program program = {.path = launch->path,
                                      .line = launch->line,
                                      .variables = launch->block,
                                      .standard = {GetStdHandle(STD_INPUT_HANDLE),
                                                   GetStdHandle(STD_OUTPUT_HANDLE),
                                                   GetStdHandle(STD_ERROR_HANDLE)},
                                      .flags = CREATE_DEFAULT_ERROR_MODE};

    if (group == NULL)
        group = windows_group(JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK);
    if (group == NULL)
        return errno;
    program.group = group;
    return windows_start(&program, process);
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

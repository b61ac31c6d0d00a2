/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/start.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>

#include "platform/windows/api.h"

#include <shellapi.h>

/* The code page of the console before this program; 0: there is no console. */
static UINT console_before;

static void console_restore(void)
{
    if (console_before != 0)
        (void)SetConsoleOutputCP(console_before);
}

/* The words of the command line in UTF-8; NULL with errno. They stay until the end. */
static char **read_words(int *count)
{
    wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), count);
    char **words = wide == NULL ? NULL : calloc((size_t)*count + 1, sizeof *words);

    if (words == NULL)
        errno = ENOMEM;
    for (int i = 0; words != NULL && i < *count; i++) {
        words[i] = windows_narrow(wide[i]);
        if (words[i] != NULL)
            continue;
        while (i > 0)
            free(words[--i]);
        free(words);
        words = NULL;
    }
    LocalFree(wide);
    return words;
}

bool platform_start(int *argc, char ***argv)
{
    int count = 0;
    char **words = read_words(&count);

    if (words == NULL)
        return false;
    *argc = count;
    *argv = words;
    for (int fd = 0; fd <= 2; fd++)
        (void)_setmode(fd, _O_BINARY);
    /* libraries come from the system's folder or this program's, never from the current one */
    (void)SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
    console_before = GetConsoleOutputCP();
    if (console_before != 0 && SetConsoleOutputCP(CP_UTF8))
        (void)atexit(console_restore);
    return true;
}

/* Without Windows' error reports, which keep memory. */
void platform_guard(void)
{
    (void)SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
}

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_START_H
#define PLATFORM_WINDOWS_START_H

#include "platform/windows/api.h"

#include <stddef.h>

/* The start of a program, for a store process and for what sideseat-secrets runs. */

/* The texts in UTF-16, each with its end, and an empty one: a block of variables. The caller wipes
 * its `size` bytes and frees it. NULL with errno. */
wchar_t *windows_block(char *const *texts, size_t *size);

/* The words as one line, from which programs read them as they are; the caller frees it. NULL with
 * errno. */
wchar_t *windows_line(char *const *words);

/* A job that ends its processes when the last handle to it is closed, however that comes; `more`
 * are other limits of it. NULL with errno. */
HANDLE windows_group(DWORD more);

struct windows_program {
    const wchar_t *path;
    wchar_t *line;
    wchar_t *variables;
    const wchar_t *folder; /* NULL: the current one */
    HANDLE standard[3];    /* NULL or not valid: it gets none */
    HANDLE group;
    DWORD flags; /* of CreateProcessW */
};

/* Starts the program, which inherits the standard handles and no other, and is in the group from
 * its first instruction on. 0 or an errno; the caller closes the handle. */
int windows_start(const struct windows_program *program, HANDLE *process);

#endif

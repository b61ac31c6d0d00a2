/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "platform/windows/api.h"

static int variable_set(const char *name, const char *value)
{
    wchar_t *wide_name = windows_wide(name);
    wchar_t *wide = value == NULL ? NULL : windows_wide(value);
    int done = -1;

    if (wide_name != NULL && (value == NULL || wide != NULL))
        done = SetEnvironmentVariableW(wide_name, wide) ||
                       (value == NULL && GetLastError() == ERROR_ENVVAR_NOT_FOUND)
                   ? 0
                   : windows_failed();
    free(wide_name);
    free(wide);
    return done;
}

int setenv(const char *name, const char *value, int replace)
{
    (void)replace;
    return variable_set(name, value);
}

int unsetenv(const char *name)
{
    return variable_set(name, NULL);
}

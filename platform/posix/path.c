/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/path.h"

#include <stddef.h>
#include <string.h>

bool platform_path_is_absolute(const char *path)
{
    return path[0] == '/';
}

bool platform_path_is_socket(const char *path)
{
    return platform_path_is_absolute(path);
}

#define FORM "an absolute path (starting with /)"
const char platform_path_form[] = FORM;
const char platform_socket_form[] = FORM;

bool platform_path_is_separator(char c)
{
    return c == '/';
}

bool platform_path_parent(char *path)
{
    char *slash = strrchr(path, '/');

    if (slash == NULL || path[1] == '\0')
        return false;
    slash[slash == path ? 1 : 0] = '\0';
    return true;
}

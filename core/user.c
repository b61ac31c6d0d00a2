/* SPDX-License-Identifier: Apache-2.0 */
#include "store/user.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/path.h"
#include "platform/system.h"
#include "store/descriptor.h"

static bool told;

bool store_privileged(void)
{
    return told || platform_privileged();
}

void store_privileged_set(void)
{
    told = true;
}

const char *store_env(const char *name)
{
    const char *text = store_privileged() ? NULL : platform_env(name);

    return text == NULL || text[0] == '\0' ? NULL : text;
}

enum store_err store_home(char **out)
{
    const char *home = store_env("HOME");
    char buffer[4096];

    *out = NULL;
    if (store_privileged())
        return STORE_OK;
    if (home == NULL || !platform_path_is_absolute(home))
        home = platform_home(buffer, sizeof buffer) ? buffer : NULL;
    if (home == NULL || !platform_path_is_absolute(home))
        return STORE_OK;
    *out = strdup(home);
    return *out == NULL ? STORE_NO_MEMORY : STORE_OK;
}

/* True if a line of /etc/passwd, "name:password:uid:…", is for this account; ends the name. */
static bool is_account(char *line, uid_t uid)
{
    char *password = strchr(line, ':');
    char *number = password == NULL ? NULL : strchr(password + 1, ':');
    char *end;

    if (number == NULL || number[1] < '0' || number[1] > '9')
        return false;
    *password = '\0';
    return strtoul(number + 1, &end, 10) == uid && *end == ':';
}

/* Not getpwuid(), which loads the name services' libraries and may ask a server. */
bool store_user_name(uid_t uid, char *out, size_t size)
{
    int fd = store_fd_high(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    char line[4096];

    out[0] = '\0';
    while (file != NULL && out[0] == '\0' && fgets(line, sizeof line, file) != NULL)
        if (is_account(line, uid))
            (void)snprintf(out, size, "%s", line);
    if (file != NULL)
        fclose(file);
    else if (fd >= 0)
        close(fd);
    return out[0] != '\0';
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/document.h"
#include "platform/path.h"
#include "store/trusted_file.h"
#include "store/user.h"

/* Reads one file into the reader, if nobody else may replace what is in `folder` (NULL: wherever it
 * is). A default file may be missing, or closed to this user: in a
 * container, HOME is often root's. */
static void file_read(struct conf_reader *reader, const char *folder, const char *path, bool named)
{
    AUTO_SECRET text = {0};
    char why[STORE_TRUSTED_WHY];
    bool exposed = false;
    enum store_err err = STORE_OK;

    if (folder != NULL)
        err = store_trusted_folder(folder, why);
    if (err == STORE_OK)
        err = store_trusted_read(path, CONF_FILE_MAX, &text, &exposed, why);
    if (err == STORE_OK)
        document_read(reader, path, exposed, &text);
    else if (err == STORE_NO_MEMORY)
        conf_no_memory(reader);
    else if (!named && err == STORE_DENIED)
        conf_warning(reader, false, "%s, or set HOME; the file is not read", why);
    else if (named || err != STORE_NOT_FOUND)
        conf_mistake(reader, "%s", why);
}

/* The user's own file. */
static void home_file_read(struct conf_reader *reader)
{
    char *home = NULL;
    char *folder = NULL;
    char *path = NULL;

    if (store_home(&home) != STORE_OK)
        conf_no_memory(reader);
    if (home == NULL)
        return;
    if (asprintf(&folder, "%s/.sideseat", home) < 0)
        folder = NULL;
    if (folder == NULL || asprintf(&path, "%s/sideseat.json", folder) < 0)
        path = NULL;
    if (path != NULL)
        file_read(reader, folder, path, false);
    else
        conf_no_memory(reader);
    free(path);
    free(folder);
    free(home);
}

/* True if the path names a file in the folder of the system's file. */
static bool beside(const char *path, const char *system_file)
{
    size_t folder = (size_t)(strrchr(system_file, '/') + 1 - system_file);

    return strncmp(path, system_file, folder) == 0 && strchr(path + folder, '/') == NULL;
}

void files_read(struct conf_reader *reader, const char *system_file)
{
    const char *named = store_env("SIDESEAT_CONFIG");

    if (reader->config != NULL && store_privileged() && !beside(reader->config, system_file)) {
        conf_mistake(reader,
                     "arguments: config: a program with raised privileges reads no configuration "
                     "outside of the folder of %s",
                     system_file);
        return;
    }
    if (reader->config != NULL) {
        file_read(reader, NULL, reader->config, true);
        return;
    }
    if (named != NULL) {
        if (platform_path_is_absolute(named))
            file_read(reader, NULL, named, true);
        else
            conf_mistake(reader,
                         "environment variable SIDESEAT_CONFIG: must be %s: nothing is ever read "
                         "from the current folder",
                         platform_path_form);
        return;
    }
    file_read(reader, NULL, system_file, false);
    home_file_read(reader);
}

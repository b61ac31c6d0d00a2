/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/http/ca.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/http/system.h"
#include "store/descriptor.h"
#include "store/log.h"
#include "store/trusted_file.h"

#define FILE_MAX ((size_t)8 * 1024 * 1024)
#define DEPTH_MAX 16
#define FILES_MAX 20000

/* A folder that is being read into a list. */
struct walk {
    const char *setting;
    struct system_list *found;
    int files;
};

static enum store_err file_add(const char *path, const char *setting, struct system_list *found)
{
    char why[STORE_TRUSTED_WHY];
    AUTO_SECRET text = {0};
    enum store_err err = store_trusted_read(path, FILE_MAX, &text, NULL, why);

    if (err == STORE_NO_MEMORY)
        return err;
    if (err == STORE_OK)
        return text.len == 0 ? STORE_OK : system_list_add(found, &text);
    store_log(STORE_LOG_ERROR, "http: %s: %s", setting, why);
    return STORE_BAD_CONF;
}

enum store_err http_ca_file_check(const char *path, const char *setting)
{
    struct system_list *found = system_list_new();
    enum store_err err = found == NULL ? STORE_NO_MEMORY : file_add(path, setting, found);

    if (err == STORE_OK && system_list_is_empty(found)) {
        store_log(STORE_LOG_ERROR,
                  "http: %s: %s has no certificate in PEM; name a file that has the CA's", setting,
                  path);
        err = STORE_BAD_CONF;
    }
    system_list_free(found);
    return err;
}

static enum store_err folder_add(struct walk *walk, const char *path, int depth);

/* Handles one entry of a folder: a file, or a folder that is not a link. */
static enum store_err entry_add(struct walk *walk, const char *path, int depth)
{
    struct stat st;
    bool link = lstat(path, &st) == 0 && S_ISLNK(st.st_mode);

    if (stat(path, &st) != 0)
        return STORE_OK; /* the file has gone, or its link leads nowhere */
    if (S_ISDIR(st.st_mode))
        return link || depth == DEPTH_MAX ? STORE_OK : folder_add(walk, path, depth + 1);
    if (!S_ISREG(st.st_mode))
        return STORE_OK;
    if (++walk->files <= FILES_MAX)
        return file_add(path, walk->setting, walk->found);
    store_log(STORE_LOG_ERROR, "http: %s: there are more than %d files; name another folder",
              walk->setting, FILES_MAX);
    return STORE_BAD_CONF;
}

static enum store_err folder_add(struct walk *walk, const char *path, int depth)
{
    int fd = store_fd_high(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    enum store_err err = STORE_OK;
    struct dirent *entry;
    char inner[PATH_MAX];

    if (dir == NULL) {
        store_log(STORE_LOG_ERROR,
                  "http: %s: cannot read the folder %s: %s; name another or fix its "
                  "permissions",
                  walk->setting, path, strerror(errno));
        if (fd >= 0)
            (void)close(fd);
        return STORE_BAD_CONF;
    }
    while (err == STORE_OK && (entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) < (int)sizeof inner)
            err = entry_add(walk, inner, depth);
    (void)closedir(dir);
    return err;
}

enum store_err http_ca_folder_read(const char *path, const char *setting, char **pem, size_t *len)
{
    struct walk walk = {.setting = setting, .found = system_list_new()};
    enum store_err err = walk.found == NULL ? STORE_NO_MEMORY : folder_add(&walk, path, 0);

    if (err == STORE_OK && system_list_is_empty(walk.found)) {
        store_log(STORE_LOG_ERROR,
                  "http: %s: no file in %s has a certificate in PEM; put the CA's there", setting,
                  path);
        err = STORE_BAD_CONF;
    }
    if (err == STORE_OK)
        err = system_list_write(walk.found, pem, len);
    system_list_free(walk.found);
    return err;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "document.h"

enum store_err home_folder(char **out)
{
    const char *home = secure_getenv("HOME");
    struct passwd account;
    struct passwd *found = NULL;
    char buffer[4096];

    *out = NULL;
    if (home == NULL || home[0] != '/') {
        int err = getpwuid_r(geteuid(), &account, buffer, sizeof buffer, &found);
        home = err == 0 && found != NULL ? found->pw_dir : NULL;
    }
    if (home == NULL || home[0] != '/')
        return STORE_OK;
    *out = strdup(home);
    return *out == NULL ? STORE_NO_MEMORY : STORE_OK;
}

/* Whether the file may be believed. What it says is done with the rights of this process, so
 * nobody who has fewer may have written it. */
static bool file_trusted(struct conf_reader *reader, const char *path, const struct stat *st)
{
    if (!S_ISREG(st->st_mode)) {
        conf_mistake(reader, "%s: is not a file; put the configuration into one", path);
        return false;
    }
    if (st->st_uid != 0 && st->st_uid != geteuid()) {
        conf_mistake(reader,
                     "%s: belongs to user %u; it must be root's or yours, change that with: chown",
                     path, (unsigned)st->st_uid);
        return false;
    }
    if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        conf_mistake(reader, "%s: is writable by others; remove that right with: chmod go-w %s",
                     path, path);
        return false;
    }
    if (st->st_size > (off_t)CONF_FILE_MAX) {
        conf_mistake(reader, "%s: is larger than %zu bytes; is it the right file?", path,
                     CONF_FILE_MAX);
        return false;
    }
    return true;
}

/* Reads an open file into `text`. */
static bool file_load(struct conf_reader *reader, const char *path, int fd,
                      struct store_secret *text, bool *exposed)
{
    enum store_err err;
    struct stat st;

    if (fstat(fd, &st) != 0) {
        conf_mistake(reader, "%s: cannot be read: %s", path, strerror(errno));
        return false;
    }
    if (!file_trusted(reader, path, &st))
        return false;
    *exposed = (st.st_mode & (S_IRGRP | S_IROTH)) != 0;
    err = store_secret_read(text, fd, CONF_FILE_MAX);
    if (err == STORE_NO_MEMORY)
        conf_no_memory(reader);
    else if (err == STORE_FAILED)
        conf_mistake(reader, "%s: cannot be read: %s", path, strerror(errno));
    else if (err != STORE_OK || text->len != (size_t)st.st_size)
        conf_mistake(reader, "%s: changed while it was read; try again", path);
    return err == STORE_OK && text->len == (size_t)st.st_size;
}

/* Reads one file into the reader. */
static void file_read(struct conf_reader *reader, const char *path, bool must_exist)
{
    AUTO_SECRET text = {0};
    bool exposed = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0) {
        /* ENOTDIR is as absent as ENOENT: ~ may be /dev/null */
        if (must_exist || (errno != ENOENT && errno != ENOTDIR))
            conf_mistake(reader, "%s: cannot be opened: %s", path, strerror(errno));
        return;
    }
    if (file_load(reader, path, fd, &text, &exposed))
        document_read(reader, path, exposed, (const char *)text.data, text.len);
    close(fd);
}

/* The user's own file. */
static void home_file_read(struct conf_reader *reader)
{
    char *home = NULL;
    char *path = NULL;

    if (home_folder(&home) != STORE_OK)
        conf_no_memory(reader);
    if (home == NULL)
        return;
    if (asprintf(&path, "%s/.sideseat/sideseat.json", home) >= 0) {
        file_read(reader, path, false);
        free(path);
    } else {
        conf_no_memory(reader);
    }
    free(home);
}

void files_read(struct conf_reader *reader, const char *system_file)
{
    const char *named = secure_getenv("SIDESEAT_CONFIG");

    if (reader->config != NULL) {
        file_read(reader, reader->config, true);
        return;
    }
    if (named != NULL && named[0] != '\0') {
        if (named[0] == '/')
            file_read(reader, named, true);
        else
            conf_mistake(reader, "environment variable SIDESEAT_CONFIG: must be an absolute path "
                                 "(starting with /): nothing is ever read from the current folder");
        return;
    }
    file_read(reader, system_file, false);
    home_file_read(reader);
}

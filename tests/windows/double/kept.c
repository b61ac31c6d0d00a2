/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/windows/double/kept.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PATH_SIZE 512

size_t kept_len(const WCHAR *text)
{
    size_t len = 0;

    while (text[len] != 0)
        len++;
    return len;
}

bool kept_copy(WCHAR *out, const WCHAR *text, size_t most)
{
    size_t len = text == NULL ? 0 : kept_len(text);

    if (len > most)
        return false;
    for (size_t i = 0; i < len; i++)
        out[i] = text[i];
    out[len] = 0;
    return true;
}

struct kept *kept_new(const WCHAR *target)
{
    struct kept *kept = calloc(1, sizeof *kept);

    kept->target = calloc(kept_len(target) + 1, sizeof(WCHAR));
    (void)!kept_copy(kept->target, target, kept_len(target));
    return kept;
}

void kept_free(struct kept *kept)
{
    if (kept != NULL)
        free(kept->target);
    free(kept);
}

/* Windows' tables change many more letters; these are enough to confuse two names. */
static WCHAR upper(WCHAR c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 0xe0 && c <= 0xfe && c != 0xf7))
        return (WCHAR)(c - 0x20);
    return c;
}

static bool begins(const WCHAR *text, const WCHAR *begin, bool whole)
{
    for (; *begin != 0; text++, begin++)
        if (upper(*text) != upper(*begin))
            return false;
    return !whole || *text == 0;
}

int kept_lock(const char *folder)
{
    char path[PATH_SIZE];
    int fd;

    snprintf(path, sizeof path, "%s/lock", folder);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_EX) != 0)
        abort();
    return fd;
}

void kept_unlock(int lock)
{
    close(lock);
}

static void path_of(const char *folder, const WCHAR *target, char out[PATH_SIZE])
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *target != 0; target++)
        hash = (hash ^ upper(*target)) * UINT64_C(1099511628211);
    snprintf(out, PATH_SIZE, "%s/cred-%016" PRIx64, folder, hash);
}

/* Files hold only as much of the texts as there is. */
struct file_head {
    DWORD persist;
    FILETIME written;
    DWORD target, comment, user, blob;
};

static struct kept *read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    struct file_head head;
    struct kept *kept;

    if (file == NULL)
        return NULL;
    kept = calloc(1, sizeof *kept);
    if (fread(&head, sizeof head, 1, file) != 1)
        abort();
    kept->target = calloc(head.target + 1, sizeof(WCHAR));
    if (fread(kept->target, sizeof(WCHAR), head.target, file) != head.target ||
        fread(kept->comment, sizeof(WCHAR), head.comment, file) != head.comment ||
        fread(kept->user, sizeof(WCHAR), head.user, file) != head.user ||
        fread(kept->blob, 1, head.blob, file) != head.blob)
        abort();
    kept->persist = head.persist;
    kept->written = head.written;
    kept->blob_size = head.blob;
    fclose(file);
    return kept;
}

void kept_write(const char *folder, const struct kept *kept)
{
    const struct file_head head = {
        .persist = kept->persist,
        .written = kept->written,
        .target = (DWORD)kept_len(kept->target),
        .comment = (DWORD)kept_len(kept->comment),
        .user = (DWORD)kept_len(kept->user),
        .blob = kept->blob_size,
    };
    char path[PATH_SIZE];
    char fresh[PATH_SIZE];
    FILE *file;

    path_of(folder, kept->target, path);
    snprintf(fresh, sizeof fresh, "%s/new", folder);
    file = fopen(fresh, "we");
    if (file == NULL || fwrite(&head, sizeof head, 1, file) != 1 ||
        fwrite(kept->target, sizeof(WCHAR), head.target, file) != head.target ||
        fwrite(kept->comment, sizeof(WCHAR), head.comment, file) != head.comment ||
        fwrite(kept->user, sizeof(WCHAR), head.user, file) != head.user ||
        fwrite(kept->blob, 1, head.blob, file) != head.blob || fclose(file) != 0 ||
        rename(fresh, path) != 0)
        abort();
}

void kept_remove(const char *folder, const struct kept *kept)
{
    char path[PATH_SIZE];

    path_of(folder, kept->target, path);
    if (unlink(path) != 0)
        abort();
}

struct kept *kept_find(const char *folder, const WCHAR *target)
{
    char path[PATH_SIZE];
    struct kept *kept;

    path_of(folder, target, path);
    kept = read_file(path);
    if (kept != NULL && !begins(kept->target, target, true))
        abort();
    return kept;
}

struct kept **kept_list(const char *folder, const WCHAR *begin, bool whole, size_t *count)
{
    DIR *entries = opendir(folder);
    struct kept **list = NULL;
    struct dirent *entry;
    char path[PATH_SIZE];

    *count = 0;
    if (entries == NULL)
        abort();
    while ((entry = readdir(entries)) != NULL) {
        struct kept *kept;

        if (strncmp(entry->d_name, "cred-", 5) != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        kept = read_file(path);
        if (kept == NULL || !begins(kept->target, begin, whole)) {
            kept_free(kept);
            continue;
        }
        list = realloc(list, (*count + 1) * sizeof(struct kept *));
        list[(*count)++] = kept;
    }
    closedir(entries);
    return list;
}

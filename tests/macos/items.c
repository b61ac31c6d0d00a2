/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/macos/items.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PATH_SIZE 512

const char *const items_groups[ITEMS_GROUPS] = {"TEAM.sideseat", "TEAM.other"};

void kept_free(struct kept *kept)
{
    if (kept == NULL)
        return;
    free(kept->generic);
    free(kept->data);
    free(kept);
}

void kept_list_clear(struct kept_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        kept_free(list->items[i]);
    free(list->items);
    *list = (struct kept_list){0};
}

unsigned char *kept_bytes(CFDataRef data, size_t *len)
{
    unsigned char *bytes;

    *len = data == NULL ? 0 : (size_t)CFDataGetLength(data);
    if (data == NULL)
        return NULL;
    bytes = malloc(*len + 1);
    if (*len > 0)
        memcpy(bytes, CFDataGetBytePtr(data), *len);
    return bytes;
}

int items_lock(const char *folder)
{
    char path[PATH_SIZE];
    int fd;

    snprintf(path, sizeof path, "%s/lock", folder);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_EX) != 0)
        abort();
    return fd;
}

void items_unlock(int lock)
{
    close(lock);
}

/* The file of an item, after its primary key. */
static void path_of(const char *folder, const struct kept *kept, char out[PATH_SIZE])
{
    uint64_t hash = UINT64_C(14695981039346656037);
    const char *parts[] = {kept->service, kept->account, kept->group};

    for (size_t i = 0; i < 3; i++)
        for (const char *c = parts[i];; c++) {
            hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
            if (*c == '\0')
                break;
        }
    snprintf(out, PATH_SIZE, "%s/item-%d%d-%016" PRIx64, folder, kept->data_protection,
             kept->synchronizable, hash);
}

static struct kept *read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    struct kept *kept;

    if (file == NULL)
        return NULL;
    kept = malloc(sizeof *kept);
    if (fread(kept, sizeof *kept, 1, file) != 1)
        abort();
    kept->generic = kept->generic == NULL ? NULL : malloc(kept->generic_len + 1);
    kept->data = malloc(kept->data_len + 1);
    if ((kept->generic_len > 0 && fread(kept->generic, kept->generic_len, 1, file) != 1) ||
        (kept->data_len > 0 && fread(kept->data, kept->data_len, 1, file) != 1))
        abort();
    fclose(file);
    return kept;
}

void items_write(const char *folder, const struct kept *kept)
{
    char path[PATH_SIZE];
    char fresh[PATH_SIZE];
    FILE *file;

    path_of(folder, kept, path);
    snprintf(fresh, sizeof fresh, "%s/new", folder);
    file = fopen(fresh, "we");
    if (file == NULL || fwrite(kept, sizeof *kept, 1, file) != 1 ||
        (kept->generic_len > 0 && fwrite(kept->generic, kept->generic_len, 1, file) != 1) ||
        (kept->data_len > 0 && fwrite(kept->data, kept->data_len, 1, file) != 1) ||
        fclose(file) != 0 || rename(fresh, path) != 0)
        abort();
}

void items_remove(const char *folder, const struct kept *kept)
{
    char path[PATH_SIZE];

    path_of(folder, kept, path);
    if (unlink(path) != 0)
        abort();
}

bool items_exist(const char *folder, const struct kept *kept)
{
    char path[PATH_SIZE];

    path_of(folder, kept, path);
    return access(path, F_OK) == 0;
}

static bool text_fits(bool given, const char *wanted, const char *text)
{
    return !given || strcmp(wanted, text) == 0;
}

static bool fits(const struct kept *kept, const struct request *request)
{
    return kept->data_protection == request->data_protection &&
           (request->sync == REQUEST_SYNC_ANY ||
            kept->synchronizable == (request->sync == REQUEST_SYNC_YES)) &&
           text_fits(request->has_service, request->service, kept->service) &&
           text_fits(request->has_account, request->account, kept->account) &&
           text_fits(request->has_label, request->label, kept->label) &&
           text_fits(request->has_comment, request->comment, kept->comment) &&
           text_fits(request->has_group, request->group, kept->group) &&
           (request->generic == NULL ||
            (kept->generic != NULL &&
             kept->generic_len == (size_t)CFDataGetLength(request->generic) &&
             memcmp(kept->generic, CFDataGetBytePtr(request->generic), kept->generic_len) == 0));
}

static void take(struct kept_list *list, const char *path, const struct request *request)
{
    struct kept *kept = read_file(path);

    if (kept == NULL || !fits(kept, request)) {
        kept_free(kept);
        return;
    }
    list->items = realloc(list->items, (list->count + 1) * sizeof(struct kept *));
    list->items[list->count++] = kept;
}

/* The few files that an item with this service and account can have. */
static void take_named(struct kept_list *list, const char *folder, const struct request *request)
{
    struct kept key = {.data_protection = request->data_protection};
    char path[PATH_SIZE];

    memcpy(key.service, request->service, sizeof key.service);
    memcpy(key.account, request->account, sizeof key.account);
    for (int sync = 0; sync < 2; sync++)
        for (int group = 0; group < (key.data_protection ? ITEMS_GROUPS : 1); group++) {
            key.synchronizable = sync == 1;
            snprintf(key.group, sizeof key.group, "%s",
                     key.data_protection ? items_groups[group] : "");
            path_of(folder, &key, path);
            take(list, path, request);
        }
}

struct kept_list items_find(const char *folder, const struct request *request)
{
    struct kept_list list = {0};
    DIR *entries;
    struct dirent *entry;
    char path[PATH_SIZE];

    if (request->has_service && request->has_account) {
        take_named(&list, folder, request);
        return list;
    }
    entries = opendir(folder);
    if (entries == NULL)
        abort();
    while ((entry = readdir(entries)) != NULL) {
        if (strncmp(entry->d_name, "item-", 5) != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        take(&list, path, request);
    }
    closedir(entries);
    return list;
}

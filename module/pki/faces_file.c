/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/faces_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "module/pki/evp.h"
#include "platform/file.h"
#include "platform/lock.h"
#include "platform/path.h"
#include "store/descriptor.h"
#include "store/time.h"

/* The member that tells such a file from any other, and its value. */
#define MARK "sideseat_public_cache"
#define MARK_VERSION 1

#define RENAME_NS (100 * STORE_TIME_MS)

/* The name of a store's object in the file: SHA-256 of its description in hexadecimal digits. */
#define STORE_ID_LEN 32
#define STORE_ID_SIZE (2 * STORE_ID_LEN + 1)

static bool store_id(const char *store, char out[STORE_ID_SIZE])
{
    const struct evp *evp = evp_get();
    unsigned char hash[STORE_ID_LEN];
    size_t len = sizeof hash;

    if (evp == NULL ||
        evp->f.EVP_Q_digest(evp->ctx, "SHA256", NULL, store, strlen(store), hash, &len) != 1)
        return false;
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
    return true;
}

static enum store_err unusable(char why[FACES_FILE_WHY], const char *reason)
{
    snprintf(why, FACES_FILE_WHY, "%s", reason);
    return STORE_UNAVAILABLE;
}

/* Checks that only this user has written the file. */
static enum store_err check(const struct stat *st, char why[FACES_FILE_WHY])
{
    if (!S_ISREG(st->st_mode))
        return unusable(why, "it is not a file; name another");
    if (st->st_uid != geteuid())
        return unusable(why, "it is another user's; name another");
    if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return unusable(why, "others can write to it; remove it");
    if (st->st_size > (off_t)FACES_FILE_SIZE)
        return unusable(why, "it is larger than such a file; remove it, or name another");
    return STORE_OK;
}

/* Parses an open file of this size; NULL if it is not JSON. json_loadfd would read it byte by byte.
 */
static json_t *parse(int fd, size_t size)
{
    char *text = malloc(size + 1);
    json_t *root = NULL;
    size_t used = 0;
    ssize_t n = 0;

    while (text != NULL && used < size && (n = store_fd_read(fd, text + used, size - used)) > 0)
        used += (size_t)n;
    if (text != NULL && n >= 0)
        root = json_loadb(text, used, JSON_REJECT_DUPLICATES, NULL);
    free(text);
    return root;
}

/* Reads the file's JSON, which json_decref frees. */
static enum store_err load(int folder, const char *name, json_t **out, char why[FACES_FILE_WHY])
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    int fd = store_fd_high(openat(folder, name, flags));
    enum store_err err;
    struct stat st;

    if (fd < 0 && errno == ENOENT)
        return STORE_NOT_FOUND;
    if (fd < 0)
        return unusable(why, strerror(errno));
    err = fstat(fd, &st) == 0 ? check(&st, why) : unusable(why, strerror(errno));
    if (err == STORE_OK && st.st_size == 0)
        err = STORE_NOT_FOUND; /* what a power cut may leave */
    if (err == STORE_OK) {
        *out = parse(fd, (size_t)st.st_size);
        if (json_integer_value(json_object_get(*out, MARK)) != MARK_VERSION) {
            json_decref(*out);
            err = unusable(why, "it is damaged, or not a file of this module's; remove it, or "
                                "name another");
        }
    }
    close(fd);
    return err;
}

/* The folder of a path, opened, and the name in it. */
struct place {
    int folder;
    const char *name;
};

static enum store_err open_place(const char *path, struct place *out, char why[FACES_FILE_WHY])
{
    char *folder = strdup(path);
    size_t len = strlen(path);

    if (folder == NULL)
        return STORE_NO_MEMORY;
    while (len > 0 && !platform_path_is_separator(path[len - 1]))
        len--;
    out->name = path + len;
    out->folder = -1;
    errno = EINVAL;
    if (platform_path_parent(folder))
        out->folder = store_fd_high(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    free(folder);
    if (out->folder < 0 && errno == ENOENT)
        return unusable(why, "its folder does not exist; make that");
    return out->folder < 0 ? unusable(why, strerror(errno)) : STORE_OK;
}

enum store_err faces_file_read(const char *path, const char *store, faces_entry_fn *each, void *arg,
                               char why[FACES_FILE_WHY])
{
    char id[STORE_ID_SIZE];
    struct place place;
    json_t *root = NULL;
    const char *key;
    json_t *value;
    enum store_err err;

    if (!store_id(store, id))
        return STORE_NO_MEMORY;
    TRY(open_place(path, &place, why));
    err = load(place.folder, place.name, &root, why);
    close(place.folder);
    TRY(err);
    json_object_foreach(json_object_get(json_object_get(root, "stores"), id), key, value)
    {
        faces_entry_read(key, value, each, arg);
    }
    json_decref(root);
    return STORE_OK;
}

/* The file that will replace the other, open, locked and empty. Its lock is a writer's turn. */
struct next {
    int fd;
    char name[512];
};

/* True if the file is still the one of that name, since the last writer renames it. */
static bool is_named(int folder, const struct next *next, const struct stat *st)
{
    struct stat named;

    return fstatat(folder, next->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           named.st_ino == st->st_ino && named.st_dev == st->st_dev;
}

/* Takes the turn. NOT_FOUND if a killed writer has left something in the file, which is removed
 * then: make it again. */
static enum store_err claim(int folder, const struct next *next, char why[FACES_FILE_WHY])
{
    int number = platform_lock_whole(next->fd);
    struct stat st;

    if (number == EAGAIN)
        return STORE_CONFLICT;
    if (number == 0 && fstat(next->fd, &st) != 0)
        number = errno;
    if (number != 0)
        return unusable(why, strerror(number));
    if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink > 1)
        return unusable(why, "the file with \".new\" after its name is not this module's; remove "
                             "that, or name another");
    if (!is_named(folder, next, &st))
        return STORE_CONFLICT;
    if (st.st_size == 0 && fchmod(next->fd, 0600) == 0)
        return STORE_OK;
    return st.st_size > 0 && unlinkat(folder, next->name, 0) == 0 ? STORE_NOT_FOUND
                                                                  : unusable(why, strerror(errno));
}

static enum store_err open_next(const struct place *place, struct next *next,
                                char why[FACES_FILE_WHY])
{
    const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    enum store_err err = STORE_NOT_FOUND;

    if (snprintf(next->name, sizeof next->name, "%s.new", place->name) >= (int)sizeof next->name)
        return unusable(why, "its name is too long; name another");
    for (int i = 0; i < 2 && err == STORE_NOT_FOUND; i++) {
        next->fd = store_fd_high(openat(place->folder, next->name, flags, 0600));
        if (next->fd < 0)
            return unusable(why, strerror(errno));
        err = claim(place->folder, next, why);
        if (err != STORE_OK)
            close(next->fd);
    }
    return err == STORE_NOT_FOUND ? STORE_CONFLICT : err;
}

/* The object of that name, made if it is not there; NULL if memory is short. */
static json_t *object_in(json_t *json, const char *name)
{
    json_t *found = json_object_get(json, name);

    if (json_is_object(found))
        return found;
    return json_object_set_new(json, name, json_object()) == 0 ? json_object_get(json, name) : NULL;
}

/* Takes out the entries of secrets whose certificates were in the one that has changed. */
static void remove_chained(json_t *secrets, const struct faces_entry *changed)
{
    const char *key;
    json_t *entry;
    void *next;

    json_object_foreach_safe(secrets, next, key, entry)
    {
        if (faces_entry_has_chain(entry, changed->key) &&
            faces_entry_checked(entry) <= changed->checked_ns)
            (void)json_object_del(secrets, key);
    }
}

static enum store_err merge(json_t *root, const char *id, const struct faces_entry *entries,
                            size_t count)
{
    json_t *stores = object_in(root, "stores");
    json_t *secrets = object_in(stores, id);

    if (secrets == NULL)
        return STORE_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct faces_entry *entry = &entries[i];
        json_t *made;

        if (faces_entry_checked(json_object_get(secrets, entry->key)) > entry->checked_ns)
            continue;
        (void)json_object_del(secrets, entry->key);
        if (entry->pki == NULL)
            remove_chained(secrets, entry);
        made = entry->pki == NULL ? NULL : faces_entry_write(entry);
        if (made != NULL && json_object_set_new(secrets, entry->key, made) != 0)
            return STORE_NO_MEMORY;
    }
    return STORE_OK;
}

/* An entry of the file, by age. */
struct aged {
    json_t *secrets;
    const char *key;
    int64_t checked_ns;
    size_t size;
};

static int compare_ages(const void *a, const void *b)
{
    const struct aged *left = a;
    const struct aged *right = b;

    return (left->checked_ns < right->checked_ns) - (left->checked_ns > right->checked_ns);
}

static size_t count_entries(json_t *stores)
{
    const char *id;
    json_t *secrets;
    size_t count = 0;

    json_object_foreach(stores, id, secrets)
    {
        count += json_object_size(secrets);
    }
    return count;
}

/* Takes out the oldest entries past the limits. */
static enum store_err prune(json_t *stores)
{
    size_t most = count_entries(stores);
    struct aged *all = calloc(most + 1, sizeof *all);
    size_t count = 0;
    size_t size = 0;
    const char *id;
    const char *key;
    json_t *secrets;
    json_t *entry;

    if (all == NULL)
        return STORE_NO_MEMORY;
    json_object_foreach(stores, id, secrets)
    {
        json_object_foreach(secrets, key, entry)
        {
            all[count++] =
                (struct aged){secrets, key, faces_entry_checked(entry),
                              strlen(key) + json_dumpb(entry, NULL, 0, JSON_COMPACT) + 8};
        }
    }
    qsort(all, count, sizeof *all, compare_ages);
    for (size_t i = 0; i < count; i++) {
        size += all[i].size;
        if (i >= FACES_FILE_ENTRIES || size > FACES_FILE_SIZE / 2)
            (void)json_object_del(all[i].secrets, all[i].key);
    }
    free(all);
    return STORE_OK;
}

/* Writes the new file and puts it in the other's place. It is not synced, since a disk may take
 * long and the file can be made again. */
static enum store_err replace(const struct place *place, struct next *next, const json_t *root,
                              char why[FACES_FILE_WHY])
{
    char *text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
    int number;

    if (text == NULL)
        return STORE_NO_MEMORY;
    number = store_fd_write(next->fd, text, strlen(text), NULL);
    free(text);
    if (number == 0 && platform_rename_over(place->folder, next->name, place->name,
                                            store_time_monotonic() + RENAME_NS) != 0)
        number = errno;
    return number == 0 ? STORE_OK : unusable(why, strerror(number));
}

static enum store_err update(const struct place *place, const char *id,
                             const struct faces_entry *entries, size_t count, struct next *next,
                             char why[FACES_FILE_WHY])
{
    json_t *root = NULL;
    enum store_err err = load(place->folder, place->name, &root, why);

    if (err == STORE_NOT_FOUND) {
        root = json_object();
        err = json_object_set_new(root, MARK, json_integer(MARK_VERSION)) == 0 ? STORE_OK
                                                                               : STORE_NO_MEMORY;
    }
    if (err != STORE_OK)
        return err;
    err = merge(root, id, entries, count);
    if (err == STORE_OK)
        err = prune(json_object_get(root, "stores"));
    if (err == STORE_OK)
        err = replace(place, next, root, why);
    json_decref(root);
    return err;
}

enum store_err faces_file_update(const char *path, const char *store,
                                 const struct faces_entry *entries, size_t count,
                                 char why[FACES_FILE_WHY])
{
    char id[STORE_ID_SIZE];
    struct place place;
    struct next next;
    enum store_err err;

    if (!store_id(store, id))
        return STORE_NO_MEMORY;
    TRY(open_place(path, &place, why));
    err = open_next(&place, &next, why);
    if (err == STORE_OK) {
        err = update(&place, id, entries, count, &next, why);
        if (err != STORE_OK)
            (void)unlinkat(place.folder, next.name, 0);
        close(next.fd);
    }
    close(place.folder);
    return err;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/replace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "platform/file.h"
#include "platform/system.h"
#include "store/descriptor.h"
#include "store/log.h"
#include "store/time.h"

#define TEMP_PREFIX FILE_NAME ".new" /* sideseat's own is secrets.json.tmp */
#define TEMP_ATTEMPTS 16

/* Fills the new file and makes it durable; 0 or errno. */
static int fill(int fd, const struct store_secret *text)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {0}};
    int number = store_fd_write(fd, text->data, text->len, NULL);

    if (number != 0)
        return number;
    /* The kernel's own stamp is the same for some milliseconds; see struct file_identity. */
    clock_gettime(CLOCK_REALTIME, &times[1]);
    if (futimens(fd, times) != 0 || fsync(fd) != 0)
        return errno;
    return 0;
}

/* True if a new file is ours: locked, and not removed in between by another writer's sweep. */
static bool claim(int fd)
{
    struct stat st;

    return file_lock_try(fd) != EAGAIN && fstat(fd, &st) == 0 && st.st_nlink > 0;
}

/* Makes a temporary file, under any umask; 0 or errno. */
static int open_temp(int folder, struct file_temp *temp)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    uint64_t random;

    for (int i = 0; i < TEMP_ATTEMPTS; i++) {
        if (platform_random(&random, sizeof random, true) != sizeof random)
            return errno;
        snprintf(temp->name, sizeof temp->name, "%s.%016" PRIx64, TEMP_PREFIX, random);
        temp->fd = store_fd_high(openat(folder, temp->name, flags, 0600));
        if (temp->fd < 0 && errno != EEXIST)
            break;
        if (temp->fd < 0)
            continue;
        if (fchmod(temp->fd, 0600) == 0 && claim(temp->fd))
            return 0;
        close(temp->fd);
        temp->fd = -1;
    }
    temp->name[0] = '\0';
    return errno == 0 ? EEXIST : errno;
}

/* The identity of the file after the rename, which changed ctime only. If anything else differs,
 * another program wrote to it already, and an identity that no file has makes the next reader read
 * it. */
static void identify(int fd, const struct stat *before, struct file_identity *out)
{
    struct stat after;

    if (fstat(fd, &after) == 0 && after.st_size == before->st_size &&
        after.st_mtim.tv_sec == before->st_mtim.tv_sec &&
        after.st_mtim.tv_nsec == before->st_mtim.tv_nsec)
        file_identity_of(&after, out);
    else
        *out = (struct file_identity){.error = -1};
}

static enum store_err sync_folder(const struct file_place *place, int folder)
{
    /* EINVAL: the file system does not support it. */
    if (fsync(folder) == 0 || errno == EINVAL)
        return STORE_OK;
    store_log(STORE_LOG_ERROR,
              "file: %s was written, but may not survive a power cut: syncing its folder failed: "
              "%s; check the disk",
              place->path, strerror(errno));
    return STORE_UNAVAILABLE;
}

enum store_err file_replace_write(const struct file_place *place, const struct file_lock *lock,
                                  const struct store_secret *text, struct file_temp *temp)
{
    int number;

    *temp = (struct file_temp){.fd = -1};
    number = open_temp(lock->folder, temp);
    if (number != 0)
        return file_failed(place, "create a file in", NULL, number);
    number = fill(temp->fd, text);
    return number == 0 ? STORE_OK : file_failed(place, "write", temp->name, number);
}

/* The folder is locked. */
static enum store_err swap(const struct file_place *place, const struct file_lock *lock,
                           int64_t deadline_ns, struct file_temp *temp,
                           const struct file_identity *base, struct file_identity *identity)
{
    struct file_identity now;
    struct stat st;

    if (fstat(temp->fd, &st) != 0)
        return file_failed(place, "look at", temp->name, errno);
    file_place_stat(place, &now);
    if (!file_identity_equal(&now, base) || !file_lock_stands(place, lock))
        return STORE_CONFLICT;
    if (platform_rename_over(lock->folder, temp->name, FILE_NAME, deadline_ns) != 0)
        return errno == ENOENT ? STORE_CONFLICT : file_failed(place, "replace", FILE_NAME, errno);
    temp->name[0] = '\0';
    identify(temp->fd, &st, identity);
    return STORE_OK;
}

enum store_err file_replace_swap(const struct file_place *place, const struct file_lock *lock,
                                 int64_t deadline_ns, struct file_temp *temp,
                                 const struct file_identity *base, struct file_identity *identity)
{
    enum store_err err;

    TRY(file_lock_guard(place, lock, deadline_ns));
    err = swap(place, lock, deadline_ns, temp, base, identity);
    file_lock_unguard(lock);
    return err;
}

void file_replace_end(const struct file_lock *lock, struct file_temp *temp)
{
    if (temp->name[0] != '\0')
        (void)unlinkat(lock->folder, temp->name, 0);
    if (temp->fd >= 0)
        close(temp->fd);
    *temp = (struct file_temp){.fd = -1};
}

enum store_err file_replace_sync(const struct file_place *place, const struct file_lock *lock)
{
    return sync_folder(place, lock->folder);
}

/* Removes a temporary file of this user unless a process has it open. */
static void sweep_one(int folder, const char *name)
{
    const int flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    struct stat st;
    int fd;

    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode) ||
        st.st_uid != geteuid())
        return;
    fd = store_fd_high(openat(folder, name, flags));
    if (fd < 0 && errno == EACCES && fchmodat(folder, name, 0600, 0) == 0)
        fd = store_fd_high(openat(folder, name, flags));
    if (fd < 0)
        return;
    if (file_lock_try(fd) != EAGAIN)
        (void)unlinkat(folder, name, 0);
    close(fd);
}

void file_replace_sweep(const struct file_lock *lock)
{
    int fd = store_fd_high(openat(lock->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;

    if (folder == NULL && fd >= 0)
        close(fd);
    while (folder != NULL && (entry = readdir(folder)) != NULL)
        if (strncmp(entry->d_name, TEMP_PREFIX, sizeof TEMP_PREFIX - 1) == 0)
            sweep_one(lock->folder, entry->d_name);
    if (folder != NULL)
        (void)closedir(folder);
}

/* Renames, but never onto another file. */
static int move_file(int folder, const char *from, const char *to)
{
    if (platform_rename_new(folder, from, to) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    /* The file system cannot do it: link(2) does not replace either. */
    if (linkat(folder, from, folder, to, 0) != 0)
        return -1;
    return unlinkat(folder, from, 0);
}

/* Gives a file of the folder the first free name with `suffix`, beside its own or (`move`) instead
 * of it; 0 or errno. */
static int name_aside(int folder, const char *from, bool move, const char *suffix,
                      char name[FILE_ASIDE_SIZE])
{
    for (int i = 0; i < 1000; i++) {
        if (i == 0)
            snprintf(name, FILE_ASIDE_SIZE, "%s.%s", FILE_NAME, suffix);
        else
            snprintf(name, FILE_ASIDE_SIZE, "%s.%s.%d", FILE_NAME, suffix, i);
        if ((move ? move_file(folder, from, name) : linkat(folder, from, folder, name, 0)) == 0)
            return 0;
        if (errno != EEXIST)
            return errno;
    }
    return EEXIST;
}

enum store_err file_set_aside(const struct file_place *place, const struct file_lock *lock,
                              const struct store_secret *text, const char *suffix,
                              char name[FILE_ASIDE_SIZE])
{
    struct file_temp temp;
    enum store_err err = file_replace_write(place, lock, text, &temp);
    int number;

    if (err == STORE_OK) {
        number = name_aside(lock->folder, temp.name, true, suffix, name);
        if (number == 0)
            temp.name[0] = '\0';
        else
            err = file_failed(place, "set aside", FILE_NAME, number);
    }
    file_replace_end(lock, &temp);
    if (err == STORE_OK && (err = sync_folder(place, lock->folder)) != STORE_OK)
        file_set_aside_undo(lock, name);
    return err;
}

/* True if the file is that of `before`, with any mode and names. */
static bool same_file(const struct file_identity *before, const struct file_identity *now)
{
    return now->error == 0 && now->device == before->device && now->inode == before->inode &&
           now->size == before->size && now->mtime_ns == before->mtime_ns;
}

enum store_err file_link_aside(const struct file_place *place, const struct file_lock *lock,
                               const char *suffix, struct file_identity *identity,
                               char name[FILE_ASIDE_SIZE])
{
    struct file_identity now;

    /* Does not follow links: the read has checked that the name is not a link. */
    if (fchmodat(lock->folder, FILE_NAME, 0600, AT_SYMLINK_NOFOLLOW) != 0 &&
        fchmodat(lock->folder, FILE_NAME, 0600, 0) != 0)
        return STORE_UNSUPPORTED;
    if (name_aside(lock->folder, FILE_NAME, false, suffix, name) != 0)
        return STORE_UNSUPPORTED;
    file_place_stat(place, &now);
    if (!same_file(identity, &now)) {
        file_set_aside_undo(lock, name);
        return STORE_CONFLICT;
    }
    *identity = now;
    return sync_folder(place, lock->folder);
}

void file_set_aside_undo(const struct file_lock *lock, const char *name)
{
    (void)unlinkat(lock->folder, name, 0);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/keyutils/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backends/keyutils/quota.h"
#include "store/log.h"
#include "store/time.h"

/*
 * The rights are the user's and not the possessor's: a session whose keyring does not link to the
 * user keyring (su, some services) would otherwise find keys that it may not read.
 */
#define OWNER_ONLY (KEY_POS_ALL | KEY_USR_ALL)

#define TURN_DESCRIPTION "sideseat turn"
/* Far longer than a turn, which takes some microseconds; the kernel counts whole seconds. A writer
 * that is stopped in its turn for longer counts as dead; even then it cannot replace a key that
 * must not exist. */
#define TURN_SECONDS 2
#define TURN_PAUSE_NS 200000
/* A longer wait for room: successive writers leave keys behind that the kernel has yet to collect.
 */
#define TURN_TRIES 300

#define REFRESH_NS STORE_TIME_S

/* How often a listing begins again because keys are replaced meanwhile. */
#define ROUNDS 100

enum store_err ring_failed(const char *action)
{
    int number = errno;
    char quota[128];

    switch (number) {
    case ENOKEY:
    case EKEYREVOKED:
    case EKEYEXPIRED:
        return STORE_NOT_FOUND;
    case EDQUOT:
        quota_describe(quota, sizeof quota);
        store_log(STORE_LOG_ERROR,
                  "keyutils: cannot %s: this user's quota for keys is used up (%s, over all "
                  "programs); delete keys, or have root raise maxkeys and maxbytes in "
                  "/proc/sys/kernel/keys",
                  action, quota);
        return STORE_FULL;
    case ENOSYS:
    case EOPNOTSUPP:
        store_log(STORE_LOG_ERROR,
                  "keyutils: cannot %s: this kernel does not support it; use another backend",
                  action);
        return STORE_UNAVAILABLE;
    case EPERM:
        store_log(STORE_LOG_ERROR,
                  "keyutils: cannot %s: a sandbox (seccomp) forbids it; allow the system calls "
                  "add_key and keyctl, or use another backend",
                  action);
        return STORE_DENIED;
    case EACCES:
        store_log(STORE_LOG_ERROR,
                  "keyutils: cannot %s: the key's permissions forbid it; see keyctl show @u",
                  action);
        return STORE_DENIED;
    case ENOMEM:
        return STORE_NO_MEMORY;
    default:
        store_log(STORE_LOG_ERROR, "keyutils: cannot %s: %s", action, strerror(number));
        return STORE_FAILED;
    }
}

/* Reads the description, which KEYCTL_DESCRIBE returns after "type;uid;gid;perm;"; "" for one that
 * is not ours. False for a key that is gone. */
static bool describe(key_serial_t key, char out[RING_DESCRIPTION_SIZE])
{
    char text[RING_DESCRIPTION_SIZE + 64];
    long len = keyctl_describe(key, text, sizeof text);
    const char *description = text;

    out[0] = '\0';
    if (len <= 0)
        return errno != ENOKEY && errno != EKEYREVOKED;
    if ((size_t)len > sizeof text || strncmp(text, "user;", 5) != 0)
        return true;
    for (int i = 0; i < 4 && description != NULL; i++) {
        description = strchr(description, ';');
        description = description == NULL ? NULL : description + 1;
    }
    if (description != NULL && strlen(description) < RING_DESCRIPTION_SIZE)
        memcpy(out, description, strlen(description) + 1);
    return true;
}

/* Finds our keyring in one of the kernel's; -1 and errno if it is not there. */
static key_serial_t search_in(key_serial_t where, const char *name)
{
    return (key_serial_t)keyctl_search(where, "keyring", name, 0);
}

bool ring_wait_for_room(int *tries)
{
    const struct timespec pause = {.tv_nsec = 5000000};

    if (errno != EDQUOT || *tries >= 100)
        return false;
    ++*tries;
    nanosleep(&pause, NULL);
    return true;
}

/* Adds a key to the thread's keyring. */
static key_serial_t add_patiently(const char *type, const char *description, const void *payload,
                                  size_t len)
{
    key_serial_t key;
    int tries = 0;

    do
        key = add_key(type, description, payload, len, KEY_SPEC_THREAD_KEYRING);
    while (key < 0 && ring_wait_for_room(&tries));
    return key;
}

/* Makes our keyring in the user keyring, or returns the one of a faster process. */
static enum store_err make_ring(const char *name, key_serial_t *out)
{
    key_serial_t ring = add_patiently("keyring", name, NULL, 0);

    if (ring < 0)
        return ring_failed("make a keyring");
    if (keyctl_setperm(ring, OWNER_ONLY) < 0 ||
        keyctl_move(ring, KEY_SPEC_THREAD_KEYRING, KEY_SPEC_USER_KEYRING, KEYCTL_MOVE_EXCL) < 0) {
        int number = errno;
        ring_drop_key(ring);
        errno = number;
        if (number != EEXIST)
            return ring_failed("link a keyring to the user keyring");
        ring = search_in(KEY_SPEC_USER_KEYRING, name);
        if (ring < 0)
            return ring_failed("find the keyring");
    }
    *out = ring;
    return STORE_OK;
}

/* Finds the persistent keyring, which restarts its time to live. Not every kernel has one; the user
 * keyring alone lasts until the last reference to the user goes. */
static key_serial_t get_persistent(struct ring *ring)
{
    atomic_store_explicit(&ring->refreshed_ns, store_time_coarse(), memory_order_relaxed);
    return (key_serial_t)keyctl_get_persistent((uid_t)-1, KEY_SPEC_THREAD_KEYRING);
}

static bool is_refreshed(struct ring *ring)
{
    int64_t last = atomic_load_explicit(&ring->refreshed_ns, memory_order_relaxed);

    return last != 0 && store_time_coarse() - last < REFRESH_NS;
}

/* The keyring has been there, with secrets in it: that is another answer than an absent one. */
static enum store_err dead_ring(const char *name)
{
    store_log(
        STORE_LOG_ERROR,
        "keyutils: the keyring %s is revoked or has expired, with its secrets; to begin a new "
        "one: keyctl unlink ID @u, with the ID of /proc/keys",
        name);
    return STORE_CORRUPT;
}

enum store_err ring_find(struct ring *ring, bool make, key_serial_t *out)
{
    key_serial_t found = search_in(KEY_SPEC_USER_KEYRING, ring->name);
    key_serial_t persistent = -1;

    if (found < 0 && (errno == EKEYREVOKED || errno == EKEYEXPIRED))
        return dead_ring(ring->name);
    if (found < 0 && errno != ENOKEY)
        return ring_failed("search the user keyring");
    if (found < 0 || make || !is_refreshed(ring))
        persistent = get_persistent(ring);
    if (found < 0 && persistent > 0) {
        found = search_in(persistent, ring->name);
        if (found > 0 && keyctl_link(found, KEY_SPEC_USER_KEYRING) < 0)
            return ring_failed("link the keyring to the user keyring");
    }
    if (found < 0) {
        if (!make)
            return STORE_NOT_FOUND;
        TRY(make_ring(ring->name, &found));
    }
    if (make && persistent > 0 && keyctl_link(found, persistent) < 0)
        return ring_failed("link the keyring to the persistent keyring");
    *out = found;
    return STORE_OK;
}

void ring_drop_key(key_serial_t key)
{
    /* Revoking frees the quota at once, unlinking alone some time later. */
    (void)keyctl_revoke(key);
    (void)keyctl_unlink(key, KEY_SPEC_THREAD_KEYRING);
}

enum store_err ring_make_key(const char *description, const struct store_secret *value,
                             bool optional, key_serial_t *out)
{
    key_serial_t key =
        optional ? add_key("user", description, value->data, value->len, KEY_SPEC_THREAD_KEYRING)
                 : add_patiently("user", description, value->data, value->len);

    if (key < 0)
        return optional && errno == EDQUOT ? STORE_FULL : ring_failed("add a key");
    if (keyctl_setperm(key, OWNER_ONLY) < 0) {
        enum store_err err = ring_failed("set a key's permissions");
        ring_drop_key(key);
        return err;
    }
    *out = key;
    return STORE_OK;
}

/* The content of a keyring: `count` serial numbers, and what is known of each key. */
struct snapshot {
    size_t count;
    key_serial_t *keys;
    struct ring_entry {
        bool gone;
        char description[RING_DESCRIPTION_SIZE];
    } * entries;
};

static void snapshot_clear(struct snapshot *snapshot)
{
    free(snapshot->keys);
    free(snapshot->entries);
    *snapshot = (struct snapshot){0};
}

/* Reads the keyring in the state of one moment. The kernel returns all of it or, if it has grown
 * since the question for its size, only the new size. */
static enum store_err snapshot_read(key_serial_t ring, struct snapshot *out)
{
    long got = keyctl_read(ring, NULL, 0);
    long size;

    do {
        size = got;
        free(out->keys);
        out->keys = size < 0 ? NULL : malloc((size_t)size + sizeof *out->keys);
        if (size >= 0 && out->keys == NULL)
            return STORE_NO_MEMORY;
        if (size > 0)
            got = keyctl_read(ring, (char *)out->keys, (size_t)size);
    } while (got > size);
    if (got < 0)
        return ring_failed("read the keyring");
    out->count = (size_t)got / sizeof *out->keys;
    out->entries = calloc(out->count + 1, sizeof *out->entries);
    return out->entries == NULL ? STORE_NO_MEMORY : STORE_OK;
}

/* True if the key was gone in that snapshot. */
static bool snapshot_lacks(const struct snapshot *snapshot, key_serial_t key)
{
    for (size_t i = 0; i < snapshot->count; i++)
        if (snapshot->keys[i] == key)
            return snapshot->entries[i].gone;
    return false;
}

/* Adds the descriptions. False if a key is gone that was not in `before`: it may have been replaced
 * since the keyring was read, and its secret then has another key. */
static bool snapshot_describe(struct snapshot *snapshot, const struct snapshot *before)
{
    bool settled = true;

    for (size_t i = 0; i < snapshot->count; i++) {
        struct ring_entry *entry = &snapshot->entries[i];
        entry->gone = !describe(snapshot->keys[i], entry->description);
        if (entry->gone)
            settled = settled && snapshot_lacks(before, snapshot->keys[i]);
    }
    return settled;
}

/* Reads the keyring with the descriptions. A replaced key leaves the keyring before it is revoked,
 * so a key that is still in the keyring after it was found to be gone, was revoked by a program
 * that put none in its place. */
static enum store_err snapshot_settle(key_serial_t ring, struct snapshot *out)
{
    struct snapshot before = {0};
    enum store_err err = STORE_OK;
    bool settled = false;

    for (int round = 0; err == STORE_OK && !settled && round < ROUNDS; round++) {
        snapshot_clear(&before);
        before = *out;
        *out = (struct snapshot){0};
        err = snapshot_read(ring, out);
        settled = err == STORE_OK && snapshot_describe(out, &before);
    }
    snapshot_clear(&before);
    if (err != STORE_OK || settled)
        return err;
    store_log(STORE_LOG_ERROR, "keyutils: other processes keep replacing keys, so the keyring "
                               "cannot be listed; find them with: keyctl show @u");
    return STORE_TIMEOUT;
}

enum store_err ring_each(key_serial_t ring, ring_each_fn *each, void *arg)
{
    struct snapshot snapshot = {0};
    enum store_err err = snapshot_settle(ring, &snapshot);

    for (size_t i = 0; err == STORE_OK && i < snapshot.count; i++)
        err = each(arg, snapshot.keys[i], snapshot.entries[i].description);
    snapshot_clear(&snapshot);
    return err;
}

/* Removes the keys that are revoked or expired, such as the turns of dead processes: a search does
 * not find them, but they keep their places. `any` (may be NULL) tells if there were some. */
static enum store_err clear_dead(key_serial_t ring, bool *any)
{
    struct snapshot snapshot = {0};
    enum store_err err = snapshot_read(ring, &snapshot);
    bool found = false;

    for (size_t i = 0; err == STORE_OK && i < snapshot.count; i++) {
        if (keyctl_describe(snapshot.keys[i], NULL, 0) >= 0 ||
            (errno != EKEYEXPIRED && errno != EKEYREVOKED))
            continue;
        (void)keyctl_unlink(snapshot.keys[i], ring); /* ENOENT: another process was faster */
        found = true;
    }
    snapshot_clear(&snapshot);
    if (any != NULL)
        *any = found;
    return err;
}

/* CONFLICT if a key with the description is there, although `flags` forbid that. */
static enum store_err move_in(key_serial_t ring, key_serial_t key, unsigned flags)
{
    int tries = 0;
    long moved;

    do
        moved = keyctl_move(key, KEY_SPEC_THREAD_KEYRING, ring, flags);
    while (moved < 0 && ring_wait_for_room(&tries));
    if (moved >= 0)
        return STORE_OK;
    return errno == EEXIST ? STORE_CONFLICT : ring_failed("link a key to the keyring");
}

enum store_err ring_put(key_serial_t ring, key_serial_t key, key_serial_t old)
{
    unsigned flags = old == 0 ? KEYCTL_MOVE_EXCL : 0;
    enum store_err err = move_in(ring, key, flags);
    bool dead = true;

    while (err == STORE_CONFLICT && dead) {
        err = clear_dead(ring, &dead);
        if (err == STORE_OK)
            err = move_in(ring, key, flags);
    }
    if (err != STORE_OK)
        ring_drop_key(key);
    else if (old > 0)
        (void)keyctl_revoke(old);
    return err;
}

/* The number of the PID namespace; 0 if unknown. */
static unsigned long pid_namespace(void)
{
    struct stat status;

    return stat("/proc/self/ns/pid", &status) == 0 ? (unsigned long)status.st_ino : 0;
}

/* True if the process that made the turn is known to be gone. */
static bool is_orphan(key_serial_t turn)
{
    char owner[64];
    unsigned long namespace;
    long pid;
    long len = keyctl_read(turn, owner, sizeof owner - 1);

    if (len <= 0 || len >= (long)sizeof owner)
        return false;
    owner[len] = '\0';
    return sscanf(owner, "%ld %lu", &pid, &namespace) == 2 && namespace != 0 &&
           namespace == pid_namespace() && pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

/* Checks for the turn of another writer. Removes it if its owner has died: at once if this process
 * can see that, else when it has expired. */
static enum store_err check_turn(key_serial_t ring, bool *taken)
{
    long turn = keyctl_search(ring, "user", TURN_DESCRIPTION, 0);

    *taken = turn > 0;
    if (turn > 0 && is_orphan((key_serial_t)turn))
        *taken = keyctl_unlink((key_serial_t)turn, ring) != 0;
    if (turn < 0 && (errno == EKEYEXPIRED || errno == EKEYREVOKED))
        return clear_dead(ring, NULL);
    return STORE_OK;
}

/* Puts a turn of ours into the keyring. CONFLICT if another writer was faster, or holds the room
 * for it and will soon free it. */
static enum store_err put_turn(key_serial_t ring, int *tries, key_serial_t *out)
{
    char owner[64];
    struct store_secret payload = {.data = (const unsigned char *)owner};
    enum store_err err;
    int number;

    payload.len = (size_t)snprintf(owner, sizeof owner, "%ld %lu", (long)getpid(), pid_namespace());
    err = ring_make_key(TURN_DESCRIPTION, &payload, true, out);
    if (err != STORE_OK && err != STORE_FULL)
        return err;
    if (err == STORE_OK && keyctl_set_timeout(*out, TURN_SECONDS) == 0 &&
        keyctl_move(*out, KEY_SPEC_THREAD_KEYRING, ring, KEYCTL_MOVE_EXCL) == 0)
        return STORE_OK;
    number = errno;
    if (err == STORE_OK)
        ring_drop_key(*out);
    errno = number;
    if (number == EEXIST || ring_wait_for_room(tries))
        return STORE_CONFLICT;
    return ring_failed("take the turn to write");
}

/* A waiting writer has no key of its own: the writer with the turn may need the quota. */
enum store_err ring_turn_acquire(key_serial_t ring, int64_t deadline_ns, key_serial_t *out)
{
    const struct timespec pause = {.tv_nsec = TURN_PAUSE_NS};
    bool taken;
    int tries = -TURN_TRIES;

    for (;;) {
        TRY(check_turn(ring, &taken));
        if (!taken) {
            enum store_err err = put_turn(ring, &tries, out);
            if (err != STORE_CONFLICT)
                return err;
        }
        if (store_time_monotonic() > deadline_ns) {
            store_log(STORE_LOG_ERROR,
                      "keyutils: other processes of this user keep the keyring locked; "
                      "find them with: keyctl show @u");
            return STORE_TIMEOUT;
        }
        nanosleep(&pause, NULL);
    }
}

void ring_turn_release(key_serial_t ring, key_serial_t turn)
{
    (void)keyctl_unlink(turn, ring);
    (void)keyctl_revoke(turn);
}

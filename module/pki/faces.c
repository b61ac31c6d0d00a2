/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/faces.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "module/pki/faces_file.h"
#include "store/log.h"
#include "store/time.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* The most faces that are kept. Past that each new one takes the place of the oldest that the file
 * need not hear of. */
#define FACES_MAX 4096

/* How long after a write to the file the next one may follow, unless the faces are dropped; and
 * after one that failed. */
#define SAVE_NS STORE_TIME_S
#define RETRY_NS (60 * STORE_TIME_S)

/* How often, and how far apart, a write that must not wait longer asks for its turn. */
#define TURN_TRIES 20
#define TURN_NS (5 * STORE_TIME_MS)

/* What a secret of this version holds. */
struct face {
    UT_hash_handle hh;
    struct faces_entry entry; /* its face is NULL after faces_forget */
    bool lasting;             /* as in struct face_origin */
    bool filed;               /* the file has an entry of the secret */
    bool unsaved;             /* the file has an older entry, or none */
};

/* The file; `path` is NULL without one. */
struct faces_place {
    char *path;
    char *store;
    int64_t keep_ns;
    bool loaded;
    bool told;       /* the log has said why the file is not used */
    int64_t next_ns; /* when it may be written again */
};

struct faces {
    pthread_mutex_t lock;
    struct face *known;
    size_t unsaved;
    int64_t changed_ns; /* the last faces_forget of a change, as store_time_monotonic */
    struct faces_place file;
};

struct faces *faces_new(void)
{
    struct faces *faces = calloc(1, sizeof *faces);

    if (faces != NULL)
        pthread_mutex_init(&faces->lock, NULL);
    return faces;
}

bool faces_attach(struct faces *faces, const char *path, const char *store, int64_t keep_ns)
{
    faces->file = (struct faces_place){strdup(path), strdup(store), .keep_ns = keep_ns};
    if (faces->file.path != NULL && faces->file.store != NULL)
        return true;
    free(faces->file.path);
    free(faces->file.store);
    faces->file.path = NULL;
    faces->file.store = NULL;
    return false;
}

/* Drops up to `count` faces that the file need not hear of, the oldest first. */
static void remove_saved(struct faces *faces, size_t count)
{
    struct face *face;
    struct face *next;

    HASH_ITER(hh, faces->known, face, next)
    {
        if (count == 0)
            return;
        if (face->unsaved)
            continue;
        HASH_DELETE(hh, faces->known, face);
        pki_drop(face->entry.pki);
        free(face);
        count--;
    }
}

/* Drops all, so that the file must be read again. */
static void remove_all(struct faces *faces)
{
    struct face *face;
    struct face *next;

    HASH_ITER(hh, faces->known, face, next)
    {
        face->unsaved = false;
    }
    faces->unsaved = 0;
    remove_saved(faces, SIZE_MAX);
    faces->file.loaded = false;
}

/* The face of that key; NULL if there is none. The faces are locked. */
static struct face *find(struct faces *faces, const char *key)
{
    struct face *face = NULL;

    HASH_FIND_STR(faces->known, key, face);
    return face;
}

/* The same, made if it is not there; NULL if memory is short. */
static struct face *find_or_make(struct faces *faces, const char *key)
{
    struct face *face = find(faces, key);

    if (face != NULL)
        return face;
    if (HASH_COUNT(faces->known) >= FACES_MAX)
        remove_saved(faces, 1);
    if (HASH_COUNT(faces->known) >= FACES_MAX)
        return NULL;
    face = calloc(1, sizeof *face);
    if (face == NULL)
        return NULL;
    memcpy(face->entry.key, key, strlen(key) + 1); /* a scope key */
    HASH_ADD_STR(faces->known, entry.key, face);
    if (face->hh.tbl != NULL)
        return face;
    free(face); /* no memory for the table */
    return NULL;
}

/* The log names a file that is not used once. */
static void tell(struct faces *faces, const char *why)
{
    bool told;

    pthread_mutex_lock(&faces->lock);
    told = faces->file.told;
    faces->file.told = true;
    pthread_mutex_unlock(&faces->lock);
    if (!told)
        store_log(STORE_LOG_WARNING, "pkcs11: the public cache %s is not used: %s",
                  faces->file.path, why);
}

static void set_unsaved(struct faces *faces, struct face *face, bool unsaved)
{
    faces->unsaved += unsaved && !face->unsaved;
    faces->unsaved -= !unsaved && face->unsaved;
    face->unsaved = unsaved;
}

/* Takes over an entry of the file, unless this process knows the secret itself. */
static void take_entry(void *arg, const struct faces_entry *entry)
{
    struct faces *faces = arg;
    struct face *face = NULL;

    pthread_mutex_lock(&faces->lock);
    if (find(faces, entry->key) == NULL && HASH_COUNT(faces->known) < FACES_MAX)
        face = find_or_make(faces, entry->key);
    if (face != NULL) {
        face->entry = *entry;
        face->entry.pki = pki_share(entry->pki);
        face->lasting = true;
        face->filed = true;
    }
    pthread_mutex_unlock(&faces->lock);
}

/* Reads the file, once. What another thread has changed meanwhile makes it be read again. */
static void load(struct faces *faces)
{
    char why[FACES_FILE_WHY];
    int64_t began_ns;
    bool loaded;

    if (faces->file.path == NULL)
        return;
    pthread_mutex_lock(&faces->lock);
    loaded = faces->file.loaded;
    pthread_mutex_unlock(&faces->lock);
    if (loaded)
        return;
    began_ns = store_time_monotonic();
    if (faces_file_read(faces->file.path, faces->file.store, take_entry, faces, why) ==
        STORE_UNAVAILABLE)
        tell(faces, why);
    pthread_mutex_lock(&faces->lock);
    faces->file.loaded = faces->changed_ns < began_ns;
    if (!faces->file.loaded)
        remove_saved(faces, SIZE_MAX);
    pthread_mutex_unlock(&faces->lock);
}

/* Copies the entries that the file lacks, without a face where it should have none; NULL if memory
 * is short. They count as saved. */
static struct faces_entry *take_unsaved(struct faces *faces, size_t *count)
{
    struct faces_entry *entries = calloc(faces->unsaved, sizeof *entries);
    struct face *face;
    struct face *next;

    *count = 0;
    if (entries == NULL)
        return NULL;
    HASH_ITER(hh, faces->known, face, next)
    {
        if (!face->unsaved)
            continue;
        entries[*count] = face->entry;
        entries[(*count)++].pki = face->lasting ? pki_share(face->entry.pki) : NULL;
        face->filed = face->lasting && face->entry.pki != NULL;
        set_unsaved(faces, face, false);
    }
    return entries;
}

/* The file did not take the entries, which wait for the next time. */
static void give_back(struct faces *faces, const struct faces_entry *entries, size_t count,
                      bool other)
{
    pthread_mutex_lock(&faces->lock);
    if (!other) /* than a turn of another process */
        faces->file.next_ns = store_time_monotonic() + RETRY_NS;
    for (size_t i = 0; i < count; i++) {
        struct face *face = find(faces, entries[i].key);
        if (face != NULL)
            set_unsaved(faces, face, true);
    }
    pthread_mutex_unlock(&faces->lock);
}

/* Writes the entries. Only a caller that cannot come back asks more than once for its turn. */
static enum store_err write_entries(struct faces *faces, const struct faces_entry *entries,
                                    size_t count, bool at_once, char why[FACES_FILE_WHY])
{
    const struct timespec pause = store_time_spec(TURN_NS);
    enum store_err err = STORE_CONFLICT;

    for (int i = 0; err == STORE_CONFLICT && i < (at_once ? TURN_TRIES : 1); i++) {
        if (i > 0)
            nanosleep(&pause, NULL);
        err = faces_file_update(faces->file.path, faces->file.store, entries, count, why);
    }
    return err;
}

static void save(struct faces *faces, bool at_once)
{
    struct faces_entry *entries = NULL;
    char why[FACES_FILE_WHY];
    enum store_err err;
    size_t count = 0;
    int64_t now;

    if (faces->file.path == NULL)
        return;
    now = store_time_monotonic();
    pthread_mutex_lock(&faces->lock);
    if (faces->unsaved > 0 && (at_once || now >= faces->file.next_ns)) {
        faces->file.next_ns = now + SAVE_NS;
        entries = take_unsaved(faces, &count);
    }
    pthread_mutex_unlock(&faces->lock);
    if (entries == NULL)
        return;
    err = write_entries(faces, entries, count, at_once, why);
    if (err == STORE_UNAVAILABLE)
        tell(faces, why);
    if (err != STORE_OK)
        give_back(faces, entries, count, err == STORE_CONFLICT);
    for (size_t i = 0; i < count; i++)
        pki_drop(entries[i].pki);
    free(entries);
}

void faces_save(struct faces *faces)
{
    save(faces, false);
}

void faces_clear(struct faces *faces)
{
    save(faces, true);
    pthread_mutex_lock(&faces->lock);
    remove_all(faces);
    pthread_mutex_unlock(&faces->lock);
}

void faces_free(struct faces *faces)
{
    if (faces == NULL)
        return;
    save(faces, true);
    remove_all(faces);
    pthread_mutex_destroy(&faces->lock);
    free(faces->file.path);
    free(faces->file.store);
    free(faces);
}

/* True for a fault that another passphrase, another secret or more memory would end. */
static bool may_pass(enum pki_fault fault)
{
    return fault == PKI_ENCRYPTED || fault == PKI_WRONG_PASSPHRASE || fault == PKI_NO_PASSPHRASE ||
           fault == PKI_NO_CERTIFICATES || fault == PKI_NO_MEMORY || fault == PKI_NO_LIBRARY;
}

static void set_state(struct faces_state *state, const struct store_record *record)
{
    state->updated_ns = record->updated_ns;
    memcpy(state->version, record->version, sizeof state->version);
}

static bool is_in(const struct store_record *record, const struct faces_state *state)
{
    return strcmp(record->version, state->version) == 0 && record->updated_ns == state->updated_ns;
}

/* True if another reading of the secret would give the same face: with this passphrase or, if it
 * is NULL, with every passphrase. */
static bool is_final(const struct pki *pki, const struct store_secret *passphrase)
{
    if (passphrase == NULL || pki->fault != PKI_WRONG_PASSPHRASE)
        return !may_pass(pki->fault);
    return store_secret_equal(&pki->tried, passphrase->data, passphrase->len);
}

struct pki *faces_find(struct faces *faces, const char *key, const struct store_record *secret,
                       const struct store_record *certificates,
                       const struct store_secret *passphrase)
{
    struct pki *pki = NULL;
    struct face *face;

    if (secret->version[0] == '\0')
        return NULL;
    load(faces);
    pthread_mutex_lock(&faces->lock);
    face = find(faces, key);
    if (face != NULL && face->entry.pki != NULL && is_in(secret, &face->entry.secret) &&
        is_in(certificates, &face->entry.certificates) && is_final(face->entry.pki, passphrase))
        pki = pki_share(face->entry.pki);
    pthread_mutex_unlock(&faces->lock);
    return pki;
}

/* True if the face was current within the time for which it counts. */
static bool is_recent(const struct faces *faces, const struct faces_entry *entry)
{
    int64_t age_ns = store_time_now() - entry->checked_ns;

    return entry->checked_ns != 0 && age_ns >= 0 && age_ns < faces->file.keep_ns;
}

struct pki *faces_find_recent(struct faces *faces, const char *key, const char *certificate_key)
{
    struct pki *pki = NULL;
    struct face *face;

    if (faces->file.path == NULL)
        return NULL;
    load(faces);
    pthread_mutex_lock(&faces->lock);
    face = find(faces, key);
    if (face != NULL && face->lasting && face->entry.pki != NULL &&
        strcmp(face->entry.certificate_key, certificate_key) == 0 && is_recent(faces, &face->entry))
        pki = pki_share(face->entry.pki);
    pthread_mutex_unlock(&faces->lock);
    return pki;
}

/* Notes that the face is of these values now. The file hears of that if it says otherwise, or if
 * what it says will soon be too old. A face that a PIN has opened does not become one for everybody
 * when it is found again, and one that was asked for before the last change is perhaps an older
 * one. The faces are locked. */
static void confirm(struct faces *faces, struct face *face, const struct face_origin *origin,
                    bool same)
{
    int64_t now = store_time_now();
    bool soon = now - face->entry.checked_ns >= faces->file.keep_ns / 2;

    face->lasting = origin->lasting && (!same || face->lasting);
    if (!origin->current || origin->asked_ns <= faces->changed_ns) {
        face->entry.checked_ns = same ? face->entry.checked_ns : 0;
        return;
    }
    if (same && !soon)
        return;
    face->entry.checked_ns = now;
    if (faces->file.path != NULL && (face->lasting || face->filed))
        set_unsaved(faces, face, true);
}

bool faces_keep(struct faces *faces, const char *key, const struct store_record *secret,
                const struct store_record *certificates, const struct face_origin *origin,
                struct pki *pki)
{
    struct faces_entry *entry;
    struct face *face;
    bool fresh = true;
    bool same = false;

    load(faces); /* which tells whether the file has something else to say */
    pthread_mutex_lock(&faces->lock);
    face = find_or_make(faces, key);
    if (face != NULL) {
        entry = &face->entry;
        if (entry->pki != NULL) {
            fresh = entry->pki->fault != pki->fault || entry->pki->other != pki->other ||
                    !is_in(secret, &entry->secret) || !is_in(certificates, &entry->certificates);
            same = !fresh && strcmp(entry->certificate_key, origin->certificate_key) == 0;
        }
        (void)pki_share(pki); /* which may be the one that is known */
        pki_drop(entry->pki);
        entry->pki = pki;
        set_state(&entry->secret, secret);
        set_state(&entry->certificates, certificates);
        memcpy(entry->certificate_key, origin->certificate_key,
               strlen(origin->certificate_key) + 1); /* a scope key, or "" */
        confirm(faces, face, origin, same);
    }
    pthread_mutex_unlock(&faces->lock);
    return fresh;
}

/* The faces are locked. */
static void forget(struct faces *faces, struct face *face, bool unsaved)
{
    pki_drop(face->entry.pki);
    face->entry.pki = NULL;
    face->entry.checked_ns = store_time_now();
    set_unsaved(faces, face, unsaved);
}

void faces_forget(struct faces *faces, const char *key, bool changed)
{
    struct face *face;
    struct face *next;

    if (faces->file.path == NULL)
        return; /* without it a version tells what has changed */
    load(faces);
    pthread_mutex_lock(&faces->lock);
    if (changed)
        faces->changed_ns = store_time_monotonic();
    HASH_ITER(hh, faces->known, face, next)
    {
        if (strcmp(face->entry.key, key) == 0 || strcmp(face->entry.certificate_key, key) == 0)
            forget(faces, face, face->filed || face->unsaved);
    }
    /* another process may have written an entry since the file was read */
    face = changed ? find_or_make(faces, key) : NULL;
    if (face != NULL)
        forget(faces, face, true);
    pthread_mutex_unlock(&faces->lock);
    if (changed)
        save(faces, true);
}

void faces_each_fault(struct faces *faces, faces_each_fn *each, void *arg)
{
    struct face *face;
    struct face *next;

    pthread_mutex_lock(&faces->lock);
    HASH_ITER(hh, faces->known, face, next)
    {
        const struct pki *pki = face->entry.pki;
        if (pki != NULL && pki->fault != PKI_OK && !pki_is_chain(pki))
            each(arg, face->entry.key, pki);
    }
    pthread_mutex_unlock(&faces->lock);
}

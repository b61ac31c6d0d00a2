/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/faces.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* The most faces that are kept. Past that all are dropped and read again when needed. */
#define FACES_MAX 4096

struct state {
    int64_t updated_ns;
    char version[STORE_VERSION_SIZE];
};

/* What a secret in this state holds. */
struct face {
    UT_hash_handle hh;
    struct pki *pki;
    struct state secret;
    struct state certificates;
    char key[];
};

struct faces {
    pthread_mutex_t lock;
    struct face *known;
};

struct faces *faces_new(void)
{
    struct faces *faces = calloc(1, sizeof *faces);

    if (faces != NULL)
        pthread_mutex_init(&faces->lock, NULL);
    return faces;
}

static void remove_all(struct faces *faces)
{
    struct face *face;
    struct face *next;

    HASH_ITER(hh, faces->known, face, next)
    {
        HASH_DELETE(hh, faces->known, face);
        pki_drop(face->pki);
        free(face);
    }
}

void faces_clear(struct faces *faces)
{
    pthread_mutex_lock(&faces->lock);
    remove_all(faces);
    pthread_mutex_unlock(&faces->lock);
}

void faces_free(struct faces *faces)
{
    if (faces == NULL)
        return;
    remove_all(faces);
    pthread_mutex_destroy(&faces->lock);
    free(faces);
}

/* The known face of that key; NULL if there is none. The faces are locked. */
static struct face *find(struct faces *faces, const char *key)
{
    struct face *face = NULL;

    HASH_FIND_STR(faces->known, key, face);
    return face;
}

/* True for a fault that another passphrase, or more memory, would end. */
static bool may_pass(enum pki_fault fault)
{
    return fault == PKI_ENCRYPTED || fault == PKI_WRONG_PASSPHRASE || fault == PKI_NO_MEMORY ||
           fault == PKI_NO_LIBRARY;
}

static struct state state_of(const struct store_record *record)
{
    struct state state = {.updated_ns = record->updated_ns};

    memcpy(state.version, record->version, sizeof state.version);
    return state;
}

static bool is_in(const struct store_record *record, const struct state *state)
{
    return strcmp(record->version, state->version) == 0 && record->updated_ns == state->updated_ns;
}

struct pki *faces_find(struct faces *faces, const char *key, const struct store_record *secret,
                       const struct store_record *certificates)
{
    struct pki *pki = NULL;
    struct face *face;

    if (secret->version[0] == '\0')
        return NULL;
    pthread_mutex_lock(&faces->lock);
    face = find(faces, key);
    if (face != NULL && is_in(secret, &face->secret) && is_in(certificates, &face->certificates) &&
        !may_pass(face->pki->fault))
        pki = pki_share(face->pki);
    pthread_mutex_unlock(&faces->lock);
    return pki;
}

bool faces_keep(struct faces *faces, const char *key, const struct store_record *secret,
                const struct store_record *certificates, struct pki *pki)
{
    size_t size = strlen(key) + 1;
    struct face *face;
    bool fresh = true;

    pthread_mutex_lock(&faces->lock);
    face = find(faces, key);
    if (face != NULL) {
        fresh = face->pki->fault != pki->fault || !is_in(secret, &face->secret);
        pki_drop(face->pki);
    } else {
        if (HASH_COUNT(faces->known) >= FACES_MAX)
            remove_all(faces);
        face = calloc(1, sizeof *face + size);
        if (face != NULL) {
            memcpy(face->key, key, size);
            HASH_ADD_STR(faces->known, key, face);
            if (face->hh.tbl == NULL) { /* no memory for the table */
                free(face);
                face = NULL;
            }
        }
    }
    if (face != NULL) {
        face->pki = pki_share(pki);
        face->secret = state_of(secret);
        face->certificates = state_of(certificates);
    }
    pthread_mutex_unlock(&faces->lock);
    return fresh;
}

void faces_each_fault(struct faces *faces, faces_each_fn *each, void *arg)
{
    struct face *face;
    struct face *next;

    pthread_mutex_lock(&faces->lock);
    HASH_ITER(hh, faces->known, face, next)
    {
        const struct pki *pki = face->pki;
        if (pki->fault != PKI_OK && !(pki->fault == PKI_NO_KEY && pki->count > 0))
            each(arg, face->key, pki->fault);
    }
    pthread_mutex_unlock(&faces->lock);
}

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_FACES_H
#define MODULE_PKI_FACES_H

#include "module/pki/pki.h"
#include "store/backend.h"

/* The public faces that a token has read, by scope key, each with the state of the secret, and of
 * the secret with its certificates (empty if there is none), that it is of: a version and the time
 * of the change, since the versions of a secret that is removed and made again may recur. They can
 * be kept in a file, too (faces_file.h). Any thread. */
struct faces;

struct faces *faces_new(void);        /* NULL if memory is short */
void faces_free(struct faces *faces); /* accepts NULL; saves them before */

/* Keeps the faces in a file from now on, under a description of the store. A face counts as that of
 * its secret for `keep_ns` after it was read. Before any other thread; false if memory is short. */
bool faces_attach(struct faces *faces, const char *path, const char *store, int64_t keep_ns);

/* A reference to the face of these states; NULL if it is not known, or had a fault that may have
 * passed: a missing passphrase, say. One that `passphrase` (NULL: any) has not opened before counts
 * as known: to try that again would take as long as the key's author wanted. A secret without a
 * version has no known face. */
struct pki *faces_find(struct faces *faces, const char *key, const struct store_record *secret,
                       const struct store_record *certificates,
                       const struct store_secret *passphrase);

/* A reference to the face of a secret whose state the caller does not know, if it was current
 * within the time that faces_attach got; NULL if not, or without a file. `certificate_key` names
 * the secret with its certificates; "" if there is none. */
struct pki *faces_find_recent(struct faces *faces, const char *key, const char *certificate_key);

/* What else is known of a face. */
struct face_origin {
    const char *certificate_key;
    int64_t asked_ns; /* when the store was asked, as store_time_monotonic */
    bool current;     /* the store has just given these states out as the current ones */
    bool lasting;     /* the face is the same for everybody, so it may go into the file */
};

/* Keeps a reference. True if the face, or its fault, is new for these states, so that the log
 * should name what is wrong with it. */
bool faces_keep(struct faces *faces, const char *key, const struct store_record *secret,
                const struct store_record *certificates, const struct face_origin *origin,
                struct pki *pki);

/* Forgets what a secret, and those whose certificates it has, looked like. It is gone; or it was
 * changed, and then the file forgets it at once, too. No caller's lock may be held. */
void faces_forget(struct faces *faces, const char *key, bool changed);

/* Writes new faces to the file, but not again within a second. No caller's lock may be held. */
void faces_save(struct faces *faces);

/* Saves all faces that are not in the file yet, and drops all. No caller's lock may be held. */
void faces_clear(struct faces *faces);

/* Calls `each` for each secret whose last face has a fault, certificates alone not counted. `each`
 * must not call back. */
typedef void faces_each_fn(void *arg, const char *key, const struct pki *pki);
void faces_each_fault(struct faces *faces, faces_each_fn *each, void *arg);

#endif

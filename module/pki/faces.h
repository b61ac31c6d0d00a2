/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_FACES_H
#define MODULE_PKI_FACES_H

#include "module/pki/pki.h"
#include "store/backend.h"

/* The public faces that a token has read, by scope key, each with the version that it is of: the
 * versions of the secret and of the secret with its certificates ("" if there is none). Any
 * thread. */
struct faces;

struct faces *faces_new(void);         /* NULL if memory is short */
void faces_free(struct faces *faces);  /* accepts NULL */
void faces_clear(struct faces *faces); /* likewise */

/* A reference to the face of these versions; NULL if it is not known, or had a fault that may have
 * passed: a missing passphrase, say. A secret without a version has no known face. */
struct pki *faces_find(struct faces *faces, const char *key, const char *version,
                       const char *certificate);

/* Keeps a reference. True if the face's fault is new for this version, so that the log should name
 * it. */
bool faces_keep(struct faces *faces, const char *key, const char version[STORE_VERSION_SIZE],
                const char certificate[STORE_VERSION_SIZE], struct pki *pki);

/* Calls `each` for each secret whose last face has a fault, certificates alone not counted. `each`
 * must not call back. */
typedef void faces_each_fn(void *arg, const char *key, enum pki_fault fault);
void faces_each_fault(struct faces *faces, faces_each_fn *each, void *arg);

#endif

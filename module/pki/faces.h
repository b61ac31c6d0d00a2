/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_FACES_H
#define MODULE_PKI_FACES_H

#include "module/pki/pki.h"
#include "store/backend.h"

/* The public faces that a token has read, by scope key, each with the state of the secret, and of
 * the secret with its certificates (empty if there is none), that it is of: a version and the time
 * of the change, since the versions of a secret that is removed and made again may recur. Any
 * thread. */
struct faces;

struct faces *faces_new(void);         /* NULL if memory is short */
void faces_free(struct faces *faces);  /* accepts NULL */
void faces_clear(struct faces *faces); /* likewise */

/* A reference to the face of these states; NULL if it is not known, or had a fault that may have
 * passed: a missing passphrase, say. A secret without a version has no known face. */
struct pki *faces_find(struct faces *faces, const char *key, const struct store_record *secret,
                       const struct store_record *certificates);

/* Keeps a reference. True if the face's fault is new for this state of the secret, so that the log
 * should name it. */
bool faces_keep(struct faces *faces, const char *key, const struct store_record *secret,
                const struct store_record *certificates, struct pki *pki);

/* Calls `each` for each secret whose last face has a fault, certificates alone not counted. `each`
 * must not call back. */
typedef void faces_each_fn(void *arg, const char *key, enum pki_fault fault);
void faces_each_fault(struct faces *faces, faces_each_fn *each, void *arg);

#endif

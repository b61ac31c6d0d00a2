/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_FACES_ENTRY_H
#define MODULE_PKI_FACES_ENTRY_H

#include <jansson.h>

#include "module/pki/pki.h"
#include "store/backend.h"
#include "store/scope.h"

/* An entry of the file of public faces (faces_file.h), and its form in JSON. */

/* The state of a secret. The versions of one that is removed and made again may recur. */
struct faces_state {
    int64_t updated_ns;
    char version[STORE_VERSION_SIZE];
};

/* What is known of one secret. */
struct faces_entry {
    char key[STORE_KEY_MAX + 1];
    struct faces_state secret;
    char certificate_key[STORE_KEY_MAX + 1]; /* the secret with its certificates; "" without */
    struct faces_state certificates;         /* empty without */
    int64_t checked_ns;                      /* when the store was asked: store_time_now */
    struct pki *pki;                         /* NULL: the entry is to be removed */
};

typedef void faces_entry_fn(void *arg, const struct faces_entry *entry);

/* Reads the entry of a secret and passes it to `each`; leaves out one that does not make sense. The
 * entry and its face are borrowed for the call. */
void faces_entry_read(const char *key, const json_t *json, faces_entry_fn *each, void *arg);

/* The time of an entry's check; 0 if it has none, or one that is still to come. */
int64_t faces_entry_checked(const json_t *json);

/* True if the secret has its certificates in the other secret `key`. */
bool faces_entry_has_chain(const json_t *json, const char *key);

/* Makes the JSON of an entry that has a face; NULL if memory is short, or the certificates are too
 * many bytes for the file. */
json_t *faces_entry_write(const struct faces_entry *entry);

#endif

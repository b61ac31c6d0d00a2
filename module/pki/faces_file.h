/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_FACES_FILE_H
#define MODULE_PKI_FACES_FILE_H

#include "module/pki/faces_entry.h"

/*
 * The file of pkcs11.public_cache: public faces of the secrets of one store or more, as JSON. It
 * holds public keys, certificates, the names and versions of secrets, and nothing else. Only this
 * user may have written it; else, or if it is not such a file, it is neither used nor replaced.
 *
 * Threads and processes: any. Readers find a whole file at each moment, since it is replaced in one
 * step. Writers take turns; one that is killed leaves at most a file with ".new" after the name,
 * which the next writer uses again.
 */

#define FACES_FILE_WHY 160 /* room for a reason, which follows the path in a line of the log */

/* Calls `each` with the entries for the store that `store` describes; leaves out those that do not
 * make sense. The entry and its face are borrowed for the call. NOT_FOUND if there is no file;
 * UNAVAILABLE with a reason if it cannot be used; NO_MEMORY. */
enum store_err faces_file_read(const char *path, const char *store, faces_entry_fn *each, void *arg,
                               char why[FACES_FILE_WHY]) STORE_CHECKED;

/* Merges the entries into the file: of two for one secret the one that was checked later stays. The
 * file holds at most FACES_FILE_ENTRIES, and FACES_FILE_SIZE bytes; the ones checked longest ago
 * go first. CONFLICT if another writer has its turn; the errors of faces_file_read but NOT_FOUND.
 */
enum store_err faces_file_update(const char *path, const char *store,
                                 const struct faces_entry *entries, size_t count,
                                 char why[FACES_FILE_WHY]) STORE_CHECKED;

#define FACES_FILE_ENTRIES 4096
#define FACES_FILE_SIZE ((size_t)8 * 1024 * 1024)

#endif

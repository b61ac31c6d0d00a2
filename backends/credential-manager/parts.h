/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CREDENTIAL_MANAGER_PARTS_H
#define BACKENDS_CREDENTIAL_MANAGER_PARTS_H

#include "backends/credential-manager/cred.h"

/*
 * The parts of a value that does not fit into one credential. The secret's own credential is then
 * empty, and names by its comment the revision and the length; the parts are credentials of their
 * own, numbered from 1, with the revision in their names. So a write makes new parts beside the old
 * ones, and the one write of the secret's credential replaces all of the value.
 */

/* How many parts a value has; 0: it is in the secret's own credential. */
unsigned parts_count(size_t len);

/* Writes all parts of a value, in order. */
enum store_err parts_write(const struct turn *turn, const char *key,
                           const char revision[TARGET_REVISION_SIZE],
                           const struct store_secret *value) STORE_CHECKED;

/* Reads the value of `len` bytes. CORRUPT (reported) if a part is missing or has another length. */
enum store_err parts_read(const struct turn *turn, const char *key,
                          const char revision[TARGET_REVISION_SIZE], size_t len,
                          struct store_secret *out) STORE_CHECKED;

#endif

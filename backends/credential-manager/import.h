/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CREDENTIAL_MANAGER_IMPORT_H
#define BACKENDS_CREDENTIAL_MANAGER_IMPORT_H

#include "backends/credential-manager/turn.h"

/*
 * SideSeat's older versions keep all secrets in one document, the credential "vault.sideseat", in
 * UTF-16LE. The import happens once in the life of a user's credentials: a credential marks a
 * complete one, so that a secret that was removed since does not come back. An interrupted import
 * continues at the next operation; secrets that exist by then are newer and stay. The document
 * stays, too.
 */
#define IMPORT_DOCUMENT "vault.sideseat"
#define IMPORT_MARK "sideseat.import:vault"

/* Imports the document unless that has been done. Until it has, no secret may count as absent: an
 * error is the error of the operation. */
enum store_err import_check(const struct turn *turn) STORE_CHECKED;

/* Tells if import_check could read the document, and imports nothing. */
enum store_err import_possible(const struct turn *turn) STORE_CHECKED;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_SECITEM_IMPORT_H
#define BACKENDS_SECITEM_IMPORT_H

#include "backends/secitem/secitem.h"

/*
 * SideSeat's older versions keep all secrets in one document, in the login keychain under the
 * service "sideseat" and the account "vault". The import happens once in the life of a keychain: an
 * item marks a complete one, so that a secret that was removed since does not come back. An
 * interrupted import continues at the next operation; items that exist by then are newer and stay.
 * The document stays, too.
 */
#define IMPORT_SERVICE "sideseat"
#define IMPORT_ACCOUNT "vault"

/* Imports the document unless that has been done. Until it has, no secret may count as absent: an
 * error is the error of the operation. */
enum store_err import_check(struct store_ctx *ctx, const struct item_place *place) STORE_CHECKED;

/* Tells if import_check could do its work, and imports nothing. */
enum store_err import_possible(struct store_ctx *ctx, const struct item_place *place) STORE_CHECKED;

#endif

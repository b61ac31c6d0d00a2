/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_SECITEM_STATUS_H
#define BACKENDS_SECITEM_STATUS_H

#include <Security/Security.h>

#include "store/backend.h"

/* The results of the SecItem functions, as errors of the store. */

/* The error, with its fault and remedy in words (static). A result without a row here is
 * UNAVAILABLE: nobody knows what has happened. */
struct status {
    enum store_err err;
    const char *fault;
    const char *remedy;
};
const struct status *status_find(OSStatus code);

/* The error for a result. Logs it with the backend's name, the account ("" for none) and the
 * remedy, or fills in `health` if that is not NULL. OK, NOT_FOUND and CONFLICT are not logged. */
enum store_err status_report(OSStatus code, const char *backend, const char *account,
                             struct store_health *health);

#endif

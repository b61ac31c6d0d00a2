/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CREDENTIAL_MANAGER_STATUS_H
#define BACKENDS_CREDENTIAL_MANAGER_STATUS_H

#include <windows.h>

#include "store/backend.h"

/* The error codes of Windows, as errors of the store. */

/* The error, with its fault and remedy in words (static). A code without a row here is
 * UNAVAILABLE: nobody knows what has happened. */
struct status {
    enum store_err err;
    const char *fault;
    const char *remedy;
};
const struct status *status_find(DWORD code);

/* The code of the call that has just failed, never ERROR_SUCCESS. */
DWORD status_last(void);

/* The error for a code. Logs it with `subject` ("" for none) and the remedy, or fills in `health`
 * if that is not NULL. OK and NOT_FOUND are not logged. */
enum store_err status_report(DWORD code, const char *subject, struct store_health *health);

/* The same for a fault that has no code. */
enum store_err status_report_as(const struct status *status, const char *subject,
                                struct store_health *health);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_GATHER_H
#define TOOLS_SIDESEAT_SECRETS_GATHER_H

#include <p11-kit/pkcs11.h>
#include <stdbool.h>

#include "tools/sideseat-secrets/label.h"

/* Lines about many secrets, of which those that differ only in the keys become one, as in the log
 * of a store process (store/remote/lines.h). NULL stands for a gathering that takes nothing. */
struct gather;

/* What could not be done with which thing, and the answer; "", NULL and CKR_OK for a line that
 * tells of something else. */
struct gather_fault {
    const char *what;
    const char *thing;
    CK_RV rv;
};

/* NULL without memory. */
struct gather *gather_new(void);
void gather_free(struct gather *gather);

/* Adds a line. False if there is no room for one more kind. */
bool gather_add(struct gather *gather, const struct gather_fault *fault, const char *text);

/* Adds a line that has no more to say than one that is there: of another thing, with the same
 * answer. False if there is none. */
bool gather_again(struct gather *gather, const struct gather_fault *fault);

/* Takes the next line, in the order of the first of each kind; false after the last. */
bool gather_next(struct gather *gather, char out[LABEL_SIZE]);

#endif

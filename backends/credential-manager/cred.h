/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CREDENTIAL_MANAGER_CRED_H
#define BACKENDS_CREDENTIAL_MANAGER_CRED_H

#include "backends/credential-manager/comment.h"
#include "backends/credential-manager/turn.h"

/*
 * Generic credentials of Windows: the only calls of the Credential Manager. Each needs the turn,
 * and reports its errors as the turn says, with `subject`: a key, or the document. Each wipes the
 * values in the memory that Windows gives, before it frees that.
 */

/* What Windows takes; Wine takes more. */
#define CRED_BYTES_MAX ((size_t)2560)

struct cred {
    const char *target; /* "" if it is not ASCII, or too long for a name of this module */
    const char *comment;
    int64_t written_ns; /* 0: not known */
    const unsigned char *bytes;
    size_t len; /* may be 0 */
};

/* Receives one credential, which is borrowed for the call. */
typedef enum store_err cred_each_fn(void *arg, const struct cred *cred);

/* Calls `each` for the one credential with this name. NOT_FOUND, or an error of `each`. */
enum store_err cred_read(const struct turn *turn, const char *subject, const char *target,
                         cred_each_fn *each, void *arg) STORE_CHECKED;

/* Calls `each` for every generic credential whose name begins like this. */
enum store_err cred_list(const struct turn *turn, const char *subject, const char *prefix,
                         cred_each_fn *each, void *arg) STORE_CHECKED;

/* Makes or replaces a credential as a whole, so that it outlives the logon session; at most
 * CRED_BYTES_MAX. */
enum store_err cred_write(const struct turn *turn, const char *subject, const char *target,
                          const char *comment, const void *bytes, size_t len) STORE_CHECKED;

enum store_err cred_remove(const struct turn *turn, const char *subject,
                           const char *target) STORE_CHECKED;

/* An error unless credentials of this logon session outlive it. */
enum store_err cred_check_kept(const struct turn *turn) STORE_CHECKED;

#endif

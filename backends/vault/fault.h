/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_VAULT_FAULT_H
#define BACKENDS_VAULT_FAULT_H

#include <stdbool.h>

#include "core/json.h"
#include "store/err.h"

/*
 * The meaning of Vault's replies: one table of statuses and, where the status alone does not tell,
 * of words in the message. https://developer.hashicorp.com/vault/api-docs#http-status-codes
 */
struct vault_fault {
    int status;          /* 0: any status without a row */
    const char *message; /* must occur in the reply's errors; "": the reply has no errors; NULL: any
                          */
    enum store_err err;
    bool retry;         /* another attempt may help, and the server has not acted on this one */
    bool passing;       /* the fault ends by itself: try again until the deadline */
    const char *remedy; /* "" for an ordinary answer, which is not logged */
};

#define VAULT_MESSAGE_SIZE 256

/* The reply's errors as one line of printable text, "" if it has none. */
void vault_fault_message(const struct json_document *reply, char out[VAULT_MESSAGE_SIZE]);

/* The row for a reply that is not 200 or 204; never NULL. */
const struct vault_fault *vault_fault_find(int status, const char *message);

/* The row for a reply that did not come from Vault, with any status; never NULL. */
const struct vault_fault *vault_fault_foreign(int status);

#endif

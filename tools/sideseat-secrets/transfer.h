/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_TRANSFER_H
#define TOOLS_SIDESEAT_SECRETS_TRANSFER_H

#include "store/time.h"
#include "tools/sideseat-secrets/object.h"

/* Up to this many secrets are looked up one by one; for more, the token is listed. */
#define TRANSFER_SINGLE_MOST 16

/*
 * Many secrets that go into one token: for copy and import. Each write is conditional on the state
 * that was found, and each value is read back by a module that starts anew, so not from memory.
 */

enum transfer_state {
    TRANSFER_ABSENT,   /* the token does not have it; it is to be written */
    TRANSFER_REPLACED, /* it has another value, which is to be replaced */
    TRANSFER_EQUAL,    /* it has this value */
    TRANSFER_KEPT,     /* it has another value, which stays */
    TRANSFER_CONFLICT, /* the same, against what was asked for */
    TRANSFER_WRITTEN,
    TRANSFER_FAILED,
};

enum transfer_policy { TRANSFER_REFUSE, TRANSFER_KEEP, TRANSFER_OVERWRITE };

#define TRANSFER_SOURCE_SIZE 384

struct transfer_item {
    char *key;
    struct store_secret value;
    char created[STORE_TIME_TEXT_SIZE]; /* for export: the times; "" if the store has none */
    char updated[STORE_TIME_TEXT_SIZE];
    char version[256];                 /* of the value in the token; "0": none */
    char source[TRANSFER_SOURCE_SIZE]; /* for copy --move: its version and times where it is from */
    bool made;                         /* written where there was no such secret */
    enum transfer_state state;
    CK_RV rv;             /* of the write that failed, which is not printed yet; else CKR_OK */
    enum outcome outcome; /* of another failure, which is printed */
};

/* Zero-initialized is empty. */
struct transfer {
    struct transfer_item *items; /* in the order of their keys once sorted */
    size_t count;
    size_t room;
    const char *verb; /* "copy", for messages */
    enum transfer_policy policy;
    bool dry; /* nothing is written */
};

/* Takes --if-absent, --overwrite and --dry-run. */
enum outcome transfer_take_options(struct transfer *transfer, const struct request *request,
                                   const char *verb) STORE_CHECKED;

/* Adds a secret; the value is shared. USAGE, which is printed, if the key is not one. */
enum outcome transfer_add(struct transfer *transfer, const char *key,
                          const struct store_secret *value) STORE_CHECKED;

/* Sorts the secrets. USAGE, which is printed, if one is there twice. */
enum outcome transfer_sort(struct transfer *transfer) STORE_CHECKED;

/* Finds the state of each secret in the token that the client is connected to, but for those that
 * have FAILED already, and writes those that are to be written, several at a time. Failures of
 * single secrets are in their states; a store that does not work at all is a failure. */
enum outcome transfer_write(struct transfer *transfer, struct client *client) STORE_CHECKED;

/* Reads the written ones back. `client` has loaded the module after transfer_write. A value that
 * is not there, or is another one, is printed and TRANSFER_FAILED. */
enum outcome transfer_verify(struct transfer *transfer, struct client *client) STORE_CHECKED;

/* Prints failures, conflicts and a summary; the outcome is the first failure's, or CONFLICT. */
enum outcome transfer_tell(struct transfer *transfer, const struct request *request) STORE_CHECKED;

/* The secret of this key; NULL if there is none. After transfer_sort. */
struct transfer_item *transfer_find(struct transfer *transfer, const char *key);

void transfer_free(struct transfer *transfer);

#define AUTO_TRANSFER __attribute__((cleanup(transfer_free))) struct transfer

#endif

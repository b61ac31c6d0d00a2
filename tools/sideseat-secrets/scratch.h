/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_SCRATCH_H
#define TOOLS_SIDESEAT_SECRETS_SCRATCH_H

#include "store/scope.h"
#include "tools/sideseat-secrets/object.h"

/* A secret that is stored to try the store, under a key that nobody else has. */
struct scratch {
    char key[STORE_KEY_MAX + 1];
    struct store_secret value; /* random */
    CK_OBJECT_HANDLE object;
};

/* Stores a new one: `prefix`, at most SCRATCH_PREFIX_MAX bytes, and random characters. Prints
 * "cannot WHAT KEY: ..." if it cannot. */
enum outcome scratch_make(struct client *client, const char *what, const char *prefix,
                          struct scratch *out) STORE_CHECKED;

#define SCRATCH_RANDOM 32
#define SCRATCH_PREFIX_MAX (STORE_KEY_MAX - SCRATCH_RANDOM)

/* Deletes it. Prints why it cannot, and how to delete the one that remains. */
enum outcome scratch_drop(struct client *client, const struct scratch *scratch) STORE_CHECKED;

#endif

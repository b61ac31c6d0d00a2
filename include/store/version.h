/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_VERSION_H
#define STORE_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/err.h"

/* Room for a version with its NUL. */
#define STORE_VERSION_SIZE 72

/* As `if_version` of a write (store/backend.h): whichever version the secret has. */
#define STORE_VERSION_ANY "*"

/* The most versions of one secret that a store tells of; the newest ones. */
#define STORE_VERSIONS_MAX 1000

enum store_version_state {
    STORE_VERSION_CURRENT,   /* a read gives it */
    STORE_VERSION_OLD,       /* replaced; read_version gives it */
    STORE_VERSION_DELETED,   /* not readable until restore brings it back */
    STORE_VERSION_DESTROYED, /* its value is gone for good */
};

/* One version of a secret. */
struct store_version {
    char id[STORE_VERSION_SIZE]; /* as in struct store_record */
    uint32_t number;             /* for people: counts up, from 1 */
    enum store_version_state state;
    int64_t created_ns; /* store/time.h; 0 if the store does not say */
    int64_t until_ns; /* of a deleted one: the store may destroy it from then on; 0: it does not */
};

/* The versions of a secret. Zero-initialized is empty. */
struct store_versions {
    struct store_version *all;
    size_t count;
    bool destroyed_by_remove; /* remove would destroy them, too */
};

#define AUTO_VERSIONS __attribute__((cleanup(store_versions_clear))) struct store_versions

/* Appends a copy. NO_MEMORY leaves the list as it was. */
enum store_err store_versions_add(struct store_versions *versions,
                                  const struct store_version *version) STORE_CHECKED;

/* Judges the `if_version` of a write or a removal, of a secret that is there (or there without a
 * value: then `now` is "0") at the version `now`, or is not there: NOT_FOUND if there has to be one
 * of any version, CONFLICT if it is at another. */
enum store_err store_version_check(const char *if_version, bool exists,
                                   const char *now) STORE_CHECKED;

/* True if a write with this `if_version` asks for one version, so a CONFLICT is its answer; else it
 * is tried again. */
bool store_version_compares(const char *if_version);

/* Sorts by number, and equal ones by time, the newest first; drops the oldest past
 * STORE_VERSIONS_MAX. */
void store_versions_sort(struct store_versions *versions);

/* The version with this id; NULL if there is none. */
const struct store_version *store_versions_find(const struct store_versions *versions,
                                                const char *id);

/* Frees everything. Idempotent. */
void store_versions_clear(struct store_versions *versions);

#endif

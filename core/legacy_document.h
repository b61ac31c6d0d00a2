/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_LEGACY_DOCUMENT_H
#define CORE_LEGACY_DOCUMENT_H

#include <stdint.h>

#include "core/json.h"
#include "store/err.h"
#include "store/secret.h"

/*
 * The document that SideSeat keeps in a file, and keyring libraries whole in one item: version 2 is
 * {"version": 2, "secrets": {key: record}}, version 1 {"secrets": {name: record}} or the bare map,
 * with names that mean global/{name}. A record may be a plain string.
 */
#define LEGACY_VERSION_MAX 2
#define LEGACY_WHY_SIZE 128

/* The version of a document, 1 without a member of that name. CORRUPT if `root` is not an object,
 * or the member not a number; UNAVAILABLE if it is a newer one. `why` then has a text for the log.
 */
enum store_err legacy_document_version(struct json_value root, int64_t *out,
                                       char why[LEGACY_WHY_SIZE]) STORE_CHECKED;

/* The map of the secrets of a document of that version: a member of `root`, or `root` itself. A
 * damaged record does not matter. CORRUPT, with `why`, if there is none. */
enum store_err legacy_document_secrets(struct json_value root, int64_t version,
                                       struct json_value *out,
                                       char why[LEGACY_WHY_SIZE]) STORE_CHECKED;

/* Receives one secret; `err` is the state of its record, and `value` is empty unless that is OK. An
 * error ends the walk. */
typedef enum store_err legacy_each_fn(void *arg, const char *key, enum store_err err,
                                      const struct store_secret *value);

/* Calls `each` for every secret of the document whose name is, or completes to, a scope key, in the
 * order of the text; `left` counts the others. CORRUPT if it is not such a document, UNAVAILABLE if
 * its version is newer, both before any call and with a text for the log in `why`; NO_MEMORY; or
 * the error of `each`. */
enum store_err legacy_document_each(const struct store_secret *text, legacy_each_fn *each,
                                    void *arg, size_t *left,
                                    char why[LEGACY_WHY_SIZE]) STORE_CHECKED;

#endif

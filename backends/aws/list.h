/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_LIST_H
#define BACKENDS_AWS_LIST_H

#include "core/json.h"
#include "store/err.h"

/* Receives a key of a page, borrowed for the call. An error ends the page. */
typedef enum store_err aws_page_fn(void *arg, const char *key);

/* Delivers the keys of a page of ListSecrets (its SecretList) that are below `store_prefix` (the
 * setting) and begin with `prefix`. Leaves out secrets that are scheduled for deletion. Adds to
 * `unnamed` the number of names below a store prefix that are not keys; without a prefix, such
 * names belong to other programs. Threads: any number. */
enum store_err aws_page_keys(const char *store_prefix, const char *prefix, struct json_value list,
                             aws_page_fn *each, void *arg, size_t *unnamed) STORE_CHECKED;

#endif

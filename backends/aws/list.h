/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AWS_LIST_H
#define AWS_LIST_H

#include "core/json.h"
#include "store/err.h"

/* Gets a key of a page, borrowed for the call. An error ends the page. */
typedef enum store_err aws_page_fn(void *arg, const char *key);

/* Gives the keys of a page of ListSecrets (its SecretList) that are ours, under `store_prefix` (the
 * setting) and begin with `prefix`. A secret that is scheduled for deletion is not there. Adds to
 * `unnamed` the number of names under a store prefix that do not stand for a key; without a prefix,
 * such names are other programs'.
 * Threads: any number. */
enum store_err aws_page_keys(const char *store_prefix, const char *prefix, struct json_value list,
                             aws_page_fn *each, void *arg, size_t *unnamed) STORE_CHECKED;

#endif

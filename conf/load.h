/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_LOAD_H
#define CONF_LOAD_H

#include "conf/conf.h"

/* store_conf_load, with another path for the system's file: for tests. */
enum store_err conf_load(struct store_conf_set **out, const char *arguments,
                         const char *system_file) STORE_CHECKED;

/* Gives a list that was not set its default. */
enum store_err conf_lists_default(struct store_conf_set *set) STORE_CHECKED;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_ENV_ENV_H
#define BACKENDS_ENV_ENV_H

#include "store/backend.h"

/* Secrets in environment variables, read-only: {env.prefix}{KEY}, where KEY is the scope key in
 * upper case with '/' and '-' as '_'. docs/env.md lists the keys that it cannot tell apart. */
extern const struct store_backend env_backend;

#endif

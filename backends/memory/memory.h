/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_MEMORY_MEMORY_H
#define BACKENDS_MEMORY_MEMORY_H

#include "store/backend.h"

/*
 * A store that lives in its ctx and ends with it: the smallest backend, the model for a new one,
 * and the oracle of the random tests. Each open makes an empty store of its own. Registered only
 * where the build option SIDESEAT_MEMORY_BACKEND is on: a deployment that named it would lose every
 * secret at its next start.
 */
extern const struct store_backend memory_backend;

#endif

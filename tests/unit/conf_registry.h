/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_CONF_REGISTRY_H
#define TESTS_UNIT_CONF_REGISTRY_H

#include <stdbool.h>

/* The tests of conf/ link a registry of names only (conf_registry.c), so that they do not depend on
 * which backends a build has. */

/* Whether it has a row for the Secret Service; true at the start. */
extern bool registry_has_secret_service;

#endif

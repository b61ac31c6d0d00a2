/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_SECRET_SERVICE_SECRET_SERVICE_H
#define BACKENDS_SECRET_SERVICE_SECRET_SERVICE_H

#include "store/backend.h"

/* The Secret Service of the session bus (https://specifications.freedesktop.org/secret-service/).
 * It uses GLib, whose threads do not survive a fork, so it belongs in the store process.
 * docs/secret-service.md describes the items and the differences between services. */
extern const struct store_backend secret_service_backend;

#endif

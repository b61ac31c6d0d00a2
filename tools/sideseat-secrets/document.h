/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_DOCUMENT_H
#define TOOLS_SIDESEAT_SECRETS_DOCUMENT_H

#include "store/secret.h"
#include "tools/sideseat-secrets/outcome.h"

/* Receives a secret of a document: its name, which may be a whole key, and its value. */
typedef enum outcome document_fn(void *arg, const char *name, const struct store_secret *value);

/*
 * Passes the secrets of a JSON text to `each`, whose failure ends it: those of a flat object
 * ({"NAME": "value"}), or of sideseat's own document ({"version": 2, "secrets": {NAME: {"value":
 * "…"}}}). A value may be {"value": "…", "encoding": "base64"}. USAGE, which is printed, for
 * anything else. `path` is for messages.
 */
enum outcome document_parse(const char *path, const struct store_secret *text, document_fn *each,
                            void *arg) STORE_CHECKED;

#endif

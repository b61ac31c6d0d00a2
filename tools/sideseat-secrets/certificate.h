/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_CERTIFICATE_H
#define TOOLS_SIDESEAT_SECRETS_CERTIFICATE_H

#include "store/secret.h"
#include "tools/sideseat-secrets/outcome.h"

/* The most certificates that the module reads in a secret. */
#define CERTIFICATES_MAX 10

/* Parses certificates in PEM, or one in DER: writes them in PEM, and the first one's
 * SubjectPublicKeyInfo. Prints the fault in `text`, which `name` names. */
enum outcome certificate_parse(const char *name, const struct store_secret *text,
                               struct store_secret *pem, struct store_secret *info) STORE_CHECKED;

#endif

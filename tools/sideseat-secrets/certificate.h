/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_CERTIFICATE_H
#define TOOLS_SIDESEAT_SECRETS_CERTIFICATE_H

#include "store/secret.h"
#include "tools/sideseat-secrets/outcome.h"

/* The most certificates that the module reads in a secret. */
#define CERTIFICATES_MAX 10

struct certificates {
    size_t count;
    struct store_secret der[CERTIFICATES_MAX];
    struct store_secret pem;  /* all of them */
    struct store_secret info; /* the SubjectPublicKeyInfo of the first */
};

void certificates_drop(struct certificates *certificates);

#define AUTO_CERTIFICATES __attribute__((cleanup(certificates_drop))) struct certificates

/* Parses certificates in PEM, or one in DER, into a zeroed `out`. Prints the fault in `text`, which
 * `name` names. */
enum outcome certificate_parse(const char *name, const struct store_secret *text,
                               struct certificates *out) STORE_CHECKED;

/* What a secret holds: certificates and text around them, in PEM, or one in DER, and nothing that
 * would be lost if others took their place; or what stands first beside them. */
enum certificate_holding {
    HOLDS_CERTIFICATES,
    HOLDS_PRIVATE_KEY,
    HOLDS_ENCRYPTED_KEY,
    HOLDS_OTHER, /* also a block that cannot be read */
};

enum certificate_holding certificate_held(const struct store_secret *text);

#endif

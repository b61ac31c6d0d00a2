/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_OWN_CERTIFICATES_H
#define TOOLS_SIDESEAT_SECRETS_OWN_CERTIFICATES_H

#include "tools/sideseat-secrets/certificate.h"
#include "tools/sideseat-secrets/object.h"

/* The certificates that the secret of a private key shows: in itself, or in the one that its rule
 * names. The module adds and removes them one by one and never gives the key out. */

/* Adds the certificates, of which the first is of this private key. Those that are there already
 * are a conflict, unless `replace`: then they go once the new ones are there, and one that another
 * key pair uses, too, is a conflict. A failure before that takes back what was added. */
enum outcome own_certificates_import(struct client *client, const char *key,
                                     CK_OBJECT_HANDLE private,
                                     const struct certificates *certificates,
                                     bool replace) STORE_CHECKED;

#endif

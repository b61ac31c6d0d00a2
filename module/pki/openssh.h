/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_OPENSSH_H
#define MODULE_PKI_OPENSSH_H

#include "module/pki/private.h"

/* Reads a key in OpenSSH's own format (its PROTOCOL.key), which libcrypto does not know, without a
 * passphrase. The numbers point into `in`. */
enum pki_fault openssh_read(struct der in, struct pki_private *out);

#endif

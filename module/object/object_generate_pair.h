/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_GENERATE_PAIR_H
#define MODULE_OBJECT_OBJECT_GENERATE_PAIR_H

#include "module/session/session.h"

/* One half of a pair, as the host asks for it. */
struct pair_template {
    const CK_ATTRIBUTE *template;
    CK_ULONG count;
    CK_OBJECT_HANDLE *out;
};

/* C_GenerateKeyPair (5.18.2). On the token the private key is stored once: a secret that is there
 * already is left as it is. A private key of the token may have a public half of the session, as
 * NSS asks for it; not the other way round. */
CK_RV object_generate_pair(const struct caller *caller, const CK_MECHANISM *mechanism,
                           const struct pair_template *public, const struct pair_template *private);

#endif
